"""An attendee: one person who comes to an event; personal data, kept apart from the order so that it can be erased."""

from dataclasses import dataclass

from chalicelib.domain.answers import AttendeeAnswers
from chalicelib.domain.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """One person of an order, numbered from 1; `attendance` stands for this address at this event."""

    order_id: str
    offer_id: str
    number: int
    name: str
    email: str
    group: str
    is_buyer: bool
    attendance: str

    @property
    def id(self) -> str:
        return f"{self.order_id}#{self.number:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """That an address has a confirmed seat at an event by an order; found without the address being in it.

    Who has paid is confirmed, even if another order has given him a seat meanwhile: each has a row of its own. What is
    `free` shares one, so that of two registrations of one person at one moment one is refused.
    """

    id: str
    order_id: str
    number: int
    free: bool

    @property
    def key(self) -> str:
        return f"{self.id}#{'free' if self.free else self.order_id}"


def number_attendees(
    people: tuple[AttendeeAnswers, ...], *, order_id: str, offer_id: str, buyer_attends: bool, identity: Identity
) -> tuple[Attendee, ...]:
    """The attendees of an order in the order of the form; the buyer, if he attends himself, is the first."""
    return tuple(
        Attendee(
            order_id=order_id,
            offer_id=offer_id,
            number=number,
            name=person.name,
            email=person.email,
            group=person.group,
            is_buyer=buyer_attends and number == 1,
            attendance=identity.attendance(offer_id=offer_id, email=person.email),
        )
        for number, person in enumerate(people, start=1)
    )
