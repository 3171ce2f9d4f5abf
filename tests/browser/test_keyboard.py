"""Without a mouse: from the form to the payment page and back to the order, seeing at each step where one is."""

from playwright.sync_api import Page

from tests.browser.buyer import NAME, ORGANISATION
from tests.browser.keyboard import MOST_TABS, stops, tab_to
from tests.browser.pages import NL, focused, heading, wait_for_heading
from tests.browser.stack import Stack


def test_from_the_form_to_the_paid_order(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    tabs = 0
    for name, answer in (("organisation", ORGANISATION), ("name", NAME), ("email", email)):
        tabs += tab_to(page, NL[f"field.{name}.label"])
        page.keyboard.type(answer)
    tabs += tab_to(page, NL["form.submit"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    print(f"\nform to checkout: {tabs} tabs")
    assert tabs <= 12

    tab_to(page, "Betalen")
    page.keyboard.press("Enter")
    wait_for_heading(page, NL["order.paid.title"])


def test_errors_are_corrected_from_the_summary(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    tab_to(page, NL["field.organisation.label"])
    page.keyboard.press("Enter")
    page.locator(".sum").wait_for()
    # the summary has the focus: one step further is the first error
    for error, answer in (("organisation_missing", ORGANISATION), ("name_missing", NAME), ("email_missing", email)):
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab" if error == "organisation_missing" else "Shift+Tab")
            if focused(page)["name"] == NL[f"error.{error}"]:
                break
        page.keyboard.press("Enter")
        page.keyboard.type(answer)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    assert len(stack.orders(email)) == 1


def test_invoice_part_is_unfolded_and_the_box_is_ticked(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    tab_to(page, NL["form.invoice"])
    page.keyboard.press("Enter")
    tab_to(page, NL["field.street.label"])
    page.keyboard.type("Dorpsstraat 1")
    tab_to(page, NL["field.newsletter.label"].split("{")[0].strip())
    page.keyboard.press("Space")
    assert page.get_by_role("checkbox").is_checked()


def test_enter_in_any_text_field_sends_the_form(stack: Stack, page: Page, email: str) -> None:
    page.goto(stack.form)
    for name in ("organisation", "name", "email", "reference"):
        page.get_by_label(NL[f"field.{name}.label"]).press("Enter")
        page.locator(".sum").wait_for()
        assert heading(page) == "Lidmaatschap"
        page.goto(stack.form)


def test_keyboard_is_caught_nowhere(stack: Stack, page: Page) -> None:
    """Forwards and backwards, everything once, and out of the page again."""
    page.goto(stack.form)
    forwards = [stop["name"] for stop in stops(page, "Tab")]
    assert len(forwards) >= 11
    page.goto(stack.form)
    backwards = [stop["name"] for stop in stops(page, "Shift+Tab")]
    assert backwards == forwards[::-1]
