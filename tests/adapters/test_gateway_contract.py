"""The contract of the payment gateway, for the fake and for the real adapter with the Stripe stand-in behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.checkout import CheckoutLine, Outcome
from chalicelib.domain.error import PaymentRefused, PaymentUnknown, SessionNotOpen
from tests.adapters.till import (
    TOTAL_CENTS,
    Till,
    fetched,
    long_ago,
    paid,
    request,
)

# Opening


def test_an_opened_session_is_open_and_says_what_it_is_for(till: Till) -> None:
    session = till.gateway.open_session(request(till.clock))
    assert (session.outcome, session.order_id, session.attempt) == (Outcome.OPEN, "order-1", 1)
    assert (session.amount_cents, session.currency) == (TOTAL_CENTS, "EUR")
    assert session.url.startswith("http")
    assert (session.payment_id, session.method, session.charged_at) == ("", "", None)


def test_the_same_request_leads_to_the_same_session(till: Till) -> None:
    asked = request(till.clock)
    first = till.gateway.open_session(asked)
    till.clock.advance(minutes=20)
    assert till.gateway.open_session(asked) == first
    assert till.gateway.sessions_of("order-1", since=long_ago(till.clock)) == [first]


def test_another_attempt_and_another_order_are_other_sessions(till: Till) -> None:
    asked = request(till.clock)
    sessions = [
        till.gateway.open_session(each)
        for each in (asked, replace(asked, attempt=2), replace(asked, order_id="order-2"))
    ]
    assert len({session.id for session in sessions}) == 3
    assert [(session.order_id, session.attempt) for session in sessions] == [
        ("order-1", 1),
        ("order-1", 2),
        ("order-2", 1),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "other@example.nl"},
        {"language": "en"},
        {"code": "L26-BBBB"},
        {"success_url": "https://aanmelden.example.nl/elsewhere"},
        {"lines": (CheckoutLine(name="Lidmaatschap", description="Goedkoop.", quantity=1, unit_cents=100),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_other_bytes_for_the_same_attempt_leave_the_first_session_as_it_is(
    till: Till, changes: dict[str, object]
) -> None:
    first = till.gateway.open_session(request(till.clock))
    with pytest.raises(PaymentUnknown):
        till.gateway.open_session(request(till.clock, **changes))
    assert till.gateway.sessions_of("order-1", since=long_ago(till.clock)) == [first]


def test_a_moment_that_moved_on_is_other_bytes_too(till: Till) -> None:
    till.gateway.open_session(request(till.clock))
    till.clock.advance(seconds=1)
    with pytest.raises(PaymentUnknown):
        till.gateway.open_session(request(till.clock))


def test_what_would_end_too_soon_is_refused_and_not_opened(till: Till) -> None:
    too_soon = request(till.clock, expires_at=till.clock() + timedelta(minutes=29, seconds=59))
    with pytest.raises(PaymentRefused):
        till.gateway.open_session(too_soon)
    assert till.gateway.sessions_of("order-1", since=long_ago(till.clock)) == []
    just = replace(too_soon, expires_at=till.clock() + timedelta(minutes=30))
    assert till.gateway.open_session(just).outcome is Outcome.OPEN


def test_a_repeat_close_to_the_end_still_finds_what_was_opened(till: Till) -> None:
    asked = request(till.clock)
    first = till.gateway.open_session(asked)
    till.clock.advance(minutes=34)
    assert till.gateway.open_session(asked) == first


@pytest.mark.parametrize("outcome", [Outcome.PAID, Outcome.PROCESSING, Outcome.EXPIRED])
def test_a_repeat_tells_what_became_of_the_session_since(till: Till, outcome: Outcome) -> None:
    asked = request(till.clock)
    first = till.gateway.open_session(asked)
    _lead_to(till, outcome)(first.id)
    repeated = till.gateway.open_session(asked)
    assert (repeated.id, repeated.outcome) == (first.id, outcome)
    assert repeated == fetched(till, first)


# Fetching


def _lead_to(till: Till, outcome: Outcome) -> Callable[[str], object]:
    def fail(session_id: str) -> None:
        till.pay_later(session_id)
        till.fail_later(session_id)

    ways: dict[Outcome, Callable[[str], object]] = {
        Outcome.OPEN: lambda _: None,
        Outcome.PAID: till.pay,
        Outcome.PROCESSING: till.pay_later,
        Outcome.FAILED: fail,
        Outcome.EXPIRED: lambda _: till.clock.advance(minutes=35),
    }
    return ways[outcome]


@pytest.mark.parametrize("outcome", Outcome)
def test_a_session_is_fetched_as_it_is_now(till: Till, outcome: Outcome) -> None:
    opened = till.gateway.open_session(request(till.clock, attempt=3))
    _lead_to(till, outcome)(opened.id)
    session = fetched(till, opened)
    assert (session.id, session.outcome) == (opened.id, outcome)
    assert (session.order_id, session.attempt) == ("order-1", 3)
    assert (session.amount_cents, session.currency) == (TOTAL_CENTS, "EUR")
    assert bool(session.url) is (outcome is Outcome.OPEN)
    assert bool(session.payment_id) is (outcome in (Outcome.PAID, Outcome.PROCESSING, Outcome.FAILED))
    if outcome is Outcome.PAID:
        assert session.method == "ideal"
    assert till.gateway.sessions_of("order-1", since=long_ago(till.clock)) == [session]


def test_a_delayed_payment_that_arrives_is_the_same_payment(till: Till) -> None:
    opened = till.gateway.open_session(request(till.clock))
    chosen_at = till.clock.advance(minutes=10)
    till.pay_later(opened.id)
    processing = fetched(till, opened)
    till.clock.advance(days=3)
    till.pay(opened.id)
    paid = fetched(till, opened)
    assert (paid.outcome, paid.payment_id) == (Outcome.PAID, processing.payment_id)
    assert processing.charged_at == paid.charged_at == chosen_at


def test_a_payment_knows_when_it_was_made_however_late_it_is_heard_of(till: Till) -> None:
    opened = till.gateway.open_session(request(till.clock))
    paid_at = till.clock.advance(minutes=10)
    till.pay(opened.id)
    till.clock.advance(days=2)
    assert fetched(till, opened).charged_at == paid_at


def test_two_sessions_are_two_payments(till: Till) -> None:
    sessions = [till.gateway.open_session(request(till.clock, attempt=attempt)) for attempt in (1, 2)]
    for session in sessions:
        till.pay(session.id)
    assert len({fetched(till, session).payment_id for session in sessions}) == 2


def test_a_session_that_is_not_there_is_none(till: Till) -> None:
    assert till.gateway.fetch("cs_test_nobody") is None


# Closing


def test_a_closed_session_is_expired_and_cannot_be_paid(till: Till) -> None:
    opened = till.gateway.open_session(request(till.clock))
    closed = till.gateway.close(opened.id)
    assert (closed.id, closed.outcome, closed.url) == (opened.id, Outcome.EXPIRED, "")
    assert closed == fetched(till, opened)
    assert closed == till.gateway.open_session(request(till.clock))


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OPEN])
def test_only_an_open_session_can_be_closed(till: Till, outcome: Outcome) -> None:
    opened = till.gateway.open_session(request(till.clock))
    _lead_to(till, outcome)(opened.id)
    before = fetched(till, opened)
    with pytest.raises(SessionNotOpen):
        till.gateway.close(opened.id)
    assert fetched(till, opened) == before


def test_a_session_is_closed_once(till: Till) -> None:
    opened = till.gateway.open_session(request(till.clock))
    till.gateway.close(opened.id)
    with pytest.raises(SessionNotOpen):
        till.gateway.close(opened.id)


# Looking for the sessions of an order


def test_sessions_of_one_order_come_newest_first(till: Till) -> None:
    opened = []
    for attempt in (1, 2, 3):
        opened.append(till.gateway.open_session(request(till.clock, attempt=attempt)))
        till.gateway.open_session(request(till.clock, order_id="order-2", attempt=attempt))
        till.clock.advance(minutes=1)
    till.pay(opened[1].id)
    found = till.gateway.sessions_of("order-1", since=long_ago(till.clock))
    assert [session.attempt for session in found] == [3, 2, 1]
    assert [session.outcome for session in found] == [Outcome.OPEN, Outcome.PAID, Outcome.OPEN]
    assert [fetched(till, session) for session in found] == found


def test_sessions_from_before_the_moment_are_left_out(till: Till) -> None:
    moments = []
    for attempt in (1, 2, 3):
        moments.append(till.clock())
        till.gateway.open_session(request(till.clock, attempt=attempt))
        till.clock.advance(minutes=5)
    for place, expected in enumerate(([3, 2, 1], [3, 2], [3])):
        found = till.gateway.sessions_of("order-1", since=moments[place])
        assert [session.attempt for session in found] == expected
    assert till.gateway.sessions_of("order-1", since=till.clock()) == []


def test_an_order_without_sessions_has_none(till: Till) -> None:
    till.gateway.open_session(request(till.clock))
    assert till.gateway.sessions_of("order", since=long_ago(till.clock)) == []
    assert till.gateway.sessions_of("order-11", since=long_ago(till.clock)) == []


# Finding a payment


def test_a_payment_leads_to_its_session(till: Till) -> None:
    sessions = [paid(till, attempt=attempt) for attempt in (1, 2)]
    assert [till.gateway.find(session.payment_id) for session in sessions] == sessions
    assert all(session.charge_id for session in sessions)


def test_a_payment_that_is_not_there_is_none(till: Till) -> None:
    paid(till)
    assert till.gateway.find("pi_nobody") is None


@pytest.mark.parametrize(("cents", "currency"), [(100, "EUR"), (TOTAL_CENTS, "USD")])
def test_a_session_says_what_was_really_paid(till: Till, cents: int, currency: str) -> None:
    opened = till.gateway.open_session(request(till.clock))
    till.pay(opened.id, amount_cents=cents, currency=currency)
    session = fetched(till, opened)
    assert (session.outcome, session.amount_cents, session.currency) == (Outcome.PAID, cents, currency)


def test_an_expired_session_that_is_paid_all_the_same_is_paid(till: Till) -> None:
    opened = till.gateway.open_session(request(till.clock))
    till.clock.advance(minutes=40)
    till.pay_anyway(opened.id)
    session = fetched(till, opened)
    assert (session.outcome, session.charged_at) == (Outcome.PAID, till.clock())
    assert till.gateway.find(session.payment_id) == session
