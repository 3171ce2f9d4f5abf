"""Import members: plan or write what a file of existing members comes to, row by row."""

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.calendar import local_date
from chalicelib.domain.error import AlreadyExists, Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.member_import import (
    Add,
    Change,
    Found,
    MemberRow,
    Verdict,
    alike,
    mark_doubles,
    plan_row,
    refuse,
)
from chalicelib.domain.membership import Membership
from chalicelib.ports import Lists, Store

log = logging.getLogger(__name__)

TRIES = 5


def plan_import(rows: Sequence[MemberRow], *, store: Store, identity: Identity, now: datetime) -> Iterator[Verdict]:
    """What an import would do with each row, once it had done the rows before; writes nothing.

    Each verdict is made when it is asked for. Raises StorageUnavailable.
    """
    yield from _planned(rows, _Roll(store=store, identity=identity, today=local_date(now)))


def _planned(rows: Sequence[MemberRow], roll: "_Roll") -> Iterator[Verdict]:
    for row in mark_doubles(rows):
        verdict = roll.plan(row)
        match verdict:
            case Add(membership=planned) | Change(after=planned):
                roll.planned[planned.id] = planned
        yield verdict


def plan_from_list(
    rows: Sequence[MemberRow], *, store: Store, lists: Lists, identity: Identity, now: datetime
) -> Sequence[Verdict]:
    """The same plan from a list of all memberships, which may lag behind by a second: a page cannot ask row by row."""
    memberships = lists.memberships()
    domains = {domain for row in rows for domain in row.domains}
    made = {identity.import_id(key) for row in rows for key in row.keys}
    unsure = [each.id for each in memberships if each.id not in made and domains.intersection(each.domains)]
    bought = frozenset(each.order_id for each in lists.registrations(unsure)) if unsure else frozenset[str]()
    listed = _Listed(memberships, bought=bought)
    roll = _Roll(store=store, identity=identity, today=local_date(now), listed=listed)
    return list(_planned(rows, roll))


def plan_fingerprint(plan: Sequence[Verdict]) -> str:
    """Tells whether a plan is still the one that somebody agreed to."""
    return hashlib.sha256(repr(list(plan)).encode()).hexdigest()


def import_members(
    rows: Sequence[MemberRow], *, store: Store, identity: Identity, now: datetime, entry: AuditEntry | None = None
) -> Iterator[Verdict]:
    """Write each row in a commit of its own when its verdict is asked for: whatever has a verdict is in the table.

    The entry is written with the first of them, so that nothing is imported that the log does not tell of. After a stop
    anywhere, importing the whole file again finishes it. Raises StorageUnavailable.
    """
    roll = _Roll(store=store, identity=identity, today=local_date(now))
    for row in mark_doubles(rows):
        verdict = _import_row(row, roll, entry=entry)
        if isinstance(verdict, Add | Change):
            entry = None
        yield verdict


def _import_row(row: MemberRow, roll: "_Roll", *, entry: AuditEntry | None) -> Verdict:
    for _ in range(TRIES):
        verdict = roll.plan(row)
        try:
            _write(verdict, store=roll.store, entry=entry)
        except (Changed, AlreadyExists):
            continue  # somebody else wrote it at the same time: look at what they made of it
        return verdict
    raise StorageUnavailable("the membership of a row kept changing")


def _write(verdict: Verdict, *, store: Store, entry: AuditEntry | None) -> None:
    unit = store.unit_of_work()
    if entry is not None:
        unit.audit.add(entry)
    match verdict:
        case Add(membership=membership):
            unit.memberships.add(membership)
            unit.commit()
            log.info("member_added membership_id=%s", membership.id)
        case Change(after=membership):
            unit.memberships.update(membership)
            unit.commit()
            log.info("member_changed membership_id=%s", membership.id)


class _Listed:
    """All memberships as a list told them, by what a roll asks."""

    def __init__(self, memberships: Iterable[Membership], *, bought: frozenset[str]) -> None:
        self.bought, self.by_id = bought, {each.id: each for each in memberships}
        self.by_domain: dict[str, list[str]] = defaultdict(list)
        for each in self.by_id.values():
            for domain in each.domains:
                self.by_domain[domain].append(each.id)


class _Roll:
    """The memberships as they are in the table, or would be after the rows that were planned."""

    def __init__(self, *, store: Store, identity: Identity, today: date, listed: _Listed | None = None) -> None:
        self.store, self._identity, self._today, self._listed = store, identity, today, listed
        self.planned: dict[str, Membership] = {}

    def plan(self, row: MemberRow) -> Verdict:
        if row.faults:
            return refuse(row, today=self._today)
        return plan_row(row, found=self._find(row), today=self._today)

    def _find(self, row: MemberRow) -> Found:
        ids = [self._identity.import_id(key) for key in row.keys]
        named = tuple(found for each in ids if (found := self._membership(each)))
        neighbours = tuple(self._neighbours(row))
        return Found(named=named, neighbours=neighbours, bought=self._bought(row, neighbours), new_id=ids[0])

    def _neighbours(self, row: MemberRow) -> Iterator[Membership]:
        ids = {each for domain in row.domains for each in self._of_domain(domain)}
        for each in sorted(ids):
            membership = self._membership(each)
            # a row before this one may be planned to give the domain up
            if membership and set(row.domains) & set(membership.domains):
                yield membership

    def _bought(self, row: MemberRow, neighbours: Sequence[Membership]) -> frozenset[str]:
        """The row's organisation buys through the form: a bought membership bears the id of its order."""
        mine = (each.id for each in neighbours if alike(row, each))
        if self._listed:
            return self._listed.bought.intersection(mine)
        orders = self.store.unit_of_work().orders
        return frozenset(each for each in mine if orders.get(each))

    def _of_domain(self, domain: str) -> Iterable[str]:
        if self._listed:
            return self._listed.by_domain.get(domain, ())
        return [each.membership_id for each in self.store.member_domains(domain)]

    def _membership(self, membership_id: str) -> Membership | None:
        if planned := self.planned.get(membership_id):
            return planned
        if self._listed:
            return self._listed.by_id.get(membership_id)
        return self.store.unit_of_work().memberships.get(membership_id)
