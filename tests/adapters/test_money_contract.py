"""What becomes of a payment, for the fake and for the real adapter: refunds, ours and others', and disputes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.error import PaymentRefused, PaymentUnknown
from chalicelib.domain.refund import RefundState
from tests.adapters.till import TOTAL_CENTS, Till, fetched, give_back, long_ago, paid, request

# Giving back


@pytest.mark.parametrize(("method", "at_first"), [("ideal", RefundState.PENDING), ("card", RefundState.SUCCEEDED)])
def test_a_refund_leaves_at_once_and_arrives_sooner_or_later(till: Till, method: str, at_first: RefundState) -> None:
    session = paid(till, method=method)
    made_at = till.clock.advance(days=1)
    news = till.gateway.refund(give_back(session))
    assert (news.command, news.amount_cents, news.state) == ("refund-1", TOTAL_CENTS, at_first)
    assert (news.created_at, news.moved_at, news.returned_at, news.trouble) == (made_at, made_at, None, "")
    assert fetched(till, session) == replace(session, refunds=(news,))
    if at_first is RefundState.PENDING:
        till.clock.advance(days=2)
        till.settle_refund(news.id)
        assert fetched(till, session).refunds == (replace(news, state=RefundState.SUCCEEDED),)


def test_the_same_request_is_one_refund_told_as_it_is_now(till: Till) -> None:
    session = paid(till)
    first = till.gateway.refund(give_back(session))
    assert till.gateway.refund(give_back(session)) == first
    till.settle_refund(first.id)
    assert till.gateway.refund(give_back(session)) == replace(first, state=RefundState.SUCCEEDED)
    till.fail_refund(first.id)
    assert till.gateway.refund(give_back(session)).state is RefundState.FAILED
    assert len(fetched(till, session).refunds) == 1


def test_other_bytes_for_the_same_attempt_refund_nothing_more(till: Till) -> None:
    session = paid(till)
    till.gateway.refund(give_back(session, amount_cents=100))
    with pytest.raises(PaymentUnknown):
        till.gateway.refund(give_back(session, amount_cents=200))
    assert [each.amount_cents for each in fetched(till, session).refunds] == [100]


def test_another_attempt_is_another_refund(till: Till) -> None:
    session = paid(till)
    first, second = (till.gateway.refund(give_back(session, amount_cents=100, attempt=each)) for each in (1, 2))
    assert first.command == second.command
    assert fetched(till, session).refunds == (second, first)


def test_a_session_comes_with_all_its_refunds_newest_first_however_many(till: Till) -> None:
    session = paid(till, method="card")
    made = [till.gateway.refund(give_back(session, id=f"refund-{each}", amount_cents=each)) for each in range(1, 26)]
    session = replace(session, refunds=tuple(reversed(made)))
    assert fetched(till, session) == session
    assert till.gateway.find(session.payment_id) == session
    assert till.gateway.sessions_of("order-1", since=long_ago(till.clock)) == [session]
    assert till.gateway.open_session(request(till.clock)) == session


def test_a_refund_that_was_made_elsewhere_carries_no_command(till: Till) -> None:
    session = paid(till)
    refund_id = till.refund_elsewhere(session.id, 700)
    [news] = fetched(till, session).refunds
    assert (news.id, news.command, news.amount_cents, news.moved_at) == (refund_id, "", 700, till.clock())


@pytest.mark.parametrize("method", ["ideal", "card"])
def test_a_refund_that_fails_after_all_comes_back_and_can_be_made_again(till: Till, method: str) -> None:
    session = paid(till, method=method)
    first = till.gateway.refund(give_back(session))
    till.clock.advance(days=20)
    till.fail_refund(first.id)
    [news] = fetched(till, session).refunds
    assert (news.id, news.state, news.trouble) == (first.id, RefundState.FAILED, "declined")
    assert news.moved_at == first.moved_at
    assert news.returned_at is not None
    again = till.gateway.refund(give_back(session, id="refund-2"))
    assert fetched(till, session).refunds == (again, news)


def test_no_more_is_given_back_than_is_left(till: Till) -> None:
    session = paid(till)
    kept = till.gateway.refund(give_back(session, amount_cents=TOTAL_CENTS - 100))
    with pytest.raises(PaymentRefused):
        till.gateway.refund(give_back(session, id="refund-2", amount_cents=101))
    assert fetched(till, session).refunds == (kept,)
    till.gateway.refund(give_back(session, id="refund-2", amount_cents=100, attempt=2))
    with pytest.raises(PaymentRefused, match="charge_already_refunded"):
        till.gateway.refund(give_back(session, id="refund-3", amount_cents=1))


def test_only_what_was_paid_is_given_back(till: Till) -> None:
    opened = till.gateway.open_session(request(till.clock))
    till.pay_later(opened.id)
    for attempt, payment_id in enumerate((fetched(till, opened).payment_id, "pi_nobody"), start=1):
        with pytest.raises(PaymentRefused):
            till.gateway.refund(give_back(opened, payment_id=payment_id, attempt=attempt))
    assert fetched(till, opened).refunds == ()


# Disputes


@pytest.mark.parametrize("won", [True, False])
def test_a_dispute_takes_the_money_until_it_is_decided(till: Till, won: bool) -> None:
    session = paid(till)
    taken_at = till.clock.advance(days=3)
    dispute_id = till.dispute(session.id)
    [news] = fetched(till, session).disputes
    assert (news.id, news.amount_cents, news.reason, news.status) == (
        dispute_id,
        TOTAL_CENTS,
        "fraudulent",
        "needs_response",
    )
    assert (news.closed, news.created_at) == (False, taken_at)
    [taken] = news.movements
    assert (taken.amount_cents, taken.fee_cents, taken.at) == (-TOTAL_CENTS, 2_000, taken_at)
    with pytest.raises(PaymentRefused, match="charge_disputed"):
        till.gateway.refund(give_back(session))
    decided_at = till.clock.advance(days=30)
    till.close_dispute(dispute_id, won=won)
    [decided] = fetched(till, session).disputes
    assert (decided.status, decided.closed, decided.movements[0]) == ("won" if won else "lost", True, taken)
    returned = [(each.amount_cents, each.fee_cents, each.at) for each in decided.movements[1:]]
    assert returned == ([(TOTAL_CENTS, 0, decided_at)] if won else [])


def test_an_inquiry_moves_no_money(till: Till) -> None:
    session = paid(till)
    dispute_id = till.dispute(session.id, 700, inquiry=True)
    [news] = fetched(till, session).disputes
    assert (news.status, news.closed, news.amount_cents, news.movements) == ("warning_needs_response", False, 700, ())
    till.close_dispute(dispute_id, won=False)
    assert fetched(till, session).disputes == (replace(news, status="warning_closed", closed=True),)


def test_a_session_comes_with_all_its_disputes_newest_first(till: Till) -> None:
    session = paid(till)
    made = []
    for _ in range(2):
        made.append(till.dispute(session.id, 700))
        till.close_dispute(made[-1], won=True)
        till.clock.advance(days=1)
    found = fetched(till, session)
    assert [each.id for each in found.disputes] == made[::-1]
    assert till.gateway.find(session.payment_id) == found
    assert till.gateway.sessions_of("order-1", since=long_ago(till.clock) - timedelta(days=2)) == [found]
