"""What a visitor does on a page and sees there, whatever the page."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, Request

from tests.browser.buyer import NAME, ORGANISATION
from tests.looks.studio import catalogue

TEXTS = {lang: catalogue(lang) for lang in ("nl", "en")}
NL = TEXTS["nl"]
CODE = re.compile(r"L\d\d-[2-9BCDFGHJKMNPQRSTVWXZ]{4}")
# Where the keyboard is, and whether somebody can see that.
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const above = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    tag: e.tagName,
    name: (e.labels?.[0] ?? e).innerText.trim().split('\\n')[0] || e.name || '',
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: inside && box.width > 1 && above !== null && (e.contains(above) || above.contains(e)),
  };
}"""
# What axe does not look at, or only half: each line of the answer is a complaint.
OWN_CHECKS = """() => {
  const say = (what, e) => `${what}: ${e.outerHTML.slice(0, 120)}`;
  const all = selector => [...document.querySelectorAll(selector)];
  const fields = all('input:not([type=hidden]), textarea, select').filter(e => e.checkVisibility());
  const leads = (e, name) => (e.getAttribute(name) || '').split(' ').filter(Boolean);
  return [
    ...fields.filter(e => ![...(e.labels || [])].some(l => l.checkVisibility() && l.innerText.trim()))
      .map(e => say('no visible label', e)),
    ...['aria-describedby', 'aria-labelledby'].flatMap(name => all(`[${name}]`)
      .filter(e => !leads(e, name).every(id => document.getElementById(id)?.textContent.trim()))
      .map(e => say(`${name} leads nowhere`, e))),
    ...all('[aria-invalid=true]').filter(e => !leads(e, 'aria-describedby').some(id => id.endsWith('-e')))
      .map(e => say('an error is not tied to its field', e)),
    ...all('img').filter(e => !e.complete || !e.naturalWidth).map(e => say('an image did not load', e)),
    ...(document.title.trim() ? [] : ['no title']),
    ...(all('h1').length === 1 ? [] : [`${all('h1').length} main headings`]),
  ];
}"""


def field(page: Page, name: str, *, lang: str = "nl") -> Locator:
    """A field of the form, by its visible label."""
    return page.get_by_label(TEXTS[lang][f"field.{name}.label"])


def fill_in(
    page: Page, *, email: str, organisation: str = ORGANISATION, name: str = NAME, lang: str = "nl", **more: str
) -> None:
    """Answer what has to be answered."""
    for question, answer in {"organisation": organisation, "name": name, "email": email, **more}.items():
        field(page, question, lang=lang).fill(answer)


def send(page: Page, *, lang: str = "nl") -> None:
    press(page, TEXTS[lang]["form.submit"])


def press(page: Page, label: str) -> None:
    """Press the button with exactly this on it, as the visitor reads it, and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=label, exact=True).click()


def pay(page: Page) -> None:
    """The first button at Stripe's stand-in."""
    press(page, "Betalen")


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def wait_for_heading(page: Page, text: str) -> None:
    page.get_by_role("heading", level=1, name=text, exact=True).wait_for()


def order_code(page: Page) -> str:
    found = CODE.search(page.get_by_role("main").inner_text())
    assert found, "the page shows an order code"
    return found[0]


def focused(page: Page) -> dict[str, Any]:
    """The element that has the focus: what it is, and whether one can see that."""
    found: dict[str, Any] = page.evaluate(FOCUSED)
    return found


def complaints(page: Page) -> list[str]:
    """What our own rules hold against the page."""
    return list(page.evaluate(OWN_CHECKS))


def posts(page: Page) -> list[str]:
    """The addresses that this page posts to from now on; the list grows."""
    seen: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            seen.append(request.url)

    page.on("request", note)
    return seen
