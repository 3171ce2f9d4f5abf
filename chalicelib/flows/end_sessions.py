"""End staff sessions: one's own by going, and any of them from the list."""

import logging
from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def end_sessions(ids: Iterable[str], *, email: str, store: Store, now: datetime) -> int:
    """End those of these sessions that are somebody's; how many had not ended yet. Raises StorageUnavailable."""
    return sum(_end(session, email=email, store=store, now=now) for session in ids)


def _end(session_id: str, *, email: str, store: Store, now: datetime) -> bool:
    for _ in range(5):
        unit = store.unit_of_work()
        session = unit.staff_sessions.get(session_id)
        if session is None or session.email != email or session.ended_at:
            return False
        unit.staff_sessions.update(session.ended(now=now))
        try:
            unit.commit()
        except Changed:
            continue  # one of his pages was written down at that moment
        log.info("session_ended")
        return True
    raise StorageUnavailable("a staff session kept changing")
