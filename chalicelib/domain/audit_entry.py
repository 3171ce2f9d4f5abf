"""An audit entry: who did what to what, written with what he did, and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Deed(StrEnum):
    """What is done behind the desk."""

    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    STAFF_REMOVED = "staff_removed"
    SESSION_ENDED = "session_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One deed; `by` is the address of whoever did it, `subject` what it was done to, `facts` what changed."""

    id: str
    at: datetime
    by: str
    deed: Deed
    subject: str
    facts: Mapping[str, str]

    @property
    def key(self) -> str:
        """Within its month by its moment: <moment>#<id>."""
        return f"{self.at.isoformat()}#{self.id}"
