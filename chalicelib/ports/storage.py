"""The sockets of what is read: the named questions to the table, and the few rows that are in no transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.copy import Copy
from chalicelib.domain.difference import Difference
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Email
from chalicelib.domain.issue import Issue
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.limit import Tally
from chalicelib.domain.login import Login
from chalicelib.domain.member_price import MemberPrice
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.page import Page
from chalicelib.domain.registration import Registration
from chalicelib.domain.seat import SeatCount
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import Team
from chalicelib.domain.suppression import Suppression
from chalicelib.ports.shelves import UnitOfWork


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

    def overdue(self, *, now: datetime) -> timedelta:
        """How long the most overdue of emails, refunds, orders and issues has waited; may lag behind by a second."""

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

    def questions(self, subscriber_id: str) -> Sequence[Email]:
        """The emails that asked a subscriber whether it is he, first to last."""

    def addressees(self, email_ids: Iterable[str]) -> Mapping[str, str]:
        """The addresses, as they are now, of whom these mails and copies of issues are for, by their ids."""

    def received(self, subscriber_id: str) -> Sequence[tuple[Issue, Copy]]:
        """The copies of issues that were made for a subscriber, each with its issue, newest first."""

    def member_prices(self, offer_id: str) -> Sequence[MemberPrice]:
        """Every line of an offer's orders at which a membership was recognised, in any order."""

    def buyers(self, organisation: str, *, limit: int, whole: bool = False) -> Sequence[str]:
        """Ids of orders of organisations whose names begin like this, or are the whole of it, by name."""

    def memberships(self) -> Sequence[Membership]:
        """All memberships, by name of their organisation."""

    def suppressions(self, *, rest: str, limit: int) -> Page[Suppression]:
        """The addresses that are not mailed, newest first, from where `rest` of the page before says."""


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
