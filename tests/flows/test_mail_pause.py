"""One mail of a kind and an offer to one address at a time: of what costs nothing, the next waits, none is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.email import Delivery, Email
from chalicelib.domain.error import MailPostponed, MailUnknown
from tests.desk import ANSWERS, TABLE, Desk, strict_desk
from tests.events import EVENT, FREE, attending, sample_event

COLLEAGUES = ("bea", "cas", "dirk")
MINUTE = timedelta(minutes=1)


class Crash(BaseException):
    """The process is gone."""


class DyingSender:
    """The mail service that is never reached."""

    def send(self, letter: object, *, email_id: str) -> str:
        raise Crash


def with_meeting(desk: Desk) -> Desk:
    desk.put_offer(sample_event(**FREE))
    return desk


@pytest.fixture
def desk() -> Desk:
    return with_meeting(strict_desk())


def sends(desk: Desk, colleague: str, *, offer_id: str = EVENT) -> str:
    """A free order of one who sends a colleague and stays at home; its mails wait to be sent."""
    answers = replace(attending(ANSWERS, f"{colleague}@elders.nl"), attending=False)
    return desk.register(answers, offer_id=offer_id, key=f"form-key-of-{offer_id}-{colleague}").order.id


def stored(desk: Desk, email_id: str) -> Email:
    email = desk.store.unit_of_work().emails.get(email_id)
    assert email is not None
    return email


def an_hour(desk: Desk) -> None:
    desk.work()
    for _ in range(60):
        desk.clock.advance(minutes=1)
        desk.sweep()
        desk.work()


def test_the_next_of_its_kind_waits_and_each_comes_once(desk: Desk) -> None:
    begin, orders = desk.clock(), [sends(desk, name) for name in COLLEAGUES]
    an_hour(desk)
    sent = list(zip(desk.sender.ids(), desk.sender.moments, strict=True))
    for kind, expected in (("confirmation", [0, 11, 22]), ("ticket", [0, 0, 0])):
        minutes = [(moment - begin) // MINUTE for email_id, moment in sent if email_id.startswith(kind)]
        assert minutes == expected, "each ticket goes to another"
    wanted = {f"confirmation-{each}" for each in orders} | {f"ticket-{each}-1" for each in orders}
    assert sorted(desk.sender.ids()) == sorted(wanted)


def test_waiting_takes_none_of_its_attempts(desk: Desk) -> None:
    first, second = (f"confirmation-{sends(desk, name)}" for name in COLLEAGUES[:2])
    desk.send(first)
    desk.send(second)
    email = stored(desk, second)
    assert (email.delivery, email.attempt, email.due) == (Delivery.QUEUED, 0, desk.clock() + 10 * MINUTE)
    assert desk.sender.ids() == [first]


def test_another_address_and_another_kind_do_not_wait(desk: Desk) -> None:
    other = sends(desk, "bea")
    first = desk.register(attending(ANSWERS), offer_id=EVENT).order.id
    sent = [f"confirmation-{first}", f"ticket-{first}-1", f"ticket-{other}-1"]
    for email_id in (*sent, f"confirmation-{other}"):
        desk.send(email_id)
    assert desk.sender.ids() == sent


def test_another_meeting_does_not_wait(desk: Desk) -> None:
    """Whoever registers for all meetings of the season has all his mails at once."""
    for number in range(4):
        desk.put_offer(sample_event(**FREE, id=f"bijeenkomst-{number}"))
        desk.register(attending(ANSWERS), offer_id=f"bijeenkomst-{number}", key=f"form-key-number-{number}")
    desk.work()
    assert len(desk.sender.sent) == 8


def test_what_was_paid_never_waits(desk: Desk) -> None:
    for number in range(2):
        order = desk.open_checkout(desk.register(key=f"form-key-number-{number}").order).order
        desk.gateway.pay(order.session_id)
        desk.payments.put(order.session_id)
    desk.work()
    assert len(desk.sender.sent) == 4
    assert desk.items("slot") == []


def test_without_a_pause_nothing_waits() -> None:
    desk = with_meeting(Desk(given={"LOKET_MAIL_PAUSE": "0"}))
    for name in COLLEAGUES:
        sends(desk, name)
    desk.work()
    assert len(desk.sender.sent) == 6
    assert desk.items("slot") == []


@pytest.mark.parametrize(
    ("failure", "minutes"), [(MailPostponed("TooManyRequestsException"), 2), (MailUnknown("ReadTimeoutError"), 16)]
)
def test_one_that_was_interrupted_still_has_its_place_when_it_comes_again(
    desk: Desk, failure: Exception, minutes: int
) -> None:
    first, second = (f"confirmation-{sends(desk, name)}" for name in COLLEAGUES[:2])
    desk.sender.failures.append(failure)
    desk.send(first)
    desk.send(second)
    assert desk.sender.sent == []
    desk.clock.advance(minutes=minutes)
    desk.send(first)
    assert desk.sender.ids() == [first]
    desk.clock.advance(minutes=9)
    desk.send(second)
    assert desk.sender.ids() == [first], "the ten minutes begin when it is sent"


def test_a_process_that_dies_with_the_slot_in_hand_loses_nothing(desk: Desk) -> None:
    first = f"confirmation-{sends(desk, 'bea')}"
    with pytest.raises(Crash):
        desk.send(first, sender=DyingSender())
    an_hour(desk)
    assert desk.sender.ids().count(first) == 1


def test_a_slot_that_is_gone_when_it_is_looked_at_is_asked_for_again(desk: Desk) -> None:
    """DynamoDB removes what has run out whenever it likes."""
    first, second = (f"confirmation-{sends(desk, name)}" for name in COLLEAGUES[:2])
    desk.send(first)

    def remove(**_: object) -> None:
        for item in desk.items("slot"):
            desk.client.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})

    desk.client.meta.events.register_first("after-call.dynamodb.TransactWriteItems", remove)
    desk.send(second)
    desk.client.meta.events.unregister("after-call.dynamodb.TransactWriteItems", remove)
    desk.send(second)
    assert desk.sender.ids() == [first, second]


def test_no_address_lies_readable_in_the_table(desk: Desk) -> None:
    sends(desk, "bea")
    desk.work()
    assert len(desk.items("slot")) == 2
    assert "voorbeeldstad" not in str(desk.items("slot"))


def test_one_that_the_secretariat_sends_again_waits_for_nothing(desk: Desk) -> None:
    order_id = sends(desk, "bea")
    desk.work()
    email_id, unit = f"confirmation-{order_id}", desk.store.unit_of_work()
    again = stored(desk, email_id).sent_again(key="a-form-of-the-secretary", now=desk.clock())
    unit.emails.add(again)
    unit.commit()
    desk.send(again.id)
    assert stored(desk, again.id).delivery is Delivery.SENT
