"""Limits: how often somebody may do something within a while, so that machines cannot do it without end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many times within each period, from whoever it is counted for; `most` 0 is no limit."""

    name: str
    most: int
    period: timedelta

    def tally(self, subject: str, *, now: datetime) -> Tally:
        """The count that a moment belongs to. Periods follow each other without a gap, the same for everybody."""
        number = (now - _EPOCH) // self.period
        return Tally(limit=self.name, subject=subject, period=number, ends_at=_EPOCH + (number + 1) * self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One count: of which limit, for whom (a digest, never an address) and in which period."""

    limit: str
    subject: str
    period: int
    ends_at: datetime

    def minutes_left(self, *, now: datetime) -> int:
        """After how many minutes, rounded up, a new period begins."""
        return max(1, -(-(self.ends_at - now) // MINUTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All that is limited: forms that are sent, prices that are asked for, unpaid orders, and mails of one kind.

    `most_holds_address` and `most_holds_recipient` are how many unpaid orders somebody may have open (0: no limit);
    `mail_pause` is how long a mail of the same kind to the same address waits (zero: not).
    """

    address: Limit
    recipient: Limit
    form: Limit
    lookup: Limit
    most_holds_address: int
    most_holds_recipient: int
    mail_pause: timedelta
