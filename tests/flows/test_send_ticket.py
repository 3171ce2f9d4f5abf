"""Send a ticket: to the one who comes and to nobody else, as his name and address are when it is sent."""

from __future__ import annotations

import pytest

from chalicelib.domain.email import Delivery, Email
from tests.desk import ANSWERS, TABLE, Desk
from tests.events import EVENT, FREE, attending, sample_event

BEA, CAS = "bea@elders.nl", "cas@anders.nl"


@pytest.fixture
def order_id(desk: Desk) -> str:
    """A confirmed order of three, with its mails still in the outbox."""
    desk.put_offer(sample_event(**FREE))
    order = desk.register(attending(ANSWERS, BEA, CAS), offer_id=EVENT).order
    desk.emails.take()
    return order.id


def send(desk: Desk, email_id: str) -> Email:
    desk.send(email_id)
    email = desk.store.unit_of_work().emails.get(email_id)
    assert email is not None
    return email


def send_all(desk: Desk, order_id: str) -> dict[str, Delivery]:
    names = [f"confirmation-{order_id}", *(f"ticket-{order_id}-{number}" for number in (1, 2, 3))]
    return {name.replace(order_id, ""): send(desk, name).delivery for name in names}


def attendee_row(desk: Desk, number: int) -> dict[str, dict[str, str]]:
    return next(item for item in desk.items("attendee") if item["number"]["N"] == str(number))


def erase(desk: Desk, row: dict[str, dict[str, str]]) -> None:
    desk.client.delete_item(TableName=TABLE, Key={"pk": row["pk"], "sk": row["sk"]})


def test_everybody_gets_his_own(desk: Desk, order_id: str) -> None:
    send_all(desk, order_id)
    received = [(email_id.replace(order_id, ""), letter.to) for email_id, letter in desk.sender.sent]
    assert received == [
        ("confirmation-", ANSWERS.email),
        ("ticket--1", ANSWERS.email),
        ("ticket--2", BEA),
        ("ticket--3", CAS),
    ]
    order = desk.order(order_id)
    for number, (_, letter) in enumerate(desk.sender.sent):
        code = order.code if number == 0 else f"{order.code}-{number}"
        assert code in letter.text
        assert code in letter.html


def test_a_ticket_says_who_registered_him_and_nothing_of_the_others(desk: Desk, order_id: str) -> None:
    send(desk, f"ticket-{order_id}-2")
    ((_, letter),) = desk.sender.sent
    for part in (letter.text, letter.html):
        assert ANSWERS.name in part
        assert ANSWERS.organisation in part
        assert "Persoon 2" in part
        for secret in ("Persoon 3", CAS, ANSWERS.email, desk.application.identity.link_token(order_id)):
            assert secret not in part, "the link to the order is the buyer's alone"
    assert letter.calendars[0].content.startswith(b"BEGIN:VCALENDAR")


def test_only_tickets_have_a_calendar_file(desk: Desk, order_id: str) -> None:
    send_all(desk, order_id)
    assert [bool(letter.calendars) for _, letter in desk.sender.sent] == [False, True, True, True]


def test_it_is_sent_once_however_often_it_is_asked(desk: Desk, order_id: str) -> None:
    for _ in range(3):
        assert send(desk, f"ticket-{order_id}-2").delivery is Delivery.SENT
    assert len(desk.sender.sent) == 1


def test_a_corrected_address_counts(desk: Desk, order_id: str) -> None:
    desk.client.put_item(TableName=TABLE, Item=attendee_row(desk, 2) | {"email": {"S": "bea.bakker@elders.nl"}})
    send(desk, f"ticket-{order_id}-2")
    assert [letter.to for _, letter in desk.sender.sent] == ["bea.bakker@elders.nl"]


def test_an_attendee_who_was_erased_gets_nothing_and_the_others_do(
    desk: Desk, order_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    erase(desk, attendee_row(desk, 2))
    outcomes = send_all(desk, order_id)
    assert outcomes == {
        "confirmation-": Delivery.SENT,
        "ticket--1": Delivery.SENT,
        "ticket--2": Delivery.FAILED,
        "ticket--3": Delivery.SENT,
    }
    assert [letter.to for _, letter in desk.sender.sent] == [ANSWERS.email, ANSWERS.email, CAS]
    failed = send(desk, f"ticket-{order_id}-2")
    assert (failed.delivery, failed.reason, failed.due) == (Delivery.FAILED, "erased", None)
    assert failed.waived, "nobody has to see to it"
    assert BEA not in caplog.text


def test_after_its_buyer_was_erased_nothing_is_sent_any_more(desk: Desk, order_id: str) -> None:
    """A ticket would name him."""
    (buyer,) = desk.items("buyer")
    erase(desk, buyer)
    assert set(send_all(desk, order_id).values()) == {Delivery.FAILED}
    assert desk.sender.sent == []


def test_a_membership_has_no_tickets(desk: Desk) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.payments.put(order.session_id)
    desk.work()
    assert sorted(desk.sender.ids()) == [f"confirmation-{order.id}", f"welcome-{order.id}"]
