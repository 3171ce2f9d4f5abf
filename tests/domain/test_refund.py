"""A refund on its way: it moves forward only, waits longer each time, and is given up in the end."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.refund import FOLLOWS, MOST_ATTEMPTS, PAUSES, Refund, RefundNews, RefundReason, RefundState

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
REFUND = Refund(
    id="late-pi_1",
    order_id="order-1",
    payment_id="pi_1",
    amount_cents=50_000,
    currency="EUR",
    reason=RefundReason.LATE,
    state=RefundState.REQUESTED,
    service_id="",
    attempt=1,
    tries=0,
    due=NOW,
    requested_at=NOW,
    by="",
    trouble="",
)
KNOWN = tuple(state for state in RefundState if state is not RefundState.REQUESTED)


def news(state: RefundState, **changes: object) -> RefundNews:
    plain = RefundNews(
        id="re_1",
        command=REFUND.id,
        amount_cents=REFUND.amount_cents,
        state=state,
        created_at=NOW,
        moved_at=NOW,
        returned_at=NOW if state is RefundState.FAILED else None,
        trouble="declined" if state is RefundState.FAILED else "",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # names checked by replace


@pytest.mark.parametrize(("state", "told"), list(itertools.product(RefundState, KNOWN)))
def test_news_moves_a_refund_forward_only(state: RefundState, told: RefundState) -> None:
    service_id = "" if state is RefundState.REQUESTED else "re_1"
    before = replace(REFUND, state=state, service_id=service_id, due=None if service_id else NOW)
    after = before.heard(news(told), now=NOW)
    order = list(RefundState)
    if order.index(told) <= order.index(state):
        assert after == before
        return
    assert (after.state, after.service_id, after.due) == (told, "re_1", None)
    assert after.trouble == ("declined" if told is RefundState.FAILED else "")
    assert after.heard(news(told), now=NOW) == after, "and says nothing new the second time"


def test_nothing_is_asked_for_again_by_news() -> None:
    for state in RefundState:
        assert replace(REFUND, state=state).state not in FOLLOWS[RefundState.REQUESTED]


@pytest.mark.parametrize("told", KNOWN)
def test_one_that_was_given_up_and_turns_out_to_be_made_is_believed(told: RefundState) -> None:
    """Its last try was never answered, or the one before the refusal: the money went all the same."""
    given_up = REFUND.failed(trouble="PaymentUnavailable", now=NOW)
    after = given_up.heard(news(told), now=NOW)
    assert (after.state, after.service_id, after.counts) == (told, "re_1", told is not RefundState.FAILED)
    # what the service itself called failed stays so
    failed = given_up.heard(news(RefundState.FAILED), now=NOW)
    assert failed.heard(news(told), now=NOW) == failed


def test_its_amount_is_taken_until_it_fails() -> None:
    for state in RefundState:
        assert replace(REFUND, state=state).counts is (state is not RefundState.FAILED)


def test_each_try_waits_longer_and_the_last_pause_is_repeated() -> None:
    refund, now, pauses = REFUND, NOW, []
    for _ in range(6):
        refund = refund.postponed(now=now, trouble="PaymentUnavailable")
        assert refund.due is not None
        pauses.append(refund.due - now)
        now = refund.due
    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]
    assert sorted(pauses) == pauses
    assert (refund.tries, refund.attempt, refund.state) == (6, 1, RefundState.REQUESTED)
    assert refund.trouble == "PaymentUnavailable"


def test_only_a_key_that_may_answer_the_same_for_ever_is_left_for_another() -> None:
    same, other = (REFUND.postponed(now=NOW, trouble="x", anew=anew) for anew in (False, True))
    assert (same.attempt, other.attempt) == (1, 2)
    assert (same.tries, other.tries) == (1, 1)


def test_after_about_a_week_of_trying_a_person_has_to_look() -> None:
    refund, now = REFUND, NOW
    for _ in range(MOST_ATTEMPTS - 1):
        assert refund.due is not None
        now = refund.due
        refund = refund.postponed(now=now, trouble="balance_insufficient")
    assert refund.state is RefundState.REQUESTED
    assert refund.due is not None
    assert timedelta(days=5) < refund.due - NOW < timedelta(days=9)
    assert not refund.exhausted
    refund = refund.postponed(now=refund.due, trouble="balance_insufficient")
    assert refund.exhausted
    # whether it was made all the same is looked up once more, before it is given up
    assert refund.state is RefundState.REQUESTED
    given_up = refund.failed(trouble="balance_insufficient", now=now)
    assert (given_up.state, given_up.due, given_up.failed_at) == (RefundState.FAILED, None, now)


def test_it_lies_with_its_order() -> None:
    assert REFUND.key == "order-1#late-pi_1"
