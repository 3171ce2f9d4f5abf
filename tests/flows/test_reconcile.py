"""Reconcile: what a webhook did not bring is applied; what does not agree is named, once, until it agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.domain.checkout import Outcome
from chalicelib.domain.day import sum_days
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.error import PaymentBusy, PaymentUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.reconciliation import PHASES, Phase, Round, Window
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from chalicelib.flows.read_money import read_entries, read_payouts
from chalicelib.flows.refund_order import refund_order
from chalicelib.rendering.difference_words import WORDS, difference_words
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event
from tests.flows.fair import fair, found, paid_order
from tests.flows.planted import PLANTED, Planted, put

__all__ = ["fair"]


def test_when_everything_agrees_nothing_is_found_or_changed(fair: Desk) -> None:
    fair.reconcile()
    before = fair.items()
    current = fair.reconcile()
    assert (found(fair), current.repaired) == ([], 0)
    # all it writes is how far it got
    assert [item for item in fair.items() if item["record"]["S"] != "round"] == [
        item for item in before if item["record"]["S"] != "round"
    ]
    assert current.looked_at["orders"] == current.looked_at["sessions"] == current.looked_at["seats"] == 3
    assert current.phase is None
    assert current.finished_at is not None


@pytest.mark.parametrize("planted", PLANTED, ids=str)
def test_what_is_planted_is_reported_and_nothing_else(fair: Desk, planted: Planted) -> None:
    order = paid_order(fair, 4)
    fair.clock.advance(minutes=90)
    planted.plant(fair, order)
    fair.clock.advance(minutes=5)
    fair.reconcile()
    kinds = {difference.kind for difference in fair.store.differences()}
    assert planted.found in kinds
    subjects = {difference.subject for difference in fair.store.differences()}
    # what belongs to the other orders is left alone
    others = [item["id"]["S"] for item in fair.items("order") if item["id"]["S"] != order.id]
    assert not {subject for subject in subjects if any(subject.startswith(other) for other in others)}
    for difference in fair.store.differences():
        for language in Language:
            words = difference_words(difference, texts=fair.application.renderer.texts(language), language=language)
            assert "{" not in words
            assert len(words) > 20


def free_order(desk: Desk) -> Order:
    desk.put_offer(sample_event(**FREE, event={"capacity": 4}))
    order = desk.register(attending(ANSWERS), offer_id=EVENT).order
    desk.work()
    return order


def test_seats_that_do_not_fit_the_state(desk: Desk) -> None:
    order = free_order(desk)
    put(desk, records.ORDER, replace(order, seating=Seating.HELD))
    desk.clock.advance(minutes=5)
    desk.reconcile()
    assert {kind for _, kind in found(desk)} == {DifferenceKind.SEATING, DifferenceKind.SEATS}


def test_more_seats_taken_than_there_are(desk: Desk) -> None:
    free_order(desk)
    offer = desk.offer(EVENT)
    assert offer.event is not None
    desk.put_offer(replace(offer, event=replace(offer.event, capacity=0)))
    desk.clock.advance(minutes=5)
    desk.reconcile()
    assert found(desk) == [(EVENT, DifferenceKind.OVERSOLD)]


def test_money_for_an_order_that_cannot_take_it(desk: Desk) -> None:
    """What cannot be: it is not booked, not confirmed, and not kept quiet."""
    desk.put_offer(sample_event(event={"capacity": 4}))
    order = paid_order(desk, told=False)
    put(desk, records.ORDER, replace(order, state=State.CONFIRMED, seating=Seating.SOLD, due=None))
    desk.clock.advance(minutes=5)
    desk.reconcile(Window.HOUR)
    assert (order.code, DifferenceKind.PAYMENT_NOT_BOOKED) in found(desk)


def test_a_payment_that_takes_longer_than_any_bank(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 4}))
    order = desk.open_checkout(desk.register(attending(ANSWERS), offer_id=EVENT).order).order
    desk.gateway.pay_later(order.session_id)
    for days in (1, 15):
        desk.clock.advance(minutes=60 * 24 * days)
        desk.reconcile()
        stuck = [(order.code, DifferenceKind.ORDER_STUCK)]
        assert found(desk) == (stuck if days > 1 else [])


def test_at_least_twelve_kinds_are_planted() -> None:
    assert len({planted.found for planted in PLANTED}) >= 12


def test_every_kind_has_its_words() -> None:
    assert set(WORDS) == set(DifferenceKind)


def test_a_difference_that_is_put_right_is_gone(fair: Desk) -> None:
    order = paid_order(fair, 4)
    fair.clock.advance(minutes=90)
    stored = fair.gateway.stored.pop(order.session_id)
    fair.reconcile()
    assert found(fair) == [(order.code, DifferenceKind.PAID_WITHOUT_PAYMENT)]
    [first] = fair.store.differences()
    fair.clock.advance(minutes=90)
    fair.reconcile()
    assert [each.found_at for each in fair.store.differences()] == [first.found_at]
    fair.gateway.stored[order.session_id] = stored
    fair.reconcile()
    assert found(fair) == []


def test_what_no_webhook_brought_is_applied(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 10}))
    order = paid_order(desk, told=False)
    desk.clock.advance(minutes=5)
    assert desk.reconcile(Window.HOUR).repaired == 1
    assert desk.order(order.id).state is State.PAID
    assert len(desk.emails.messages) == 3
    assert found(desk) == []


def test_money_that_came_and_went_elsewhere_is_booked(fair: Desk) -> None:
    order = paid_order(fair, 4)
    fair.gateway.refund_elsewhere(order.session_id, 1_000)
    disputed = paid_order(fair, 5)
    dispute = fair.gateway.dispute(disputed.session_id)
    fair.clock.advance(minutes=5)
    fair.reconcile(Window.HOUR)
    assert fair.order(order.id).refunded_cents == 1_000
    assert fair.order(disputed.id).disputed_cents == disputed.total_cents
    assert found(fair) == [(disputed.code, DifferenceKind.DISPUTE_OPEN)]
    fair.gateway.close_dispute(dispute.id, won=True)
    fair.reconcile(Window.HOUR)
    assert fair.order(disputed.id).kept_cents == disputed.total_cents
    assert found(fair) == []


def test_a_refund_long_after_its_order_is_found_by_its_own_moment(fair: Desk) -> None:
    order = paid_order(fair, 4)
    fair.clock.advance(minutes=60 * 24 * 30)
    fair.gateway.refund_elsewhere(order.session_id, 1_000)
    fair.clock.advance(minutes=5)
    fair.reconcile(Window.HOUR)
    assert fair.order(order.id).refunded_cents == 1_000


def test_a_session_that_nobody_may_pay_is_closed(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 10}))
    order = desk.register(attending(ANSWERS), offer_id=EVENT).order
    order = desk.open_checkout(order).order
    gone = replace(order, session_id="", state=State.EXPIRED, due=None)
    from chalicelib.adapters.dynamodb import records

    put(desk, records.ORDER, gone)
    desk.clock.advance(minutes=5)
    desk.reconcile(Window.HOUR)
    assert [each.session.outcome for each in desk.gateway.stored.values()] == [Outcome.EXPIRED]


def test_an_open_order_is_left_alone(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 10}))
    order = desk.open_checkout(desk.register(attending(ANSWERS), offer_id=EVENT).order).order
    desk.clock.advance(minutes=5)
    assert desk.reconcile().repaired == 0
    assert desk.order(order.id) == order
    assert found(desk) == []


def one_page() -> Callable[[Round], bool]:
    left = [True]
    return lambda _: bool(left) and left.pop()


def test_it_goes_on_where_it_stopped(fair: Desk) -> None:
    """Page by page, each in a process of its own, it finds the same and comes to the same end."""
    fair.books.page = 2
    order = paid_order(fair, 4)
    fair.clock.advance(minutes=90)
    del fair.gateway.stored[order.session_id]
    phases: list[Phase | None] = []
    for run in range(60):
        current = fair.application.reconciliation().reconcile(Window.TWO_DAYS, goes_on=one_page(), anew=run == 0)
        assert current is not None
        phases.append(current.phase)
        if current.phase is None:
            break
    assert phases[-1] is None
    assert len(phases) > len(PHASES[Window.TWO_DAYS])
    assert found(fair) == [(order.code, DifferenceKind.PAID_WITHOUT_PAYMENT)]


@pytest.mark.parametrize("error", [PaymentUnavailable("silent"), PaymentBusy("busy")], ids=["silent", "busy"])
def test_while_stripe_does_not_answer_it_waits_and_goes_on_later(fair: Desk, error: PaymentUnavailable) -> None:
    fair.books.failures = [error]
    with pytest.raises(type(error)):
        fair.reconcile()
    current = fair.application.reconciliation().reconcile(Window.ALL, goes_on=lambda _: True)
    assert current is not None
    assert current.phase is None


def test_a_round_begins_only_when_it_is_time(fair: Desk) -> None:
    reconciliation = fair.application.reconciliation()
    assert reconciliation.reconcile(Window.HOUR, goes_on=lambda _: True) is not None
    assert reconciliation.reconcile(Window.HOUR, goes_on=lambda _: True) is None
    fair.clock.advance(minutes=59)
    assert reconciliation.reconcile(Window.HOUR, goes_on=lambda _: True) is None
    fair.clock.advance(minutes=1)
    assert reconciliation.reconcile(Window.HOUR, goes_on=lambda _: True) is not None


def test_the_hours_leave_no_gap(fair: Desk) -> None:
    """Whenever a round of an hour begins, it reaches back beyond the end of the one before."""
    reconciliation = fair.application.reconciliation()
    before = reconciliation.reconcile(Window.HOUR, goes_on=lambda _: True)
    assert before is not None
    fair.clock.advance(minutes=100)
    after = reconciliation.reconcile(Window.HOUR, goes_on=lambda _: True)
    assert after is not None
    assert after.since < before.until


def test_fees_days_and_payouts_follow_from_the_money_rows(fair: Desk) -> None:
    order = paid_order(fair, 4)
    refund_order(
        order.id,
        amount_cents=1_000,
        key="a-form",
        by="penningmeester",
        store=fair.store,
        emails=fair.emails,
        now=fair.clock(),
    )
    fair.sweep()
    fair.books.move(-250)
    paid_out = fair.books.pay_out()
    fair.clock.advance(minutes=5)
    fair.reconcile()
    since, until = fair.clock() - timedelta(days=30), fair.clock() + timedelta(days=1)
    entries = list(read_entries(since=since, until=until, store=fair.store))
    assert len(entries) == 5
    assert all(entry.fee_cents is not None and entry.payout_id == paid_out.id for entry in entries)
    [payout] = read_payouts(since=since, until=until, store=fair.store)
    assert payout.sum_cents == payout.amount_cents == paid_out.amount_cents
    assert (payout.refunds_cents, payout.others_cents, payout.fees_cents) == (-1_000, -250, 4 * 29)
    days = sum_days(entries)
    assert sum(day.net_cents for day in days) == paid_out.amount_cents + 250
    assert all(day.unknown_fees == 0 for day in days)
    assert found(fair) == []
