"""Sending a mail again: what it says is seen first, and a better address is put right in the order as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.answers import Answers
from chalicelib.domain.refusal import AlreadyRegistered
from chalicelib.flows.add_note import add_note
from chalicelib.flows.cancel_order import cancel_order
from devstack.environment import BEHEERDER
from tests.desk import ANSWERS, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.orders import (
    bounced,
    form_of,
    led_to,
    other_event,
    paid,
    paid_event,
    paid_member,
    path_of,
    text_of,
)
from tests.entrypoints.beheer.test_order_pages import deeds
from tests.events import EVENT, FREE, attending, sample_event

BETTER = "bea.beter@elders.nl"


def test_it_is_shown_before_it_goes_and_goes_once(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    page = path_of(order, f"/mail?id=ticket-{order.id}-2")
    assert "Ticketnummer" in text_of(browser, page)
    form = form_of(browser, page) | {"address": "bea@elders.nl"}
    desk.sender.sent.clear()
    for _ in range(2):
        answer = browser.post(path_of(order, "/mail"), form)
        assert led_to(answer.headers["Location"]) == f"{path_of(order)}?gedaan=verstuurd"
    desk.work()
    assert [letter.to for _, letter in desk.sender.sent] == ["bea@elders.nl"]
    assert deeds(desk) == [("sent_again", BEHEERDER, order.code)]
    desk.sweep()
    desk.clock.advance(hours=1)
    desk.sweep()
    assert len(desk.sender.sent) == 1


def test_a_better_address_is_kept_with_the_order_and_its_seat(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    bounced(desk, f"ticket-{order.id}-2")
    assert order.code in text_of(browser, "/beheer")
    page = path_of(order, f"/mail?id=ticket-{order.id}-2")
    desk.sender.sent.clear()
    browser.post(path_of(order, "/mail"), form_of(browser, page) | {"address": f" {BETTER} "})
    desk.work()
    assert [letter.to for _, letter in desk.sender.sent] == [BETTER]
    assert [each.email for each in desk.store.attendees(order.id)][1] == BETTER
    assert order.code not in text_of(browser, "/beheer"), "nothing has to be done any more"
    assert "Een mail is niet aangekomen" not in text_of(browser, path_of(order))
    text = text_of(browser, path_of(order))
    assert f"b…@elders.nl → {BETTER}" in text
    assert BETTER not in text_of(browser, "/beheer/logboek"), "who it was is in no log"
    desk.reconcile()
    assert desk.store.differences() == []
    # the old address may come again, the new one may not
    assert desk.register(attending_as("bea@elders.nl"), key="one", offer_id=order.offer_id)
    with pytest.raises(AlreadyRegistered):
        desk.register(attending_as(BETTER), key="two", offer_id=order.offer_id)


def attending_as(email: str) -> Answers:
    """Answers of somebody who comes himself."""
    return attending(replace(ANSWERS, email=email))


@pytest.mark.parametrize("address", ["", "geen adres", "a@b", "a@b.nl\r\nBcc: x@y.nl", "=?utf-8?q?x?=@y.nl"])
def test_an_address_that_is_none_is_refused_and_stays_typed(desk: Desk, browser: Browser, address: str) -> None:
    order = paid_member(desk)
    before = desk.items()
    form = form_of(browser, path_of(order, f"/mail?id=confirmation-{order.id}")) | {"address": address}
    answer = browser.post(path_of(order, "/mail"), form)
    assert answer.status_code == 422
    assert "Vul een e-mailadres in" in answer.body.decode()
    assert desk.items() == before


def test_an_address_that_comes_already_is_refused(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    paid(desk, other_event(desk, email="wim@anders.nl", key="another"))
    before = desk.items("attendee")
    form = form_of(browser, path_of(order, f"/mail?id=ticket-{order.id}-2")) | {"address": "wim@anders.nl"}
    answer = browser.post(path_of(order, "/mail"), form)
    assert answer.status_code == 422
    assert "is iemand al aangemeld" in answer.body.decode()
    assert desk.items("attendee") == before


def test_a_colleague_who_was_first_is_not_overruled(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    page = path_of(order, f"/mail?id=ticket-{order.id}-2")
    mine, his = (form_of(browser, page) for _ in range(2))
    browser.post(path_of(order, "/mail"), his | {"address": BETTER})
    answer = browser.post(path_of(order, "/mail"), mine | {"address": "anders@elders.nl"})
    assert answer.status_code == 409
    assert "Iemand anders heeft deze aanmelding net gewijzigd." in answer.body.decode()
    assert [each.email for each in desk.store.attendees(order.id)][1] == BETTER


def test_a_note_of_a_colleague_is_read_before_anything_is_done(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    page = path_of(order, f"/mail?id=ticket-{order.id}-2")
    form = form_of(browser, page) | {"address": BETTER}
    add_note(order.id, "Belt terug.", key="note", by="tessa", store=desk.store, now=desk.clock())
    assert browser.post(path_of(order, "/mail"), form).status_code == 409
    assert browser.post(path_of(order, "/mail"), form_of(browser, page) | {"address": BETTER}).status_code == 303


def test_gone_back_to_and_filled_in_otherwise_it_is_not_said_to_be_sent(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    form = form_of(browser, path_of(order, f"/mail?id=ticket-{order.id}-2"))
    assert browser.post(path_of(order, "/mail"), form | {"address": BETTER}).status_code == 303
    assert browser.post(path_of(order, "/mail"), form | {"address": "bea.best@elders.nl"}).status_code == 409


def test_what_is_not_true_any_more_cannot_be_sent(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    page = path_of(order, f"/mail?id=ticket-{order.id}-2")
    form = form_of(browser, page) | {"address": "bea@elders.nl"}
    cancel_order(order.id, refund_cents=0, key="c", by="t", store=desk.store, emails=desk.emails, now=desk.clock())
    assert "kan niet meer worden verstuurd" in text_of(browser, page)
    assert browser.post(path_of(order, "/mail"), form).status_code == 409


def test_a_free_one_that_is_sent_again_waits_for_no_pause(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event(**FREE))
    order = other_event(desk, email="ada@voorbeeldstad.nl", key="free")
    desk.work()
    desk.clock.advance(seconds=30)
    assert order.offer_id == EVENT
    page = path_of(order, f"/mail?id=confirmation-{order.id}")
    browser.post(path_of(order, "/mail"), form_of(browser, page) | {"address": "ada@voorbeeldstad.nl"})
    desk.sender.sent.clear()
    desk.work()
    assert len(desk.sender.sent) == 1


def test_an_email_that_is_not_there_is_not_there(desk: Desk, browser: Browser) -> None:
    mine, other = paid_member(desk), paid_event(desk)
    for email_id in ("", "x", f"ticket-{other.id}-2", "confirmation-"):
        assert browser.get(path_of(mine, f"/mail?id={email_id}")).status_code == 404
    assert desk.clock() - other.created_at < timedelta(hours=1)
