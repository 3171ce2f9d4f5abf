"""The progress of an issue: of all its copies, how many got how far, and when it will be over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.copy import UNKNOWN, UNSUBSCRIBED, WITHDRAWN
from chalicelib.domain.email import Delivery
from chalicelib.domain.issue import Issue, IssueCount, IssueState
from chalicelib.domain.mail_quota import MailQuota

# The mail service took these, whatever a mailbox said later.
_WENT = (Delivery.SENT, Delivery.DELIVERED, Delivery.BOUNCED, Delivery.COMPLAINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """An issue beside its last count and what the account may still send.

    `count` is None when it was not counted yet, `quota` when nobody says.
    """

    issue: Issue
    count: IssueCount | None
    quota: MailQuota | None = None

    def of(self, name: str) -> int:
        return self.count.counts.get(name, 0) if self.count else 0

    @property
    def went(self) -> int:
        return sum(self.of(each) for each in _WENT)

    @property
    def unknown(self) -> int:
        return self.of(UNKNOWN)

    @property
    def failed(self) -> int:
        return self.of(Delivery.FAILED)

    @property
    def withdrawn(self) -> int:
        return self.of(WITHDRAWN)

    @property
    def unsubscribed(self) -> int:
        return self.of(UNSUBSCRIBED)

    @property
    def waits(self) -> int:
        if self.issue.state is IssueState.SENT:
            return 0  # whose copy was erased since then waits for nothing
        return max(0, self.issue.copies - self.went - self.unknown - self.failed - self.withdrawn)

    @property
    def whole(self) -> int:
        """How many it is for, as far as that is known while copies are still made."""
        return self.issue.copies if self.issue.prepared else max(self.issue.copies, self.issue.expected)

    @property
    def to_go(self) -> int:
        return self.whole - self.issue.copies + self.waits

    @property
    def per_hour(self) -> int:
        """The pace of now; 0 when nobody can say."""
        return self.count.per_hour if self.count and self.issue.state is IssueState.SENDING else 0

    @property
    def spread(self) -> bool:
        """Whether more is left than may go today."""
        return self.quota is not None and not self.quota.covers(self.to_go)

    @property
    def ends_at(self) -> datetime | None:
        """When the last one goes, at the pace of now; None when nobody can say, and when that is not today."""
        if not self.count or not self.per_hour or self.spread:
            return None
        return self.count.counted_at + timedelta(hours=self.to_go / self.per_hour)
