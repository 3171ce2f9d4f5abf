"""Seats: how many of an event are held and sold, and what an order does to those numbers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Seating(StrEnum):
    """Where an order's seats stand."""

    NONE = "none"
    HELD = "held"
    SOLD = "sold"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCount:
    """One counter as it is now; `held_until` is the end of the hold that was made last, None when there was none."""

    counter: str
    held: int
    sold: int
    held_until: datetime | None = None

    @property
    def taken(self) -> int:
        return self.held + self.sold


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatMove:
    """What an order adds to one counter, or gives back; `held_until` is None when its hold stays as it was."""

    counter: str
    held: int
    sold: int
    held_until: datetime | None

    @property
    def taken(self) -> int:
        return self.held + self.sold
