"""A payment: money that arrived for an order."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that arrived, booked once under the payment service's own id; `charge_id` is how its books name it."""

    id: str
    order_id: str
    session_id: str
    charge_id: str
    amount_cents: int
    currency: str
    method: str
    booked_at: datetime

    @property
    def key(self) -> str:
        return f"{self.order_id}#{self.id}"
