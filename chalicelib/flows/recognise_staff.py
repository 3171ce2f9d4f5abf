"""Recognise who asks for a page behind the desk, by what his browser keeps."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.error import Changed
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import StaffSession, session_id
from chalicelib.flows.find_staff import find_staff
from chalicelib.ports import Store


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who it is, and by which session."""

    staff: Staff
    session: StaffSession


def recognise_staff(token: str, *, first: str, store: Store, now: datetime) -> Recognised | None:
    """Who it is; None when the session has ended, or he works here no more. Raises StorageUnavailable."""
    unit = store.unit_of_work()
    session = unit.staff_sessions.get(session_id(token)) if token else None
    if session is None or not session.alive(now=now):
        return None
    staff = find_staff(session.email, first=first, store=store)
    if staff is None:
        return None
    seen = session.seen(now=now)
    if seen is not session:
        seen = unit.staff_sessions.update(seen)
        try:
            unit.commit()
        except Changed:
            # another page of his was first, or he was sent away at this moment: the next page tells
            return Recognised(staff, session)
    return Recognised(staff, seen)
