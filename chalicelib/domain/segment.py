"""A segment: to whom of those who subscribed to a topic an issue goes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Subscriber


class SegmentKind(StrEnum):
    """What they have in common."""

    ALL = "all"
    MEMBERS = "members"
    ATTENDEES = "attendees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """`offer_id` is the event that attendees come to, empty for others; `language` None: whatever they read."""

    kind: SegmentKind = SegmentKind.ALL
    offer_id: str = ""
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Who belongs to a segment at a moment: by address or by the domain of it; None: everybody does."""

    addresses: Collection[str] | None = None
    domains: Collection[str] = ()

    def holds(self, subscriber: Subscriber) -> bool:
        if self.addresses is None:
            return True
        email = subscriber.email.lower()
        return email in self.addresses or email.rpartition("@")[2] in self.domains
