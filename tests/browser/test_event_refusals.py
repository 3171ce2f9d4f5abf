"""What cannot be registered is said in words, with everything kept, and what is odd but right goes through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from chalicelib.domain.offer import Prices
from tests.browser.buyer import ORGANISATION, Buyer, new_domain, new_email
from tests.browser.conftest import SMALLEST, OpenPage
from tests.browser.events import PAID, change, change_event, event_of, in_days, put_event
from tests.browser.evidence import Comer, Evidence, calendar_entry, euro
from tests.browser.pages import (
    NL,
    add_attendee,
    field,
    fill_attendee,
    fill_in,
    heading,
    kept,
    press,
    remove_attendee,
    say_member,
    send,
    tick_self,
    total,
    wait_for_heading,
)
from tests.browser.stack import Stack
from tests.looks.studio import overflow

FAMILY = "👩🏽‍🌾 Zoë 🌷 van ’t Veld"
HEBREW = "נועה כהן־לוי"
ARABIC = "محمد بن سالم (أبو علي)"


def errors(page: Page) -> list[str]:
    return page.locator(".sum li").all_inner_texts()


def open_form(page: Page, stack: Stack, offer_id: str, *, email: str = "") -> str:
    """The form with the buyer filled in; his address."""
    email = email or new_email(new_domain())
    page.goto(f"{stack.desk}/nl/{offer_id}")
    fill_in(page, email=email)
    return email


def taken(stack: Stack, offer_id: str) -> int:
    count = stack.store().seats(offer_id).get(offer_id)
    return count.taken if count else 0


# How many


def test_nobody_comes(stack: Stack, page: Page) -> None:
    email = open_form(page, stack, "lancering")
    tick_self(page, attends=False)
    send(page, free=True)
    assert errors(page) == [NL["error.nobody"]]
    page.get_by_role("link", name=NL["error.nobody"]).click()
    assert page.evaluate("document.activeElement.name") == "self"
    assert stack.orders(email) == []


def test_twenty_one_come(stack: Stack, page: Page) -> None:
    """Twenty is what the form lets one add; with the buyer's own tick it is one too many, and nothing is lost."""
    offer, domain = put_event(stack, **PAID), new_domain()
    people = {f"p{row}_name": f"Deelnemer {row}" for row in range(1, 20)}
    addresses = {f"p{row}_email": new_email(domain) for row in range(1, 20)}
    buyer = Buyer(stack=stack, offer=offer.id, email=new_email(domain)).register(member="nee", **people, **addresses)
    buyer.do("release")
    page.goto(buyer.order_url)
    press(page, NL["order.again"])
    add_attendee(page)
    fill_attendee(page, 20, name="Deelnemer 20", email=new_email(domain))
    assert page.get_by_role("button", name=NL["attendee.add"]).count() == 0
    tick_self(page, attends=True)
    send(page)
    assert errors(page) == [NL["error.too_many"].format(count=21, max=20)]
    assert kept(page).items() >= (people | addresses | {"p20_name": "Deelnemer 20"}).items()
    assert taken(stack, offer.id) == 0
    remove_attendee(page, 21)
    send(page)
    assert heading(page).replace("\u00a0", " ") == f"Betaal {euro(20 * 549_00)}"
    assert taken(stack, offer.id) == 20


def test_more_seats_than_are_left(stack: Stack, page: Page) -> None:
    """All or nothing: two are left for three, nothing is booked, and with one fewer it is."""
    offer = put_event(stack, event={"capacity": 2})
    email = open_form(page, stack, offer.id)
    assert NL["seats.left"].format(count=2) in page.get_by_role("main").inner_text()
    for number in (2, 3):
        add_attendee(page)
        fill_attendee(page, number, name=f"Deelnemer {number}", email=new_email())
    before = kept(page)
    send(page, free=True)
    said = page.get_by_role("alert").inner_text()
    assert said == NL["seats.too_few"].format(seats=NL["seats.many"].format(count=2), wanted=3)
    assert (kept(page), taken(stack, offer.id)) == (before, 0)
    remove_attendee(page, 3)
    send(page, free=True)
    wait_for_heading(page, NL["order.confirmed.title"])
    assert taken(stack, offer.id) == 2
    assert len(stack.orders(email)) == 1


# Who


def test_same_person_twice(stack: Stack, page: Page) -> None:
    """Known by the address, in whatever case it is written; the first keeps his place."""
    email = open_form(page, stack, "lancering")
    for number, address in ((2, email.upper()), (3, new_email())):
        add_attendee(page)
        fill_attendee(page, number, name=f"Deelnemer {number}", email=address)
    send(page, free=True)
    assert errors(page) == [NL["error.same_attendee"].format(number=2)]
    remove_attendee(page, 2)
    send(page, free=True)
    wait_for_heading(page, NL["order.confirmed.title"])


