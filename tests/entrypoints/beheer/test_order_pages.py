"""The page of an order: all that is known of it, notes, and mails that did not arrive."""

from __future__ import annotations

import pytest

from chalicelib.domain.staff import Role
from chalicelib.domain.state import State
from devstack.environment import BEHEERDER
from tests.desk import ANSWERS, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.orders import (
    bounced,
    form_of,
    led_to,
    paid_event,
    paid_member,
    path_of,
    text_of,
    under_review,
)

HOSTILE = '<script>alert(1)</script>{{ 7*7 }}=1+1"&'


def deeds(desk: Desk) -> list[tuple[str, str, str]]:
    """What the log says: the deed, who did it, and to what."""
    return [(item["deed"]["S"], item["by"]["S"], item["subject"]["S"]) for item in desk.items("audit_entry")]


def test_it_tells_who_what_was_paid_and_what_was_mailed(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    text = text_of(browser, path_of(order))
    for said in (order.code, ANSWERS.organisation, ANSWERS.name, "bea@elders.nl", "1.647,00", "Aangemeld", "Betaald"):
        assert said in text
    assert "ledenprijs, herkend aan @voorbeeldstad.nl" not in text, "nobody of them is a member"
    assert text.count("verstuurd") >= 4
    assert f"https://stripe.example.nl/#{order.payment_id}" in browser.get(path_of(order)).body.decode()


def test_a_member_price_says_by_which_address_it_was_given(desk: Desk, browser: Browser) -> None:
    desk.member("voorbeeldstad.nl")
    text = text_of(browser, path_of(paid_event(desk)))
    assert text.count("ledenprijs, herkend aan @voorbeeldstad.nl") == 2
    assert text.count("normale prijs") == 1


def test_a_membership_shows_its_term(desk: Desk, browser: Browser) -> None:
    assert "25 november 2026 tot en met 24 november 2027" in text_of(browser, path_of(paid_member(desk)))


@pytest.mark.parametrize("code", ["P26-2222", "x", "P26-%3Cb%3E", "..", "P26-22222", "p26-g8zf"])
def test_an_unknown_code_is_not_there(desk: Desk, browser: Browser, code: str) -> None:
    answer = browser.get(f"/beheer/aanmeldingen/{code}")
    assert answer.status_code == 404
    assert "Dit is er niet (meer)" in answer.body.decode()


def test_a_note_is_kept_once_and_its_text_stays_with_the_order(desk: Desk, browser: Browser) -> None:
    order = paid_member(desk)
    form = form_of(browser, path_of(order)) | {"do": "note", "text": f"Belt terug. {HOSTILE}"}
    for _ in range(2):
        desk.clock.advance(seconds=1)
        answer = browser.post(path_of(order), form)
        assert (answer.status_code, led_to(answer.headers["Location"])) == (303, f"{path_of(order)}?gedaan=notitie")
    body = browser.get(path_of(order)).body.decode()
    assert body.count("Belt terug.") == 1
    assert HOSTILE not in body
    assert deeds(desk) == [("noted", BEHEERDER, order.code)]
    assert "Belt terug" not in text_of(browser, "/beheer/logboek")


def test_a_note_that_is_gone_back_to_and_written_otherwise_is_another_one(desk: Desk, browser: Browser) -> None:
    order = paid_member(desk)
    form = form_of(browser, path_of(order)) | {"do": "note"}
    for text in ("Belt terug.", "Belt morgen terug.", "Belt terug."):
        desk.clock.advance(seconds=1)
        assert browser.post(path_of(order), form | {"text": text}).status_code == 303
    assert sorted(item["text"]["S"] for item in desk.items("note")) == ["Belt morgen terug.", "Belt terug."]


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_a_note_that_is_empty_or_too_long_is_refused_and_stays_typed(desk: Desk, browser: Browser, text: str) -> None:
    order = paid_member(desk)
    answer = browser.post(path_of(order), form_of(browser, path_of(order)) | {"do": "note", "text": text})
    assert answer.status_code == 422
    assert "Schrijf iets op, van hoogstens 2.000 tekens." in answer.body.decode()
    assert text.strip() in answer.body.decode()
    assert desk.items("note") == []


def test_a_mail_that_did_not_arrive_is_on_the_list_until_somebody_says_that_it_is_all_right(
    desk: Desk, browser: Browser
) -> None:
    order = paid_event(desk)
    bounced(desk, f"ticket-{order.id}-2")
    assert order.code in text_of(browser, "/beheer")
    assert "Een mail is niet aangekomen" in text_of(browser, path_of(order))
    form = form_of(browser, path_of(order)) | {"do": "waive", "email": f"ticket-{order.id}-2"}
    for _ in range(2):
        answer = browser.post(path_of(order), form)
        assert led_to(answer.headers["Location"]) == f"{path_of(order)}?gedaan=afgehandeld"
    assert order.code not in text_of(browser, "/beheer")
    assert "Een mail is niet aangekomen" not in text_of(browser, path_of(order))
    assert deeds(desk) == [("mail_waived", BEHEERDER, order.code)]
    desk.reconcile()
    assert order.code not in text_of(browser, "/beheer")


def test_a_mail_of_another_order_is_not_touched(desk: Desk, browser: Browser) -> None:
    mine, other = paid_member(desk), paid_event(desk)
    form = form_of(browser, path_of(mine)) | {"do": "waive", "email": f"ticket-{other.id}-2"}
    before = desk.items("email")
    assert browser.post(path_of(mine), form).status_code == 404
    assert desk.items("email") == before


def test_who_may_only_look_sees_no_buttons(desk: Desk) -> None:
    order = under_review(desk)
    treasurer = Browser(desk)
    treasurer.log_in(WORKS_HERE[Role.PENNINGMEESTER])
    text = text_of(treasurer, path_of(order))
    assert "Het betaalde bedrag klopt niet" in text
    for button in ("Gegevens verbeteren", "Betaling beoordelen", "Aanmelding annuleren", "Notitie opslaan"):
        assert button not in text


def test_an_order_that_lapsed_says_so_and_offers_nothing(desk: Desk, browser: Browser) -> None:
    order = desk.register().order
    desk.clock.advance(minutes=40)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED
    text = text_of(browser, path_of(order))
    assert "verlopen" in text
    assert "Over deze aanmelding is nog niets gemaild." in text
    assert "Terugbetalen" not in text
