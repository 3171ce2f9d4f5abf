"""What a visitor does on a page and sees there, whatever the page."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Error, Frame, Locator, Page, Request

from tests.browser.buyer import NAME, ORGANISATION
from tests.browser.stack import wait_until
from tests.looks.studio import catalogue

type Place = Page | Frame

TEXTS = {lang: catalogue(lang) for lang in ("nl", "en")}
NL = TEXTS["nl"]
CODE = re.compile(r"[A-Z]{1,2}\d\d-[2-9BCDFGHJKMNPQRSTVWXZ]{4}")
# Longer than a website takes to scroll smoothly to what gets the focus: the machine may be busy.
SCROLLS_MS = 5000
# Where the keyboard is, and whether somebody can see that.
FOCUSED = """() => {
  let e = document.activeElement;
  while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  const style = getComputedStyle(e), box = e.getBoundingClientRect(), root = e.getRootNode();
  const above = root.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {
    tag: e.tagName,
    name: (e.labels?.[0] ?? e).innerText.trim().split('\\n')[0] || e.name || '',
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: inside && box.width > 1 && above !== null && (e.contains(above) || above.contains(e)),
    // what stands around an embedded form is not ours
    ours: root !== document || !document.querySelector('loket-form'),
  };
}"""
# What axe does not look at, or only half: each line of the answer is a complaint.
OWN_CHECKS = """() => {
  const say = (what, e) => `${what}: ${e.outerHTML.slice(0, 120)}`;
  const roots = [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)];
  const all = selector => roots.flatMap(root => [...root.querySelectorAll(selector)]);
  const fields = all('input:not([type=hidden]), textarea, select').filter(e => e.checkVisibility());
  const leads = (e, name) => (e.getAttribute(name) || '').split(' ').filter(Boolean);
  return [
    ...fields.filter(e => ![...(e.labels || [])].some(l => l.checkVisibility() && l.innerText.trim()))
      .map(e => say('no visible label', e)),
    ...['aria-describedby', 'aria-labelledby'].flatMap(name => all(`[${name}]`)
      .filter(e => !leads(e, name).every(id => e.getRootNode().getElementById(id)?.textContent.trim()))
      .map(e => say(`${name} leads nowhere`, e))),
    ...all('[aria-invalid=true]').filter(e => !leads(e, 'aria-describedby').some(id => /-(e|wrong)$/.test(id)))
      .map(e => say('an error is not tied to its field', e)),
    ...all('img').filter(e => !e.complete || !e.naturalWidth).map(e => say('an image did not load', e)),
    ...(document.title.trim() ? [] : ['no title']),
    ...(all('h1').length === 1 ? [] : [`${all('h1').length} main headings`]),
  ];
}"""


def field(page: Place, name: str, *, lang: str = "nl") -> Locator:
    """A field of the form, by its visible label; attendees have some of the same."""
    return page.get_by_label(TEXTS[lang][f"field.{name}.label"]).and_(page.locator(f"[name={name}]"))


def fill_in(
    page: Place, *, email: str, organisation: str = ORGANISATION, name: str = NAME, lang: str = "nl", **more: str
) -> None:
    """Answer what has to be answered."""
    for question, answer in {"organisation": organisation, "name": name, "email": email, **more}.items():
        field(page, question, lang=lang).fill(answer)


def send(page: Place, *, lang: str = "nl", free: bool = False) -> None:
    press(page, TEXTS[lang]["form.submit_free" if free else "form.submit"])


def say_member(page: Place, answer: str, *, lang: str = "nl") -> None:
    """Answer whether the organisation is a member: yes or no."""
    label, _, _ = TEXTS[lang][f"field.member.{answer}"].partition("{")
    page.get_by_role("radio", name=re.compile(f"^{label}")).check()


def tick_self(page: Place, *, attends: bool, lang: str = "nl") -> None:
    page.get_by_role("checkbox", name=TEXTS[lang]["field.self.label"], exact=True).set_checked(attends)


def add_attendee(page: Place, *, lang: str = "nl") -> None:
    press(page, TEXTS[lang]["attendee.add"])


def remove_attendee(page: Place, number: int, *, lang: str = "nl") -> None:
    press(page, TEXTS[lang]["attendee.remove"].format(number=number))


def attendee(page: Place, number: int, *, lang: str = "nl") -> Locator:
    """The part of the form about one attendee; the buyer, if he attends, is number 1 and has none."""
    return page.get_by_role("group", name=TEXTS[lang]["attendee.legend"].format(number=number), exact=True)


def fill_attendee(page: Place, number: int, *, name: str, email: str, group: str = "", lang: str = "nl") -> None:
    row = attendee(page, number, lang=lang)
    row.get_by_label(TEXTS[lang]["attendee.name"], exact=True).fill(name)
    row.get_by_label(TEXTS[lang]["attendee.email"], exact=True).fill(email)
    if group:
        row.get_by_role("radio", name=group, exact=True).check()


def kept(page: Place) -> dict[str, str]:
    """Everything that stands in the form now, by name; the hidden fields too, what is not ticked not."""
    return dict(page.locator("form[id$=-form]").evaluate("form => Object.fromEntries(new FormData(form))"))


def total(page: Place) -> str:
    """The total that the form shows."""
    return page.locator(".total .sumline dd").inner_text().replace("\u00a0", " ")


def wait_for_total(place: Place, wanted: str, *, lang: str = "nl") -> None:
    """The total becomes this: by its button, or by itself where a script sees to that."""
    if place.get_by_role("button", name=TEXTS[lang]["form.recount"], exact=True).count():
        press(place, TEXTS[lang]["form.recount"])
    wait_until(lambda: total(place) == wanted, seconds=10, what=lambda: f"{wanted}; it is {total(place)}")


def press(page: Place, label: str) -> None:
    """Press the button with exactly this on it, as the visitor reads it, and wait for the page it leads to."""
    with _whole(page).expect_navigation():
        page.get_by_role("button", name=label, exact=True).click()


def follow(page: Place, label: str) -> None:
    """Follow the link with exactly this on it, and wait for the page it leads to."""
    with _whole(page).expect_navigation():
        page.get_by_role("link", name=label, exact=True).click()


def _whole(place: Place) -> Page:
    """The page itself: what stands in a frame leads out of it."""
    return place.page if isinstance(place, Frame) else place


def pay(page: Page) -> None:
    """The first button at Stripe's stand-in."""
    press(page, "Betalen")


