"""What an embedded form survives that is seldom seen: older browsers, odd markers, a question before paying."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.buyer import new_domain, new_email
from tests.browser.conftest import OpenPage
from tests.browser.embedding import (
    announced,
    embedded,
    example,
    fill_in_congress,
    link,
    marker,
    press_in_place,
    put_page,
    storage,
    wait_for_events,
    wait_for_forms,
    with_focus,
)
from tests.browser.event_scenes import CONGRESS
from tests.browser.pages import NL, field, fill_in, go_back, send
from tests.browser.scenes import OTHER
from tests.browser.stack import Stack

NO_SHEETS = "delete window.CSSStyleSheet; window.CSSStyleSheet = class { constructor() { throw TypeError('old') } }"
NO_SUBMITTER = "window.FormData = class extends window.FormData { constructor(form) { super(form) } }"


def test_back_after_choosing_to_pay_the_open_order_keeps_the_answers(stack: Stack, page: Page, email: str) -> None:
    url = example(page, stack, "/strikt")
    fill_in(page, email=email)
    send(page)
    checkout = page.url
    go_back(page, to=url)
    wait_for_forms(page)
    fill_in(page, email=email, organisation=OTHER)
    press_in_place(page, NL["form.submit"])
    embedded(page).get_by_role("button", name=NL["open_order.pay"]).click()
    page.wait_for_url(checkout)
    go_back(page, to=url)
    wait_for_forms(page)
    assert field(page, "organisation").input_value() == OTHER
    # the same key: it is asked again which of the two counts
    press_in_place(page, NL["form.submit"])
    embedded(page).get_by_role("heading", name=NL["open_order.title"]).wait_for()
    assert len(stack.orders(email)) == 1


def test_browser_that_cannot_make_a_style_sheet_keeps_the_link(stack: Stack, open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(NO_SHEETS)
    heard = announced(page)
    put_page(page, stack, marker(stack))
    wait_for_events(page, heard, "unavailable")
    assert page.locator("div.loket-form a").is_visible()
    assert not page.locator("loket-form form").count()


def test_browser_that_tells_no_button_with_its_form_still_presses_the_right_one(
    stack: Stack, page: Page, email: str
) -> None:
    page.add_init_script(NO_SUBMITTER)
    example(page, stack, "/strikt", offer=CONGRESS)
    fill_in_congress(page, email=email)
    press_in_place(page, NL["attendee.add"])
    assert with_focus(page) == "p1_name"
    assert stack.orders(email) == []


def test_changing_the_answers_after_a_question_has_the_focus_somewhere(stack: Stack, page: Page) -> None:
    example(page, stack, "/strikt", offer=CONGRESS)
    fill_in_congress(page, email=new_email(new_domain()), member="yes")
    press_in_place(page, NL["form.submit"])
    press_in_place(page, NL["ask_member.change"])
    assert with_focus(page) == "do"
    assert page.locator("[value=show]").inner_text() == NL["form.recount"]


def test_odd_markers_keep_no_other_from_becoming_a_form(stack: Stack, page: Page) -> None:
    drawing = f'<svg><a href="{stack.desk}/nl/lidmaatschap"><text y="20">tekening</text></a></svg>'
    odd = "".join(f'<div class="loket-form">{inside}</div>' for inside in (drawing, "", "<a>leeg</a>"))
    put_page(page, stack, odd + marker(stack) + f"<loket-form>{link(stack)}</loket-form>")
    wait_for_forms(page, 2)
    assert page.locator("loket-form .loket").count() == 2
    assert storage(page) == {}
