"""A staff session: that somebody has logged in with one browser, until he goes, is sent away, or is long gone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.staff import Staff

LIFE = timedelta(hours=12)
IDLE = timedelta(hours=2)
# Writing down each page that is looked at would cost a write for each.
SEEN_EVERY = timedelta(minutes=5)
# What asks for a fresh code: a refund, an export, a change of who works here.
FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """One login; `id` is the digest of what the browser keeps, `browser` what it calls itself, `ended_at` None is not.

    The role is not kept here: it is what it is at the moment of each page.
    """

    id: str
    email: str
    browser: str
    began_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    version: int

    @property
    def expires_at(self) -> datetime:
        return self.began_at + LIFE

    def alive(self, *, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at and now - self.seen_at < IDLE

    def fresh(self, *, now: datetime) -> bool:
        """Whether its code was typed a moment ago."""
        return now - self.began_at < FRESH

    def seen(self, *, now: datetime) -> StaffSession:
        """As it is after a page; itself when that was written down a moment ago."""
        return replace(self, seen_at=now) if now - self.seen_at >= SEEN_EVERY else self

    def ended(self, *, now: datetime) -> StaffSession:
        return self if self.ended_at else replace(self, ended_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Everybody who works here, and all sessions that are not long gone, whether they have ended or not."""

    staff: tuple[Staff, ...]
    sessions: tuple[StaffSession, ...]


def session_id(token: str) -> str:
    return hashlib.sha256(f"session {token}".encode()).hexdigest()
