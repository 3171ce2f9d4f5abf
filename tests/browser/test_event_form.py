"""The form of an event in the hand: adding and removing people, the keyboard, the way back, the other language."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Page

from devstack.demo import MEMBERS
from tests.browser.buyer import NAME, new_email
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.events import PAID, put_event
from tests.browser.evidence import euro
from tests.browser.keyboard import stops, tab_to
from tests.browser.pages import (
    NL,
    TEXTS,
    add_attendee,
    attendee,
    field,
    fill_attendee,
    fill_in,
    focused,
    go_back,
    kept,
    pay,
    posts,
    press,
    remove_attendee,
    say_member,
    send,
    tick_self,
    total,
    wait_for_heading,
    wait_for_total,
)
from tests.browser.stack import Stack
from tests.looks.studio import overflow

CONGRESS = "congres-2027"
MEMBER = MEMBERS[0][2][0]
PEOPLE = ("Bram van den Berg", "Chantal Ó Súilleabháin", "Dirk de Wit")


@pytest.fixture
def form(stack: Stack) -> str:
    return f"{stack.desk}/nl/{CONGRESS}"


def fill_people(page: Page, *names: str, first: int = 2, domain: str = MEMBER, lang: str = "nl") -> list[str]:
    """Add these people below the buyer; their addresses."""
    emails = [new_email(domain) for _ in names]
    for number, (name, email) in enumerate(zip(names, emails, strict=True), start=first):
        add_attendee(page, lang=lang)
        fill_attendee(page, number, name=name, email=email, lang=lang)
    return emails


def seats(stack: Stack, offer_id: str) -> tuple[int, int]:
    """How many are held and how many are sold."""
    count = stack.store().seats(offer_id).get(offer_id)
    return (count.held, count.sold) if count else (0, 0)


# Adding and removing


def test_who_is_removed_is_gone_and_all_others_stay_as_they_were(stack: Stack, open_page: OpenPage, form: str) -> None:
    """On a phone, without JavaScript: three people added, the middle one removed, the rest paid for."""
    page, email = open_page(size=PHONE, javascript=False), new_email(MEMBER)
    page.goto(form)
    fill_in(page, email=email, reference="INK-7")
    say_member(page, "yes")
    emails = fill_people(page, *PEOPLE)
    assert overflow(page) == 0
    before = kept(page)
    remove_attendee(page, 3)
    gone = {"p2_name": PEOPLE[2], "p2_email": emails[2]}
    assert kept(page) == {name: value for name, value in before.items() if name[:3] != "p3_"} | gone
    assert page.locator("fieldset.person").count() == 2
    assert attendee(page, 3).get_by_label(NL["attendee.name"], exact=True).input_value() == PEOPLE[2]
    assert total(page) == euro(3 * 399_00)
    assert overflow(page) == 0
    send(page)
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    rows = [row.split("\n")[0] for row in page.locator("tbody tr td:first-child").all_inner_texts()]
    assert rows == [NAME, PEOPLE[0], PEOPLE[2]]
    assert overflow(page) == 0
    assert stack.mails(emails[1]) == []


def test_numbers_count_the_buyer_only_when_he_comes(open_page: OpenPage, form: str) -> None:
    page = open_page(javascript=False)
    page.goto(form)
    add_attendee(page)
    assert attendee(page, 2).is_visible()
    tick_self(page, attends=False)
    press(page, NL["form.recount"])
    assert attendee(page, 1).is_visible()
    assert attendee(page, 2).count() == 0
    assert total(page) == euro(549_00)


def test_total_counts_as_many_as_come(any_page: Page, form: str) -> None:
    """Nobody, one, a member among others, an address half typed: the server counts, whatever was typed."""
    page = any_page
    page.goto(form)
    assert total(page) == euro(549_00)
    tick_self(page, attends=False)
    wait_for_total(page, euro(0))
    add_attendee(page)
    fill_attendee(page, 1, name="", email="bram@")
    wait_for_total(page, euro(549_00))
    fill_attendee(page, 1, name="", email=new_email(MEMBER))
    wait_for_total(page, euro(399_00))
    # asked for a sum, nobody wants to hear what is still missing
    assert page.locator(".sum, .err").count() == 0


def test_focus_is_where_one_goes_on(any_page: Page, form: str) -> None:
    page = any_page
    page.goto(form)
    add_attendee(page)
    assert focused(page) == {"tag": "INPUT", "name": NL["attendee.name"], "outlined": True, "seen": True, "ours": True}
    assert page.evaluate("document.activeElement.name") == "p1_name"
    add_attendee(page)
    assert page.evaluate("document.activeElement.name") == "p2_name"
    remove_attendee(page, 2)
    assert (focused(page)["name"], focused(page)["seen"]) == (NL["attendee.add"], True)
    recount = page.get_by_role("button", name=NL["form.recount"], exact=True)
    if recount.count():  # without a script only
        press(page, NL["form.recount"])
        assert (focused(page)["name"], focused(page)["seen"]) == (NL["form.recount"], True)


def test_last_who_fits_takes_the_button_away(stack: Stack, page: Page) -> None:
    offer = put_event(stack, event={"most_per_order": 3})
    page.goto(f"{stack.desk}/nl/{offer.id}")
    add_attendee(page)
    add_attendee(page)
    assert page.get_by_role("button", name=NL["attendee.add"]).count() == 0
    assert page.get_by_text(NL["attendee.full"]).is_visible()
    # the focus is on the name all the same, so nobody has to look for it
    assert page.evaluate("document.activeElement.name") == "p2_name"


# Keyboard


def test_enter_in_any_text_field_sends_the_form_and_does_nothing_else(page: Page, form: str) -> None:
    """It never adds or removes anybody and never changes the language: those buttons stand in the same form."""
    page.goto(form)
    add_attendee(page)
    add_attendee(page)
    fields = "organisation name email reference p1_name p1_email p2_name p2_email".split()
    wishes: list[str] = []
    page.on("request", lambda sent: wishes.append(dict(parse_qsl(sent.post_data or "")).get("do", "-")))
    for name in fields:
        with page.expect_navigation():
            page.locator(f"[name={name}]").press("Enter")
        assert page.url == f"{form}?send=1"
        assert page.locator(".sum").is_visible()
        assert page.locator("fieldset.person").count() == 2
    assert [wish for wish in wishes if wish != "-"] == ["pay"] * len(fields)


def test_keyboard_adds_fills_removes_and_pays(stack: Stack, page: Page, form: str) -> None:
    email, other = new_email(MEMBER), new_email(MEMBER)
    page.goto(form)
    for name, answer in (("organisation", "Gemeente Voorbeeldstad"), ("name", NAME), ("email", email)):
        tab_to(page, NL[f"field.{name}.label"])
        page.keyboard.type(answer)
    # into the choice with Tab, down with the arrow, which chooses
    tab_to(page, "Ja, ")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=member]:checked").input_value() == "nee"
    page.keyboard.press("ArrowUp")
    assert page.locator("input[name=member]:checked").input_value() == "ja"
    tab_to(page, NL["field.self.label"])
    for name in (PEOPLE[0], PEOPLE[1]):
        tab_to(page, NL["attendee.add"])
        with page.expect_navigation():
            page.keyboard.press("Enter")
        # the focus is in the new name already
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(other if name == PEOPLE[1] else new_email(MEMBER))
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
        if focused(page)["name"] == NL["attendee.remove"].format(number=2):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert attendee(page, 2).get_by_label(NL["attendee.name"], exact=True).input_value() == PEOPLE[1]
    tab_to(page, NL["form.submit"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.stripe}/**")
    tab_to(page, "Betalen")
    page.keyboard.press("Enter")
    wait_for_heading(page, NL["order.paid.title"])
    assert [line["attendee"] for line in stack.orders(email)[0]["lines"]] == [1, 2]
    assert stack.wait_for_mails(other, count=1)


def test_keyboard_is_caught_nowhere_on_a_form_with_people(page: Page, form: str) -> None:
    page.goto(form)
    add_attendee(page)
    add_attendee(page)
    page.locator("a.home").focus()
    forwards = [stop["name"] for stop in stops(page, "Tab")]
    assert len(forwards) >= 18
    assert forwards.count(NL["attendee.name"]) == 2
    # nothing that only Enter presses can be reached
    assert "" not in forwards


# The way back


def test_back_from_stripe_keeps_everybody(stack: Stack, page_with_back: Page, form: str) -> None:
    page, email = page_with_back, new_email(MEMBER)
    page.goto(form)
    fill_in(page, email=email, reference="INK-7")
    say_member(page, "yes")
    fill_people(page, *PEOPLE[:2])
    field(page, "reference").fill("INK-8")
    before = kept(page)
    send(page)
    checkout = page.url
    go_back(page, to=f"{form}?send=1")
    assert kept(page) == before
    send(page)
    assert page.url == checkout
    assert stack.counts(email) == (1, 1)


def test_somebody_else_after_back_replaces_the_order_and_its_seats(stack: Stack, page_with_back: Page) -> None:
    """Two seats are held, then three, and two thirds of nothing in between."""
    page, email = page_with_back, new_email()
    offer = put_event(stack, **PAID, event={"capacity": 3})
    form = f"{stack.desk}/nl/{offer.id}"
    page.goto(form)
    fill_in(page, email=email)
    say_member(page, "no")
    fill_people(page, PEOPLE[0])
    send(page)
    assert seats(stack, offer.id) == (2, 0)
    go_back(page, to=f"{form}?send=1")
    fill_people(page, PEOPLE[1], first=3)
    send(page)
    wait_for_heading(page, NL["open_order.title"])
    assert PEOPLE[1] in page.locator(".changes").inner_text()
    press(page, NL["open_order.replace"])
    page.wait_for_url(f"{stack.stripe}/**")
    assert seats(stack, offer.id) == (3, 0)
    pay(page)
    wait_for_heading(page, NL["order.paid.title"])
    assert seats(stack, offer.id) == (0, 3)
    assert [order["state"] for order in stack.orders(email)] == ["expired", "paid"]


def test_back_after_adding_is_the_same_form(stack: Stack, page_with_back: Page, form: str) -> None:
    """Each page of the form has the same key: whichever of them is sent, it is one order."""
    page, email = page_with_back, new_email(MEMBER)
    page.goto(form)
    fill_in(page, email=email)
    say_member(page, "no")
    key = kept(page)["key"]
    add_attendee(page)
    assert kept(page)["key"] == key
    go_back(page, to=form)
    assert (kept(page)["key"], kept(page)["email"]) == (key, email)
    send(page)
    go_back(page, to=form)
    send(page)
    page.wait_for_url(f"{stack.stripe}/**")
    assert stack.counts(email) == (1, 1)


def test_double_click_holds_no_seat_twice(stack: Stack, page: Page) -> None:
    email, offer = new_email(), put_event(stack, **PAID, event={"capacity": 4})
    page.goto(f"{stack.desk}/nl/{offer.id}")
    fill_in(page, email=email)
    say_member(page, "no")
    fill_people(page, PEOPLE[0])
    seen = posts(page)
    page.get_by_role("button", name=NL["form.submit"], exact=True).dblclick()
    page.wait_for_url(f"{stack.stripe}/**")
    print(f"\ndouble click: {len(seen)} posts")
    assert (stack.counts(email), seats(stack, offer.id)) == ((1, 1), (2, 0))


# The other language


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_switch_keeps_everything_that_was_typed(stack: Stack, any_page: Page, lang: str) -> None:
    """Attendees, radio, ticks and folded fields, with the same key: there and back again, and one order in the end."""
    page, email, other = any_page, new_email(MEMBER), "en" if lang == "nl" else "nl"
    page.goto(f"{stack.desk}/{lang}/{CONGRESS}")
    fill_in(page, email=email, reference="  “INK” & 7 ", lang=lang)
    say_member(page, "no", lang=lang)
    fill_people(page, *PEOPLE[:2], lang=lang)
    tick_self(page, attends=False, lang=lang)
    page.get_by_text(TEXTS[lang]["form.invoice"]).click()
    field(page, "city", lang=lang).fill("’s-Gravenmoer")
    page.locator("[name=newsletter]").check()
    before = kept(page)
    assert before.keys() >= {"newsletter", "member", "p2_email", "city", "key"}
    assert "self" not in before
    for there in (other, lang, other):
        press(page, TEXTS[there]["site.language"])
        assert page.url == f"{stack.desk}/{there}/{CONGRESS}?send=1"
        assert page.locator("html").get_attribute("lang") == there
        assert kept(page) == before
        assert page.locator(".sum, .err").count() == 0
    send(page, lang=other)
    pay(page)
    wait_for_heading(page, TEXTS[other]["order.paid.title"])
    (order,) = stack.orders(email)
    assert (order["language"], len(order["lines"])) == (other, 2)


def test_switch_on_the_page_with_errors_and_on_the_question_goes_to_the_form(
    stack: Stack, any_page: Page, form: str
) -> None:
    """It only shows the form in the other language: it never sends anything, agrees to anything or forgets anything."""
    page, email = any_page, new_email("gmail.com")
    page.goto(form)
    fill_in(page, email=email, name="")
    say_member(page, "yes")
    fill_people(page, PEOPLE[0])
    before = kept(page)
    send(page)
    assert page.locator(".sum").is_visible()
    press(page, TEXTS["en"]["site.language"])
    assert kept(page) == before
    field(page, "name", lang="en").fill(NAME)
    send(page, lang="en")
    wait_for_heading(page, TEXTS["en"]["ask_member.title"])
    press(page, NL["site.language"])
    assert kept(page) == before | {"name": NAME}
    assert (stack.orders(email), stack.sessions(email)) == ([], [])
