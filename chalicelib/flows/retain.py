"""Retain: each day erase what was announced the day before, then look at everything and announce the next day's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Protocol

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.erasure import Erasure
from chalicelib.domain.error import AlreadyExists, Changed
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Order
from chalicelib.domain.page import Page
from chalicelib.domain.retention import (
    RUN,
    Announced,
    Due,
    Phase,
    RetentionRun,
    Rule,
    Terms,
    contact_due,
    due_in,
    new_run,
)
from chalicelib.flows.erase_order import committed, erase_order, stage_contact
from chalicelib.ports import Lists, Store

log = logging.getLogger(__name__)

BY = "bewaartermijn"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
# How many are erased, or looked at, before it is written down how far it got.
ERASED_AT_ONCE, LOOKED_AT_ONCE = 10, 25


class Tried(Protocol):
    """Does one piece of work; None when it failed, which is then written in the log."""

    def __call__[Result](self, work: Callable[[], Result], *, about: str) -> Result | None: ...


@dataclass(frozen=True)
class Retention:
    """Runs over all that is kept. A piece that fails stops no other.

    A run may stop anywhere; the next one goes on where it was. What it erases is decided anew at that moment, so
    that doing a piece twice does no harm, and nothing goes that is not due any more.
    """

    store: Store
    lists: Lists
    terms: Terms
    clock: Callable[[], datetime]
    tried: Tried

    def run(self, *, goes_on: Callable[[], bool]) -> RetentionRun | None:
        """As far as it gets; None when there was nothing to do. Raises StorageUnavailable."""
        last = self.store.unit_of_work().retentions.get(RUN)
        run = new_run(last, now=self.clock())
        while run and run.phase and goes_on():
            kept = self._keep(self._step(run))
            if kept is None:
                log.info("retention_goes_on_elsewhere")
                return None
            run = kept
        return run

    def _step(self, run: RetentionRun) -> RetentionRun:
        match run.phase:
            case Phase.ERASE:
                return self._erase(run)
            case Phase.ORDERS:
                return self._look(run)
            case _:
                return self._look_at_memberships(run)

    def _keep(self, run: RetentionRun) -> RetentionRun | None:
        """Write down how far it got, and at its end in the log what went; None when another is at it too."""
        unit = self.store.unit_of_work()
        if run.version:
            kept = unit.retentions.update(run)
        else:
            kept = replace(run, version=1)
            unit.retentions.add(kept)
        if run.phase is None and run.erased:
            facts = {rule: str(count) for rule, count in run.erased.items()}
            unit.audit.add(self._entry("run", subject="bewaartermijnen", facts=facts))
        try:
            unit.commit()
        except (Changed, AlreadyExists):
            return None
        if run.phase is None:
            counts = " ".join(f"{rule}={count}" for rule, count in sorted(run.erased.items()))
            log.info("retained looked_at=%d announced=%d %s", run.looked_at, len(run.found) + run.more, counts)
        return kept

    def _erase(self, run: RetentionRun) -> RetentionRun:
        at = int(run.cursor or 0)
        for each in run.announced[at : at + ERASED_AT_ONCE]:
            run = run.went(self.tried(partial(self._erase_one, each), about=each.id) or ())
        if at + ERASED_AT_ONCE < len(run.announced):
            return replace(run, cursor=str(at + ERASED_AT_ONCE))
        return replace(run, phase=Phase.ORDERS, cursor="")

    def _erase_one(self, announced: Announced) -> tuple[Rule, ...]:
        """The rules by which something went."""
        if Rule.CONTACT in announced.rules:
            return self._erase_contact(announced.id)
        due: list[Due] = []

        def what(dossier: Dossier) -> Erasure:
            due.append(self._due(dossier, now=self.clock()))
            return due[-1].erasure

        def entry(order: Order, _: Erasure) -> AuditEntry:
            facts = {"rules": ", ".join(due[-1].rules)}
            return self._entry(f"{order.id}-{order.version}", subject=order.code, facts=facts)

        done = erase_order(
            announced.id,
            what=what,
            entry=entry,
            in_the_log=False,
            lists=self.lists,
            store=self.store,
            now=self.clock(),
        )
        return due[0].rules if done else ()

    def _erase_contact(self, membership_id: str) -> tuple[Rule, ...]:
        unit = self.store.unit_of_work()
        membership = unit.memberships.get(membership_id)
        if membership is None or not contact_due(membership, terms=self.terms, now=self.clock()):
            return ()
        stage_contact(membership, unit=unit)
        # when somebody changed it meanwhile, tomorrow is soon enough
        return (Rule.CONTACT,) if committed(unit) else ()

    def _look(self, run: RetentionRun) -> RetentionRun:
        page = self._page(run, rest=run.cursor)
        while page.rest and not page.items:  # a month in which nothing was ordered
            page = self._page(run, rest=page.rest)
        for order_id in page.items:
            due = self.tried(partial(self._due_order, order_id, now=run.next_at), about=order_id)
            run = run.saw(due) if due else run
        run = replace(run, looked_at=run.looked_at + len(page.items), cursor=page.rest)
        return run if page.rest else replace(run, phase=Phase.MEMBERSHIPS)

    def _page(self, run: RetentionRun, *, rest: str) -> Page[str]:
        return self.store.orders_made(since=LONG_AGO, until=run.started_at, rest=rest, limit=LOOKED_AT_ONCE)

    def _due_order(self, order_id: str, *, now: datetime) -> Announced | None:
        dossier = self.lists.dossier(order_id)
        due = self._due(dossier, now=now) if dossier else Due()
        return Announced(id=order_id, label=dossier.order.code, rules=due.rules) if dossier and due.rules else None

    def _look_at_memberships(self, run: RetentionRun) -> RetentionRun:
        for each in self.lists.memberships():
            run = replace(run, looked_at=run.looked_at + 1)
            if contact_due(each, terms=self.terms, now=run.next_at):
                run = run.saw(Announced(id=each.id, label=each.organisation, rules=(Rule.CONTACT,)))
        return replace(run, phase=None, cursor="", finished_at=self.clock())

    def _due(self, dossier: Dossier, *, now: datetime) -> Due:
        return due_in(dossier, offer=self._offers[dossier.order.offer_id], terms=self.terms, now=now)

    @cached_property
    def _offers(self) -> dict[str, Offer]:
        return {offer.id: offer for offer in self.store.offers()}

    def _entry(self, what: str, *, subject: str, facts: dict[str, str]) -> AuditEntry:
        now = self.clock()
        return AuditEntry(id=f"retention-{what}", at=now, by=BY, deed=Deed.PERSON_ERASED, subject=subject, facts=facts)
