"""The terms of the account: what Stripe charges, and how long money is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Fee:
    """A price per payment: so many cents, and so many hundredths of a percent of the amount."""

    cents: int
    basis_points: int = 0

    def of(self, amount: int) -> int:
        """Return the fee for this amount, rounded half up to whole cents."""
        return self.cents + (amount * self.basis_points + 5_000) // 10_000


_FEES = MappingProxyType(
    {
        "ideal": Fee(cents=29),
        "bancontact": Fee(cents=39),
        "card": Fee(cents=25, basis_points=150),
        "sepa_debit": Fee(cents=35),
    }
)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for one account; spans of time are seconds of the stand-in's clock.

    `balance_delay` is how long after paying a charge gets its balance transaction, `available_after` how long what is
    received then waits before it can be paid out, `refunds_wait` which methods give money back only after days.
    """

    fees: Mapping[str, Fee] = _FEES
    other_fee: Fee = field(default_factory=lambda: Fee(cents=29))
    dispute_fee: int = 2_000
    dispute_fee_returned: bool = False
    balance_delay: int = 0
    available_after: int = 0
    refunds_wait: frozenset[str] = frozenset(("ideal", "bancontact", "sepa_debit"))

    def fee(self, *, method: str, amount: int) -> int:
        """Return what a payment by this method costs."""
        return self.fees.get(method, self.other_fee).of(amount)
