"""Holds: how many unpaid orders somebody has open, and what an order does to that number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.identity import Identity
from chalicelib.domain.limit import MINUTE, Limits

# The counter of somebody who comes no more is personal data that serves nobody; none of his orders is still open.
KEPT = timedelta(days=1)
# An order is let go only when the sweep has asked Stripe, which it does each minute.
SWEEP = timedelta(minutes=2)


class HolderKind(StrEnum):
    """By what somebody who has orders open is known."""

    ADDRESS = "address"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Somebody who may have `most` unpaid orders open; the key tells which kind he is, and no more."""

    key: str
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCount:
    """How many unpaid orders a holder has open; `held_until` is the end of the hold that was made last."""

    holder: str
    open: int
    held_until: datetime

    def minutes_left(self, *, now: datetime) -> int:
        """After how many minutes, rounded up, all that is open now is paid or let go."""
        return max(1, -(-(self.held_until + SWEEP - now) // MINUTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldMove:
    """An order that opens (+1), is held for longer (0) or is open no more (-1)."""

    holder: str
    change: int
    held_until: datetime


def holders_of(*, address: str, recipient: str, limits: Limits, identity: Identity) -> tuple[Holder, ...]:
    """Whose unpaid orders are counted, when a buyer at this network address orders for this address for mail."""
    found = (
        (HolderKind.ADDRESS, address, limits.most_holds_address),
        (HolderKind.RECIPIENT, recipient, limits.most_holds_recipient),
    )
    return tuple(
        Holder(key=f"{kind.value}-{identity.subject(f'holds of {kind.value}', who)}", most=most)
        for kind, who, most in found
        if most
    )


def kind_of(holder: str) -> HolderKind:
    return HolderKind(holder.partition("-")[0])
