"""Back from Checkout to the website, and on to it after paying: what is there, and what is not left behind."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.buyer import ORGANISATION, Buyer, new_email
from tests.browser.embedding import (
    embedded,
    example,
    fill_in_congress,
    marker,
    press_in_place,
    put_page,
    storage,
    wait_for_forms,
)
from tests.browser.event_scenes import CONGRESS
from tests.browser.pages import NL, TEXTS, attendee, field, fill_attendee, fill_in, go_back, pay, send, wait_for_heading
from tests.browser.stack import Stack

FOREIGN = (
    "",
    "https://elders.example/",
    "javascript:alert(1)//elders",
    "//elders.example",
    "{website}.elders.example/",
    "{website}@elders.example/",
)
EMPTY = {"organisation": "", "name": "", "email": ""}


def back(page: Page, url: str, *, steps: int = 1) -> None:
    go_back(page, to=url, steps=steps)
    wait_for_forms(page)


def answers(page: Page) -> dict[str, str]:
    return {name: field(page, name).input_value() for name in EMPTY}


def test_back_from_checkout_is_the_same_form_and_the_same_order(stack: Stack, page_with_back: Page, email: str) -> None:
    """Everything is there, folded parts and attendees too; the button works, and leads to the same payment page."""
    page, lang, texts = page_with_back, "en", TEXTS["en"]
    url = example(page, stack, "/strikt", offer=CONGRESS, lang=lang)
    fill_in_congress(page, email=email, lang=lang)
    press_in_place(page, texts["attendee.add"])
    fill_attendee(page, 2, name="Bram", email=new_email(), lang=lang)
    send(page, lang=lang)
    checkout = page.url
    back(page, url)
    assert field(page, "organisation", lang=lang).input_value() == ORGANISATION
    assert attendee(page, 2, lang=lang).get_by_label(texts["attendee.name"], exact=True).input_value() == "Bram"
    assert page.locator("[name=member]:checked").input_value() == "nee"
    button = page.get_by_role("button", name=texts["form.submit"], exact=True)
    assert button.get_attribute("aria-disabled") is None
    assert embedded(page).locator(".say").inner_text() == ""
    assert storage(page) == {}
    send(page, lang=lang)
    assert page.url == checkout
    assert stack.counts(email) == (1, 1)


def test_back_again_and_again_is_still_one_order(stack: Stack, page: Page, email: str) -> None:
    url = example(page, stack, "/strikt")
    fill_in(page, email=email)
    for _ in range(3):
        send(page)
        back(page, url)
        assert answers(page)["email"] == email
    assert stack.counts(email) == (1, 1)


def test_reload_after_back_does_not_bring_old_data_back(stack: Stack, page_with_back: Page, email: str) -> None:
    """Whoever sits down at this machine next finds an empty form, and nothing in the tab's memory."""
    page = page_with_back
    url = example(page, stack, "/strikt")
    fill_in(page, email=email)
    send(page)
    back(page, url)
    page.reload()
    wait_for_forms(page)
    assert answers(page) == EMPTY
    assert storage(page) == {}


def test_coming_back_by_a_link_is_an_empty_form(stack: Stack, page: Page, email: str) -> None:
    """Only the back button means that somebody wants his answers back."""
    url = example(page, stack, "/strikt")
    fill_in(page, email=email)
    send(page)
    key = stack.orders(email)[0]["id"]
    page.goto(url)
    wait_for_forms(page)
    assert answers(page) == EMPTY
    assert storage(page) == {}
    other = new_email()
    fill_in(page, email=other)
    send(page)
    assert stack.orders(other)[0]["id"] != key


def test_reload_before_sending_is_an_empty_form(stack: Stack, page: Page, email: str) -> None:
    example(page, stack, "/strikt")
    fill_in(page, email=email)
    page.reload()
    wait_for_forms(page)
    assert answers(page) == EMPTY


def test_back_when_the_desk_is_down_is_the_empty_form_or_the_link(stack: Stack, page: Page, email: str) -> None:
    """The answers that were kept cannot be shown: the form itself still is."""
    url = example(page, stack, "/strikt")
    fill_in(page, email=email)
    send(page)
    page.route(
        f"{stack.desk}/nl/lidmaatschap?*",
        lambda route: route.abort() if route.request.method == "POST" else route.fallback(),
    )
    back(page, url)
    assert answers(page) == EMPTY


def test_two_forms_remember_each_their_own(stack: Stack, page: Page, email: str) -> None:
    url = put_page(page, stack, marker(stack) + marker(stack, CONGRESS))
    wait_for_forms(page, 2)
    embedded(page, 1).locator("[name=organisation]").fill(ORGANISATION)
    embedded(page, 1).locator("[name=name]").fill("Ada")
    embedded(page, 1).locator("[name=email]").fill(email)
    with page.expect_navigation():
        embedded(page, 1).get_by_role("button", name=NL["form.submit"], exact=True).click()
    go_back(page, to=url)
    wait_for_forms(page, 2)
    typed = [embedded(page, number).locator("[name=email]").input_value() for number in (1, 2)]
    assert typed == [email, ""]


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_after_paying_there_is_a_way_back_to_the_website(stack: Stack, page: Page, email: str, lang: str) -> None:
    """To the page the form stood on, without what its address said besides; the form there is empty."""
    texts = TEXTS[lang]
    example(page, stack, "/strikt", lang=lang)
    fill_in(page, email=email, lang=lang)
    send(page, lang=lang)
    pay(page)
    wait_for_heading(page, texts["order.paid.title"])
    there = page.get_by_role("link", name=texts["way_back.link"].format(site=stack.website.split("/")[2]), exact=True)
    assert there.get_attribute("href") == f"{stack.website}/strikt"
    there.click()
    page.wait_for_url(f"{stack.website}/strikt")
    wait_for_forms(page)
    assert answers(page) == EMPTY
    assert storage(page) == {}


def test_back_from_the_paid_order_to_the_form_leads_to_that_order(stack: Stack, page: Page, email: str) -> None:
    url = example(page, stack, "/strikt")
    fill_in(page, email=email)
    send(page)
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    back(page, url, steps=2)
    send(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert stack.counts(email) == (1, 1)


def test_foreign_website_is_offered_no_way_back(stack: Stack) -> None:
    """The desk is nobody's springboard."""
    words = NL["way_back.link"].partition("{")[0]
    for named in FOREIGN:
        buyer = Buyer(stack=stack).register(page=named.format(website=stack.website))
        said = buyer.look(buyer.press("before"))
        assert NL["order.paid.title"] in said
        assert f">{words}" not in said, named
        assert "elders" not in said, named
    buyer = Buyer(stack=stack).register(page=f"{stack.website}/lid?token=geheim")
    assert f'href="{stack.website}/lid">{words}' in buyer.look(buyer.press("before"))