def go_back(page: Page, *, to: str, steps: int = 1) -> None:
    """The back button; Playwright's own cannot leave for a page that the browser kept whole."""

    def there() -> bool:
        try:
            return bool(page.evaluate("to => location.href === to && document.readyState === 'complete'", to))
        except Error:
            return False  # between two pages there is none to ask

    # a moment later: what is being asked of a page must be answered before it leaves
    page.evaluate("steps => { setTimeout(() => history.go(-steps)) }", steps)
    wait_until(there, seconds=15, what=lambda: f"back at {to}")


def heading(page: Place) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def wait_for_heading(page: Place, text: str) -> None:
    page.get_by_role("heading", level=1, name=text, exact=True).wait_for()


def order_code(page: Page) -> str:
    found = CODE.search(page.get_by_role("main").inner_text())
    assert found, "the page shows an order code"
    return found[0]


def focused(page: Page) -> dict[str, Any]:
    """The element that has the focus, wherever it stands: what it is, and whether one can see that."""
    place: Place = page
    while (frame := _frame_with_focus(place)) is not None:
        place = frame
    found: dict[str, Any] = place.evaluate(FOCUSED)
    for _ in range(SCROLLS_MS // 20):
        if found["seen"]:
            break
        _whole(place).wait_for_timeout(20)
        found = place.evaluate(FOCUSED)
    return found


def _frame_with_focus(place: Place) -> Frame | None:
    element = place.evaluate_handle("document.activeElement").as_element()
    return element.content_frame() if element else None


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
