"""Erase a person: his orders, his memberships, the newsletter; each in a commit of its own that the log tells of."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import erasure as rules
from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.calendar import local_date
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.erasure import Erasure
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.order import Order
from chalicelib.flows.erase_order import TRIES, committed, erase_order, stage_contact
from chalicelib.flows.erase_subscription import erase_subscription
from chalicelib.ports import Lists, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """From how many orders and memberships he was erased, from how many orders he could not be yet, and whether he was
    known to the newsletter."""

    orders: int
    memberships: int
    refused: int
    subscription: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """Erases whoever has an address; `key` is that of the form that asks for it, `years` how long the books are kept.

    It may stop anywhere: what is not erased yet is still found by the address, so that doing it again finishes it.
    """

    email: str
    key: str
    by: str
    years: int
    lists: Lists
    store: Store
    identity: Identity
    now: datetime

    def erase(self) -> Erased:
        """Raises StorageUnavailable."""
        orders = [self._erase_order(order_id) for order_id in self.lists.orders_of(self.email)]
        members = [self._erase_contact(each) for each in self.lists.memberships_of(self.email)]
        erased = Erased(
            orders=orders.count(True),
            memberships=members.count(True),
            refused=orders.count(None),
            subscription=self._erase_subscription(),
        )
        log.info(
            "person_erased subject=%s orders=%d memberships=%d refused=%d subscription=%s",
            subject_of(self.email, identity=self.identity),
            erased.orders,
            erased.memberships,
            erased.refused,
            erased.subscription,
        )
        return erased

    def _erase_order(self, order_id: str) -> bool | None:
        return erase_order(
            order_id,
            what=self._what,
            entry=self._of_order,
            in_the_log=True,
            lists=self.lists,
            store=self.store,
            now=self.now,
        )

    def _what(self, dossier: Dossier) -> Erasure | None:
        erasure = rules.erase_person(dossier, self.email, years=self.years, today=local_date(self.now))
        return None if erasure and rules.obstacle(dossier) else erasure

    def _erase_contact(self, membership_id: str) -> bool:
        for _ in range(TRIES):
            unit = self.store.unit_of_work()
            membership = unit.memberships.get(membership_id)
            if membership is None or membership.contact_email.lower() != self.email.lower():
                return False
            stage_contact(membership, unit=unit)
            facts = {"membership": membership.organisation}
            unit.audit.add(self._entry(f"{membership.id}-{membership.version}", facts))
            if committed(unit):
                return True
        raise StorageUnavailable(f"membership {membership_id} kept changing")

    def _erase_subscription(self) -> bool:
        entry = self._entry("subscription", {"subscription": "1"})
        return erase_subscription(
            self.email,
            store=self.store,
            lists=self.lists,
            identity=self.identity,
            beside=lambda unit: unit.audit.add(entry),
        )

    def _of_order(self, order: Order, erasure: Erasure) -> AuditEntry:
        counts = {name: str(count) for name, count in erasure.counts().items()}
        return self._entry(f"{order.id}-{order.version}", {"order": order.code} | counts)

    def _entry(self, what: str, facts: Mapping[str, str]) -> AuditEntry:
        subject = subject_of(self.email, identity=self.identity)
        return AuditEntry(
            id=f"{self.key}-{what}", at=self.now, by=self.by, deed=Deed.PERSON_ERASED, subject=subject, facts=facts
        )


def subject_of(email: str, *, identity: Identity) -> str:
    """How the log names somebody whose address it may not hold: whoever has the address can find it there."""
    return identity.subject("erasure", email)[:12]
