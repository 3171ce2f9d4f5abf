"""What the page for site builders shows: a form chosen, its snippet, and all that a website can do with it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.domain.association import Association
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.rendering.texts import Texts
from chalicelib.web.snippet import (
    NEWSLETTER,
    NEWSLETTER_HEIGHT,
    Snippet,
    newsletter_snippet,
    reserved_height,
    snippet,
)
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
    """The page, for the form and the language chosen."""

    forms: tuple[ListedForm, ...]
    languages: tuple[ListedLanguage, ...]
    snippet: Snippet
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
    """The page in `language`; what is unknown counts as not chosen, and the newsletter's form is always there."""
    wanted = [offer for offer in offers if offer.id == form]
    chosen = None if form == NEWSLETTER else next(iter((*wanted, *offers)), None)
    shown = Language(lang) if lang in set(Language) else language
    title = chosen.title.within(shown) if chosen else _newsletter(texts[shown], association=association)
    words = texts[shown]("site_builder.link", title=title)
    house = {"accent": association.accent, "on-accent": association.on_accent}
    parts = urlsplit(base_url)
    return SiteBuilderView(
        forms=(
            *(
                ListedForm(
                    id=offer.id,
                    title=offer.title.within(language),
                    height=reserved_height(offer),
                    chosen=offer is chosen,
                )
                for offer in offers
            ),
            ListedForm(
                id=NEWSLETTER,
                title=_newsletter(texts[language], association=association),
                height=NEWSLETTER_HEIGHT,
                chosen=chosen is None,
            ),
        ),
        languages=tuple(
            ListedLanguage(code=each.value, name=texts[each]("site.language"), chosen=each is shown)
            for each in Language
        ),
        snippet=snippet(chosen, language=shown, words=words, base_url=base_url)
        if chosen
        else newsletter_snippet(language=shown, words=words, base_url=base_url),
        url=url,
        base_url=base_url,
        origin=f"{parts.scheme}://{parts.netloc}",
        allowed_origins=tuple(sorted(allowed_origins)),
        topics=TOPICS,
        variables=tuple((name, house.get(name, default)) for name, default in VARIABLES.items()),
        style_example=STYLE_EXAMPLE,
        prefill_example=PREFILL_EXAMPLE,
        parts=PARTS,
        events=EVENTS,
        prefilled=PREFILLED,
    )


def _newsletter(texts: Texts, *, association: Association) -> str:
    return texts("newsletter.title", association=association.short_name)
