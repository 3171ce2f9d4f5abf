"""A dispute: a buyer asks his bank for the money back, and the bank takes it until somebody decides."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Money that a dispute moved: negative when it was taken, positive when it came back; its fee apart."""

    id: str
    amount_cents: int
    fee_cents: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeNews:
    """A dispute as the payment service tells of it; `status` in its own words, `closed` when it is decided."""

    id: str
    amount_cents: int
    reason: str
    status: str
    closed: bool
    created_at: datetime
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A dispute of one payment; what it moved stands in the ledger's entries."""

    id: str
    order_id: str
    payment_id: str
    amount_cents: int
    currency: str
    reason: str
    status: str
    closed: bool
    created_at: datetime

    @property
    def key(self) -> str:
        return f"{self.order_id}#{self.id}"