def test_somebody_who_has_a_ticket_already(stack: Stack, page: Page) -> None:
    """The buyer himself, or one of the others: each is told at his own address what to do, and it can be done."""
    offer = put_event(stack)
    mine, bram, mail = new_email(), new_email(), "info@lpb.example.nl"
    Buyer(stack=stack, offer=offer.id, email=mine).confirm(self="ja", p1_name="Bram", p1_email=bram)
    open_form(page, stack, offer.id, email=mine)
    add_attendee(page)
    fill_attendee(page, 2, name="Bram", email=bram.upper())
    add_attendee(page)
    fill_attendee(page, 3, name="Chantal", email=new_email())
    send(page, free=True)
    texts = [NL[f"error.already_registered{own}"].format(email=mail) for own in ("_self", "")]
    assert errors(page) == texts
    at_field = [" ".join(text.split()) for text in page.locator(".bad .err").all_inner_texts()]
    assert at_field == [f"{NL['form.error_at_field']} {text}" for text in texts]
    assert taken(stack, offer.id) == 2
    tick_self(page, attends=False)
    press(page, NL["attendee.remove"].format(number=2))
    send(page, free=True)
    wait_for_heading(page, NL["order.confirmed.title"])
    assert taken(stack, offer.id) == 3


def test_nobody_pays_for_a_membership_that_would_recognise_nobody(stack: Stack, page: Page) -> None:
    """Sent on to the membership with a public provider's address: it asks for another, and takes no such one."""
    open_form(page, stack, "congres-2027", email=new_email("gmail.com"))
    say_member(page, "yes")
    send(page)
    press(page, NL["ask_member.join"])
    assert field(page, "organisation").input_value() == ORGANISATION
    assert field(page, "email").input_value() == ""
    field(page, "email").fill(new_email("gmail.com"))
    send(page)
    assert errors(page) == [NL["error.email_of_nobody"]]
    field(page, "email").fill(new_email(new_domain()))
    send(page)
    assert page.url.startswith(f"{stack.stripe}/pay/")


def test_unpaid_order_of_somebody_else_is_no_ticket(stack: Stack, page: Page) -> None:
    """Whoever fills in another's address and does not pay keeps nobody out."""
    offer, email = put_event(stack, **PAID), new_email(new_domain())
    Buyer(stack=stack, offer=offer.id).register(member="nee", p1_name="Ada", p1_email=email)
    open_form(page, stack, offer.id, email=email)
    say_member(page, "no")
    send(page)
    assert page.url.startswith(f"{stack.stripe}/pay/")


@pytest.mark.parametrize("name", [FAMILY, HEBREW, ARABIC], ids=["emoji", "hebrew", "arabic"])
def test_name_of_any_script_comes_through_to_ticket_and_calendar(stack: Stack, open_page: OpenPage, name: str) -> None:
    page = open_page(size=SMALLEST)
    offer = put_event(stack, event={"place": {"nl": "Zaal “De Ûle”; 1e verdieping, links\\rechts", "en": "Hall"}})
    email, other = new_email(), Comer(name=name, email=new_email())
    open_form(page, stack, offer.id, email=email)
    field(page, "name").fill(name)
    tick_self(page, attends=False)
    add_attendee(page)
    fill_attendee(page, 1, name=name, email=other.email)
    send(page, free=True)
    assert overflow(page) == 0
    Evidence(stack=stack, offer=offer, lang="nl", email=email, comers=(other,)).must_be_on_the_page(page)
    (mail,) = stack.wait_for_mails(other.email, count=1)
    assert mail["text"].count(name) >= 3
    assert name in mail["html"]
    entry = calendar_entry(stack.attachment(mail))
    assert any(line.endswith(name) for line in str(entry["description"]).splitlines())
    assert str(entry["location"]) == event_of(offer).place.nl
    # as it travels: no line longer than a mail may have, no sign cut in two
    raw = stack.attachment(mail)
    assert all(len(line) <= 75 and line.decode() is not None for line in raw.split(b"\r\n"))


# What changed while the form was filled in


def test_closed_between_opening_and_sending(stack: Stack, any_page: Page) -> None:
    page, offer = any_page, put_event(stack)
    email = open_form(page, stack, offer.id)
    change(stack, offer.id, closes_at=datetime.now(UTC) - timedelta(seconds=1))
    send(page, free=True)
    assert heading(page) == NL["sale.closed.title"]
    assert NL["sale.refused"] in page.get_by_role("main").inner_text()
    assert (stack.orders(email), taken(stack, offer.id)) == ([], 0)
    # the way back has everything, should it open again
    page.go_back()
    assert field(page, "email").input_value() == email


