"""The studio: renders a scene to a document and looks at it in Chromium."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from chalicelib.domain.language import Language
from chalicelib.rendering.renderer import Renderer
from chalicelib.rendering.texts import Texts
from tests.browser.chromium import chromium_path
from tests.looks.samples import ASSOCIATION, Scene, scenes

ROOT = Path(__file__).parents[2]
LANGUAGES = ("nl", "en")
CHROMIUM = chromium_path()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
# A page that waits refreshes itself and offers to stop that, as WCAG 2.2.1 asks; axe sees only half.
WAITING = (
    "order-waiting",
    "order-event-waiting",
    "payment-busy",
    "payment-busy-event",
    "payment-busy-one",
    "payment-busy-longest",
    "payment-unavailable",
    "payment-unavailable-event",
)
ALLOWED = {name: {"meta-refresh"} for name in WAITING}
# A website on which everything is against us: the form has to look the same on it.
HOSTILE = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>Host</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>html{{font-size:62.5%}}body{{margin:0;font:italic 1.1rem/1 Georgia,serif;letter-spacing:2px;
text-transform:uppercase;color:#bbb;background:#222;text-align:center}}label,input,button,legend{{display:none!important}}*{{color:#ccc}}
main{{padding:20px}}h1{{color:#fff}}</style></head>
<body><main><h1>Host</h1>
<div><template shadowrootmode="open"><style>{css}</style>{fragment}</template></div>
</main></body></html>"""


LOOSE_NAMES = """() => {
  const loose = [], backwards = /[\\u0590-\\u06ff]/;
  for (const root of [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)]) {
    const walker = document.createTreeWalker(root.body || root, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode())
      if (backwards.test(text.data) && !text.parentElement.closest('bdi, [dir=auto]')) loose.push(text.data);
    for (const e of root.querySelectorAll('input:not([type=hidden])'))
      if (backwards.test(e.value) && e.dir !== 'auto') loose.push(e.value);
  }
  return loose;
}"""


def catalogue(lang: str) -> dict[str, str]:
    """The texts of a language, flat: the key of a text is the path to it."""
    return dict(_flat(_tables(lang), ""))


def _tables(lang: str) -> dict[str, Any]:
    with (ROOT / "templates" / "texts" / f"{lang}.toml").open("rb") as file:
        return tomllib.load(file)


def _flat(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


class HeardTexts(Texts):
    """A catalogue that remembers which of its texts were said."""

    def __init__(self, tables: dict[str, Any]) -> None:
        super().__init__(tables)
        self.said: set[str] = set()

    def __call__(self, key: str, **values: object) -> str:
        self.said.add(key)
        return super().__call__(key, **values)


class HeardRenderer(Renderer):
    """The product's renderer, with catalogues that remember."""

    heard: Mapping[Language, HeardTexts]

    def texts(self, language: Language) -> Texts:
        return self.heard[language]


class Studio:
    """Renders scenes in one language with the product's own renderer."""

    def __init__(self, lang: str, **association: str) -> None:
        self.lang = Language(lang)
        self.association = replace(ASSOCIATION, **association)  # type: ignore[arg-type]  # all that is given is text
        self.renderer = HeardRenderer(self.association)
        self.renderer.heard = {language: HeardTexts(_tables(language.value)) for language in Language}
        house = (
            f":root,:host{{--house-accent:{self.association.accent};--house-on-accent:{self.association.on_accent}}}"
        )
        self.embed_css = house + (ROOT / "assets" / "embed.css").read_text(encoding="utf-8")

    def scenes(self) -> list[Scene]:
        return scenes(self.lang, renderer=self.renderer, association=self.association)

    def document(self, scene: Scene) -> str:
        """A scene as a whole document: a fragment stands in a shadow root on a hostile website."""
        if scene.letter:
            letter = scene.letter
            return letter.html if scene.template.endswith(".html") else f"{letter.subject}\n\n{letter.text}"
        name = scene.template.removeprefix("site/").removesuffix(".html")
        if name.endswith("_fragment"):
            fragment = self.renderer.fragment(name, language=self.lang, **scene.context)
            return HOSTILE.format(lang=self.lang.value, css=self.embed_css, fragment=fragment)
        return self.renderer.page(name, language=self.lang, **scene.context).html

    def said(self) -> set[str]:
        """The texts of its language that were said so far."""
        return self.renderer.heard[self.lang].said


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium, closed afterwards."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


def violations(page: Page, scene_name: str) -> list[str]:
    """What axe holds against the page, except what is allowed for a reason."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for violation in found
        if violation["id"] not in ALLOWED.get(scene_name, set())
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page scrolls sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def loose_names(page: Page) -> list[str]:
    """Names that run from right to left and are not kept apart from the words around them."""
    return list(page.evaluate(LOOSE_NAMES))


def small_targets(page: Page) -> list[str]:
    """Buttons, fields and summaries less than 44 pixels high; links in running text are exempt (WCAG 2.5.8)."""
    return list(
        page.evaluate(
            """() => {
              const roots = [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)];
              return roots.flatMap(r => [...r.querySelectorAll(
                  'button:not(.vh), .button, input:not([type=hidden]), textarea, summary, .language, .home, .pick')])
                .filter(e => e.checkVisibility() && !e.closest('[aria-hidden]'))
                .map(e => [e, (e.closest('.pick') || e).getBoundingClientRect()])
                .filter(([e, box]) => box.height < 43.9 || box.width < 43.9)
                .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)
            }"""
        )
    )
