"""The form of an event: who comes, what it costs, one row more or less, the other language, and the free kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.desk import BASE_URL, FORM_KEY, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import orders, untouched
from tests.events import EARLY, EVENT, FREE, groups, sample_event

PAGE = f"/nl/{EVENT}"
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
BUYER = {"organisation": "Gemeente Voorbeeldstad", "name": "Ada de Vries", "email": "ada@voorbeeldstad.nl"}
ALONE = BUYER | {"key": FORM_KEY, "do": "pay", "member": "nee", "self": "ja"}
GRACE = {"p1_name": "Grace Hopper", "p1_email": "grace@elders.nl"}


@pytest.fixture
def event(desk: Desk) -> Desk:
    desk.put_offer(sample_event())
    return desk


def bill(page: Document) -> str:
    return page.one("div", class_="total").text


@LANGUAGES
def test_a_fresh_form_is_for_oneself_and_claims_nothing(event: Desk, lang: str) -> None:
    with untouched(event):
        page = Document(event.get(f"/{lang}/{EVENT}"))
    assert page.field("self").has("checked")
    radios = list(page.all("input", name="member"))
    assert [radio.get("value") for radio in radios] == ["ja", "nee"]
    assert not any(radio.has("checked") for radio in radios)
    assert not [each for each in page.all("input") if each.get("name").startswith("p1")]
    assert {"nl": "€ 549,00", "en": "€549.00"}[lang] in bill(page)
    assert {"nl": "exclusief overnachting", "en": "overnight stay not included"}[lang] in page.text
    assert page.buttons() == ["add", "show", "pay"]


def test_a_row_more_and_less_keeps_everything(event: Desk) -> None:
    page = Document(event.post(PAGE, ALONE | GRACE | {"do": "add", "reference": "INK-7"}))
    assert page.field("p2_name").has("autofocus")
    assert page.field("p1_email").get("value") == "grace@elders.nl"
    assert [legend.text for legend in page.all("legend") if legend.text.startswith("Deelnemer")] == [
        "Deelnemer 2",
        "Deelnemer 3",
    ]
    path, fields = page.press("del-1")
    page = Document(event.post(path, fields | {"p2_name": "Derde"}))
    assert page.field("p1_name").get("value") == "Derde"
    assert not list(page.all("input", name="p2_name"))
    assert page.field("reference").get("value") == "INK-7"
    assert page.field("key").get("value") == FORM_KEY
    assert not event.items("order")


def test_without_the_buyer_the_others_are_counted_from_one(event: Desk) -> None:
    fields = {name: value for name, value in ALONE.items() if name != "self"} | GRACE
    page = Document(event.post(PAGE, fields | {"do": "show"}))
    assert "Deelnemer 1" in page.text
    assert not page.field("self").has("checked")


def test_no_more_rows_than_fit(event: Desk) -> None:
    event.put_offer(sample_event(event={"most_per_order": 2}))
    page = Document(event.post(PAGE, ALONE | {"do": "add"}))
    assert "add" not in page.buttons()
    assert "Meer deelnemers passen niet" in page.text


def test_the_total_is_worked_out_for_each_address(event: Desk) -> None:
    event.member("voorbeeldstad.nl")
    page = Document(event.post(PAGE, ALONE | GRACE | {"do": "show", "member": ""}))
    assert "1 × € 399 ledenprijs" in bill(page)
    assert "1 × € 549 normale prijs" in bill(page)
    assert "€ 948,00" in bill(page)


def test_the_early_price_is_told_with_its_end(event: Desk) -> None:
    event.put_offer(sample_event(early=EARLY))
    page = Document(event.get(PAGE))
    assert "Deze prijs geldt tot 1 december 2026 om 00:00." in page.text
    assert "€ 449,00" in bill(page)
    labels = [label.text for label in page.all("label")]
    assert "Ja, € 299 per deelnemer" in labels
    assert "Nee, € 449 per deelnemer" in labels


def test_the_other_language_keeps_what_was_typed(event: Desk) -> None:
    shown = event.post(PAGE, ALONE | GRACE | {"do": "show", "member": "ja", "newsletter": "ja"})
    path, fields = Document(shown).switch_language()
    assert path == f"/en/{EVENT}?send=1"
    page = Document(event.post(path, fields))
    assert page.language == "en"
    for name, value in (BUYER | GRACE | {"key": FORM_KEY}).items():
        assert page.field(name).get("value") == value
    assert page.field("newsletter").has("checked")
    assert page.one("input", name="member", value="ja").has("checked")
    assert not event.items("order")


@LANGUAGES
def test_a_free_event_is_confirmed_at_once(desk: Desk, lang: str) -> None:
    desk.put_offer(sample_event(**FREE))
    page = Document(desk.get(f"/{lang}/{EVENT}"))
    assert not list(page.all("input", name="member"))
    assert not list(page.all("div", class_="total"))
    answer = desk.post(f"/{lang}/{EVENT}", {name: value for name, value in (ALONE | GRACE).items() if name != "member"})
    assert answer.status_code == 303
    assert orders(desk) == ["confirmed"]
    assert not desk.gateway.stored
    place = answer.headers["Location"].removeprefix(BASE_URL)
    shown = Document(desk.get(place))
    assert {"nl": "Uw aanmelding is rond", "en": "Your registration is complete"}[lang] == shown.one("h1").text
    assert "Grace Hopper" in shown.text
    desk.work()
    ada, grace = BUYER["email"], GRACE["p1_email"]
    assert sorted(letter.to for _, letter in desk.sender.sent) == [ada, ada, grace]


def test_a_free_event_as_a_fragment_leads_to_the_order(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    fields = {name: value for name, value in ALONE.items() if name != "member"}
    answer = desk.post(f"{PAGE}?fragment=1", fields)
    assert answer.status_code == 200
    assert answer.json_body["total"] == 0
    assert "/order/" in answer.json_body["url"]


def test_each_chooses_a_group(desk: Desk) -> None:
    desk.put_offer(sample_event(event=groups(a=5, b=5)))
    page = Document(desk.post(PAGE, ALONE | GRACE))
    assert {where for where, _ in page.summary} == {f"#{EVENT}-group", f"#{EVENT}-p1_group"}
    assert desk.post(PAGE, ALONE | GRACE | {"group": "a", "p1_group": "b"}).status_code == 303
    assert desk.seats(EVENT) == {EVENT: (2, 0), f"{EVENT}/a": (1, 0), f"{EVENT}/b": (1, 0)}


def test_few_seats_are_told(event: Desk) -> None:
    event.put_offer(sample_event(event={"capacity": 2}))
    assert Document(event.get(PAGE)).notice == "Nog 2 plaatsen."
    event.post(PAGE, ALONE)
    assert Document(event.get(PAGE)).notice == "Nog 1 plaats."


def test_a_fragment_of_an_event_holds_no_key_and_is_not_kept_for_long(event: Desk) -> None:
    answer = event.get(f"{PAGE}?fragment=1")
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert Document(answer).field("key").get("value") == ""


def test_the_rows_numbers_may_have_gaps(event: Desk) -> None:
    fields = {"p3_name": "Grace Hopper", "p3_email": "grace@elders.nl"}
    assert event.post(PAGE, ALONE | fields).status_code == 303
    (item,) = event.items("order")
    attendees = event.store.attendees(item["pk"]["S"].partition("#")[2])
    assert [attendee.name for attendee in attendees] == ["Ada de Vries", "Grace Hopper"]


def test_who_holds_a_seat_may_pay_after_the_closing(event: Desk) -> None:
    event.put_offer(replace(sample_event(), closes_at=event.clock() + timedelta(minutes=10)))
    event.post(PAGE, ALONE)
    event.clock.advance(minutes=20)
    assert Document(event.get(PAGE)).one("h1").text == "De aanmelding is gesloten"
    (session_id,) = event.gateway.stored
    event.gateway.pay(session_id)
    event.application.payments.put(session_id)
    event.work()
    assert orders(event) == ["paid"]
    assert event.seats(EVENT) == {EVENT: (0, 1)}
