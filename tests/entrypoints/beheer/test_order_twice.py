"""A form that is pressed twice at one moment: both times it is said that it is done, and it is done once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.domain.order import Order
from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.orders import form_of, paid_event, path_of, under_review
from tests.entrypoints.beheer.test_order_pages import deeds
from tests.flows.line import before_writing
from tests.flows.money import ledger

FORMS: dict[str, tuple[Callable[[Desk], Order], str, str, dict[str, str]]] = {
    "note": (paid_event, "", "", {"do": "note", "text": "Belt terug."}),
    "mail": (paid_event, "/mail", "?id=ticket-{id}-2", {"address": "bea.beter@elders.nl"}),
    "details": (paid_event, "/gegevens", "", {"do": "save", "name-2": "Bea", "tickets": "ja"}),
    "cancel": (paid_event, "/annuleren", "", {"amount": "100"}),
    "refund": (paid_event, "/terugbetalen", "", {"amount": "1647"}),
    "review": (under_review, "/beoordelen", "", {"do": "return"}),
}


@pytest.mark.parametrize("name", FORMS)
def test_pressed_twice_at_one_moment_it_is_done_once(desk: Desk, browser: Browser, name: str) -> None:
    bring_about, page, query, fields = FORMS[name]
    order = bring_about(desk)
    form = form_of(browser, path_of(order, page) + query.format(id=order.id)) | fields
    answers = []

    def press() -> None:
        desk.clock.advance(seconds=1)
        answers.append(browser.post(path_of(order, page), form))

    before_writing(desk, press)
    press()
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(deeds(desk)) == 1
    assert len(desk.items("note")) == (name == "note")
    assert len(ledger(desk, order).refunds) == (name in ("cancel", "refund", "review"))
    assert len([item for item in desk.items("email") if item["again"]["S"]]) == (name in ("mail", "details"))
