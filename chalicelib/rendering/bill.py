"""A bill: what the form says it will cost, before anything was ordered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.money import Vat, VatPart, VatTreatment, split_gross
from chalicelib.domain.nudge import Nudge
from chalicelib.domain.price import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class VatView:
    """One rate as a reader sees it; cents."""

    rate: int
    net_cents: int
    vat_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """So many at this price; `rule` names the text that says why."""

    rule: str
    quantity: int
    unit_cents: int

    @property
    def total_cents(self) -> int:
        return self.quantity * self.unit_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class BillView:
    """All that will be paid; cents. `vat` is None when there is none, or none to show.

    `members` are the organisations that were recognised; `nudge` is there when becoming one first would cost less.
    """

    lines: tuple[BillLine, ...]
    total_cents: int
    vat: VatView | None
    members: tuple[str, ...]
    nudge: Nudge | None


def bill_view(
    prices: Sequence[Price], *, vat: Vat, show_vat: bool, members: tuple[str, ...] = (), nudge: Nudge | None = None
) -> BillView:
    """The bill of those prices, the same ones together."""
    alike = Counter((price.reason.rule.value, price.cents) for price in prices)
    lines = tuple(BillLine(rule=rule, quantity=quantity, unit_cents=cents) for (rule, cents), quantity in alike.items())
    total_cents = sum(line.total_cents for line in lines)
    shown = show_vat and total_cents > 0 and vat.treatment is VatTreatment.STANDARD
    part = split_gross(gross_cents=total_cents, rate_percent=vat.rate_percent) if shown else None
    return BillView(
        lines=lines, total_cents=total_cents, vat=vat_view(part) if part else None, members=members, nudge=nudge
    )


def vat_view(part: VatPart) -> VatView:
    return VatView(rate=part.rate_percent, net_cents=part.net_cents, vat_cents=part.vat_cents)
