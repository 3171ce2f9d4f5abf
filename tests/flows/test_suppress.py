"""Suppress: what came at the same moment, and mails that are not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.email import Delivery, MailNews
from chalicelib.domain.suppression import suppression_id
from chalicelib.flows.record_proof import record_proof
from tests.flows.line import before_writing
from tests.flows.newsletter import Newsroom

if TYPE_CHECKING:
    from tests.desk import Desk

ZOE = "zoe@voorbeeldstad.nl"


@pytest.fixture
def room(desk: Desk) -> Newsroom:
    return Newsroom(desk)


def hear(room: Newsroom, delivery: Delivery, *, email_id: str) -> None:
    reason = "Permanent General" if delivery is Delivery.BOUNCED else ""
    news = MailNews(email_id=email_id, delivery=delivery, message_id="m", reason=reason, address=ZOE)
    record_proof(news, store=room.desk.store, identity=room.identity, now=room.desk.clock())


def cause(room: Newsroom) -> tuple[Delivery, str]:
    found = room.desk.store.unit_of_work().suppressions.get(suppression_id(ZOE, identity=room.identity))
    assert found is not None
    return found.cause, found.email_id


def test_a_bounce_takes_no_complaints_place_though_both_come_at_once(room: Newsroom) -> None:
    before_writing(room.desk, lambda: hear(room, Delivery.COMPLAINED, email_id="test-a"))
    hear(room, Delivery.BOUNCED, email_id="test-b")
    assert cause(room) == (Delivery.COMPLAINED, "test-a")


def test_a_complaint_takes_a_bounces_place(room: Newsroom) -> None:
    before_writing(room.desk, lambda: hear(room, Delivery.BOUNCED, email_id="test-a"))
    hear(room, Delivery.COMPLAINED, email_id="test-b")
    assert cause(room) == (Delivery.COMPLAINED, "test-b")


def test_of_two_bounces_the_later_is_told(room: Newsroom) -> None:
    hear(room, Delivery.BOUNCED, email_id="test-a")
    hear(room, Delivery.BOUNCED, email_id="test-b")
    assert cause(room) == (Delivery.BOUNCED, "test-b")
