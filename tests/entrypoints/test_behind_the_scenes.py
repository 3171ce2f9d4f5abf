"""What workers and schedules do through their own doors, where it happens to few."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.domain.difference import Difference, DifferenceKind
from chalicelib.domain.email import Delivery
from chalicelib.domain.order import Order
from chalicelib.domain.seat import Seating
from chalicelib.domain.segment import Segment, SegmentKind
from chalicelib.domain.state import State
from chalicelib.domain.suppression import suppression_id
from chalicelib.entrypoints import schedules, workers
from tests.desk import ANSWERS, TABLE, Desk
from tests.entrypoints.beheer.orders import paid, paid_event, paid_member
from tests.events import EVENT, groups, sample_event
from tests.flows.newsletter import Newsroom
from tests.flows.test_settle_seats import HELD, THREE, let_go, others_come, settle

ADDRESS = ANSWERS.email


@pytest.fixture
def order(desk: Desk) -> Order:
    return paid(desk, desk.register(ANSWERS).order)


def hear(
    desk: Desk, email_id: str, event: str, *, address: str = ADDRESS, bounce: tuple[str, str] | None = None
) -> None:
    """The worker is handed an event as SES tells it."""
    told = {
        "eventType": event,
        "mail": {"messageId": "m-1", "destination": [address], "tags": {"email": [email_id]}},
    } | ({"bounce": {"bounceType": bounce[0], "bounceSubType": bounce[1]}} if bounce else {})
    with desk.running():
        answer = workers.deliveries([{"messageId": "1", "body": json.dumps(told)}])
    assert answer == {"batchItemFailures": []}


def suppressed(desk: Desk, address: str = ADDRESS) -> bool:
    key = suppression_id(address, identity=desk.application.identity)
    return desk.store.unit_of_work().suppressions.get(key) is not None


def wrongly_reported(desk: Desk, order: Order) -> None:
    """A difference that is put right by now."""
    unit = desk.store.unit_of_work()
    unit.differences.keep(
        Difference(
            kind=DifferenceKind.EMAIL_MISSING, subject=order.id, code=order.code, facts={}, found_at=desk.clock()
        )
    )
    unit.commit()


def kinds(desk: Desk) -> set[DifferenceKind]:
    return {each.kind for each in desk.store.differences()}


def test_a_mailbox_that_is_not_there_is_reported_and_mailed_no_more(desk: Desk, order: Order) -> None:
    wrongly_reported(desk, order)
    hear(desk, f"confirmation-{order.id}", "Bounce", bounce=("Permanent", "NoEmail"))
    assert kinds(desk) == {DifferenceKind.EMAIL_FAILED}, "and what was put right is off the list"
    assert suppressed(desk)
    again = paid(desk, desk.register(ANSWERS, key="another-form-of-the-same-person").order)
    email = desk.store.unit_of_work().emails.get(f"confirmation-{again.id}")
    assert email is not None
    assert (email.delivery, email.reason) == (Delivery.FAILED, "suppressed")


@pytest.mark.parametrize("bounce", [("Transient", "MailboxFull"), ("Transient", "General"), ("Undetermined", "")])
def test_a_mailbox_that_may_work_tomorrow_is_mailed_tomorrow(desk: Desk, order: Order, bounce: tuple[str, str]) -> None:
    hear(desk, f"confirmation-{order.id}", "Bounce", bounce=bounce)
    assert not suppressed(desk)


def test_whoever_complains_is_mailed_no_more_and_however_his_address_is_written(desk: Desk, order: Order) -> None:
    hear(desk, f"confirmation-{order.id}", "Delivery")
    hear(desk, f"confirmation-{order.id}", "Complaint", address=ADDRESS.upper())
    assert suppressed(desk)


def test_news_that_names_nobody_suppresses_nobody(desk: Desk, order: Order) -> None:
    hear(desk, f"confirmation-{order.id}", "Bounce", address="", bounce=("Permanent", "General"))
    assert desk.items("suppression") == []
    assert kinds(desk) == {DifferenceKind.EMAIL_FAILED}


def test_a_mail_that_comes_where_none_came_before_ends_the_suppression(desk: Desk, order: Order) -> None:
    hear(desk, f"confirmation-{order.id}", "Bounce", bounce=("Permanent", "NoEmail"))
    unit = desk.store.unit_of_work()
    email = unit.emails.get(f"confirmation-{order.id}")
    assert email is not None
    again = email.sent_again(key="pressed-once", now=desk.clock())
    unit.emails.add(again)
    unit.commit()
    before = len(desk.sender.sent)
    desk.send(again.id)
    assert len(desk.sender.sent) == before + 1, "what is sent again all the same is tried"
    hear(desk, again.id, "Delivery")
    assert not suppressed(desk)


def test_a_complaint_is_not_undone_by_a_mail_that_comes(desk: Desk, order: Order) -> None:
    hear(desk, f"confirmation-{order.id}", "Complaint")
    unit = desk.store.unit_of_work()
    email = unit.emails.get(f"confirmation-{order.id}")
    assert email is not None
    again = email.sent_again(key="pressed-once", now=desk.clock())
    unit.emails.add(again)
    unit.commit()
    desk.send(again.id)
    hear(desk, again.id, "Delivery")
    assert suppressed(desk)


def test_the_schedule_takes_off_the_list_what_was_put_right(desk: Desk, order: Order) -> None:
    wrongly_reported(desk, order)
    desk.clock.advance(minutes=15)
    with desk.running():
        schedules.reconcile()
    assert kinds(desk) == set()


def test_the_sweep_takes_seats_again_for_a_payment_that_was_on_its_way_without_them(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 4} | groups(noord=4, zuid=4)))
    order = desk.open_checkout(desk.register(THREE, offer_id=EVENT).order).order
    let_go(desk, order)
    other = others_come(desk, pay=False)
    desk.gateway.pay_later(order.session_id)
    assert settle(desk, order).seating is Seating.RELEASED
    let_go(desk, other)
    desk.clock.advance(hours=7)
    desk.sweep()
    after = desk.order(order.id)
    assert (after.state, after.seating) == (State.PROCESSING, Seating.HELD)
    assert desk.seats(EVENT) == HELD
    assert after.due == desk.clock() + timedelta(hours=6)


@pytest.mark.parametrize(
    "segment", [Segment(kind=SegmentKind.MEMBERS), Segment(kind=SegmentKind.ATTENDEES, offer_id=EVENT)]
)
def test_an_issue_goes_when_its_time_has_come_and_news_of_it_is_heard(desk: Desk, segment: Segment) -> None:
    {SegmentKind.MEMBERS: paid_member, SegmentKind.ATTENDEES: paid_event}[segment.kind](desk)
    room = Newsroom(desk)
    room.subscribe((ADDRESS, "somebody@elsewhere.example"))
    room.issue(segment=segment)
    before = len(desk.sender.sent)
    with desk.running():
        schedules.newsletter()
        schedules.newsletter()
    [(copy_id, letter)] = desk.sender.sent[before:]
    assert letter.to == ADDRESS
    hear(desk, copy_id, "Delivery")
    hear(desk, copy_id, "Complaint")
    assert [copy.delivery for copy in room.copies()] == [Delivery.COMPLAINED]
    assert suppressed(desk)
    room.issue(segment=segment, issue_id="thenextissue")
    with desk.running():
        schedules.newsletter()
    assert len(desk.sender.sent) == before + 1, "whoever complained gets no other"


def test_an_issue_that_cannot_be_sent_stops_no_other(desk: Desk) -> None:
    room = Newsroom(desk)
    room.subscribe((ADDRESS,))
    broken = room.issue(issue_id="anissuewithouttext")
    key = {"pk": {"S": f"ISSUE#{broken.id}"}, "sk": {"S": "TEXT"}}
    desk.client.delete_item(TableName=TABLE, Key=key)
    room.issue()
    with desk.running():
        schedules.newsletter()
        desk.clock.advance(minutes=3)
        schedules.newsletter()
    assert [letter.to for _, letter in desk.sender.sent] == [ADDRESS]
