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
    NOTED = "noted"
    SENT_AGAIN = "sent_again"
    MAIL_WAIVED = "mail_waived"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    EXPORTED = "exported"
    MEMBER_ADDED = "member_added"
    MEMBER_CHANGED = "member_changed"
    MEMBERS_IMPORTED = "members_imported"
    PERSON_EXPORTED = "person_exported"
    PERSON_ERASED = "person_erased"
    SUPPRESSION_LIFTED = "suppression_lifted"
    SUBSCRIBER_ADDED = "subscriber_added"
    SUBSCRIBERS_IMPORTED = "subscribers_imported"
    SUBSCRIBER_ENDED = "subscriber_ended"
    ISSUE_ADDED = "issue_added"
    ISSUE_CHANGED = "issue_changed"
    ISSUE_TESTED = "issue_tested"
    ISSUE_SCHEDULED = "issue_scheduled"
    ISSUE_PAUSED = "issue_paused"
    ISSUE_RESUMED = "issue_resumed"
    ISSUE_CANCELLED = "issue_cancelled"
    ISSUE_DRAFTED = "issue_drafted"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeed:
    """The same beside the order that it was done to, and what changed of a person.

    That is in no log: it is erased with the person, and the log stays as it is.
    """

    order_id: str
    entry: AuditEntry
    personal: Mapping[str, str]

    @property
    def key(self) -> str:
        return f"{self.order_id}#{self.entry.key}"
