"""The renderer: the one Jinja2 environment per language, for pages, fragments and letters."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from chalicelib.domain.association import Association
from chalicelib.domain.email import Letter
from chalicelib.domain.language import Language
from chalicelib.rendering.texts import Texts

# `chalice package` lays templates and assets beside app.py, as they stand here.
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page, and the hash under which its style sheet is allowed."""

    html: str
    style_hash: str


class Renderer:
    """Pages and letters of one association."""

    def __init__(self, association: Association, *, root: Path = ROOT) -> None:
        self._association, self._root = association, root
        self._environments: dict[Language, Environment] = {}
        self._texts: dict[Language, Texts] = {}

    def texts(self, language: Language) -> Texts:
        if language not in self._texts:
            path = self._root / "templates" / "texts" / f"{language.value}.toml"
            self._texts[language] = Texts(tomllib.loads(path.read_text(encoding="utf-8")))
        return self._texts[language]

    def page(self, template: str, *, language: Language, **context: object) -> Page:
        html = self._render(f"site/{template}.html", language, css=self._style, **context)
        return Page(html=html, style_hash=self._style_hash)

    def beheer(self, template: str, **context: object) -> Page:
        """A page behind the desk, which speaks Dutch only."""
        style = self._beheer_style
        return Page(
            html=self._render(f"beheer/{template}.html", Language.NL, css=style, **context), style_hash=_hash(style)
        )

    def fragment(self, template: str, *, language: Language, **context: object) -> str:
        return self._render(f"site/{template}.html", language, **context)

    def letter(self, kind: str, *, to: str, language: Language, subject: str, **context: object) -> Letter:
        return Letter(
            to=to,
            subject=subject,
            html=self._render(f"mail/{kind}.html", language, **context),
            text=self._render(f"mail/{kind}.txt", language, **context),
        )

    def macros(self, template: str, *, language: Language) -> Mapping[str, Callable[..., str]]:
        """The macros of a template, by name."""
        return vars(self._environment(language).get_template(template).module)

    def _render(self, template: str, language: Language, **context: object) -> str:
        return self._environment(language).get_template(template).render(context)

    def _environment(self, language: Language) -> Environment:
        if language not in self._environments:
            texts = self.texts(language)
            environment = Environment(
                loader=FileSystemLoader(self._root / "templates"),
                # the text part of a mail is read as it stands
                autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=False,
            )
            environment.globals |= {"t": texts, "lang": language.value, "association": self._association}
            environment.filters |= {
                "euro": texts.euro,
                "price": texts.price,
                "date": texts.date,
                "time": texts.time,
                "moment": texts.moment,
            }
            self._environments[language] = environment
        return self._environments[language]

    @cached_property
    def _style(self) -> str:
        return self._sheets("embed.css", "site.css")

    @cached_property
    def _beheer_style(self) -> str:
        return self._sheets("beheer.css")

    @cached_property
    def _style_hash(self) -> str:
        return _hash(self._style)

    def _sheets(self, *names: str) -> str:
        sheets = [(self._root / "assets" / name).read_text(encoding="utf-8") for name in names]
        accent, on_accent = self._association.accent, self._association.on_accent
        return "\n".join([f":root{{--house-accent:{accent};--house-on-accent:{on_accent}}}", *sheets])


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
