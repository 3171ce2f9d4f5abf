"""The sockets: what the flows need of the world, in our own words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry, OrderDeed
from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession
from chalicelib.domain.dead_letter import DeadLetter, WorkerQueue
from chalicelib.domain.difference import Difference
from chalicelib.domain.dispute import Dispute
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import Email, Letter
from chalicelib.domain.hold import HoldCount, HoldMove
from chalicelib.domain.language import Language
from chalicelib.domain.ledger import Entry, Ledger
from chalicelib.domain.limit import Tally
from chalicelib.domain.login import Login
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.note import Note
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.page import Page
from chalicelib.domain.payment import Payment
from chalicelib.domain.payout import PaidOut, Payout, Transaction
from chalicelib.domain.reconciliation import Round
from chalicelib.domain.refund import Refund, RefundNews, RefundRequest
from chalicelib.domain.registration import Registration
from chalicelib.domain.seat import SeatCount, SeatMove
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import StaffSession, Team


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


class AttendanceShelf(Shelf[Attendance], Protocol):
    """Who has a confirmed seat."""

    def remove(self, attendance: Attendance) -> None:
        """Stage that he has it no more; the commit raises Changed unless it is still the one of this order."""


class PassingShelf[Noun](KeptShelf[Noun], Protocol):
    """A shelf of nouns that go again."""

    def remove(self, key: str) -> None:
        """Stage that there is no such noun any more, whether there was one or not."""


class StaffShelf(LivingShelf[Staff], Protocol):
    """Who works here."""

    def remove(self, staff: Staff) -> None:
        """Stage that somebody works here no more; the commit raises Changed unless he is as he was read."""


class SeatShelf(Protocol):
    """The seat counters of events."""

    def move(self, move: SeatMove, *, capacity: int | None, astray: bool = False) -> None:
        """Stage what an order takes or gives back.

        The commit raises SeatsTaken when that would be more than the capacity (None: no limit), or SeatsAstray when
        more is given back than is taken, unless it is known that the counter is `astray`. Giving back is never refused
        because of a capacity.
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
    def buyers(self) -> PassingShelf[Buyer]: ...
    @property
    def consents(self) -> PassingShelf[Consent]: ...
    @property
    def payments(self) -> KeptShelf[Payment]: ...
    @property
    def refunds(self) -> KeptShelf[Refund]: ...
    @property
    def disputes(self) -> KeptShelf[Dispute]: ...
    @property
    def entries(self) -> KeptShelf[Entry]: ...
    @property
    def payouts(self) -> KeptShelf[Payout]: ...
    @property
    def differences(self) -> PassingShelf[Difference]: ...
    @property
    def rounds(self) -> LivingShelf[Round]: ...
    @property
    def memberships(self) -> LivingShelf[Membership]: ...
    @property
    def emails(self) -> LivingShelf[Email]: ...
    @property
    def attendees(self) -> PassingShelf[Attendee]: ...
    @property
    def attendances(self) -> AttendanceShelf: ...
    @property
    def drafts(self) -> KeptShelf[Draft]: ...
    @property
    def seats(self) -> SeatShelf: ...
    @property
    def holds(self) -> HoldShelf: ...
    @property
    def slots(self) -> SlotShelf: ...
    @property
    def staff(self) -> StaffShelf: ...
    @property
    def staff_sessions(self) -> LivingShelf[StaffSession]: ...
    @property
    def audit(self) -> Shelf[AuditEntry]: ...
    @property
    def deeds(self) -> PassingShelf[OrderDeed]: ...
    @property
    def notes(self) -> PassingShelf[Note]: ...

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

    def attendances(self, attendance: str) -> Sequence[Attendance]:
        """The seats that somebody has at an event as it is now, one for each order. Raises StorageUnavailable."""

    def emails(self, order_id: str) -> Sequence[Email]:
        """All emails about an order as they are now, first to last. Raises StorageUnavailable."""

    def ledger(self, order_id: str) -> Ledger:
        """All money of an order as it is now. Raises StorageUnavailable."""

    def differences(self) -> Sequence[Difference]:
        """All differences that reconciliation has found and not seen put right, by what they are about."""

    def staff(self) -> Sequence[Staff]:
        """Everybody who works here, by address."""

    def team(self) -> Team:
        """Everybody who works here and all sessions, in one question."""

    def audit(self, month: str, *, rest: str, limit: int) -> Page[AuditEntry]:
        """What was done behind the desk in a month such as 2026-11, newest first, from where `rest` says."""

    def seats(self, offer_id: str) -> Mapping[str, SeatCount]:
        """The seat counters of an offer as they are now, by name; one that was never used is absent."""

    def member_domains(self, domain: str) -> Sequence[MemberDomain]:
        """The memberships that a mail domain belongs to, running or not, by membership id."""

    def due_orders(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of orders to be looked at, longest overdue first; may lag behind by a second."""

    def due_emails(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of emails left behind, longest overdue first; may lag behind by a second."""

    def due_refunds(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Keys of refunds to be made, longest overdue first; may lag behind by a second."""

    def orders_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:
        """Ids of orders made in a period, oldest first, from where `rest` of the page before says (empty: the first).

        A page may be empty although there are more. It may lag behind by a second, as the two below.
        """

    def entries_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:
        """Keys of ledger entries whose moment is in a period, oldest first."""

    def payouts_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:
        """Ids of payouts made in a period, oldest first."""


class Lists(Protocol):
    """What the pages behind the desk ask; all of it may lag behind by a second, and raises StorageUnavailable."""

    def order_of_code(self, code: str) -> str:
        """The id of the order with this code; empty when there is none."""

    def dossier(self, order_id: str) -> Dossier | None:
        """All that lies with an order, as it is now."""

    def edition(self, offer_id: str) -> Sequence[Registration]:
        """All registrations of an offer, in any order."""

    def registrations(self, order_ids: Iterable[str]) -> Sequence[Registration]:
        """These registrations, in any order, without those who come."""

    def orders_of(self, email: str) -> Sequence[str]:
        """The ids of the orders in which somebody with this address is the buyer or comes."""

    def memberships_of(self, email: str) -> Sequence[str]:
        """The ids of the memberships that have this address for their contact."""

    def buyers(self, organisation: str, *, limit: int) -> Sequence[str]:
        """Ids of orders of organisations whose names begin like this, by name."""

    def memberships(self) -> Sequence[Membership]:
        """All memberships, by name of their organisation."""


class Tallies(Protocol):
    """Counts of what is limited; each is a row of its own, in no transaction, so that a busy one stops nobody."""

    def count(self, tally: Tally) -> int:
        """One more: how many it is by now. Raises StorageUnavailable, after which it may have been counted."""


class Logins(Protocol):
    """The codes that were asked for; all of this raises StorageUnavailable."""

    def keep(self, login: Login) -> None:
        """Write that a code was asked for."""

    def get(self, login_id: str) -> Login | None:
        """The login as it is now, run out or not."""

    def count_try(self, login_id: str, *, now: datetime) -> Login | None:
        """Count one try, before anything is compared; None when there is no such login, or none that counts still."""


class PaymentGateway(Protocol):
    """The payment service; every answer is as it is there at that moment, with all that became of a payment."""

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        """Open a session, or get the one this same request opened before.

        Raises PaymentRefused (nothing executed), PaymentUnknown (look first) or PaymentUnavailable (ask again).
        """

    def fetch(self, session_id: str) -> CheckoutSession | None:
        """The session as it is now; None when it is not one of this desk. Raises PaymentUnavailable."""

    def find(self, payment_id: str) -> CheckoutSession | None:
        """The session that a payment was made in; None when it is not one of this desk. Raises PaymentUnavailable."""

    def close(self, session_id: str) -> CheckoutSession:
        """Close an open session. Raises SessionNotOpen when it is not open any more, or PaymentUnavailable."""

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        """All sessions of an order opened since then, newest first. Raises PaymentUnavailable."""

    def refund(self, request: RefundRequest) -> RefundNews:
        """Make a refund, or get the one that this same request made before.

        Raises PaymentRefused (nothing executed), PaymentUnknown (look first) or PaymentUnavailable (ask again).
        """


class PaymentBooks(Protocol):
    """The payment service's own books, to be compared with ours; all of this raises PaymentUnavailable.

    `rest` is where a page goes on, empty for the first. Each page is newest first.
    """

    def sessions(self, *, since: datetime, until: datetime, rest: str) -> Page[CheckoutSession]:
        """The sessions of this desk that were opened in a period."""

    def refunded(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        """Ids of payments of this desk of which something was refunded in a period."""

    def disputed(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        """Ids of payments of this desk about which a dispute was begun in a period."""

    def transactions(self, *, since: datetime, until: datetime, rest: str) -> Page[Transaction]:
        """All transactions of the balance in a period; those of others have no order."""

    def payouts(self, *, since: datetime, until: datetime, rest: str) -> Page[PaidOut]:
        """What was paid out to the bank in a period."""

    def transactions_of(self, payout_id: str, *, rest: str) -> Page[Transaction]:
        """The transactions that a payout is made of, its own not among them."""


class Queue(Protocol):
    """A fast path to a worker; what must not be lost is in the table as well."""

    def put(self, message: str) -> None:
        """Raises QueueUnavailable."""


class DeadLetters(Protocol):
    """The messages that the workers' queues laid aside; one that is taken is hidden from others for a minute."""

    def count(self, queue: WorkerQueue) -> int:
        """About how many there are, hidden ones too. Raises QueueUnavailable."""

    def take(self, queue: WorkerQueue) -> Sequence[DeadLetter]:
        """Some of those that are not hidden; none when there are no more. Raises QueueUnavailable."""

    def give_back(self, letters: Sequence[DeadLetter]) -> None:
        """Hide them no longer, those of them that were not deleted; when that fails, the minute passes."""

    def offer_again(self, letter: DeadLetter) -> None:
        """Put its body in the queue of its worker; it is here as well until it is deleted. Raises QueueUnavailable."""

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter that was taken. Raises QueueUnavailable."""


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
        refund: Refund | None,
    ) -> Letter:
        """The letter in the email's language: to the attendee whose number it carries, else to the buyer.

        `draft` is the form that the buyer wants to go on with, as long as it is there; `refund` the one that the email
        tells of.
        """


class CodeComposer(Protocol):
    """Makes the text of the mail with a code to log in with."""

    def compose_code(self, code: str, *, to: str, name: str, language: Language) -> Letter:
        """The letter to somebody who works here; `name` may be empty."""


class MailSender(Protocol):
    """The mail service."""

    def send(self, letter: Letter, *, email_id: str) -> str:
        """Send once, never twice by itself; the mail service's message id.

        Raises MailPostponed or MailRejected (surely not sent), or MailUnknown.
        """
