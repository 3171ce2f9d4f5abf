"""A refund: money that is to go back, from the command to what the payment service says became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# How long after each try that came to nothing the next one comes; the last pause is repeated.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (3, 10, 60, 6 * 60))
# For about a week; then a person has to look.
MOST_ATTEMPTS = 30


class RefundReason(StrEnum):
    """Why money goes back."""

    LATE = "late"
    SECOND = "second"
    REVIEW = "review"
    CANCELLED = "cancelled"
    STAFF = "staff"
    # made in the payment service's own pages, and found there
    ELSEWHERE = "elsewhere"


class RefundState(StrEnum):
    """How far a refund got; FAILED may come weeks after SUCCEEDED, when a bank sends the money back."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


# What news may still change; anything else is repeated or late, and ignored.
FOLLOWS: dict[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset(),
    RefundState.PENDING: frozenset({RefundState.REQUESTED}),
    RefundState.SUCCEEDED: frozenset({RefundState.REQUESTED, RefundState.PENDING}),
    RefundState.FAILED: frozenset({RefundState.REQUESTED, RefundState.PENDING, RefundState.SUCCEEDED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund of (a part of) one payment; as long as it has not failed, its amount cannot be refunded again.

    `id` is made of stable facts when we ask for it, and the payment service's own when it was made elsewhere.
    `attempt` numbers the idempotency keys; `tries` counts how often it was asked for. `due` is when the sweep has to
    take it up; None when the payment service has it. `by` is who asked for it, empty when nobody had to; `failed_at` is
    when we heard, or found, that the money is still here, None when it is not.
    """

    id: str
    order_id: str
    payment_id: str
    amount_cents: int
    currency: str
    reason: RefundReason
    state: RefundState
    service_id: str
    attempt: int
    tries: int
    due: datetime | None
    requested_at: datetime
    by: str
    trouble: str
    failed_at: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.order_id}#{self.id}"

    @property
    def counts(self) -> bool:
        """Whether its amount has gone back, or is about to."""
        return self.state is not RefundState.FAILED

    @property
    def exhausted(self) -> bool:
        """Whether it was tried as often as makes sense."""
        return self.tries >= MOST_ATTEMPTS

    def heard(self, news: RefundNews, *, now: datetime) -> Refund:
        """The refund after news of it; the same when the news is repeated or late."""
        # one that we gave up may have been made all the same: as long as nothing was heard of it, that is not the end
        given_up = self.state is RefundState.FAILED and not self.service_id
        if self.state not in FOLLOWS[news.state] and not given_up:
            return self
        failed_at = now if news.state is RefundState.FAILED else None
        return replace(self, state=news.state, service_id=news.id, due=None, trouble=news.trouble, failed_at=failed_at)

    def postponed(self, *, now: datetime, trouble: str, anew: bool = False) -> Refund:
        """After a try that came to nothing, or to nobody knows what: again later, under another key when `anew`."""
        pause = PAUSES[min(self.tries, len(PAUSES) - 1)]
        return replace(self, tries=self.tries + 1, attempt=self.attempt + anew, due=now + pause, trouble=trouble)

    def failed(self, *, trouble: str, now: datetime) -> Refund:
        """Given up: it was surely not made, and the money is still here."""
        return replace(self, state=RefundState.FAILED, due=None, trouble=trouble, failed_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundNews:
    """A refund as the payment service tells of it; `command` is the id of ours, empty when it was made elsewhere.

    `moved_at` is when the money left, `returned_at` when it came back after all; None when it did not.
    """

    id: str
    command: str
    amount_cents: int
    state: RefundState
    created_at: datetime
    moved_at: datetime | None
    returned_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """All that is sent to make a refund; made of stored facts only, so that a repeat is the same bytes."""

    id: str
    order_id: str
    payment_id: str
    amount_cents: int
    attempt: int
