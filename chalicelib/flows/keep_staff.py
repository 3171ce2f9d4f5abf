"""Keep who works here: add somebody, change his name or role, or let him go; each is written in the log with it."""

from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.error import AlreadyExists, Changed
from chalicelib.domain.staff import Role, Staff
from chalicelib.ports import Store, UnitOfWork


class StaffChanged(Exception):
    """A colleague changed the same at the same moment: look again."""


def add_staff(
    email: str, *, name: str, role: Role, by: str, entry_id: str, store: Store, now: datetime
) -> Staff | None:
    """Somebody new; None when he works here already. Raises StorageUnavailable."""
    staff = Staff(email=email.lower(), name=name, role=role, version=1)
    unit = store.unit_of_work()
    unit.staff.add(staff)
    unit.audit.add(_entry(entry_id, Deed.STAFF_ADDED, staff, by=by, now=now, role=role.value, name=name))
    try:
        unit.commit()
    except AlreadyExists:
        return None
    return staff


def change_staff(staff: Staff, *, name: str, role: Role, by: str, entry_id: str, store: Store, now: datetime) -> Staff:
    """Another name or role. Raises StaffChanged or StorageUnavailable."""
    after = Staff(email=staff.email, name=name, role=role, version=staff.version)
    changed = {
        each: f"{getattr(staff, each)} → {getattr(after, each)}"
        for each in ("name", "role")
        if getattr(staff, each) != getattr(after, each)
    }
    if not changed:
        return staff
    unit = store.unit_of_work()
    kept = unit.staff.update(after)
    unit.audit.add(_entry(entry_id, Deed.STAFF_CHANGED, staff, by=by, now=now, **changed))
    _commit(unit)
    return kept


def remove_staff(staff: Staff, *, by: str, entry_id: str, store: Store, now: datetime) -> None:
    """He works here no more, from his next page on. Raises StaffChanged or StorageUnavailable."""
    unit = store.unit_of_work()
    unit.staff.remove(staff)
    unit.audit.add(_entry(entry_id, Deed.STAFF_REMOVED, staff, by=by, now=now, role=staff.role.value))
    _commit(unit)


def _commit(unit: UnitOfWork) -> None:
    try:
        unit.commit()
    except Changed as conflict:
        raise StaffChanged(str(conflict)) from conflict


def _entry(entry_id: str, deed: Deed, staff: Staff, *, by: str, now: datetime, **facts: str) -> AuditEntry:
    return AuditEntry(id=entry_id, at=now, by=by, deed=deed, subject=staff.email, facts=facts)
