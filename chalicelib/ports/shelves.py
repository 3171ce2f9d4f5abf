"""The sockets of the table: shelves on which nouns stand, and the unit of work that writes to them together."""

from datetime import datetime
from typing import Protocol

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry, OrderDeed
from chalicelib.domain.copy import Copy
from chalicelib.domain.difference import Difference
from chalicelib.domain.dispute import Dispute
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import Email
from chalicelib.domain.hold import HoldCount, HoldMove
from chalicelib.domain.issue import Issue, IssueCount, IssueText
from chalicelib.domain.ledger import Entry
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import Membership
from chalicelib.domain.note import Note
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.payment import Payment
from chalicelib.domain.payout import Payout
from chalicelib.domain.reconciliation import Round
from chalicelib.domain.refund import Refund
from chalicelib.domain.retention import RetentionRun
from chalicelib.domain.seat import SeatMove
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import StaffSession
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.suppression import Suppression


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

    def unchanged(self, noun: Noun) -> None:
        """Stage nothing but the condition that it is as it was read, since something is decided by it; else the commit
        raises Changed."""


class KeptShelf[Noun](Shelf[Noun], Protocol):
    """A shelf of nouns that may also take the place of what was there."""

    def keep(self, noun: Noun) -> None:
        """Stage a noun, in the place of what was there."""

    def stays(self, key: str) -> None:
        """Stage nothing but the condition that there is still one; else the commit raises Changed."""


class AttendanceShelf(Shelf[Attendance], Protocol):
    """Who has a confirmed seat."""

    def remove(self, attendance: Attendance) -> None:
        """Stage that he has it no more; the commit raises Changed unless it is still the one of this order."""


class SuppressionShelf(KeptShelf[Suppression], Protocol):
    """The addresses that are mailed no more."""

    def keep(self, noun: Suppression) -> None:
        """Stage that it is mailed no more; the commit raises Changed when a bounce would take a complaint's place."""

    def remove(self, suppression: Suppression) -> None:
        """Stage that it is mailed again; the commit raises Changed unless it is still by this mail and cause."""


class PassingShelf[Noun](KeptShelf[Noun], Protocol):
    """A shelf of nouns that go again."""

    def remove(self, key: str) -> None:
        """Stage that there is no such noun any more, whether there was one or not."""


class LeavingShelf[Noun](LivingShelf[Noun], Protocol):
    """A shelf of nouns that change, and go."""

    def remove(self, noun: Noun) -> None:
        """Stage that there is no such noun any more; the commit raises Changed unless it is as it was read."""


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
    def offers(self) -> LivingShelf[Offer]: ...
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
    def retentions(self) -> LivingShelf[RetentionRun]: ...
    @property
    def memberships(self) -> LivingShelf[Membership]: ...
    @property
    def emails(self) -> LeavingShelf[Email]: ...
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
    def staff(self) -> LeavingShelf[Staff]: ...
    @property
    def staff_sessions(self) -> LivingShelf[StaffSession]: ...
    @property
    def audit(self) -> Shelf[AuditEntry]: ...
    @property
    def deeds(self) -> PassingShelf[OrderDeed]: ...
    @property
    def notes(self) -> PassingShelf[Note]: ...
    @property
    def subscribers(self) -> LeavingShelf[Subscriber]: ...
    @property
    def issues(self) -> LivingShelf[Issue]: ...
    @property
    def issue_texts(self) -> LivingShelf[IssueText]: ...
    @property
    def issue_counts(self) -> KeptShelf[IssueCount]: ...
    @property
    def copies(self) -> LeavingShelf[Copy]: ...
    @property
    def suppressions(self) -> SuppressionShelf: ...

    def commit(self) -> None:
        """Write all that is staged in one transaction.

        Raises the Conflict of the write whose condition failed, or StorageUnavailable, after which it is
        unknown whether the transaction happened: repeating the whole flow must then be harmless.
        """
