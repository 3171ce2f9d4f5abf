"""Cancel an order: its seats, its attendances and its membership go in one commit, and whoever came by it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.attendee import Attendance
from chalicelib.domain.calendar import local_date
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import NotAllowed, NotRefundable, OrderUnknown
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.refund_order import refund_order
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event
from tests.flows.line import before_writing, count_commits
from tests.flows.money import (
    OTHERS,
    THREE,
    emails,
    ledger,
    make,
    paid_event,
    paid_order,
    second_payment,
    settle,
    too_late,
)

KEY = "a-key-of-a-form"


def cancel(desk: Desk, order: Order, cents: int = 0, *, key: str = KEY) -> Order:
    return cancel_order(
        order.id, refund_cents=cents, key=key, by="tessa", store=desk.store, emails=desk.emails, now=desk.clock()
    )


def cancellations(desk: Desk, order: Order) -> list[str]:
    return [name for name in emails(desk, order) if name.startswith("cancellation")]


def free_order(desk: Desk) -> Order:
    desk.put_offer(sample_event(**FREE, event={"capacity": 4}))
    return desk.register(THREE, offer_id=EVENT).order


def test_everything_goes_in_one_commit(desk: Desk) -> None:
    order = paid_event(desk)
    desk.emails.take()
    commits = count_commits(desk)
    cancelled = cancel(desk, order, order.total_cents)
    # order, command, counter, three attendances, mails to the buyer and to two others, and twice who did it
    assert commits == [11]
    assert cancelled == desk.order(order.id)
    assert (cancelled.state, cancelled.seating, cancelled.due) == (State.CANCELLED, Seating.RELEASED, None)
    assert desk.seats(EVENT)[EVENT] == (0, 0)
    assert desk.items("attendance") == []
    [refund] = ledger(desk, order).refunds
    assert (refund.id, refund.amount_cents, refund.reason, refund.by) == (
        *(f"{KEY}-{order.payment_id}", order.total_cents),
        *(RefundReason.CANCELLED, "tessa"),
    )
    assert desk.emails.messages == [f"cancellation-{order.id}{number}" for number in ("", "-2", "-3")]
    desk.sweep()
    assert (desk.order(order.id).state, desk.order(order.id).kept_cents) == (State.CANCELLED, 0)


def test_the_seats_can_be_had_by_somebody_else(desk: Desk) -> None:
    order = paid_event(desk)
    cancel(desk, order)
    again = desk.register(THREE, key="a-key-of-later", offer_id=EVENT).order
    assert (again.state, desk.seats(EVENT)[EVENT]) == (State.PENDING, (3, 0))


def test_what_is_kept_of_the_money_is_for_the_secretariat_to_say(desk: Desk) -> None:
    order = paid_event(desk)
    cancel(desk, order, 10_000)
    desk.sweep()
    assert desk.order(order.id).kept_cents == order.total_cents - 10_000
    wires = {"store": desk.store, "emails": desk.emails, "now": desk.clock()}
    refund_order(order.id, amount_cents=5_000, key="later", by="tessa", **wires)  # type: ignore[arg-type]  # each its own
    desk.sweep()
    assert desk.order(order.id).kept_cents == order.total_cents - 15_000
    assert desk.order(order.id).state is State.CANCELLED


def test_too_much_is_refused_and_nothing_is_cancelled(desk: Desk) -> None:
    order = paid_event(desk)
    before = desk.items()
    with pytest.raises(NotRefundable):
        cancel(desk, order, order.total_cents + 1)
    assert desk.items() == before


# Whom it is told


def test_the_buyers_mail_tells_what_goes_back(desk: Desk) -> None:
    order = paid_event(desk)
    cancel(desk, order, 10_000)
    email = desk.store.unit_of_work().emails.get(f"cancellation-{order.id}")
    assert email is not None
    assert (email.attendee, email.refund_id) == (0, f"{KEY}-{order.payment_id}")
    assert cancellations(desk, order) == ["cancellation", "cancellation-2", "cancellation-3"]
    others = [desk.store.unit_of_work().emails.get(f"cancellation-{order.id}-{number}") for number in (2, 3)]
    assert [(each.attendee, each.refund_id) for each in others if each] == [(2, ""), (3, "")]
    assert f"refund-{KEY}-{order.payment_id}" not in emails(desk, order), "it is said once"


def test_without_money_back_the_mail_speaks_of_none(desk: Desk) -> None:
    order = paid_order(desk)
    cancel(desk, order)
    email = desk.store.unit_of_work().emails.get(f"cancellation-{order.id}")
    assert email is not None
    assert email.refund_id == ""
    assert cancellations(desk, order) == ["cancellation"]


def test_whoever_shares_the_buyers_address_gets_no_second_mail(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 4}))
    both = replace(attending(ANSWERS, "bea@elders.nl"), attending=False, attendees=())
    same = attending(replace(both, email="Bea@Elders.nl"), "bea@elders.nl", "cas@elders.nl")
    order = desk.open_checkout(desk.register(replace(same, attending=False), offer_id=EVENT).order).order
    desk.gateway.pay(order.session_id)
    cancel(desk, settle(desk, order.session_id))
    assert cancellations(desk, order) == ["cancellation", "cancellation-2"]


def test_each_further_refund_is_told_of_apart(desk: Desk) -> None:
    order = paid_order(desk)
    again = second_payment(desk, order)
    settle(desk, again.id)
    [second] = ledger(desk, order).refunds
    make(desk, second)
    desk.gateway.fail_refund(ledger(desk, order).refunds[0].service_id)
    settle(desk, again.id)
    cancel(desk, order, 100_000)
    email = desk.store.unit_of_work().emails.get(f"cancellation-{order.id}")
    assert email is not None
    told = {email.refund_id} | {name.removeprefix("refund-") for name in emails(desk, order) if KEY in name}
    assert told == {f"{KEY}-{order.payment_id}", f"{KEY}-{again.payment_id}"}


def test_what_was_not_yet_told_is_not_told_any_more(desk: Desk) -> None:
    order = paid_order(desk)
    cancel(desk, order, order.total_cents)
    desk.work()
    assert desk.sender.ids() == [f"cancellation-{order.id}"]
    unit = desk.store.unit_of_work()
    for name in ("confirmation", "welcome"):
        email = unit.emails.get(f"{name}-{order.id}")
        assert email is not None
        assert (email.delivery, email.reason) == (Delivery.FAILED, "cancelled")
    desk.clock.advance(days=1)
    desk.sweep()
    desk.work()
    assert len(desk.sender.ids()) == 1


# What else was his


def test_nobody_loses_the_seat_that_another_order_has_given_him(desk: Desk) -> None:
    order = paid_event(desk)
    [_, second, _] = desk.store.attendees(order.id)
    unit = desk.store.unit_of_work()
    unit.attendances.add(Attendance(id=second.attendance, order_id="another", number=1, free=False))
    unit.commit()
    cancel(desk, order)
    assert [item["order_id"]["S"] for item in desk.items("attendance")] == ["another"]


def test_a_seat_that_another_order_gives_him_at_that_moment_is_not_lost(desk: Desk) -> None:
    order = paid_event(desk)
    [_, second, _] = desk.store.attendees(order.id)

    def another() -> None:
        unit = desk.store.unit_of_work()
        unit.attendances.add(Attendance(id=second.attendance, order_id="another", number=1, free=False))
        unit.commit()

    before_writing(desk, another)
    assert cancel(desk, order).state is State.CANCELLED
    assert [item["order_id"]["S"] for item in desk.items("attendance")] == ["another"]
    assert desk.seats(EVENT)[EVENT] == (0, 0)


def test_the_seats_of_others_stay_theirs(desk: Desk) -> None:
    order = paid_event(desk)
    desk.put_offer(sample_event(event={"capacity": 6}))
    other = desk.open_checkout(desk.register(OTHERS, key="the-key-of-somebody-else", offer_id=EVENT).order).order
    desk.gateway.pay(other.session_id)
    settle(desk, other.session_id)
    cancel(desk, order)
    assert desk.seats(EVENT)[EVENT] == (0, 2)
    assert {item["order_id"]["S"] for item in desk.items("attendance")} == {other.id}


def test_a_membership_ends_before_today(desk: Desk) -> None:
    order = paid_order(desk)
    desk.clock.advance(days=40)
    cancel(desk, order)
    membership = desk.store.unit_of_work().memberships.get(order.id)
    assert membership is not None
    assert membership.ends_on == local_date(desk.clock()) - timedelta(days=1)
    [row] = desk.store.member_domains("voorbeeldstad.nl")
    assert row.ends_on == membership.ends_on


def test_a_membership_that_had_ended_is_not_lengthened(desk: Desk) -> None:
    order = paid_order(desk)
    desk.clock.advance(days=400)
    cancel(desk, order)
    membership = desk.store.unit_of_work().memberships.get(order.id)
    assert membership is not None
    assert membership.ends_on == date(2027, 11, 24)


def test_what_costs_nothing_can_be_cancelled_too(desk: Desk) -> None:
    order = free_order(desk)
    assert cancel(desk, order).state is State.CANCELLED
    assert (desk.seats(EVENT)[EVENT], desk.items("attendance")) == ((0, 0), [])
    assert desk.items("refund") == []


# Twice, and what may not be


def test_a_second_press_does_nothing(desk: Desk) -> None:
    order = paid_event(desk)
    cancelled = cancel(desk, order, 10_000)
    before = desk.items()
    assert cancel(desk, order, 10_000) == cancelled
    assert cancel(desk, order, 0, key="another-form") == cancelled
    with pytest.raises(NotAllowed):  # whoever decided that more goes back must hear that it does not
        cancel(desk, order, order.total_cents, key="another-form")
    assert desk.items() == before


def test_two_people_at_one_moment_cancel_it_once(desk: Desk) -> None:
    order = paid_event(desk)
    before_writing(desk, lambda: cancel(desk, order, 10_000, key="of-the-other"))
    with pytest.raises(NotAllowed):
        cancel(desk, order, order.total_cents)
    assert desk.order(order.id).state is State.CANCELLED
    assert desk.seats(EVENT)[EVENT] == (0, 0)
    assert [refund.amount_cents for refund in ledger(desk, order).refunds] == [10_000]
    assert cancellations(desk, order) == ["cancellation", "cancellation-2", "cancellation-3"]


def test_news_of_its_payment_does_not_confirm_it_again(desk: Desk) -> None:
    order = paid_event(desk)
    cancel(desk, order, order.total_cents)
    desk.sweep()
    for _ in range(2):
        assert settle(desk, order.session_id).state is State.CANCELLED
    assert desk.seats(EVENT)[EVENT] == (0, 0)
    assert desk.items("attendance") == []


def test_what_is_not_confirmed_cannot_be_cancelled(desk: Desk) -> None:
    late = settle(desk, too_late(desk).session_id)
    open_order = desk.register(replace(ANSWERS, email="x@x.nl"), key="a-key-of-an-open-order").order
    before = desk.items()
    for order in (late, open_order):
        with pytest.raises(NotAllowed) as caught:
            cancel(desk, order)
        assert (caught.value.action, caught.value.state) == ("cancel", order.state.value)
    with pytest.raises(OrderUnknown):
        cancel(desk, replace(late, id="another"))
    assert desk.items() == before
