"""Refunds at the real gateway alone: what it sends, what it makes of a Stripe that fails, and that it tells all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.error import PaymentBusy, PaymentRefused, PaymentUnavailable, PaymentUnknown
from chalicelib.domain.refund import RefundState
from tests.adapters.till import StripeTill, fetched, give_back, paid, quiet_till


@pytest.fixture
def till() -> StripeTill:
    return quiet_till()


def made(till: StripeTill) -> int:
    """How many refunds there are at Stripe."""
    return len(till.stand_in.books.refunds())


def calls(till: StripeTill, method: str, path: str) -> int:
    return len([call for call in till.asked() if (call["method"], call["path"]) == (method, path)])


# What is sent


def test_a_refund_is_asked_for_with_exactly_this(till: StripeTill) -> None:
    session = paid(till)
    till.gateway.refund(give_back(session, amount_cents=700, attempt=3))
    call = till.asked()[-1]
    assert (call["method"], call["path"], call["status"]) == ("POST", "/v1/refunds", 200)
    assert call["idempotency_key"] == "loket-test-refund-refund-1-3"
    assert call["parameters"] == {
        "payment_intent": session.payment_id,
        "amount": "700",
        "metadata": {"app": "loket", "stage": "test", "order": "order-1", "refund": "refund-1"},
    }


def test_a_repeat_is_equal_to_the_byte(till: StripeTill) -> None:
    session = paid(till)
    for _ in range(2):
        till.gateway.refund(give_back(session))
    first, second = [call for call in till.asked() if call["path"] == "/v1/refunds"]
    assert (first["body"], first["idempotency_key"]) == (second["body"], second["idempotency_key"])
    assert second["replayed"]


# A Stripe that fails


FAILURES: dict[str, type[PaymentUnavailable]] = {
    "error_500": PaymentUnknown,
    "error_500_saved": PaymentUnknown,
    "rate_limit_429": PaymentBusy,
    "conflict_409": PaymentUnavailable,
    "key_in_use_409": PaymentUnavailable,
    "timeout_before": PaymentUnavailable,
    "bad_request_400": PaymentRefused,
    "balance_insufficient_400": PaymentRefused,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_refund_is_said_in_our_words_and_not_made(till: StripeTill, failure: str) -> None:
    session = paid(till)
    till.plan("refunds.create", failure)
    with pytest.raises(PaymentUnavailable) as caught:
        till.gateway.refund(give_back(session))
    assert type(caught.value) is FAILURES[failure]
    assert made(till) == 0
    assert till.gateway.refund(give_back(session, attempt=2)).state is RefundState.PENDING
    assert made(till) == 1


@pytest.mark.parametrize("failure", ["error_500", "rate_limit_429", "conflict_409", "key_in_use_409", "timeout_before"])
def test_what_was_not_begun_is_made_by_the_same_request(till: StripeTill, failure: str) -> None:
    session = paid(till)
    till.plan("refunds.create", failure)
    with pytest.raises(PaymentUnavailable):
        till.gateway.refund(give_back(session))
    news = till.gateway.refund(give_back(session))
    assert fetched(till, session).refunds == (news,)


def test_why_stripe_refuses_is_told(till: StripeTill) -> None:
    session = paid(till)
    till.plan("refunds.create", "balance_insufficient_400")
    with pytest.raises(PaymentRefused, match=r"^balance_insufficient$"):
        till.gateway.refund(give_back(session))


def test_a_refund_whose_answer_was_lost_is_found_by_the_same_request(till: StripeTill) -> None:
    session = paid(till)
    till.plan("refunds.create", "timeout_after")
    with pytest.raises(PaymentUnavailable) as caught:
        till.gateway.refund(give_back(session))
    assert type(caught.value) is PaymentUnavailable
    [there] = fetched(till, session).refunds
    till.settle_refund(there.id)
    assert till.gateway.refund(give_back(session)) == fetched(till, session).refunds[0]
    assert made(till) == 1


@pytest.mark.parametrize("executed", [True, False])
def test_after_a_saved_500_only_looking_tells_whether_there_is_a_refund(till: StripeTill, executed: bool) -> None:
    session = paid(till)
    till.plan("refunds.create", "error_500_saved", executed=executed)
    for _ in range(2):
        with pytest.raises(PaymentUnknown):
            till.gateway.refund(give_back(session))
    found = fetched(till, session).refunds
    assert [each.command for each in found] == (["refund-1"] if executed else [])


def test_a_replayed_refund_that_cannot_be_looked_at_was_made_all_the_same(till: StripeTill) -> None:
    session = paid(till)
    till.gateway.refund(give_back(session))
    till.plan("refunds.retrieve", "bad_request_400")
    with pytest.raises(PaymentUnavailable) as caught:
        till.gateway.refund(give_back(session))
    assert type(caught.value) is PaymentUnavailable, "a refusal would mean: nothing executed"


# What becomes of it


def test_a_refund_that_waits_for_our_balance_has_moved_nothing_yet(till: StripeTill) -> None:
    session = paid(till, method="card")
    till.plan("refunds.create", "refund_waits_for_balance")
    news = till.gateway.refund(give_back(session))
    assert (news.state, news.moved_at) == (RefundState.PENDING, None)
    till.settle_refund(news.id)
    [moved] = fetched(till, session).refunds
    assert (moved.state, moved.moved_at) == (RefundState.SUCCEEDED, news.created_at)


def test_a_refund_that_fails_before_it_left_comes_back_from_nowhere(till: StripeTill) -> None:
    session = paid(till, method="card")
    till.plan("refunds.create", "refund_waits_for_balance")
    till.fail_refund(till.gateway.refund(give_back(session)).id)
    [news] = fetched(till, session).refunds
    assert (news.state, news.moved_at, news.returned_at) == (RefundState.FAILED, None, None)


def test_a_refund_that_is_called_off_has_failed(till: StripeTill) -> None:
    session = paid(till)
    till.stand_in.act_on_refund("cancel", till.gateway.refund(give_back(session)).id)
    [news] = fetched(till, session).refunds
    assert (news.state, news.trouble) == (RefundState.FAILED, "merchant_request")
    assert news.returned_at is not None


# A session is told completely or not at all


LOOKS: dict[str, Callable[[StripeTill, CheckoutSession], object]] = {
    "fetch": lambda till, session: till.gateway.fetch(session.id),
    "find": lambda till, session: till.gateway.find(session.payment_id),
    "sessions_of": lambda till, session: till.gateway.sessions_of("order-1", since=session.charged_at or till.clock()),
    "books": lambda till, _: till.books.sessions(since=till.clock(), until=till.clock(), rest=""),
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_came_along_is_not_asked_for_again(till: StripeTill, look: str) -> None:
    session = paid(till, method="card")
    for number in range(10):
        till.gateway.refund(give_back(session, id=f"refund-{number}", amount_cents=100))
    before = len(till.asked())
    LOOKS[look](till, session)
    assert len(till.asked()) == before + 1


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("operation", ["refunds.list", "disputes.list"])
@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ("error_500", PaymentUnavailable),
        ("bad_request_400", PaymentUnavailable),
        ("rate_limit_429", PaymentBusy),
        ("timeout_before", PaymentUnavailable),
    ],
)
def test_half_a_session_is_none(
    till: StripeTill, look: str, operation: str, failure: str, error: type[PaymentUnavailable]
) -> None:
    session = paid(till, method="card")
    for number in range(11):
        till.gateway.refund(give_back(session, id=f"refund-{number}", amount_cents=100))
    till.dispute(session.id, 100)
    till.plan(operation, failure)
    with pytest.raises(PaymentUnavailable) as caught:
        LOOKS[look](till, session)
    assert type(caught.value) is error
    LOOKS[look](till, session)


def test_more_refunds_than_fit_on_a_page_come_all_the_same(till: StripeTill) -> None:
    session = paid(till, method="card")
    for number in range(215):
        till.refund_elsewhere(session.id, number + 1)
    assert [each.amount_cents for each in fetched(till, session).refunds] == list(range(215, 0, -1))
    # 10 came along
    assert calls(till, "GET", "/v1/refunds") == 3
