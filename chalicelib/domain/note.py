"""A note: what the secretariat wants to remember of an order; nobody else ever reads it."""

from dataclasses import dataclass
from datetime import datetime

LONGEST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note; `by` is the address of whoever wrote it. It may tell of persons, and is erased with them."""

    id: str
    order_id: str
    text: str
    by: str
    at: datetime

    @property
    def key(self) -> str:
        """Beside its order: <order id>#<id>, without its moment: the same form makes one, however late it comes."""
        return f"{self.order_id}#{self.id}"
