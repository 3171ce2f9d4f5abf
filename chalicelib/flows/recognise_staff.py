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
    if not token:
        return None
    # one question for both: every page behind the desk begins with it
    team, wanted = store.team(), session_id(token)
    session = next((each for each in team.sessions if each.id == wanted), None)
    if session is None or not session.alive(now=now):
        return None
    staff = find_staff(session.email, first=first, among=team.staff)
    if staff is None:
        return None
    seen = session.seen(now=now)
    if seen is not session:
        unit = store.unit_of_work()
        seen = unit.staff_sessions.update(seen)
        try:
            unit.commit()
        except Changed:
            # another page of his was first, or he was sent away at this moment: the next page tells
            return Recognised(staff, session)
    return Recognised(staff, seen)
