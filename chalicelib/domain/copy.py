"""A copy: one issue on its way to one subscriber, which is sent once or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.email import Delivery, Outgoing
from chalicelib.domain.issue import Issue

OF_COPY = "copy"
# A mail service that is asked too much is asked again so much later.
BREATH = timedelta(seconds=5)
# What is counted beside how far copies got: nobody knows, nobody wanted it any more when its turn came, and whoever
# unsubscribed by a link in it.
UNKNOWN, WITHDRAWN, UNSUBSCRIBED = "unknown", "withdrawn", "unsubscribed"
# Why a copy that was made is not sent after all.
UNWANTED = frozenset({"unconfirmed", "unsubscribed", "other_topic", "paused", "other_segment", "suppressed", "erased"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(Outgoing):
    """A row of an issue's own outbox.

    It is claimed once: when nobody knows what came of that, nobody takes it again, and only news from the mail service
    settles it. `left` says that its reader unsubscribed by a link in it.
    """

    issue_id: str
    subscriber_id: str
    left: bool

    def claimed(self, *, now: datetime) -> Copy:  # noqa: ARG002  # this claim never runs out
        return replace(self, delivery=Delivery.SENDING, attempt=self.attempt + 1, due=None)

    def out_of_breath(self, *, now: datetime) -> Copy:
        """The mail service took nothing: what it says of its own pace does not count against a copy."""
        return self.waiting(until=now + BREATH)

    def unknown(self, *, reason: str) -> Copy:
        return replace(self, reason=reason)

    @property
    def hanging(self) -> bool:
        """Whether nobody knows what came of it, or somebody is just at it."""
        return self.delivery is Delivery.SENDING

    def unsubscribed(self) -> Copy:
        return replace(self, left=True)


def copy_id(*, issue_id: str, subscriber_id: str) -> str:
    return f"{OF_COPY}-{issue_id}-{subscriber_id}"


def new_copy(issue: Issue, *, subscriber_id: str, now: datetime) -> Copy:
    """A copy by its id: there cannot be two of an issue for one subscriber."""
    return Copy(
        id=copy_id(issue_id=issue.id, subscriber_id=subscriber_id),
        issue_id=issue.id,
        subscriber_id=subscriber_id,
        language=issue.language,
        delivery=Delivery.QUEUED,
        attempt=0,
        due=now,
        created_at=now,
        message_id="",
        reason="",
        left=False,
        version=1,
    )


def count(copies: Iterable[Copy]) -> Counter[str]:
    """How many got how far; each copy counts once, and once more when its reader unsubscribed by it."""
    counts: Counter[str] = Counter()
    for each in copies:
        if each.hanging:
            counts[UNKNOWN] += 1
        elif each.delivery is Delivery.FAILED and each.reason in UNWANTED:
            counts[WITHDRAWN] += 1
        else:
            counts[each.delivery.value] += 1
        if each.left:
            counts[UNSUBSCRIBED] += 1
    return counts
