"""An address that was probably typed wrong, by keyboard: in somebody else's page, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.buyer import new_domain
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.embedding import (
    embedded,
    example,
    fill_in_congress,
    press_in_place,
    rest,
    submit_label,
    with_focus,
)
from tests.browser.event_scenes import CONGRESS
from tests.browser.keyboard import tab_to
from tests.browser.pages import TEXTS, attendee, complaints, field, fill_attendee, fill_in, focused
from tests.browser.stack import Stack


def enter_in_place(page: Page) -> int:
    """Press Enter on a button of an embedded form; the status of the answer, which is shown by then."""
    with page.expect_response(
        lambda answer: answer.request.method == "POST" and "/total" not in answer.url
    ) as answered:
        page.keyboard.press("Enter")
    rest(page)
    return answered.value.status


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_one_is_mended_and_the_other_believed_in_an_embedded_form(
    stack: Stack, open_page: OpenPage, screenshot: Callable[[Page, str], None], lang: str, size: ViewportSize
) -> None:
    texts, page = TEXTS[lang], open_page(size=size)
    domain = new_domain()
    typed, meant, other = f"ada@{domain}l", f"ada@{domain}", "grace@gmial.com"
    example(page, stack, "/strikt", offer=CONGRESS, lang=lang)
    fill_in_congress(page, email=typed, lang=lang)
    press_in_place(page, texts["attendee.add"])
    fill_attendee(page, 2, name="Grace Hopper", email=other, lang=lang)

    tab_to(page, submit_label(lang=lang))
    assert enter_in_place(page) == 422
    assert with_focus(page) == "notice"
    title = texts["typo.title_many"]
    assert embedded(page).get_by_role("alert", name=title).is_visible()
    assert complaints(page) == []
    screenshot(page, f"typo-{lang}-{page.viewport_size and page.viewport_size['width']}")

    tab_to(page, texts["typo.asked"].format(typed=typed, meant=meant))
    page.keyboard.press("Enter")
    assert with_focus(page) == "email"
    expect(field(page, "email", lang=lang)).to_have_accessible_description(
        f"{texts['field.email.hint']} {texts['typo.meant'].format(meant=meant)}"
    )
    page.keyboard.press("Tab")
    assert focused(page)["name"] == texts["typo.use"].format(meant=meant)
    assert enter_in_place(page) == 200
    assert with_focus(page) == "email"
    assert field(page, "email", lang=lang).input_value() == meant
    row = attendee(page, 2, lang=lang)
    assert row.get_by_text(texts["typo.meant"].format(meant="grace@gmail.com")).is_visible()

    tab_to(page, submit_label(lang=lang))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    (order,) = stack.orders(meant)
    assert len(order["lines"]) == 2
    assert not stack.orders(typed)


def test_without_javascript_the_form_comes_back_once(stack: Stack, open_page: OpenPage, email: str) -> None:
    page, texts = open_page(javascript=False, size=PHONE), TEXTS["nl"]
    page.goto(stack.form)
    fill_in(page, email=f"{email}l", reference="INK-7")
    tab_to(page, texts["form.submit"])
    page.keyboard.press("Enter")
    page.get_by_role("alert", name=texts["typo.title"]).wait_for()
    assert page.title().startswith(texts["site.error_prefix"])
    assert complaints(page) == []
    tab_to(page, texts["typo.use"].format(meant=email))
    page.keyboard.press("Enter")
    expect(field(page, "email")).to_be_focused()
    assert field(page, "email").input_value() == email
    assert field(page, "reference").input_value() == "INK-7"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    assert stack.counts(email) == (1, 1)
