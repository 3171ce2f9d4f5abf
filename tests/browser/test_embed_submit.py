"""The embedded form is sent: nothing goes along that should not, nothing typed is lost, and it ends at Checkout."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.buyer import NAME, ORGANISATION, new_domain, new_email
from tests.browser.conftest import OpenPage
from tests.browser.embedding import (
    announced,
    embedded,
    example,
    fill_in_congress,
    hold,
    press_in_place,
    requests,
    rest,
    submit_label,
    to_desk,
    wait_for_events,
    wait_for_forms,
    wait_for_held,
    with_focus,
)
from tests.browser.event_scenes import CONGRESS, MEMBER, sold_out
from tests.browser.events import put_event
from tests.browser.pages import (
    NL,
    TEXTS,
    attendee,
    field,
    fill_attendee,
    fill_in,
    follow,
    heading,
    pay,
    press,
    say_member,
    send,
    wait_for_heading,
)
from tests.browser.stack import Stack

MISSING = ("organisation", "name", "email")


def network(page: Page) -> tuple[CDPSession, list[dict[str, Any]]]:
    """What really goes over the line, with the preflights and headers that Playwright does not show."""
    session, seen = page.context.new_cdp_session(page), list[dict[str, Any]]()
    session.on("Network.requestWillBeSent", lambda event: seen.append(event))  # noqa: PLW0108  # no built-in
    session.send("Network.enable")
    return session, seen


def preflights(seen: list[dict[str, Any]]) -> int:
    return sum(event["request"]["method"] == "OPTIONS" for event in seen)


def test_no_preflight_no_cookie_and_nobody_else(stack: Stack, open_page: OpenPage, email: str) -> None:
    """From the first look to Checkout; the last lines show that a preflight and a cookie would have been seen."""
    page = open_page(faults="/nl' from origin")
    page.context.add_cookies([{"name": "spy", "value": "1", "url": stack.desk}])
    _, seen = network(page)
    asked = requests(page)
    example(page, stack, "/strikt", offer=CONGRESS)
    with page.expect_response("**/total?*"):
        fill_in_congress(page, email=email)
    press_in_place(page, NL["attendee.add"])
    fill_attendee(page, 2, name="Bram", email=new_email())
    send(page)
    assert page.url.startswith(f"{stack.stripe}/pay/")
    posted = [request for request in asked if request.method == "POST" and request.url.startswith(stack.desk)]
    fragments = [request for request in asked if "fragment=1" in request.url]
    assert len(posted) >= 3
    assert all("cookie" not in request.all_headers() for request in posted + fragments)
    assert {request.all_headers()["content-type"] for request in posted} == {
        "application/x-www-form-urlencoded;charset=UTF-8"
    }
    assert preflights(seen) == 0
    assert {cookie["name"] for cookie in page.context.cookies()} == {"spy"}
    assert {request.url.split("/")[2] for request in asked} == {
        place.split("/")[2] for place in (stack.desk, stack.website, stack.stripe)
    }

    # the tag of a script has no such choice: there the cookie is seen
    (loaded,) = (request for request in asked if request.url.endswith("/embed.js"))
    assert "spy" in loaded.all_headers()["cookie"]
    page.goto(stack.website)
    page.evaluate("url => fetch(url, {headers: {'HX-Request': 'true'}}).catch(() => 0)", f"{stack.desk}/nl")
    assert preflights(seen) == 1


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_errors_focus_the_summary_and_keep_what_was_typed(stack: Stack, page: Page, lang: str) -> None:
    texts = TEXTS[lang]
    heard = announced(page)
    url = example(page, stack, "/strikt", lang=lang)
    page.get_by_label(texts["field.reference.label"]).fill("INK “7” & <b>")
    assert press_in_place(page, submit_label(lang=lang)) == 422
    assert with_focus(page) == "sum"
    assert page.locator(".sum li").all_inner_texts() == [texts[f"error.{name}_missing"] for name in MISSING]
    assert page.get_by_label(texts["field.reference.label"]).input_value() == "INK “7” & <b>"
    for name in MISSING:
        page.get_by_role("link", name=texts[f"error.{name}_missing"]).click()
        assert with_focus(page) == name
        expect(field(page, name, lang=lang)).to_be_in_viewport()
    # a hash would move the website's own router
    assert page.url == url
    wait_for_events(page, heard, "invalid", "ready")


def test_enter_in_a_text_field_pays_and_adds_no_attendee(stack: Stack, page: Page, email: str) -> None:
    asked = requests(page)
    example(page, stack, "/strikt", offer=CONGRESS)
    for name in MISSING:
        field(page, name).press("Enter")
        rest(page)
        assert page.locator(".person").count() == 0
    fill_in_congress(page, email=email)
    field(page, "name").press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    assert [sent["do"] for _, sent in to_desk(asked, stack) if "do" in sent] == ["pay"] * 4


@pytest.mark.parametrize("impatience", ["double-click", "three-times-enter"])
def test_impatience_is_one_order(stack: Stack, page: Page, email: str, impatience: str) -> None:
    """And one post: what is sent already is not sent again."""
    asked = requests(page)
    example(page, stack, "/strikt")
    fill_in(page, email=email)
    if impatience == "double-click":
        page.get_by_role("button", name=submit_label(), exact=True).dblclick()
    else:
        field(page, "email").focus()
        for _ in range(3):
            page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    assert len(to_desk(asked, stack)) == 1
    assert stack.counts(email) == (1, 1)


def test_answer_after_seven_seconds_is_waited_for_and_goes_on(stack: Stack, page: Page, email: str) -> None:
    """In a frame with a sandbox this is too late to leave; here the page itself goes."""
    example(page, stack, "/strikt")
    fill_in(page, email=email)
    held = hold(page, f"{stack.desk}/nl/lidmaatschap?*")
    button = page.get_by_role("button", name=submit_label(), exact=True)
    button.click()
    wait_for_held(page, held)
    expect(page.get_by_role("status").filter(has_text=NL["embed.wait"])).to_be_visible()
    assert button.get_attribute("aria-disabled") == "true"
    page.wait_for_timeout(7000)
    button.click(force=True)
    page.wait_for_timeout(50)
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_url(f"{stack.stripe}/**")
    assert stack.counts(email) == (1, 1)


def test_no_connection_is_told_and_the_next_try_is_one_order(stack: Stack, page: Page, email: str) -> None:
    heard = announced(page)
    example(page, stack, "/strikt")
    fill_in(page, email=email)
    page.context.set_offline(True)
    button = page.get_by_role("button", name=submit_label(), exact=True)
    button.click()
    alert = page.get_by_role("alert")
    expect(alert).to_have_text(NL["embed.offline"])
    assert with_focus(page) == "do"
    assert field(page, "organisation").input_value() == ORGANISATION
    wait_for_events(page, heard, "error", "ready")
    assert heard[1]["detail"] == {"status": 0}
    page.context.set_offline(False)
    button.click()
    page.wait_for_url(f"{stack.stripe}/**")
    assert stack.counts(email) == (1, 1)


def test_answer_that_is_lost_on_its_way_is_still_one_order(stack: Stack, page: Page, email: str) -> None:
    """The desk has the order, and the visitor does not know."""
    example(page, stack, "/strikt")
    fill_in(page, email=email)
    held = hold(page, f"{stack.desk}/nl/lidmaatschap?*")
    page.get_by_role("button", name=submit_label(), exact=True).click()
    wait_for_held(page, held)
    held[0].fetch()
    held[0].abort("connectionreset")
    expect(page.get_by_role("alert")).to_have_text(NL["embed.offline"])
    page.unroute_all()
    send(page)
    assert page.url.startswith(f"{stack.stripe}/pay/")
    assert stack.counts(email) == (1, 1)


def test_server_that_fails_is_told_and_tried_again(stack: Stack, page: Page, email: str) -> None:
    heard = announced(page)
    example(page, stack, "/strikt")
    fill_in(page, email=email)
    page.route(
        f"{stack.desk}/nl/lidmaatschap?*",
        lambda route: route.fulfill(status=500, body="<h1>", headers={"Access-Control-Allow-Origin": "*"}),
        times=1,
    )
    page.get_by_role("button", name=submit_label(), exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(NL["embed.failed"].format(email="info@lpb.example.nl"))
    assert field(page, "organisation").input_value() == ORGANISATION
    wait_for_events(page, heard, "error", "ready")
    assert heard[1]["detail"] == {"status": 500}
    send(page)
    assert stack.counts(email) == (1, 1)


def test_attendees_come_and_go_with_the_focus_on_them(stack: Stack, page: Page, email: str) -> None:
    example(page, stack, "/strikt", offer=CONGRESS)
    fill_in_congress(page, email=email)
    for row in (1, 2):
        press_in_place(page, NL["attendee.add"])
        assert with_focus(page) == f"p{row}_name"
        fill_attendee(page, row + 1, name=f"Deelnemer {row}", email=new_email())
    press_in_place(page, NL["attendee.remove"].format(number=2))
    assert embedded(page).locator("[value=add]").evaluate("e => e.matches(':focus')")
    assert attendee(page, 2).get_by_label(NL["attendee.name"], exact=True).input_value() == "Deelnemer 2"
    assert field(page, "organisation").input_value() == ORGANISATION
    send(page)
    (order,) = stack.orders(email)
    assert len(order["lines"]) == 2


def test_full_form_lets_go_of_no_focus(stack: Stack, page: Page, email: str) -> None:
    """The button that adds is gone with the last attendee that fits; whoever uses the keyboard is still somewhere."""
    example(page, stack, "/strikt", offer=put_event(stack, event={"most_per_order": 2}).id)
    press_in_place(page, NL["attendee.add"])
    assert with_focus(page) == "p1_name"
    assert page.get_by_text(NL["attendee.full"]).is_visible()


def test_whoever_is_not_recognised_is_asked_in_place(stack: Stack, page: Page) -> None:
    email = new_email(new_domain())
    example(page, stack, "/strikt", offer=CONGRESS)
    fill_in_congress(page, email=email, member="yes")
    assert press_in_place(page, submit_label()) == 422
    assert embedded(page).get_by_role("heading", name=NL["ask_member.title"]).is_visible()
    assert with_focus(page) == "state"
    press_in_place(page, NL["ask_member.change"])
    assert field(page, "email").input_value() == email
    assert press_in_place(page, submit_label()) == 422
    press(page, NL["ask_member.agree"].format(total="€\u00a0549,00"))
    assert page.url.startswith(f"{stack.stripe}/pay/")
    assert stack.counts(email) == (1, 1)


def test_joining_first_keeps_the_answers(stack: Stack, page: Page) -> None:
    email = new_email(new_domain())
    heard = announced(page)
    example(page, stack, "/strikt", offer=CONGRESS)
    fill_in_congress(page, email=email, member="yes")
    press_in_place(page, submit_label())
    press(page, NL["ask_member.join"])
    assert page.url.startswith(f"{stack.desk}/nl/lidmaatschap?draft=")
    assert heading(page) == "Lidmaatschap"
    assert field(page, "email").input_value() == email
    # no order was sent, so there is no checkout to count
    assert "checkout" not in [event["name"] for event in heard]
    send(page)
    pay(page)
    follow(page, NL["order.go_on"])
    assert field(page, "name").input_value() == NAME
    say_member(page, "yes")
    send(page)
    wait_for_heading(page, "Betaal €\u00a0399,00")


@pytest.mark.parametrize("choice", ["pay", "replace"])
def test_changed_answers_ask_in_place_which_order_counts(
    stack: Stack, page_with_back: Page, email: str, choice: str
) -> None:
    page = page_with_back
    example(page, stack, "/strikt")
    fill_in(page, email=email)
    send(page)
    first = page.url
    page.evaluate("setTimeout(() => history.back())")
    wait_for_forms(page)
    field(page, "organisation").fill("Stichting Voorbeeldwijk")
    assert press_in_place(page, submit_label()) == 422
    assert with_focus(page) == "state"
    assert embedded(page).get_by_role("heading", name=NL["open_order.title"]).is_visible()
    press(page, NL[f"open_order.{choice}"])
    page.wait_for_url(f"{stack.stripe}/**")
    assert (page.url == first) == (choice == "pay")
    sessions = [session["status"] for session in stack.sessions(email)]
    assert sessions == (["open"] if choice == "pay" else ["expired", "open"])


def test_sold_out_says_so_in_place(stack: Stack, page: Page) -> None:
    offer = sold_out(stack)
    heard = announced(page)
    example(page, stack, "/strikt", offer=offer.id)
    assert embedded(page).get_by_role("heading", name=NL["sale.sold_out.title"]).is_visible()
    wait_for_events(page, heard, "ready")


def test_sold_out_meanwhile_keeps_the_answers(stack: Stack, open_page: OpenPage, email: str) -> None:
    page = open_page()
    example(page, stack, "/strikt", offer="lancering")
    fill_in(page, email=email)
    add = page.get_by_role("button", name=NL["attendee.add"], exact=True)
    assert add.is_visible()
    press_in_place(page, NL["attendee.add"])
    fill_attendee(page, 2, name="Bram", email=email)
    assert press_in_place(page, submit_label(free=True)) == 422
    assert attendee(page, 2).get_by_label(NL["attendee.email"], exact=True).get_attribute("aria-invalid") == "true"
    fill_attendee(page, 2, name="Bram", email=new_email(MEMBER))
    with page.expect_navigation():
        page.get_by_role("button", name=NL["form.submit_free"], exact=True).click()
    wait_for_heading(page, NL["order.confirmed.title"])
