"""A notebook: the table's nouns as plain objects, in which a long past is written in a moment (the port Store)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.difference import Difference
from chalicelib.domain.email import Email
from chalicelib.domain.error import Changed, CodeTaken, HoldsTaken, SeatsAstray, SeatsTaken, SlotTaken
from chalicelib.domain.hold import HoldCount, HoldMove
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.page import Page
from chalicelib.domain.seat import SeatCount, SeatMove
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import Team

CODE = "code"


@dataclass(frozen=True, slots=True)
class Code:
    """A code that is in use."""

    code: str
    order_id: str


@dataclass(slots=True)
class Staged:
    """One write: what must hold for it (it raises the conflict), and what it does."""

    check: Callable[[], None]
    write: Callable[[], None]


class Notebook:
    """All nouns, by the partition that they have in the table and by their kind and key; used by one thread."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[tuple[str, str], Any]] = defaultdict(dict)

    def all(self, kind: str) -> Iterator[Any]:
        """Every noun of a kind, in the order in which they were first written."""
        return (noun for lying in self._kept.values() for (each, _), noun in lying.items() if each == kind)

    def everything(self) -> Iterator[Any]:
        """Every noun; what lies with one order together."""
        return (noun for lying in self._kept.values() for noun in lying.values())

    def get(self, record: Record[Any], key: str) -> Any:
        return self._kept.get(record.partition(key), {}).get((record.kind, key))

    def put(self, record: Record[Any], noun: Any) -> None:
        key = record.key_of(noun)
        self._kept[record.partition(key)][record.kind, key] = noun

    def drop(self, record: Record[Any], key: str) -> None:
        self._kept[record.partition(key)].pop((record.kind, key), None)

    # The port.

    def unit_of_work(self) -> NotebookUnit:
        return NotebookUnit(self)

    def offers(self) -> Sequence[Offer]:
        return self._lying(records.OFFER, "")

    def attendees(self, order_id: str) -> Sequence[Attendee]:
        return self._lying(records.ATTENDEE, order_id)

    def attendances(self, attendance: str) -> Sequence[Attendance]:
        return self._lying(records.ATTENDANCE, attendance)

    def emails(self, order_id: str) -> Sequence[Email]:
        lying = self._kept.get(records.ORDER.partition(order_id), {})
        emails = [noun for (kind, _), noun in lying.items() if kind == records.EMAIL.kind]
        return sorted(emails, key=lambda email: email.created_at)

    def ledger(self, order_id: str) -> Ledger:
        payments = self._lying(records.PAYMENT, order_id)
        return Ledger(
            payments=tuple(sorted(payments, key=lambda payment: payment.booked_at)),
            refunds=tuple(self._lying(records.REFUND, order_id)),
            disputes=tuple(self._lying(records.DISPUTE, order_id)),
            entries=tuple(self._lying(records.ENTRY, order_id)),
        )

    def differences(self) -> Sequence[Difference]:
        return self._lying(records.DIFFERENCE, "")

    def staff(self) -> Sequence[Staff]:
        return self._lying(records.STAFF, "")

    def team(self) -> Team:
        return Team(staff=tuple(self.staff()), sessions=tuple(self._lying(records.STAFF_SESSION, "")))

    def audit(self, month: str, *, rest: str, limit: int) -> Page[AuditEntry]:  # noqa: ARG002  # all at once
        return Page(self._lying(records.AUDIT_ENTRY, month)[::-1], "")

    def seats(self, offer_id: str) -> Mapping[str, SeatCount]:
        return {count.counter: count for count in self._lying(records.SEATS, offer_id)}

    def member_domains(self, domain: str) -> Sequence[MemberDomain]:
        return self._lying(records.DOMAIN, domain)

    def due_orders(self, *, before: datetime, limit: int) -> Sequence[str]:
        return [each.id for each in self._due(records.ORDER, before=before)][:limit]

    def due_emails(self, *, before: datetime, limit: int) -> Sequence[str]:
        return [each.id for each in self._due(records.EMAIL, before=before)][:limit]

    def due_refunds(self, *, before: datetime, limit: int) -> Sequence[str]:
        return [each.key for each in self._due(records.REFUND, before=before)][:limit]

    def overdue(self, *, now: datetime) -> timedelta:
        waiting = (
            self._due(record, before=now) for record in (records.EMAIL, records.REFUND, records.ORDER, records.ISSUE)
        )
        return max((now - each.due for kind in waiting for each in kind), default=timedelta())

    def orders_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:  # noqa: ARG002  # in one
        return self._made(records.ORDER, since=since, until=until)

    def entries_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:  # noqa: ARG002  # in one
        return self._made(records.ENTRY, since=since, until=until)

    def payouts_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:  # noqa: ARG002  # in one
        return self._made(records.PAYOUT, since=since, until=until)

    # How it is looked up.

    def _lying(self, record: Record[Any], key: str) -> list[Any]:
        """The nouns of a kind in one partition, in the order of their keys."""
        lying = self._kept.get(record.partition(key), {})
        return [lying[place] for place in sorted(place for place in lying if place[0] == record.kind)]

    def _due(self, record: Record[Any], *, before: datetime) -> list[Any]:
        due = [noun for noun in self.all(record.kind) if noun.due is not None and noun.due <= before]
        return sorted(due, key=lambda noun: noun.due)

    def _made(self, record: Record[Any], *, since: datetime, until: datetime) -> Page[str]:
        """All of a period in one page."""
        made = record.made
        assert made is not None, "this kind is not found by its moment"
        found = [noun for noun in self.all(record.kind) if since <= made(noun) <= until]
        return Page([record.key_of(noun) for noun in sorted(found, key=made)], "")