def test_last_seat_is_held_by_somebody_who_then_lets_it_go(stack: Stack, any_page: Page) -> None:
    """Nothing has to be filled in again: the page itself has the button, and the same form behind it."""
    page, offer = any_page, put_event(stack, **PAID, event={"capacity": 1})
    email = open_form(page, stack, offer.id)
    say_member(page, "no")
    filled = kept(page)
    other = Buyer(stack=stack, offer=offer.id).register(self="ja", member="nee")
    send(page)
    assert heading(page) == NL["sale.all_held.title"]
    assert NL["sale.all_held.text"].format(minutes=37) in page.get_by_role("main").inner_text()
    press(page, NL["sale.change"])
    assert kept(page) == filled
    send(page)
    assert heading(page) == NL["sale.all_held.title"]
    other.do("release")
    press(page, NL["sale.try_again"])
    assert page.url.startswith(f"{stack.stripe}/pay/")
    assert stack.counts(email) == (1, 1)


def test_group_that_is_full_and_group_that_is_held(stack: Stack, page: Page) -> None:
    """The event has room: whoever chooses another group gets in, and who waits is told how long."""
    titles = {"vol": "Volle groep", "bezet": "Bezette groep", "vrij": "Vrije groep"}
    groups = [{"id": group, "capacity": 1, "title": {"nl": nl, "en": nl}} for group, nl in titles.items()]
    label = {"nl": "Groep", "en": "Group"}
    offer = put_event(stack, **PAID, event={"group_label": label, "groups": groups})
    Buyer(stack=stack, offer=offer.id).register(self="ja", member="nee", group="vol").press("before")
    Buyer(stack=stack, offer=offer.id).register(self="ja", member="nee", group="bezet")
    open_form(page, stack, offer.id)
    say_member(page, "no")
    said = []
    for title in titles.values():
        page.get_by_role("radio", name=title, exact=True).check()
        send(page)
        said += page.get_by_role("alert").all_inner_texts()
    full = NL["seats.group_full"].format(group=titles["vol"])
    assert said == [full, NL["seats.group_held"].format(group=titles["bezet"], minutes=37)]
    assert page.url.startswith(f"{stack.stripe}/pay/")


@pytest.mark.parametrize(
    ("capacity", "sign"), [(0, "sale.sold_out.title"), (2, "sale.sold_out.title"), (3, ""), (4, "order")]
)
def test_capacity_lowered_between_opening_and_sending(stack: Stack, page: Page, capacity: int, sign: str) -> None:
    """Two seats are taken and two are asked: far too few, none, too few, and just enough."""
    offer = put_event(stack, event={"capacity": 10})
    Buyer(stack=stack, offer=offer.id).confirm(self="ja", p1_name="Bram", p1_email=new_email())
    email = open_form(page, stack, offer.id)
    add_attendee(page)
    fill_attendee(page, 2, name="Chantal", email=new_email())
    change_event(stack, offer.id, capacity=capacity)
    send(page, free=True)
    if sign == "order":
        wait_for_heading(page, NL["order.confirmed.title"])
        assert taken(stack, offer.id) == 4
        return
    if sign:
        assert heading(page) == NL[sign]
    else:
        wanted = NL["seats.too_few"].format(seats=NL["seats.one"], wanted=2)
        assert page.get_by_role("alert").inner_text() == wanted
    assert (stack.orders(email), taken(stack, offer.id)) == ([], 2)


@pytest.mark.parametrize("way", ["dearer", "cheaper", "early-price-over"])
def test_price_changed_between_opening_and_sending(stack: Stack, page: Page, way: str) -> None:
    """Nobody pays what he did not see: the new price is shown, and is paid when he sends the form again."""
    early = {"price_cents": 300_00, "member_price_cents": 200_00, "ends_at": in_days(9)}
    offer = put_event(stack, **PAID, **({"early": early} if way == "early-price-over" else {}))
    email = open_form(page, stack, offer.id)
    say_member(page, "no")
    now = {"dearer": 600_00, "cheaper": 450_00, "early-price-over": 549_00}[way]
    if way == "early-price-over":
        change(stack, offer.id, early=None)
    else:
        change(stack, offer.id, prices=Prices(list_cents=now, member_cents=399_00))
    send(page)
    assert page.get_by_role("alert").inner_text() == NL["form.price_changed"]
    assert total(page) == euro(now)
    assert (stack.orders(email), stack.sessions(email)) == ([], [])
    send(page)
    assert heading(page).replace("\u00a0", " ") == f"Betaal {euro(now)}"


def test_order_keeps_the_price_of_its_moment(stack: Stack, page: Page) -> None:
    """What was ordered at the old price is paid at the old price, also after a detour."""
    offer = put_event(stack, **PAID)
    email = open_form(page, stack, offer.id)
    say_member(page, "no")
    send(page)
    change(stack, offer.id, prices=Prices(list_cents=900_00, member_cents=399_00))
    press(page, "Annuleren")
    press(page, NL["order.pay"])
    assert heading(page).replace("\u00a0", " ") == f"Betaal {euro(549_00)}"
    press(page, "Betalen")
    wait_for_heading(page, NL["order.paid.title"])
    assert stack.sessions(email)[-1]["amount_total"] == 549_00
