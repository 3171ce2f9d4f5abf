"""Give back: a refund is looked up before it is made, made once, and tried again for as long as that makes sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.error import PaymentBusy, PaymentRefused, PaymentUnavailable, PaymentUnknown
from chalicelib.domain.order import Order
from chalicelib.domain.refund import MOST_ATTEMPTS, PAUSES, RefundNews, RefundRequest, RefundState
from chalicelib.domain.state import State
from chalicelib.flows.give_back import PASSING
from tests.desk import Desk
from tests.fakes.gateway import FakeGateway
from tests.flows.line import before_writing
from tests.flows.money import emails, ledger, make, refund_of, settle, too_late


@pytest.fixture
def order(desk: Desk) -> Order:
    """Money that came too late, and the command to give it back."""
    return settle(desk, too_late(desk).session_id)


class Watched(FakeGateway):
    """Notes what it is asked, and fails with what it is told to, before or after the refund was made."""

    def watch(self) -> None:
        self.asked: list[str] = []
        self.keys: list[tuple[str, int]] = []
        self.fails: list[tuple[str, Exception]] = []
        self.meanwhile: list[Callable[[], object]] = []
        self.falls_silent = False

    def fetch(self, session_id: str) -> CheckoutSession | None:
        self.asked.append("fetch")
        if self.falls_silent and "refund" in self.asked:
            self.falls_silent = False
            raise PaymentUnavailable("silent")
        return super().fetch(session_id)

    def refund(self, request: RefundRequest) -> RefundNews:
        self.asked.append("refund")
        self.keys.append((request.id, request.attempt))
        if self.meanwhile:
            self.meanwhile.pop()()
        when, error = self.fails.pop(0) if self.fails else ("", None)
        if error and when == "before":
            raise error
        news = super().refund(request)
        if error:
            raise error
        return news


@pytest.fixture
def gateway(desk: Desk, order: Order) -> Watched:
    """The same service, with somebody looking."""
    known = desk.gateway
    watched = Watched(clock=desk.clock, stored=known.stored, requests=known.requests, transactions=known.transactions)
    watched.watch()
    desk.gateway = desk.application.gateway = watched
    return watched


def made(gateway: FakeGateway, order: Order) -> list[int]:
    return [each.amount_cents for each in gateway.stored[order.session_id].session.refunds]


def test_it_is_looked_up_made_and_looked_at(desk: Desk, order: Order, gateway: Watched) -> None:
    make(desk, refund_of(desk, order))
    assert gateway.asked == ["fetch", "refund", "fetch"]
    refund = refund_of(desk, order)
    assert (refund.state, refund.service_id, refund.due) == (RefundState.PENDING, "re_1", None)
    current = desk.order(order.id)
    assert (current.state, current.refunded_cents, current.kept_cents) == (State.REFUND_DUE, order.total_cents, 0)
    assert [entry.amount_cents for entry in ledger(desk, order).entries] == [order.total_cents, -order.total_cents]
    gateway.settle_refund("re_1")
    settle(desk, order.session_id)
    assert refund_of(desk, order).state is RefundState.SUCCEEDED


def test_it_is_made_once_however_often_it_is_tried(desk: Desk, order: Order, gateway: Watched) -> None:
    refund = refund_of(desk, order)
    for _ in range(3):
        make(desk, refund)
        desk.clock.advance(hours=1)
        desk.sweep()
    assert made(gateway, order) == [order.total_cents]
    assert gateway.asked == ["fetch", "refund", "fetch"], "what is done is not even looked up"


def test_it_is_not_tried_before_it_is_due(desk: Desk, order: Order, gateway: Watched) -> None:
    gateway.fails.append(("before", PaymentUnavailable("silent")))
    make(desk, refund_of(desk, order))
    desk.clock.advance(seconds=PAUSES[0].total_seconds() - 1)
    make(desk, refund_of(desk, order))
    desk.sweep()
    assert (gateway.asked.count("refund"), made(gateway, order)) == (1, [])
    desk.clock.advance(seconds=1)
    desk.sweep()
    assert made(gateway, order) == [order.total_cents]


def test_what_nobody_knows_is_no_trouble(desk: Desk, order: Order, gateway: Watched) -> None:
    make(desk, replace(refund_of(desk, order), id="late-pi_of_another"))
    make(desk, replace(refund_of(desk, order), order_id="another"))
    assert gateway.asked == []


# Answers that do not come


@pytest.mark.parametrize("when", ["before", "after"])
def test_after_no_answer_the_same_key_is_used_again(desk: Desk, order: Order, gateway: Watched, when: str) -> None:
    gateway.fails.append((when, PaymentUnavailable("time-out")))
    make(desk, refund_of(desk, order))
    refund = refund_of(desk, order)
    assert (refund.state, refund.attempt, refund.tries) == (RefundState.REQUESTED, 1, 1)
    assert (refund.due, refund.trouble) == (desk.clock() + PAUSES[0], "PaymentUnavailable")
    assert ledger(desk, order).refundable(order.payment_id) == 0, "its amount stays reserved"
    desk.clock.advance(minutes=4)
    desk.sweep()
    assert made(gateway, order) == [order.total_cents]
    assert set(gateway.keys) == {(refund.id, 1)}
    assert len(gateway.keys) == (2 if when == "before" else 1), "it is found before it is asked for again"


@pytest.mark.parametrize("when", ["before", "after"])
def test_after_a_broken_answer_it_is_looked_up_and_then_asked_for_under_another_key(
    desk: Desk, order: Order, gateway: Watched, when: str
) -> None:
    gateway.fails.append((when, PaymentUnknown("status 500")))
    make(desk, refund_of(desk, order))
    refund = refund_of(desk, order)
    assert (refund.state, refund.attempt, refund.tries) == (RefundState.REQUESTED, 2, 1)
    desk.clock.advance(minutes=4)
    desk.sweep()
    assert made(gateway, order) == [order.total_cents]
    assert gateway.keys == ([(refund.id, 1), (refund.id, 2)] if when == "before" else [(refund.id, 1)])
    assert refund_of(desk, order).service_id == "re_1"


def test_one_that_was_made_though_nobody_said_so_is_taken_over(desk: Desk, order: Order, gateway: Watched) -> None:
    refund = refund_of(desk, order)
    FakeGateway.refund(
        gateway,
        RefundRequest(
            id=refund.id,
            order_id=order.id,
            payment_id=refund.payment_id,
            amount_cents=refund.amount_cents,
            attempt=1,
        ),
    )
    make(desk, refund)
    assert gateway.asked == ["fetch"]
    assert refund_of(desk, order).service_id == "re_1"
    assert desk.order(order.id).kept_cents == 0


def test_a_refund_whose_answer_came_but_not_what_became_of_it_is_found_next_time(
    desk: Desk, order: Order, gateway: Watched
) -> None:
    gateway.falls_silent = True
    make(desk, refund_of(desk, order))
    assert made(gateway, order) == [order.total_cents]
    desk.clock.advance(minutes=4)
    make(desk, refund_of(desk, order))
    assert gateway.asked.count("refund") == 1
    assert desk.order(order.id).kept_cents == 0


def test_while_the_service_is_silent_it_waits_and_nothing_is_lost(desk: Desk, order: Order, gateway: Watched) -> None:
    gateway.silent(2)
    for minutes in (0, 4):
        desk.clock.advance(minutes=minutes)
        desk.sweep()
    assert refund_of(desk, order).tries == 2
    desk.clock.advance(minutes=11)
    desk.sweep()
    assert made(gateway, order) == [order.total_cents]


def test_a_busy_service_is_left_alone_and_that_is_no_try(desk: Desk, order: Order, gateway: Watched) -> None:
    gateway.fails.append(("before", PaymentBusy("429")))
    before = desk.items()
    with pytest.raises(PaymentBusy):
        make(desk, refund_of(desk, order))
    assert desk.items() == before
    desk.sweep()
    assert made(gateway, order) == [order.total_cents]


# Refusals


@pytest.mark.parametrize("code", sorted(PASSING))
def test_an_empty_balance_passes(desk: Desk, order: Order, gateway: Watched, code: str) -> None:
    """The refusal is kept under its key: asked under the same one the service would refuse for ever."""
    gateway.fails.append(("before", PaymentRefused(code)))
    make(desk, refund_of(desk, order))
    refund = refund_of(desk, order)
    assert (refund.state, refund.trouble, refund.tries) == (RefundState.REQUESTED, code, 1)
    assert ledger(desk, order).refundable(order.payment_id) == 0
    desk.clock.advance(minutes=4)
    desk.sweep()
    assert gateway.keys == [(refund.id, 1), (refund.id, 2)]
    assert made(gateway, order) == [order.total_cents]


def test_a_balance_that_stays_empty_is_given_up_and_a_person_is_called(
    desk: Desk, order: Order, gateway: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.fails = [("before", PaymentRefused("balance_insufficient")) for _ in range(MOST_ATTEMPTS)]
    for _ in range(MOST_ATTEMPTS + 5):
        desk.clock.advance(hours=7)
        desk.sweep()
    refund = refund_of(desk, order)
    assert (refund.state, refund.due, len(gateway.keys)) == (RefundState.FAILED, None, MOST_ATTEMPTS)
    assert caplog.text.count("refund_failed order_id") == 1


@pytest.mark.parametrize("code", ["charge_disputed", "charge_already_refunded", "resource_missing"])
def test_any_other_refusal_is_for_good_and_frees_the_amount(
    desk: Desk, order: Order, gateway: Watched, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    gateway.fails.append(("before", PaymentRefused(code)))
    make(desk, refund_of(desk, order))
    refund = refund_of(desk, order)
    assert (refund.state, refund.trouble, refund.due) == (RefundState.FAILED, code, None)
    assert ledger(desk, order).refundable(order.payment_id) == order.total_cents
    assert desk.order(order.id).state is State.REFUND_DUE
    assert caplog.text.count("refund_failed order_id") == 1
    desk.clock.advance(days=1)
    desk.sweep()
    assert len(gateway.keys) == 1


def test_what_is_refunded_by_hand_between_looking_and_asking_goes_back_once(
    desk: Desk, order: Order, gateway: Watched
) -> None:
    gateway.meanwhile.append(lambda: gateway.refund_elsewhere(order.session_id, order.total_cents))
    make(desk, refund_of(desk, order))
    assert made(gateway, order) == [order.total_cents]
    assert refund_of(desk, order).trouble == "charge_already_refunded"
    settled = settle(desk, order.session_id)
    assert (settled.refunded_cents, settled.kept_cents) == (order.total_cents, 0)


# Two at once


def test_two_workers_at_one_moment_make_it_once(desk: Desk, order: Order, gateway: Watched) -> None:
    refund = refund_of(desk, order)
    gateway.meanwhile.append(lambda: make(desk, refund))
    make(desk, refund)
    assert gateway.keys == [(refund.id, 1)] * 2
    assert made(gateway, order) == [order.total_cents]
    assert (refund_of(desk, order).state, len(ledger(desk, order).entries)) == (RefundState.PENDING, 2)
    assert emails(desk, order) == [f"refund-{refund.id}"]


def test_a_try_that_came_to_nothing_does_not_undo_one_that_did(desk: Desk, order: Order, gateway: Watched) -> None:
    """The slower worker hears nothing, and writes that down after the faster one had his answer."""
    refund = refund_of(desk, order)
    gateway.fails.append(("before", PaymentUnavailable("time-out")))
    before_writing(desk, lambda: make(desk, refund))
    make(desk, refund)
    assert made(gateway, order) == [order.total_cents]
    current = refund_of(desk, order)
    assert (current.state, current.due, current.tries) == (RefundState.PENDING, None, 0)


def test_of_two_tries_that_came_to_nothing_the_first_one_is_written_down(
    desk: Desk, order: Order, gateway: Watched
) -> None:
    """Else the number of the next key, which the first one raised, would be lost."""
    refund = refund_of(desk, order)
    gateway.fails += [("before", PaymentUnavailable("time-out")), ("before", PaymentUnknown("status 500"))]
    before_writing(desk, lambda: make(desk, refund))
    make(desk, refund)
    current = refund_of(desk, order)
    assert (current.attempt, current.tries) == (2, 1)
    assert current.due == desk.clock() + timedelta(minutes=3)