class NotebookShelf:
    """The nouns of one kind; like the table it refuses what is there already, and what somebody else has changed."""

    def __init__(self, record: Record[Any], *, notebook: Notebook, stage: Callable[[Staged], None]) -> None:
        self._record, self._notebook, self._stage = record, notebook, stage

    def get(self, key: str) -> Any:
        return self._notebook.get(self._record, key)

    def add(self, noun: Any) -> None:
        record, key = self._record, self._record.key_of(noun)

        def check() -> None:
            if self._notebook.get(record, key) is not None:
                raise record.exists(record.kind, key)

        self._stage(Staged(check, lambda: self._notebook.put(record, noun)))

    def keep(self, noun: Any) -> None:
        self._stage(Staged(_always, lambda: self._notebook.put(self._record, noun)))

    def stays(self, key: str) -> None:
        def check() -> None:
            if self._notebook.get(self._record, key) is None:
                raise Changed(self._record.kind, key)

        self._stage(Staged(check, lambda: None))

    def remove(self, what: Any) -> None:
        """A noun, or the key of one."""
        key = what if isinstance(what, str) else self._record.key_of(what)
        self._stage(Staged(_always, lambda: self._notebook.drop(self._record, key)))

    def update(self, noun: Any) -> Any:
        after = replace(noun, version=noun.version + 1)
        self._stage(Staged(self._same(noun), lambda: self._notebook.put(self._record, after)))
        return after

    def unchanged(self, noun: Any) -> None:
        self._stage(Staged(self._same(noun), lambda: None))

    def _same(self, noun: Any) -> Callable[[], None]:
        key = self._record.key_of(noun)

        def check() -> None:
            stored = self._notebook.get(self._record, key)
            if stored is None or stored.version != noun.version:
                raise Changed(self._record.kind, key)

        return check


class NotebookMemberships(NotebookShelf):
    """Memberships, each with its mail domains."""

    def add(self, noun: Membership) -> None:
        super().add(noun)
        self._stage(Staged(_always, lambda: self._keep_domains(noun, before=())))

    def update(self, noun: Membership) -> Membership:
        before = self.get(noun.id).domains
        self._stage(Staged(_always, lambda: self._keep_domains(noun, before=before)))
        after: Membership = super().update(noun)
        return after

    def _keep_domains(self, noun: Membership, *, before: Sequence[str]) -> None:
        for domain in set(before) - set(noun.domains):
            self._notebook.drop(records.DOMAIN, f"{domain}#{noun.id}")
        for domain in noun.domains:
            row = MemberDomain(domain=domain, membership_id=noun.id, starts_on=noun.starts_on, ends_on=noun.ends_on)
            self._notebook.put(records.DOMAIN, row)


class NotebookSeats(NotebookShelf):
    """The seat counters."""

    def move(self, move: SeatMove, *, capacity: int | None, astray: bool = False) -> None:
        def counted() -> SeatCount:
            known: SeatCount = self.get(move.counter) or SeatCount(counter=move.counter, held=0, sold=0)
            held_until = move.held_until or known.held_until
            held, sold = known.held + move.held, known.sold + move.sold
            return SeatCount(counter=move.counter, held=held, sold=sold, held_until=held_until)

        def check() -> None:
            after = counted()
            if move.taken > 0 and capacity is not None and after.taken > capacity:
                raise SeatsTaken("seats", move.counter)
            if move.taken <= 0 and not astray and min(after.held, after.sold) < 0:
                raise SeatsAstray("seats", move.counter)

        self._stage(Staged(check, lambda: self._notebook.put(self._record, counted())))


