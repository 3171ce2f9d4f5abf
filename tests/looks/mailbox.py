"""A mailbox with every mail of every kind of association: the usual, the longest and the emptest."""

from collections.abc import Mapping
from functools import cache

from chalicelib.domain.email import Letter
from chalicelib.rendering.letters import LetterComposer
from tests.looks.cast import LINKS, LONG_NAME, LONG_WORD
from tests.looks.letters import letters
from tests.looks.newsletter import newsletter_letters
from tests.looks.newsletters import newsletters
from tests.looks.studio import Studio

# What is known of an association, where it is not as in the scenes. Without a picture its name stands there.
HOUSES: dict[str, dict[str, str]] = {
    "usual": {"logo_url": "https://vereniging.example.nl/logo.png"},
    "longest": {
        "name": LONG_NAME,
        "short_name": LONG_WORD[:24],
        "website": f"https://www.{LONG_WORD.lower()}.example.nl/",
        "email": f"informatie@{LONG_WORD.lower()}.example.nl",
        "address": f"{LONG_WORD}straat 1234, 1234 AB {LONG_WORD}",
        "privacy_url": f"https://www.{LONG_WORD.lower()}.example.nl/privacy?van=a&naar=b",
    },
    "emptest": {"name": "X", "short_name": "X", "address": "", "terms_url": "", "privacy_url": ""},
}


@cache
def mails(lang: str, house: str) -> Mapping[str, Letter]:
    """Every mail of an association by name."""
    studio = Studio(lang, **HOUSES[house])
    composer = LetterComposer(studio.renderer, association=studio.association, links=LINKS)
    return {
        **letters(composer, studio.lang),
        **newsletter_letters(composer, studio.lang),
        **newsletters(studio.renderer, studio.lang),
    }
