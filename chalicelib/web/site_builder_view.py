"""What the page for site builders shows: a form chosen, its snippet, and all that a website can do with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.domain.association import Association
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.rendering.texts import Texts
from chalicelib.web.snippet import Snippet, reserved_height, snippet
from chalicelib.web.theme import EVENTS, PARTS, PREFILLED, VARIABLES

# What is told below the form, in this order; the page has a section of each name.
TOPICS = ("wordpress", "trouble", "websites", "policy", "colours", "heights", "prefill", "events", "frame", "also")
# Of each step in WordPress, and of the script in the foot of the whole website; in assets/.
PICTURES = ("wordpress-1.png", "wordpress-2.png", "wordpress-3.png", "wordpress-4.png")
STYLE_EXAMPLE = """.loket-form {
  --loket-accent: #0b5394;
  --loket-on-accent: #fff;
  --loket-radius: 0;
}"""
PREFILL_EXAMPLE = """<div class="loket-form" data-organisation="Gemeente Voorbeeldstad" …

?loket-organisation=Gemeente%20Voorbeeldstad"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedForm:
    """A form to choose, and the room it takes in em."""

    id: str
    title: str
    height: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLanguage:
    """A language to choose."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBuilderView:
    """The page; `snippet` is None when there is no form at all."""

    forms: tuple[ListedForm, ...]
    languages: tuple[ListedLanguage, ...]
    snippet: Snippet | None
    url: str
    base_url: str
    origin: str
    allowed_origins: tuple[str, ...]
    topics: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]
    style_example: str
    prefill_example: str
    parts: tuple[str, ...]
    events: tuple[str, ...]
    prefilled: tuple[str, ...]


def site_builder_view(
    offers: Sequence[Offer],
    *,
    form: str,
    lang: str,
    language: Language,
    texts: dict[Language, Texts],
    url: str,
    base_url: str,
    allowed_origins: Collection[str],
    association: Association,
) -> SiteBuilderView:
    """The page in `language`, for the form and the language chosen; what is unknown counts as not chosen."""
    chosen = next((offer for offer in offers if offer.id == form), offers[0] if offers else None)
    shown = Language(lang) if lang in set(Language) else language
    house = {"accent": association.accent, "on-accent": association.on_accent}
    parts = urlsplit(base_url)
    return SiteBuilderView(
        forms=tuple(
            ListedForm(
                id=offer.id,
                title=offer.title.within(language),
                height=reserved_height(offer),
                chosen=offer is chosen,
            )
            for offer in offers
        ),
        languages=tuple(
            ListedLanguage(code=each.value, name=texts[each]("site.language"), chosen=each is shown)
            for each in Language
        ),
        snippet=snippet(
            chosen,
            language=shown,
            words=texts[shown]("site_builder.link", title=chosen.title.within(shown)),
            base_url=base_url,
        )
        if chosen
        else None,
        url=url,
        base_url=base_url,
        origin=f"{parts.scheme}://{parts.netloc}",
        allowed_origins=tuple(sorted(allowed_origins)),
        topics=tuple(topic for topic in TOPICS if offers or topic != "heights"),
        variables=tuple((name, house.get(name, default)) for name, default in VARIABLES.items()),
        style_example=STYLE_EXAMPLE,
        prefill_example=PREFILL_EXAMPLE,
        parts=PARTS,
        events=EVENTS,
        prefilled=PREFILLED,
    )
