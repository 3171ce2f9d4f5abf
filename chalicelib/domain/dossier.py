"""A dossier: all that lies with one order, read in one go."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.attendee import Attendee
from chalicelib.domain.audit_entry import OrderDeed
from chalicelib.domain.email import Email
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.note import Note
from chalicelib.domain.order import Buyer, Consent, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """An order, who and what belongs to it, and all that was done about it; each list from the first to the last.

    `buyer` is None only when it was never there: of somebody who was erased an empty row stays.
    """

    order: Order
    buyer: Buyer | None
    consents: tuple[Consent, ...]
    attendees: tuple[Attendee, ...]
    ledger: Ledger
    emails: tuple[Email, ...]
    notes: tuple[Note, ...]
    deeds: tuple[OrderDeed, ...]

    def was_done(self, key: str) -> bool:
        """Whether the form with this key has done its work."""
        return any(deed.entry.id == key for deed in self.deeds)

    def attendee(self, number: int) -> Attendee | None:
        return next((each for each in self.attendees if each.number == number), None)

    def email(self, email_id: str) -> Email | None:
        return next((each for each in self.emails if each.id == email_id), None)

    def to(self, email: Email) -> str:
        """The address that an email goes to, empty once that has been erased."""
        if email.attendee:
            attendee = self.attendee(email.attendee)
            return attendee.email if attendee else ""
        return self.buyer.answers.email if self.buyer else ""
