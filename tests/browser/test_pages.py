"""Every page is for everybody: nothing for axe to find, nothing to scroll sideways, nothing lost in print."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import event_scenes
from tests.browser.buyer import Buyer
from tests.browser.conftest import PHONE, SMALLEST, OpenPage
from tests.browser.pages import NL, complaints, heading, order_code, wait_for_heading
from tests.browser.scenes import SCENES, Scene, Way, at_desk, with_errors
from tests.browser.stack import Stack
from tests.looks.studio import overflow, small_targets, violations

EVERY_SCENE = pytest.mark.parametrize(
    ("scene", "lang"),
    [
        pytest.param(scene, lang, id=f"{scene.name}-{lang}")
        for scene in SCENES + event_scenes.EVENT_SCENES
        for lang in scene.languages
    ],
)
# Pages for developers: usable, but a link in a list there may be as high as its line.
FOR_DEVELOPERS = ("website", "stripe", "mailbox")


@EVERY_SCENE
def test_page_is_for_everybody(
    stack: Stack, page: Page, scene: Scene, lang: str, screenshot: Callable[[Page, str], None]
) -> None:
    scene.way(page, Buyer(stack=stack, language=lang))
    if scene.heading:
        assert heading(page) == scene.title(lang)
    assert violations(page, scene.name) == []
    assert complaints(page) == []
    screenshot(page, f"{scene.name}-{lang}-desktop")
    page.set_viewport_size(PHONE)
    screenshot(page, f"{scene.name}-{lang}-phone")
    assert overflow(page) == 0
    page.set_viewport_size(SMALLEST)
    assert overflow(page) == 0
    if not scene.name.startswith(FOR_DEVELOPERS):
        assert small_targets(page) == []


@pytest.mark.parametrize("errors", [with_errors, event_scenes.with_errors], ids=["membership", "event"])
def test_errors_are_for_everybody_on_a_phone(stack: Stack, open_page: OpenPage, errors: Way) -> None:
    """What axe finds can depend on the width: text over another background, a target that shrinks."""
    page = open_page(size=PHONE)
    errors(page, Buyer(stack=stack))
    assert violations(page, "form-errors") == []
    assert small_targets(page) == []


def test_long_names_do_not_break_the_smallest_phone(stack: Stack, open_page: OpenPage) -> None:
    page = open_page(size=SMALLEST)
    buyer = Buyer(stack=stack).register(organisation="Wijkontwikkelingsmaatschappij" * 4, reference="X" * 100)
    page.goto(buyer.press("before"))
    wait_for_heading(page, NL["order.paid.title"])
    assert overflow(page) == 0


def test_paid_order_on_paper(stack: Stack, page: Page, screenshot: Callable[[Page, str], None]) -> None:
    """What an administration needs is there; what only a screen can use is not."""
    buyer = Buyer(stack=stack).register(reference="2027-INK-0042")
    page.goto(buyer.press("before"))
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    paper = page.locator("body").inner_text().replace("\u00a0", " ")
    for fact in (order_code(page), "€ 500,00", "2027-INK-0042", "Gemeente Voorbeeldstad", NL["order.not_an_invoice"]):
        assert fact in paper
    for useless in (NL["order.print_hint"], NL["order.link_is_private"], "English"):
        assert useless not in paper
    assert not page.get_by_role("button").filter(visible=True).all()
    assert overflow(page) == 0
    screenshot(page, "order-paid-nl-print")


@pytest.mark.parametrize("form", [at_desk("/lidmaatschap"), event_scenes.with_attendees], ids=["membership", "event"])
def test_page_grows_with_the_reader(stack: Stack, open_page: OpenPage, form: Way) -> None:
    """Text at twice its size still fits a phone (WCAG 1.4.4)."""
    page = open_page(size=PHONE)
    form(page, Buyer(stack=stack))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(page) == 0
