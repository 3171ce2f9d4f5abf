"""What stands in the way of a registration for an event: said in the visitor's words, with everything still there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.desk import BASE_URL, FORM_KEY, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.test_event_form import ALONE, BUYER, GRACE, PAGE
from tests.entrypoints.witness import orders, untouched
from tests.events import EARLY, EVENT, FREE, groups, sample_event

BOTH_WAYS = pytest.mark.parametrize("query", ["", "?fragment=1"])
CLAIMS = ALONE | {"member": "ja"}


@pytest.fixture
def event(desk: Desk) -> Desk:
    desk.put_offer(sample_event())
    return desk


def rows(count: int) -> dict[str, str]:
    return {
        f"p{row}_{part}": value
        for row in range(1, count + 1)
        for part, value in {"name": f"Persoon {row}", "email": f"persoon{row}@elders.nl"}.items()
    }


# Bad input


def test_nobody_comes(event: Desk) -> None:
    fields = {name: value for name, value in ALONE.items() if name != "self"}
    with untouched(event):
        page = Document(event.post(PAGE, fields))
    assert page.summary == [
        (
            f"#{EVENT}-self",
            "U heeft nog geen deelnemer toegevoegd. Voeg ten minste 1 deelnemer toe, of neem zelf deel.",
        )
    ]


def test_twenty_fit_and_twenty_one_do_not(event: Desk) -> None:
    event.put_offer(sample_event(event={"capacity": 100}))
    with untouched(event):
        answer = event.post(PAGE, ALONE | rows(20))
    page = Document(answer)
    assert answer.status_code == 422
    assert "U heeft 21 deelnemers ingevuld." in page.summary[0][1]
    assert page.field("p20_email").get("value") == "persoon20@elders.nl"
    assert event.post(PAGE, ALONE | rows(19)).status_code == 303
    assert event.seats(EVENT) == {EVENT: (20, 0)}


def test_the_same_attendee_twice(event: Desk) -> None:
    with untouched(event):
        page = Document(event.post(PAGE, ALONE | GRACE | {"p2_name": "Nog eens", "p2_email": "GRACE@elders.nl"}))
    ((where, text),) = page.summary
    assert where == f"#{EVENT}-p2_email"
    assert text.startswith("Deelnemer 3 heeft hetzelfde e-mailadres")
    page = Document(event.post(PAGE, ALONE | {"p1_name": "Ikzelf", "p1_email": BUYER["email"]}))
    assert page.summary[0][0] == f"#{EVENT}-p1_email"


def test_the_faults_stand_in_the_order_of_the_form(event: Desk) -> None:
    page = Document(event.post(PAGE, {"key": FORM_KEY, "do": "pay", "self": "ja", "p1_name": "", "p1_email": "x"}))
    names = [where.removeprefix(f"#{EVENT}-") for where, _ in page.summary]
    assert names == ["organisation", "name", "email", "member", "p1_name", "p1_email"]
    assert page.error_at("p1_name") == "Fout: Vul de naam van deelnemer 2 in."


def test_who_is_registered_already_is_refused_at_his_address(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    fields = {name: value for name, value in (ALONE | GRACE).items() if name != "member"}
    desk.post(PAGE, fields)
    again = fields | {"key": "another-form-key-0123", "name": "Een collega", "email": "collega@elders.nl"}
    with untouched(desk):
        answer = desk.post(PAGE, again)
    page = Document(answer)
    assert answer.status_code == 422
    assert [where for where, _ in page.summary] == [f"#{EVENT}-p1_email"]
    assert "heeft al een ticket" in page.error_at("p1_email")
    with untouched(desk):
        page = Document(desk.post(PAGE, fields | {"key": "another-form-key-4567"}))
    assert "Zet dan het vinkje uit" in page.error_at("email")


def test_an_open_registration_stands_in_nobodys_way(event: Desk) -> None:
    event.post(PAGE, ALONE)
    assert event.post(PAGE, ALONE | {"key": "another-form-key-0123"}).status_code == 303


def test_the_same_free_form_twice_is_not_refused_by_itself(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE, event={"capacity": 1}))
    fields = {name: value for name, value in ALONE.items() if name != "member"}
    first, second = desk.post(PAGE, fields), desk.post(PAGE, fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert desk.seats(EVENT) == {EVENT: (0, 1)}


# Prices and seats that change while a form is open


def test_a_price_that_has_changed_is_told_before_anything_is_ordered(event: Desk) -> None:
    event.put_offer(sample_event(early=EARLY))
    prices = Document(event.get(PAGE)).field("prices").get("value")
    event.clock.advance(days=10)
    with untouched(event):
        answer = event.post(PAGE, ALONE | {"prices": prices})
    page = Document(answer)
    assert answer.status_code == 422
    assert page.notice.startswith("De prijs is veranderd")
    assert page.field("name").get("value") == "Ada de Vries"
    path, fields = page.press("pay")
    assert event.post(path, fields).status_code == 303


@BOTH_WAYS
def test_more_than_there_are(event: Desk, query: str) -> None:
    event.put_offer(sample_event(event={"capacity": 2}))
    with untouched(event):
        answer = event.post(PAGE + query, ALONE | rows(2))
    page = Document(answer)
    assert answer.status_code == 422
    assert page.notice.startswith("Er zijn nog 2 plaatsen, en u vraagt er 3.")
    assert page.field("p2_email").get("value") == "persoon2@elders.nl"


def test_a_group_that_is_full_is_named(desk: Desk) -> None:
    desk.put_offer(sample_event(event=groups(a=1, b=5)))
    desk.post(PAGE, ALONE | {"group": "a"})
    (session_id,) = desk.gateway.stored
    desk.gateway.pay(session_id)
    desk.application.payments.put(session_id)
    desk.work()
    late = ALONE | {"group": "a", "key": "another-form-key-0123", "email": "laat@elders.nl"}
    page = Document(desk.post(PAGE, late))
    assert page.notice.startswith("Groep a is vol.")
    assert page.one("input", name="group", value="a").has("checked")


@BOTH_WAYS
def test_all_held_then_sold_out_then_back(event: Desk, query: str) -> None:
    event.put_offer(sample_event(event={"capacity": 1}))
    event.post(PAGE, ALONE)
    late = ALONE | {"key": "another-form-key-0123", "email": "laat@elders.nl"}
    with untouched(event):
        answer = event.post(PAGE + query, late)
    page = Document(answer)
    assert answer.status_code == (422 if query else 409)
    assert "Alle plaatsen zijn in behandeling" in page.text
    assert "Probeer het over 37 minuten opnieuw." in page.text
    path, fields = page.press("pay")
    assert fields["email"] == "laat@elders.nl", "and nothing has to be typed again"
    event.clock.advance(minutes=20)
    assert "over 17 minuten" in Document(event.get(PAGE)).text
    (session_id,) = event.gateway.stored
    event.gateway.pay(session_id)
    event.application.payments.put(session_id)
    event.work()
    assert "Alle plaatsen zijn bezet" in Document(event.get(PAGE)).text
    assert "Alle plaatsen zijn bezet" in Document(event.post(path, fields)).text


def test_a_hold_that_ends_gives_its_seat_back(event: Desk) -> None:
    event.put_offer(sample_event(event={"capacity": 1}))
    event.post(PAGE, ALONE)
    event.clock.advance(minutes=37)
    event.sweep()
    assert event.seats(EVENT) == {EVENT: (0, 0)}
    assert event.post(PAGE, ALONE | {"key": "another-form-key-0123"}).status_code == 303


def test_letting_go_gives_the_seat_back_at_once(event: Desk) -> None:
    event.put_offer(sample_event(event={"capacity": 1}))
    event.post(PAGE, ALONE)
    (item,) = event.items("order")
    order = event.order(item["pk"]["S"].partition("#")[2])
    place = event.application.links.order(order.id, order.language).removeprefix(BASE_URL)
    event.post(place, {"do": "release"})
    assert event.seats(EVENT) == {EVENT: (0, 0)}
    # and begins anew with all attendees
    page = Document(event.post(place, {"do": "again"}))
    assert page.field("self").has("checked")
    assert page.field("email").get("value") == BUYER["email"]


def test_not_yet_and_no_longer(event: Desk) -> None:
    now = event.clock()
    event.put_offer(replace(sample_event(), opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=2)))
    with untouched(event):
        answer = event.post(PAGE, ALONE)
    page = Document(answer)
    assert answer.status_code == 409
    assert page.one("h1").text == "U kunt zich nog niet aanmelden"
    assert "Aanmelden kan vanaf 26 november 2026 om 13:00." in page.text
    event.clock.advance(days=1)
    assert event.get(PAGE).status_code == 200
    assert "Aanmelden en betalen" in Document(event.get(PAGE)).text
    event.clock.advance(days=1)
    with untouched(event):
        page = Document(event.post(PAGE, ALONE))
    assert page.one("h1").text == "De aanmelding is gesloten"
    assert "Er is niets afgeschreven" in page.text


def test_a_capacity_that_was_lowered_ends_nobodys_seat(event: Desk) -> None:
    event.post(PAGE, ALONE | rows(2))
    event.put_offer(sample_event(event={"capacity": 1}))
    assert "Alle plaatsen zijn in behandeling" in Document(event.get(PAGE)).text
    (session_id,) = event.gateway.stored
    event.gateway.pay(session_id)
    event.application.payments.put(session_id)
    event.work()
    assert orders(event) == ["paid"]
    assert event.seats(EVENT) == {EVENT: (0, 3)}
    assert "Alle plaatsen zijn bezet" in Document(event.get(PAGE)).text


def test_a_group_whose_seats_are_only_held_is_not_said_to_be_full(desk: Desk) -> None:
    desk.put_offer(sample_event(event=groups(a=1, b=5)))
    desk.post(PAGE, ALONE | {"group": "a"})
    page = Document(desk.post(PAGE, ALONE | {"group": "a", "key": "another-form-key-0123"}))
    assert page.notice.startswith("Alle plaatsen van Groep a zijn in behandeling.")
    assert "over 37 minuten" in page.notice


@pytest.mark.parametrize("name", ["organisation", "name", "p1_name"])
@pytest.mark.parametrize("link", ["https://evil.example", "Klant, kijk op WWW.evil.example"])
def test_a_name_leads_nobody_anywhere(event: Desk, name: str, link: str) -> None:
    with untouched(event):
        page = Document(event.post(PAGE, ALONE | GRACE | {name: link}))
    assert page.error_at(name) == "Fout: Zet hier geen webadres in."
