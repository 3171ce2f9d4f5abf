"""A day's money: what came and went on one day in Amsterdam, as the ledgers say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.calendar import local_date
from chalicelib.domain.ledger import Entry, EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySum:
    """The sums of one day, in cents; fees are what is known of them, `unknown_fees` how many entries have none yet."""

    day: date
    currency: str
    payments_cents: int
    refunds_cents: int
    disputes_cents: int
    fees_cents: int
    unknown_fees: int

    @property
    def net_cents(self) -> int:
        return self.payments_cents + self.refunds_cents + self.disputes_cents - self.fees_cents


def sum_days(entries: Iterable[Entry]) -> tuple[DaySum, ...]:
    """The sums of each day and currency on which something moved, oldest first."""
    days: dict[tuple[date, str], list[Entry]] = {}
    for entry in entries:
        days.setdefault((local_date(entry.at), entry.currency), []).append(entry)
    return tuple(_sum(day, currency, found) for (day, currency), found in sorted(days.items()))


def _sum(day: date, currency: str, entries: list[Entry]) -> DaySum:
    def of(*kinds: EntryKind) -> int:
        return sum(entry.amount_cents for entry in entries if entry.kind in kinds)

    return DaySum(
        day=day,
        currency=currency,
        payments_cents=of(EntryKind.PAYMENT),
        refunds_cents=of(EntryKind.REFUND, EntryKind.REFUND_RETURNED),
        disputes_cents=of(EntryKind.DISPUTE),
        fees_cents=sum(entry.fee_cents or 0 for entry in entries),
        unknown_fees=sum(entry.fee_cents is None for entry in entries),
    )
