"""Import members: plan or write what a file of existing members comes to, row by row."""

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime

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
from chalicelib.ports import Store

log = logging.getLogger(__name__)

TRIES = 5


def plan_import(rows: Sequence[MemberRow], *, store: Store, identity: Identity, now: datetime) -> Iterator[Verdict]:
    """What an import would do with each row, once it had done the rows before; writes nothing.

    Each verdict is made when it is asked for. Raises StorageUnavailable.
    """
    roll = _Roll(store=store, identity=identity, today=local_date(now))
    for row in mark_doubles(rows):
        verdict = roll.plan(row)
        match verdict:
            case Add(membership=planned) | Change(after=planned):
                roll.planned[planned.id] = planned
        yield verdict


def import_members(rows: Sequence[MemberRow], *, store: Store, identity: Identity, now: datetime) -> Iterator[Verdict]:
    """Write each row in a commit of its own when its verdict is asked for: whatever has a verdict is in the table.

    After a stop anywhere, importing the whole file again finishes it. Raises StorageUnavailable.
    """
    roll = _Roll(store=store, identity=identity, today=local_date(now))
    for row in mark_doubles(rows):
        yield _import_row(row, roll)


def _import_row(row: MemberRow, roll: "_Roll") -> Verdict:
    for _ in range(TRIES):
        verdict = roll.plan(row)
        try:
            _write(verdict, store=roll.store)
        except (Changed, AlreadyExists):
            continue  # somebody else wrote it at the same time: look at what they made of it
        return verdict
    raise StorageUnavailable("the membership of a row kept changing")


def _write(verdict: Verdict, *, store: Store) -> None:
    unit = store.unit_of_work()
    match verdict:
        case Add(membership=membership):
            unit.memberships.add(membership)
            unit.commit()
            log.info("member_added membership_id=%s", membership.id)
        case Change(after=membership):
            unit.memberships.update(membership)
            unit.commit()
            log.info("member_changed membership_id=%s", membership.id)


class _Roll:
    """The memberships as they are in the table, or would be after the rows that were planned."""

    def __init__(self, *, store: Store, identity: Identity, today: date) -> None:
        self.store, self._identity, self._today = store, identity, today
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
        ids = {each.membership_id for domain in row.domains for each in self.store.member_domains(domain)}
        for each in sorted(ids):
            membership = self._membership(each)
            # a row before this one may be planned to give the domain up
            if membership and set(row.domains) & set(membership.domains):
                yield membership

    def _bought(self, row: MemberRow, neighbours: Sequence[Membership]) -> frozenset[str]:
        """The row's organisation buys through the form: a bought membership bears the id of its order."""
        orders = self.store.unit_of_work().orders
        return frozenset(each.id for each in neighbours if alike(row, each) and orders.get(each.id))

    def _membership(self, membership_id: str) -> Membership | None:
        return self.planned.get(membership_id) or self.store.unit_of_work().memberships.get(membership_id)
