"""The embedded form is for everybody: keyboard, screen reader, small screen, large letters, own colours, paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.buyer import NAME, ORGANISATION, new_email
from tests.browser.conftest import DESKTOP, PHONE, SMALLEST
from tests.browser.embed_scenes import EMBED_SCENES, EmbedScene, congress, errors, members, start
from tests.browser.embedding import example, press_in_place, submit_label, with_focus
from tests.browser.event_scenes import CONGRESS
from tests.browser.keyboard import tab_to
from tests.browser.pages import NL, TEXTS, complaints, field, focused, tick_self, wait_for_heading
from tests.browser.stack import Stack
from tests.looks.studio import overflow, violations

EVERY_SCENE = pytest.mark.parametrize(
    ("scene", "lang"),
    [pytest.param(scene, lang, id=f"{scene.name}-{lang}") for scene in EMBED_SCENES for lang in scene.languages],
)
HOST = "/strikt"
CONTROLS = "loket-form :is(a, button:not(.vh), input:not([type=hidden], [name=website]), summary)"
# WCAG 2.5.8: at least 24 by 24, or in a sentence; ours are meant to be 44 high.
SMALL = """all => all.filter(e => e.checkVisibility() && !(e.tagName === 'A' && e.closest('p')))
  .map(e => [e, (e.closest('.pick') || e).getBoundingClientRect()])
  .filter(([e, box]) => box.width < 24 || box.height < (e.tagName === 'A' ? 24 : 43.9))
  .map(([e, box]) => `${e.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)"""
# A heading may not skip a level, also after the website's own.
HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3'), ...document.querySelector('loket-form').shadowRoot
  .querySelectorAll('h1, h2, h3')].map(e => e.tagName)"""
TOKENS = {
    "organisation": "organization",
    "name": "name",
    "email": "email",
    "p1_name": "section-p1 name",
    "p1_email": "section-p1 email",
    "p2_name": "section-p2 name",
    "p2_email": "section-p2 email",
    "street": "street-address",
    "postal_code": "postal-code",
    "city": "address-level2",
    "website": "off",
}
FOCUS_IS_BELOW = """below => {
  let e = document.activeElement;
  while (e.shadowRoot) e = e.shadowRoot.activeElement;
  return e.getBoundingClientRect().top >= below && e.getBoundingClientRect().top < innerHeight;
}"""
MOVING = """form => [...form.shadowRoot.querySelectorAll('*')].filter(e => {
  const s = getComputedStyle(e);
  return s.animationName !== 'none' || s.transitionDuration.split(', ').some(each => parseFloat(each) > 0)
}).length"""


@EVERY_SCENE
def test_state_is_for_everybody(
    stack: Stack, page: Page, scene: EmbedScene, lang: str, screenshot: Callable[[Page, str], None]
) -> None:
    scene.way(page, stack, HOST, lang)
    assert violations(page, scene.name) == []
    assert complaints(page) == []
    assert page.locator("loket-form .loket").get_attribute("lang") == lang
    screenshot(page, f"embed-{scene.name}-{lang}-desktop")
    page.set_viewport_size(PHONE)
    screenshot(page, f"embed-{scene.name}-{lang}-phone")
    assert overflow(page) == 0
    page.set_viewport_size(SMALLEST)
    assert overflow(page) == 0
    assert page.locator(CONTROLS).evaluate_all(SMALL) == []
    headings = page.evaluate(HEADINGS)
    assert headings[0] == "H1"
    assert "H1" not in headings[1:]
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(page) == 0


def test_errors_are_for_everybody_on_a_phone(stack: Stack, page: Page) -> None:
    page.set_viewport_size(PHONE)
    errors(page, stack, HOST, "nl")
    assert violations(page, "embed errors") == []


def test_browser_can_fill_in_each_attendee(stack: Stack, page: Page) -> None:
    """Tokens of their own for each: else the same name lands everywhere."""
    congress(page, stack, HOST, "nl")
    for _ in range(2):
        press_in_place(page, NL["attendee.add"])
    found = page.locator("loket-form input").evaluate_all(
        "all => Object.fromEntries(all.filter(e => e.autocomplete).map(e => [e.name, e.autocomplete]))"
    )
    assert found == TOKENS


def test_honeypot_is_met_by_nobody(stack: Stack, page: Page) -> None:
    """Not by the keyboard, not by a screen reader, not by the eye and not by the browser that fills in."""
    start(page, stack, HOST, "nl")
    pot = page.locator("loket-form [name=website]")
    assert pot.get_attribute("tabindex") == "-1"
    assert pot.get_attribute("autocomplete") == "off"
    told = page.locator("loket-form").aria_snapshot()
    assert NL["form.honeypot"] not in told
    assert NL["field.organisation.label"] in told
    box = pot.evaluate("e => e.closest('[aria-hidden=true]').getBoundingClientRect()")
    assert max(box["width"], box["height"]) <= 1
    names = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        names.add(with_focus(page))
    assert "organisation" in names
    assert "website" not in names


def test_keyboard_alone_from_the_website_to_the_paid_order(stack: Stack, page: Page, email: str) -> None:
    """With an attendee and with errors on the way; at each step the focus is seen."""
    lang, texts, colleague = "en", TEXTS["en"], new_email()
    example(page, stack, HOST, offer=CONGRESS, lang=lang)
    tab_to(page, texts["field.organisation.label"])
    page.keyboard.press("Enter")
    page.locator("loket-form .sum").wait_for()
    page.keyboard.press("Tab")
    assert focused(page)["name"] == texts["error.organisation_missing"]
    page.keyboard.press("Enter")
    page.keyboard.type(ORGANISATION)
    tabs = 0
    for name, answer in (("name", NAME), ("email", email)):
        tabs += tab_to(page, texts[f"field.{name}.label"])
        page.keyboard.type(answer)
    tabs += tab_to(page, texts["field.member.yes"].partition("{")[0])
    page.keyboard.press("ArrowDown")
    tabs += tab_to(page, texts["attendee.add"])
    page.keyboard.press("Enter")
    page.locator("loket-form [name=p1_name]:focus").wait_for()
    page.keyboard.type("Bram")
    tabs += tab_to(page, texts["attendee.email"])
    page.keyboard.type(colleague)
    tabs += tab_to(page, texts["form.submit"])
    print(f"\nkeyboard, two attendees: {tabs} tabs from the first field to the button")
    assert tabs <= 20
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    tab_to(page, "Betalen")
    page.keyboard.press("Enter")
    wait_for_heading(page, texts["order.paid.title"])
    (order,) = stack.orders(email)
    assert len(order["lines"]) == 2


def test_keyboard_goes_through_the_form_and_out_of_it_again(stack: Stack, page: Page) -> None:
    start(page, stack, HOST, "nl")
    tab_to(page, NL["field.organisation.label"])
    tab_to(page, NL["form.submit"])
    tab_to(page, "Naar de andere voorbeelden")
    page.keyboard.press("Shift+Tab")
    assert focused(page)["name"] == NL["form.submit"]


def test_focus_is_never_hidden_by_a_header_that_stays(stack: Stack, page: Page) -> None:
    """A website's header may stick to the top (WCAG 2.4.11): summary and fields come to lie below it."""
    page.set_viewport_size({"width": 1280, "height": 500})
    errors(page, stack, HOST, "nl")
    page.evaluate("Object.assign(document.querySelector('.top').style, {position: 'sticky', top: 0, zIndex: 9})")
    below = page.locator(".top").evaluate("e => e.offsetHeight")
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    press_in_place(page, submit_label())
    assert with_focus(page) == "sum"
    page.wait_for_function(FOCUS_IS_BELOW, arg=below)
    page.locator("loket-form .sum a").first.click()
    assert with_focus(page) == "organisation"
    page.wait_for_function(FOCUS_IS_BELOW, arg=below)
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    for _ in range(2):
        page.keyboard.press("Tab")
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    page.wait_for_function(FOCUS_IS_BELOW, arg=below)


def test_forced_colours_keep_borders_and_focus(
    stack: Stack, page: Page, screenshot: Callable[[Page, str], None]
) -> None:
    page.emulate_media(forced_colors="active")
    errors(page, stack, HOST, "nl")
    screenshot(page, "embed-errors-nl-forced-colours")
    for selector in (".f-name input", ".sum", "button[part=button]", ".bad", "details"):
        style = page.locator(f"loket-form {selector}").last.evaluate(
            "e => { const s = getComputedStyle(e); return [s.borderLeftStyle, parseFloat(s.borderLeftWidth)] }"
        )
        assert style[0] == "solid", selector
        assert style[1] >= 1, selector
    tab_to(page, NL["field.name.label"])
    tick = page.locator("loket-form [name=self]")
    assert tick.evaluate("e => getComputedStyle(e).appearance") == "auto"
    assert violations(page, "forced colours") == []


def test_reduced_motion_moves_nothing(stack: Stack, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    errors(page, stack, HOST, "nl")
    assert page.locator("loket-form").evaluate(MOVING) == 0


def test_form_on_paper(stack: Stack, page: Page, screenshot: Callable[[Page, str], None]) -> None:
    """What was filled in can be kept: fields, choices and the total are there, within the paper's width."""
    members(page, stack, HOST, "nl")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    paper = page.locator("loket-form .loket").inner_text().replace("\u00a0", " ")
    for fact in (NL["field.organisation.label"], NL["form.total"], "€ 948,00", "Gemeente Voorbeeldstad"):
        assert fact in paper
    assert field(page, "organisation").is_visible()
    assert overflow(page) == 0
    screenshot(page, "embed-members-nl-print")


@pytest.mark.parametrize("where", ["embed", "hosted"])
def test_what_stripe_asks_comes_after_one_screen_and_few_fields(stack: Stack, page: Page, where: str) -> None:
    """Until Stripe: membership 3 fields; the congress 3, the radio for oneself, and 2 more for each colleague."""

    def required() -> list[str]:
        names = page.locator("form[id$=-form] [required]").evaluate_all("all => all.map(e => e.name)")
        return list(dict.fromkeys(names))

    def come(offer: str) -> None:
        if where == "embed":
            example(page, stack, HOST, offer=offer)
        else:
            page.goto(f"{stack.desk}/nl/{offer}")

    def add() -> None:
        if where == "embed":
            press_in_place(page, NL["attendee.add"])
        else:
            with page.expect_navigation():
                page.get_by_role("button", name=NL["attendee.add"], exact=True).click()

    come("lidmaatschap")
    assert required() == ["organisation", "name", "email"]
    come(CONGRESS)
    assert required() == ["organisation", "name", "email", "member"]
    assert page.locator("[name=self]").is_checked()
    add()
    assert required()[4:] == ["p1_name", "p1_email"]
    add()
    assert required()[6:] == ["p2_name", "p2_email"]


def test_ticking_oneself_off_leaves_nobody_and_says_so(stack: Stack, page: Page) -> None:
    """What is wrong with the form as a whole stands in the summary, and leads somewhere."""
    page.set_viewport_size(DESKTOP)
    congress(page, stack, HOST, "nl")
    tick_self(page, attends=False)
    press_in_place(page, submit_label())
    last = page.locator("loket-form .sum a").last
    assert last.inner_text() == NL["error.nobody"]
    last.click()
    assert with_focus(page) != "sum"
    assert complaints(page) == []
