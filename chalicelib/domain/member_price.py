"""A member price: for whom an order has a line at which a membership was recognised, and why."""

from dataclasses import dataclass

from chalicelib.domain.price import PriceReason
from chalicelib.domain.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPrice:
    """One line of an order; `name` is empty when nobody is known to come by it, or has been erased."""

    order_id: str
    code: str
    state: State
    organisation: str
    attendee: int
    name: str
    reason: PriceReason

    @property
    def place(self) -> str:
        """Where it stands among others: by who ordered."""
        return f"{self.code}#{self.attendee:03}"
