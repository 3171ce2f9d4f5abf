"""Everything a page or mail can be asked to show, made by the product's own code: usual, longest, emptest and wrong."""

from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.association import Association
from chalicelib.domain.email import Letter
from chalicelib.domain.language import Language
from chalicelib.rendering.letters import LetterComposer
from chalicelib.rendering.renderer import Renderer
from chalicelib.web.form_view import FormView
from tests.looks.cast import LINKS, MEMBERSHIP
from tests.looks.forms import Desk, form_scenes
from tests.looks.letters import letters
from tests.looks.newsletter import newsletter_letters, newsletter_scenes
from tests.looks.newsletters import archive_scenes, findings, newsletters
from tests.looks.orders import order_scenes
from tests.looks.pages import page_scenes
from tests.looks.refunds import refund_scenes
from tests.looks.site_builder import site_builder_scenes

ASSOCIATION = Association(
    name="Landelijk Platform Buurt- en wijkgericht werken",
    short_name="LPB",
    website="https://vereniging.example.nl",
    email="info@lpb.example.nl",
    address="Voorbeeldstraat 1, 1234 AB Voorbeeldstad",
    terms_url="https://vereniging.example.nl/voorwaarden",
    privacy_url="https://vereniging.example.nl/privacy",
)
# With these a visitor takes what he typed along to the other language.
SWITCHES = {
    "site/form.html": "form",
    "site/ask_member.html": "ask",
    "site/open_order.html": "replace",
    "site/not_on_sale.html": "again",
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One template with one set of data; a mail brings its letter, of which one part is shown."""

    name: str
    template: str
    lang: str
    context: dict[str, Any] = field(default_factory=dict)
    letter: Letter | None = None


def scenes(language: Language, *, renderer: Renderer, association: Association) -> list[Scene]:
    """Every page, fragment and mail in one language."""
    texts = renderer.texts(language)
    desk = Desk(language, texts, association=association.short_name, email=association.email)
    drawn = form_scenes(desk) | order_scenes(desk) | refund_scenes(desk) | page_scenes(desk)
    drawn |= newsletter_scenes(language, texts=texts) | archive_scenes(renderer, language)
    drawn |= site_builder_scenes(language, renderer=renderer, association=association)
    found = [
        Scene(
            name=name,
            template=template,
            lang=language.value,
            context={"other_language": _other_language(renderer, language, template, context)} | context,
        )
        for name, (template, context) in drawn.items()
    ]
    composer = LetterComposer(renderer, association=association, links=LINKS)
    told = Letter(to="", subject="Findings", html="", text=findings(texts))
    found.append(Scene(name="newsletter-findings.txt", template="findings.txt", lang=language.value, letter=told))
    for name, letter in (
        letters(composer, language) | newsletter_letters(composer, language) | newsletters(renderer, language)
    ).items():
        kind = name.partition("-")[0]
        found += [
            Scene(name=f"mail-{name}.{part}", template=f"mail/{kind}.{part}", lang=language.value, letter=letter)
            for part in ("html", "txt")
        ]
    return found


def _other_language(renderer: Renderer, language: Language, template: str, context: dict[str, Any]) -> dict[str, str]:
    other = next(each for each in Language if each is not language)
    carrier = context.get(SWITCHES.get(template, ""))
    return {
        "lang": other.value,
        "label": renderer.texts(other)("site.language"),
        "url": LINKS.form(MEMBERSHIP.id, other),
        "form": f"{carrier.id}-form" if isinstance(carrier, FormView) else carrier["id"] if carrier else "",
    }
