"""Why a registration cannot be made now, though the form is filled in right; nothing was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.availability import Availability, Sale, availability
from chalicelib.domain.error import RegistrationRefused
from chalicelib.domain.hold import HolderKind
from chalicelib.domain.offer import Offer
from chalicelib.domain.seat import SeatCount


class NotOnSale(RegistrationRefused):
    """Not yet, no longer, full, or all in other people's hands."""

    def __init__(self, availability: Availability) -> None:
        super().__init__(availability.sale.value)
        self.availability = availability


class TooFewSeats(RegistrationRefused):
    """Some seats are left, but fewer than were asked: in the event, or in the group that is named.

    `minutes` is not None when the group has none left only because some are held: as in Availability.
    """

    def __init__(self, *, group: str, free: int, wanted: int, minutes: int | None = None) -> None:
        super().__init__(f"free={free} wanted={wanted}")
        self.group, self.free, self.wanted, self.minutes = group, free, wanted, minutes


class AlreadyRegistered(RegistrationRefused):
    """Some attendees, by number, have a confirmed seat at this event."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        super().__init__(f"attendees={len(numbers)}")
        self.numbers = numbers


class PriceChanged(RegistrationRefused):
    """The form was opened at other prices than now hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """An attendee whose organisation was not recognised as a member; `public_provider` when it never can be."""

    number: int
    name: str
    mail_domain: str
    public_provider: bool


class NoMember(RegistrationRefused):
    """Some attendees were not recognised, though the buyer says that his organisation is a member.

    `total_cents` is what it costs at the prices that do hold.
    """

    def __init__(self, strangers: tuple[Stranger, ...], *, total_cents: int) -> None:
        super().__init__(f"strangers={len(strangers)}")
        self.strangers, self.total_cents = strangers, total_cents


class MembersOnly(NoMember):
    """Some attendees were not recognised, and this is for members only."""


class TooMany(RegistrationRefused):
    """As much was sent as may be, by the limit that is named; after so many minutes it may go on."""

    def __init__(self, limit: str, *, minutes: int) -> None:
        super().__init__(f"limit={limit} minutes={minutes}")
        self.limit, self.minutes = limit, minutes


class TooManyHolds(TooMany):
    """As many unpaid orders are open as may be; after so many minutes all of them are paid or let go."""

    def __init__(self, kind: HolderKind, *, minutes: int) -> None:
        super().__init__(f"holds_{kind.value}", minutes=minutes)


def refuse_unless_on_sale(offer: Offer, *, counts: Mapping[str, SeatCount], now: datetime) -> None:
    """Raise NotOnSale before and after its dates, and when no seat is left."""
    available = availability(offer, counts, now=now)
    if available.sale is not Sale.OPEN:
        raise NotOnSale(available)


def refuse_without_seats(
    offer: Offer, *, wanted: Mapping[str, int], counts: Mapping[str, SeatCount], now: datetime
) -> None:
    """Raise TooFewSeats unless there are as many seats as are wanted, by counter."""
    available = availability(offer, counts, now=now)
    for counter, seats in wanted.items():
        _, _, group = counter.partition("/")
        free = available.by_group.get(group) if group else available.free
        if free is not None and free < seats:
            minutes = available.minutes if group in available.held_groups else None
            raise TooFewSeats(group=group, free=free, wanted=seats, minutes=minutes)