class NotebookHolds(NotebookShelf):
    """How many unpaid orders somebody has open."""

    def move(self, move: HoldMove, *, most: int | None) -> None:
        def known() -> HoldCount:
            found: HoldCount | None = self.get(move.holder)
            return found or HoldCount(holder=move.holder, open=0, held_until=move.held_until)

        def check() -> None:
            if move.change > 0 and most is not None and known().open >= most:
                raise HoldsTaken("holds", move.holder)

        def write() -> None:
            before = known()
            held_until = before.held_until if move.change < 0 else move.held_until
            after = HoldCount(holder=move.holder, open=before.open + move.change, held_until=held_until)
            self._notebook.put(self._record, after)

        self._stage(Staged(check, write))


class NotebookSlots(NotebookShelf):
    """Which email has gone to somebody."""

    def take(self, slot: MailSlot, *, now: datetime) -> None:
        def check() -> None:
            taken: MailSlot | None = self.get(slot.id)
            if taken and taken.until > now and taken.email_id != slot.email_id:
                raise SlotTaken("slot", slot.id)

        self._stage(Staged(check, lambda: self._notebook.put(self._record, slot)))


class NotebookCodes:
    """The codes in use."""

    def __init__(self, *, notebook: Notebook, stage: Callable[[Staged], None]) -> None:
        self._notebook, self._stage = notebook, stage

    def add(self, *, code: str, order_id: str) -> None:
        def check() -> None:
            if self._notebook.get(CODES, code) is not None:
                raise CodeTaken(CODE, code)

        self._stage(Staged(check, lambda: self._notebook.put(CODES, Code(code, order_id))))


CODES = Record(
    kind=CODE, noun=Code, partition=lambda key: f"CODE#{key}", sort=lambda _: "CODE", key_of=lambda code: code.code
)


class NotebookUnit:
    """Writes that happen together or not at all."""

    def __init__(self, notebook: Notebook) -> None:
        self._staged: list[Staged] = []
        shared: Any = {"notebook": notebook, "stage": self._staged.append}
        self.offers = NotebookShelf(records.OFFER, **shared)
        self.orders = NotebookShelf(records.ORDER, **shared)
        self.codes = NotebookCodes(**shared)
        self.buyers = NotebookShelf(records.BUYER, **shared)
        self.consents = NotebookShelf(records.CONSENT, **shared)
        self.payments = NotebookShelf(records.PAYMENT, **shared)
        self.refunds = NotebookShelf(records.REFUND, **shared)
        self.disputes = NotebookShelf(records.DISPUTE, **shared)
        self.entries = NotebookShelf(records.ENTRY, **shared)
        self.payouts = NotebookShelf(records.PAYOUT, **shared)
        self.differences = NotebookShelf(records.DIFFERENCE, **shared)
        self.rounds = NotebookShelf(records.ROUND, **shared)
        self.retentions = NotebookShelf(records.RETENTION, **shared)
        self.memberships = NotebookMemberships(records.MEMBERSHIP, **shared)
        self.emails = NotebookShelf(records.EMAIL, **shared)
        self.attendees = NotebookShelf(records.ATTENDEE, **shared)
        self.attendances = NotebookShelf(records.ATTENDANCE, **shared)
        self.drafts = NotebookShelf(records.DRAFT, **shared)
        self.seats = NotebookSeats(records.SEATS, **shared)
        self.holds = NotebookHolds(records.HOLDS, **shared)
        self.slots = NotebookSlots(records.SLOT, **shared)
        self.staff = NotebookShelf(records.STAFF, **shared)
        self.staff_sessions = NotebookShelf(records.STAFF_SESSION, **shared)
        self.audit = NotebookShelf(records.AUDIT_ENTRY, **shared)
        self.deeds = NotebookShelf(records.DEED, **shared)
        self.notes = NotebookShelf(records.NOTE, **shared)
        self.issues = NotebookShelf(records.ISSUE, **shared)
        self.issue_texts = NotebookShelf(records.ISSUE_TEXT, **shared)
        self.issue_counts = NotebookShelf(records.ISSUE_COUNT, **shared)
        self.copies = NotebookShelf(records.COPY, **shared)
        self.subscribers = NotebookShelf(records.SUBSCRIBER, **shared)
        self.suppressions = NotebookShelf(records.SUPPRESSION, **shared)

    def commit(self) -> None:
        for staged in self._staged:
            staged.check()
        for staged in self._staged:
            staged.write()


def _always() -> None:
    """Nothing has to hold."""
