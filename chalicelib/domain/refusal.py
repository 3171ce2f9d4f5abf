"""Why a registration cannot be made now, though the form is filled in right; nothing was written."""

from dataclasses import dataclass

from chalicelib.domain.availability import Availability
from chalicelib.domain.error import RegistrationRefused


class NotOnSale(RegistrationRefused):
    """Not yet, no longer, full, or all in other people's hands."""

    def __init__(self, availability: Availability) -> None:
        super().__init__(availability.sale.value)
        self.availability = availability


class TooFewSeats(RegistrationRefused):
    """Some seats are left, but fewer than were asked: in the event, or in the group that is named."""

    def __init__(self, *, group: str, free: int, wanted: int) -> None:
        super().__init__(f"free={free} wanted={wanted}")
        self.group, self.free, self.wanted = group, free, wanted


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
