"""Who is a member, on the form of an event: recognised or asked once, and the way to a membership and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk import BASE_URL, FORM_KEY, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.test_event_form import ALONE, BUYER, GRACE, PAGE
from tests.entrypoints.witness import orders, untouched
from tests.events import EVENT, FREE, sample_event

BOTH_WAYS = pytest.mark.parametrize("query", ["", "?fragment=1"])
CLAIMS = ALONE | {"member": "ja"}


@pytest.fixture
def event(desk: Desk) -> Desk:
    desk.put_offer(sample_event())
    return desk


@BOTH_WAYS
def test_a_claim_without_a_match_is_asked_about_once(event: Desk, query: str) -> None:
    with untouched(event):
        answer = event.post(PAGE + query, CLAIMS | GRACE)
    assert answer.status_code == (422 if query else 409)
    page = Document(answer)
    assert "Ada de Vries" in page.text
    assert "@elders.nl" in page.text
    assert page.buttons() == ["109800", "join", "show"]
    path, fields = page.press("109800")
    assert event.post(path, fields).status_code == 303
    assert event.seats(EVENT) == {EVENT: (2, 0)}
    # the same form again is that order, without a question
    assert event.post(PAGE, CLAIMS | GRACE).status_code == 303


def test_another_total_than_was_agreed_to_is_asked_anew(event: Desk) -> None:
    assert event.post(PAGE, CLAIMS | GRACE | {"agreed": "54900", "do": ""}).status_code == 409
    assert event.post(PAGE, CLAIMS | GRACE | {"agreed": "1e3", "do": ""}).status_code == 409
    assert not event.items("order")


def test_back_to_the_form_from_the_question(event: Desk) -> None:
    path, fields = Document(event.post(PAGE, CLAIMS | GRACE)).press("show")
    page = Document(event.post(path, fields))
    assert page.field("p1_name").get("value") == "Grace Hopper"
    assert page.one("input", name="member", value="ja").has("checked")
    assert page.field("key").get("value") == FORM_KEY


@BOTH_WAYS
def test_becoming_a_member_first_and_coming_back(event: Desk, query: str) -> None:
    path, fields = Document(event.post(PAGE, CLAIMS | {"reference": "INK-7"})).press("join")
    answer = event.post(path + ("&fragment=1" if query else ""), fields)
    place = answer.json_body["url"] if query else answer.headers["Location"]
    page = Document(event.get(place.removeprefix(BASE_URL)))
    assert page.one("h1").text == "Lidmaatschap"
    assert page.field("organisation").get("value") == BUYER["organisation"]
    assert page.field("reference").get("value") == "INK-7"
    path, fields = page.press("pay")
    paid = event.post(path, fields)
    assert paid.status_code == 303
    (session_id,) = event.gateway.stored
    event.gateway.pay(session_id)
    event.application.payments.put(session_id)
    event.work()
    (item,) = event.items("order")
    order_id = item["pk"]["S"].partition("#")[2]
    shown = Document(
        event.get(event.application.links.order(order_id, event.order(order_id).language)[len(BASE_URL) :])
    )
    (way,) = [link.get("href") for link in shown.all("a") if "/draft/" in link.get("href")]
    assert any(way in letter.text for _, letter in event.sender.sent), "and the confirmation leads there too"
    back = event.get(way.removeprefix(BASE_URL))
    page = Document(event.get(back.headers["Location"].removeprefix(BASE_URL)))
    assert page.notice.startswith("Uw gegevens staan er nog.")
    assert page.field("key").get("value") not in ("", FORM_KEY), "whoever knows the link would know the key"
    path, fields = page.press("pay")
    assert event.post(path, fields).status_code == 303
    assert sorted(event.gateway.stored[each].session.amount_cents for each in event.gateway.stored) == [39900, 50000]


def test_a_draft_is_kept_for_a_week_and_then_said_to_be_gone(event: Desk) -> None:
    path, fields = Document(event.post(PAGE, CLAIMS)).press("join")
    draft = event.post(path, fields).headers["Location"].partition("draft=")[2]
    event.clock.advance(days=6)
    assert event.get(f"/nl/draft/{draft}").status_code == 303
    event.clock.advance(days=2)
    answer = event.get(f"/nl/draft/{draft}")
    assert answer.status_code == 404
    assert Document(answer).one("h1").text == "Uw ingevulde formulier is er niet meer"
    # the form itself opens empty
    assert Document(event.get(f"{PAGE}?draft={draft}")).field("name").get("value") == ""


@pytest.mark.parametrize("draft", ["", "x", "a" * 32, "A" * 32, "a" * 33, "é" * 32])
def test_a_draft_that_is_none(event: Desk, draft: str) -> None:
    assert event.get(f"{PAGE}?draft={draft}").status_code == 200
    assert event.get(f"/nl/draft/{draft or 'x'}").status_code == 404


def test_for_members_only_there_is_no_normal_price(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE, event={"members_only": True}))
    fields = {name: value for name, value in ALONE.items() if name != "member"}
    with untouched(desk):
        page = Document(desk.post(PAGE, fields))
    assert page.buttons() == ["join", "show"]
    with untouched(desk):
        assert desk.post(PAGE, fields | {"agreed": "0", "do": ""}).status_code == 409
    desk.member("voorbeeldstad.nl")
    assert desk.post(PAGE, fields).status_code == 303
    assert orders(desk) == ["confirmed"]


def test_agreeing_after_replacing_does_not_go_round_in_circles(event: Desk) -> None:
    event.post(PAGE, ALONE)
    which = Document(event.post(PAGE, CLAIMS | GRACE))
    assert which.one("h1").text == "U heeft al een aanmelding openstaan"
    path, fields = which.press("replace")
    ask = Document(event.post(path, fields))
    path, fields = ask.press("109800")
    assert event.post(path, fields).status_code == 303
    assert event.seats(EVENT) == {EVENT: (2, 0)}
    assert orders(event) == ["expired", "pending"]


def test_who_has_become_a_member_meanwhile_is_not_led_to_the_dearer_order(event: Desk) -> None:
    event.post(PAGE, ALONE)
    event.member("voorbeeldstad.nl")
    answer = event.post(PAGE, ALONE)
    page = Document(answer)
    assert page.one("h1").text == "U heeft al een aanmelding openstaan"
    assert "Totaal" in page.one("dl", class_="changes").text
    assert "€ 399,00" in page.one("dl", class_="changes").text
    path, fields = page.press("replace")
    assert event.post(path, fields).status_code == 303
    assert orders(event) == ["expired", "pending"]
    assert event.post(PAGE, ALONE).status_code == 303, "and the same form again is that order"
    assert sorted(each.session.amount_cents for each in event.gateway.stored.values()) == [39900, 54900]


def test_nobody_is_sent_to_become_a_member_of_a_full_event(event: Desk) -> None:
    event.put_offer(sample_event(event={"capacity": 1}))
    event.post(PAGE, ALONE)
    page = Document(event.post(PAGE, CLAIMS | {"key": "another-form-key-0123"}))
    assert page.one("h1").text == "Alle plaatsen zijn in behandeling"


def test_a_membership_that_cannot_be_had_now_is_not_offered(event: Desk) -> None:
    event.put_offer(replace(event.offer(), closes_at=event.clock()))
    page = Document(event.post(PAGE, CLAIMS | GRACE))
    assert page.buttons() == ["109800", "show"]
    fields = dict(CLAIMS) | GRACE | {"do": "join"}
    with untouched(event):
        assert event.post(PAGE, fields).status_code == 422


def test_a_membership_on_the_way_to_an_event_recognises_somebody(event: Desk) -> None:
    path, fields = Document(event.post(PAGE, CLAIMS | {"email": "ada@gmail.com"})).press("join")
    place = event.post(path, fields).headers["Location"].removeprefix(BASE_URL)
    page = Document(event.get(place))
    assert page.field("email").get("value") == ""
    path, fields = page.press("pay")
    with untouched(event):
        page = Document(event.post(path, fields | {"email": "ada@yahoo.it"}))
    assert page.error_at("email").startswith("Fout: Gebruik het e-mailadres van uw organisatie.")
    assert event.post(path, fields | {"email": BUYER["email"]}).status_code == 303


def test_a_draft_waits_for_a_week_after_the_membership_is_paid(event: Desk) -> None:
    path, fields = Document(event.post(PAGE, CLAIMS)).press("join")
    place = event.post(path, fields).headers["Location"].removeprefix(BASE_URL)
    draft = place.partition("draft=")[2]
    event.clock.advance(days=6, hours=23, minutes=50)
    path, fields = Document(event.get(place)).press("pay")
    event.post(path, fields)
    (session_id,) = event.gateway.stored
    event.gateway.pay(session_id)
    event.application.payments.put(session_id)
    event.clock.advance(minutes=5)
    event.work()
    texts = [" ".join(letter.text.split()) for _, letter in event.sender.sent]
    assert any("klaar tot 9 december 2026" in text for text in texts)
    event.clock.advance(days=6)
    assert event.get(f"/nl/draft/{draft}").status_code == 303
