"""Money in whole cents, and the VAT that is inside a price."""

from dataclasses import dataclass
from enum import StrEnum


class VatTreatment(StrEnum):
    """How VAT applies, in the category codes of EN 16931."""

    STANDARD = "S"
    EXEMPT = "E"
    OUTSIDE_SCOPE = "O"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vat:
    """The VAT of a line: treatment and rate in whole percents."""

    treatment: VatTreatment
    rate_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VatPart:
    """What one rate contributes to an order's total; all in cents."""

    rate_percent: int
    gross_cents: int
    net_cents: int
    vat_cents: int


def split_gross(*, gross_cents: int, rate_percent: int) -> VatPart:
    """Split an amount that includes VAT; computed once per rate on the total, so that net + VAT is the total."""
    divisor = 100 + rate_percent
    net_cents = (200 * gross_cents + divisor) // (2 * divisor)
    return VatPart(
        rate_percent=rate_percent, gross_cents=gross_cents, net_cents=net_cents, vat_cents=gross_cents - net_cents
    )
