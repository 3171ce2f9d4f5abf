"""The sockets: what the flows need of the world, in our own words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import Email, Letter
from chalicelib.domain.hold import HoldCount, HoldMove
from chalicelib.domain.limit import Tally
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order, Payment
from chalicelib.domain.seat import SeatCount, SeatMove


class Shelf[Noun](Protocol):
    """Where nouns of one kind stand; writes are staged until the unit of work commits."""

    def get(self, key: str) -> Noun | None:
        """The noun as it is now (consistent read), or None. Raises StorageUnavailable."""

    def add(self, noun: Noun) -> None:
        """Stage a noun that must not exist yet; the commit raises AlreadyExists (or its own kind of it)."""


class LivingShelf[Noun](Shelf[Noun], Protocol):
    """A shelf of nouns that change; each carries the version it was read at."""

    def update(self, noun: Noun) -> Noun:
        """Stage the noun's new form and give it as it will be stored, with the next version.

        The commit raises Changed unless the version it was read at is still the stored one.
        """


class OfferShelf(LivingShelf[Offer], Protocol):
    """The offers; what is decided by one is written only if it still says so."""

    def unchanged(self, offer: Offer) -> None:
        """Stage nothing but the condition that the offer is as it was read; else the commit raises Changed."""


class KeptShelf[Noun](Shelf[Noun], Protocol):
    """A shelf of nouns that may also take the place of what was there."""

    def keep(self, noun: Noun) -> None:
        """Stage a noun, in the place of what was there."""


class SeatShelf(Protocol):
    """The seat counters of events."""

    def move(self, move: SeatMove, *, capacity: int | None) -> None:
        """Stage what an order takes or gives back.

        The commit raises SeatsTaken when that would be more than the capacity (None: no limit), or SeatsAstray when
        more is given back than is taken. Giving back is never refused because of a capacity.
        """


class HoldShelf(Protocol):
    """How many unpaid orders somebody has open."""

    def get(self, key: str) -> HoldCount | None:
        """The count as it is now, None when it was never used. Raises StorageUnavailable."""

    def move(self, move: HoldMove, *, most: int | None) -> None:
        """Stage one more, one less, or one that is held for longer.

        The commit raises HoldsTaken when one more would be more than `most` (None: no limit). Nothing else is ever
        refused: nobody's payment may fail because of a counter.
        """


class SlotShelf(Protocol):
    """Which email has gone to somebody."""

    def get(self, key: str) -> MailSlot | None:
        """The slot as it is now, None when it was not taken. Raises StorageUnavailable."""

    def take(self, slot: MailSlot, *, now: datetime) -> None:
        """Stage that this email has the slot; the commit raises SlotTaken while another one has it."""


class CodeShelf(Protocol):
    """Which order codes are in use."""

    def add(self, *, code: str, order_id: str) -> None:
        """Stage a code that must be free; the commit raises CodeTaken."""


class UnitOfWork(Protocol):
    """Writes that happen together or not at all."""

    @property
    def offers(self) -> OfferShelf: ...
    @property
    def orders(self) -> LivingShelf[Order]: ...
    @property
    def codes(self) -> CodeShelf: ...
    @property
    def buyers(self) -> Shelf[Buyer]: ...
    @property
    def consents(self) -> Shelf[Consent]: ...
    @property
    def payments(self) -> Shelf[Payment]: ...
    @property
    def memberships(self) -> LivingShelf[Membership]: ...
    @property
    def emails(self) -> LivingShelf[Email]: ...
    @property
    def attendees(self) -> Shelf[Attendee]: ...
    @property
    def attendances(self) -> KeptShelf[Attendance]: ...
    @property
    def drafts(self) -> KeptShelf[Draft]: ...
    @property
    def seats(self) -> SeatShelf: ...
    @property
    def holds(self) -> HoldShelf: ...
    @property
    def slots(self) -> SlotShelf: ...

    def commit(self) -> None:
        """Write all that is staged in one transaction.

        Raises the Conflict of the write whose condition failed, or StorageUnavailable, after which it is
        unknown whether the transaction happened: repeating the whole flow must then be harmless.
        """


class Store(Protocol):
    """The table: opens units of work and answers the named questions."""

    def unit_of_work(self) -> UnitOfWork: ...

    def offers(self) -> Sequence[Offer]:
        """All offers, by id."""

    def attendees(self, order_id: str) -> Sequence[Attendee]:
        """The attendees of an order as they are now, by number. Raises StorageUnavailable."""

    def seats(self, offer_id: str) -> Mapping[str, SeatCount]:
        """The seat counters of an offer as they are now, by name; one that was never used is absent."""

    def member_domains(self, domain: str) -> Sequence[MemberDomain]:
        """The memberships that a mail domain belongs to, running or not, by membership id."""

    def due_orders(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of orders to be looked at, longest overdue first; may lag behind by a second."""

    def due_emails(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of emails left behind, longest overdue first; may lag behind by a second."""


class Tallies(Protocol):
    """Counts of what is limited; each is a row of its own, in no transaction, so that a busy one stops nobody."""

    def count(self, tally: Tally) -> int:
        """One more: how many it is by now. Raises StorageUnavailable, after which it may have been counted."""


class PaymentGateway(Protocol):
    """The payment service; every answer is a session as it is there at that moment."""

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        """Open a session, or get the one this same request opened before.

        Raises PaymentRefused (nothing executed), PaymentUnknown (look first) or PaymentUnavailable (ask again).
        """

    def fetch(self, session_id: str) -> CheckoutSession | None:
        """The session as it is now; None when it is not one of this desk. Raises PaymentUnavailable."""

    def close(self, session_id: str) -> CheckoutSession:
        """Close an open session. Raises SessionNotOpen when it is not open any more, or PaymentUnavailable."""

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        """All sessions of an order opened since then, newest first. Raises PaymentUnavailable."""


class Queue(Protocol):
    """A fast path to a worker; what must not be lost is in the table as well."""

    def put(self, message: str) -> None:
        """Raises QueueUnavailable."""


class MailComposer(Protocol):
    """Makes the text of a mail from what is stored."""

    def compose(
        self,
        email: Email,
        *,
        order: Order,
        buyer: Buyer,
        offer: Offer,
        membership: Membership | None,
        attendees: Sequence[Attendee],
        draft: Draft | None,
    ) -> Letter:
        """The letter in the email's language: to the attendee whose number it carries, else to the buyer.

        `draft` is the form that the buyer wants to go on with, as long as it is there.
        """


class MailSender(Protocol):
    """The mail service."""

    def send(self, letter: Letter, *, email_id: str) -> str:
        """Send once, never twice by itself; the mail service's message id.

        Raises MailPostponed or MailRejected (surely not sent), or MailUnknown.
        """
