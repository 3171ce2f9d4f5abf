"""The snippet: what the owner of a website pastes, so that a form stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer, Question, QuestionGroup, QuestionKind

# How much room each part of a form takes, in em: what is around it, a field with its label, a tick, a label above
# options, one of those, the folded details for an invoice, the total, "are you a member", who comes.
FRAME, FIELD, TICK, LABEL, OPTION, FOLDED, TOTAL, MEMBER, ATTENDEES = 14, 6.6, 5, 4.2, 2.75, 4.2, 8.7, 12.5, 15.1
# In an iframe the title, the price and what one gets for it stand above the form.
PITCH = 28
# The form to subscribe with stands where a form would stand, and is as high as this.
NEWSLETTER, NEWSLETTER_HEIGHT = "nieuwsbrief", 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """The ways to bring one form into a website; each is HTML, as it is pasted.

    The script is needed once in a page; the marker holds a link, and with the script that becomes the form. `style` is
    what the marker reserves, so that nothing moves when the form comes.
    """

    script: str
    marker: str
    style: str
    frame: str

    @property
    def whole(self) -> str:
        return f"{self.script}\n{self.marker}"


def snippet(offer: Offer, *, language: Language, words: str, base_url: str) -> Snippet:
    """The snippet of one form; `words` are the link's, and the website's owner may change them."""
    return _snippet(offer.id, height=reserved_height(offer), language=language, words=words, base_url=base_url)


def newsletter_snippet(*, language: Language, words: str, base_url: str) -> Snippet:
    """The snippet of the form to subscribe with."""
    return _snippet(NEWSLETTER, height=NEWSLETTER_HEIGHT, language=language, words=words, base_url=base_url)


def _snippet(form_id: str, *, height: int, language: Language, words: str, base_url: str) -> Snippet:
    url, said = escape(f"{base_url}/{language.value}/{form_id}"), escape(words)
    style, frame_style = f"min-height:{height}em", f"width:100%;height:{height + PITCH}em;border:0"
    return Snippet(
        script=f'<script async src="{escape(base_url)}/embed.js"></script>',
        marker=f'<div class="loket-form" data-lang="{language.value}" style="{style}"><a href="{url}">{said}</a></div>',
        style=style,
        frame=f'<iframe src="{url}?iframe=1" title="{said}" style="{frame_style}"></iframe>',
    )


def reserved_height(offer: Offer) -> int:
    """About as high as the empty form is on a wide screen, in em; a test measures what comes of it."""
    ems = FRAME + sum(_height(question) for question in offer.questions if question.group is not QuestionGroup.INVOICE)
    ems += FOLDED if any(question.group is QuestionGroup.INVOICE for question in offer.questions) else 0
    ems += TOTAL if offer.prices.list_cents else 0
    ems += MEMBER if offer.asks_membership else 0
    if offer.event:
        ems += ATTENDEES + (LABEL + OPTION * len(offer.event.groups) if offer.event.groups else 0)
    return round(ems)


def _height(question: Question) -> float:
    heights = {QuestionKind.TICK: TICK, QuestionKind.CHOICE: LABEL + OPTION * len(question.options)}
    return heights.get(question.kind, FIELD)
