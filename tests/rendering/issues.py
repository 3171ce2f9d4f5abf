"""Newsletter issues for tests: a composer with the real templates and offers, and sources to feed it."""

from collections.abc import Callable
from datetime import UTC, datetime

from chalicelib.domain.newsletter_finding import FindingKey
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.domain.placeholder import Slot
from chalicelib.domain.prepared_issue import Prepared, plain_name
from chalicelib.rendering.newsletter import NewsletterComposer
from chalicelib.rendering.renderer import Renderer
from tests.looks.cast import ALL_OFFERS, LINKS
from tests.looks.samples import ASSOCIATION

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
RENDERER = Renderer(ASSOCIATION)
COMPOSER = NewsletterComposer(RENDERER, links=LINKS)
HEAD = "---\nonderwerp: Nieuws uit de wijk\npreheader: Lees snel verder.\n---\n"
UNSUBSCRIBE, PREFERENCES, ONLINE = (f"https://aanmelden.example.nl/{word}?a=1&b=2" for word in ("af", "voor", "web"))


def prepared(body: str, *, head: str = HEAD) -> Prepared:
    return COMPOSER.prepare(read_issue_text(head + body), offers=ALL_OFFERS, now=NOW)


def keys(body: str, *, head: str = HEAD) -> list[tuple[FindingKey, int]]:
    """What is found, and at which line of the source."""
    return [(finding.key, finding.line) for finding in prepared(body, head=head).findings]


def html(body: str, *, name: str = "") -> str:
    return mail(prepared(body), name=name)[0]


def text(body: str, *, name: str = "") -> str:
    return mail(prepared(body), name=name)[1]


def mail(issue: Prepared, *, name: str) -> tuple[str, str]:
    letter = issue.letter(
        to="ada@voorbeeldstad.nl",
        name=name,
        unsubscribe_url=UNSUBSCRIBE,
        preferences_url=PREFERENCES,
        web_url=ONLINE,
    )
    return letter.html, letter.text


def values(name: str) -> Callable[[Slot, str], str]:
    """What stands in each slot of one subscriber's mail, for a rendering without slots."""
    filled = {
        Slot.NAME: plain_name(name),
        Slot.UNSUBSCRIBE_URL: UNSUBSCRIBE,
        Slot.PREFERENCES_URL: PREFERENCES,
        Slot.WEB_URL: ONLINE,
    }
    return lambda slot, fallback: filled[slot] or fallback
