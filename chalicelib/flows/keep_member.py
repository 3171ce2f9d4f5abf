"""Keep members: a membership that is added or corrected by hand, and written in the log with it."""

import logging
from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.calendar import local_date
from chalicelib.domain.error import AlreadyExists, Changed
from chalicelib.domain.identity import Identity
from chalicelib.domain.member_import import Change
from chalicelib.domain.membership import Membership
from chalicelib.domain.typed_member import FieldFault, TypedMember
from chalicelib.ports import Lists, Store

log = logging.getLogger(__name__)

# Who it is that one speaks with is no business of the log, which is never erased.
_PERSONAL = frozenset({"contact_name", "contact_email"})


class MemberRefused(Exception):
    """What was typed cannot be kept; says all that is wrong with it."""

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__(", ".join(each.fault.reason.value for each in faults))
        self.faults = faults


class MemberKnown(Exception):
    """The organisation has a membership already, which is to be corrected instead."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(membership.id)
        self.membership = membership


class MemberChanged(Exception):
    """A colleague changed the same meanwhile; `membership` is what he made of it."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(membership.id)
        self.membership = membership


def add_member(
    typed: TypedMember, *, by: str, entry_id: str, store: Store, lists: Lists, identity: Identity, now: datetime
) -> Membership:
    """A new membership, under the id that an import would give it, so that a later import knows it again.

    Pressed twice it is the same one. Raises MemberRefused, MemberKnown or StorageUnavailable.
    """
    today, others = local_date(now), lists.memberships()
    new_id = identity.import_id(typed.row.keys[0]) if typed.row.keys else ""
    faults = typed.wrong(own=None, others=others, new_id=new_id, today=today)
    if faults:
        raise MemberRefused(faults)
    membership = typed.membership(membership_id=new_id)
    if membership in others:
        return membership
    if known := typed.known(others, new_id=new_id, today=today):
        raise MemberKnown(known)
    unit = store.unit_of_work()
    unit.memberships.add(membership)
    facts = {"domains": " ".join(membership.domains), "ends_on": membership.ends_on.isoformat()}
    unit.audit.add(_entry(entry_id, Deed.MEMBER_ADDED, membership, by=by, now=now, facts=facts))
    try:
        unit.commit()
    except AlreadyExists:
        stored = store.unit_of_work().memberships.get(new_id)
        if stored is None or stored == membership:
            return membership
        raise MemberKnown(stored) from None
    log.info("member_added membership_id=%s", membership.id)
    return membership


def change_member(
    before: Membership,
    typed: TypedMember,
    *,
    seen: str,
    by: str,
    entry_id: str,
    store: Store,
    lists: Lists,
    now: datetime,
) -> Membership:
    """Another name, number, domains, contact or days; `seen` is the version that it was typed over.

    Pressed twice, or with nothing changed, nothing is written. Raises MemberRefused, MemberChanged or
    StorageUnavailable.
    """
    faults = typed.wrong(own=before, others=lists.memberships(), new_id=before.id, today=local_date(now))
    if not faults and typed.membership(membership_id=before.id, own=before) == before:
        return before
    if str(before.version) != seen:
        raise MemberChanged(before)
    if faults:
        raise MemberRefused(faults)
    after = typed.membership(membership_id=before.id, own=before)
    facts = {
        each.field: "… → …" if each.field in _PERSONAL else f"{each.before or '–'} → {each.after or '–'}"
        for each in Change(row=0, before=before, after=after).fields
    }
    unit = store.unit_of_work()
    kept = unit.memberships.update(after)
    unit.audit.add(_entry(entry_id, Deed.MEMBER_CHANGED, before, by=by, now=now, facts=facts))
    try:
        unit.commit()
    except Changed:
        raise MemberChanged(store.unit_of_work().memberships.get(before.id) or before) from None
    log.info("member_changed membership_id=%s", kept.id)
    return kept


def _entry(
    entry_id: str, deed: Deed, membership: Membership, *, by: str, now: datetime, facts: Mapping[str, str]
) -> AuditEntry:
    return AuditEntry(id=entry_id, at=now, by=by, deed=deed, subject=membership.organisation, facts=facts)
