"""A login: a code of six digits that was mailed to somebody, and counts only in the browser that asked for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(minutes=10)
# With a million codes and five tries a guess is right once in 200,000 times.
MOST_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """That a code was asked for; `id` is the digest of what the browser keeps, so the table alone opens nothing.

    `email` is as it was typed, in lower case: whether anybody works here by that address is not known yet.
    """

    id: str
    email: str
    tries: int
    asked_at: datetime
    expires_at: datetime


def new_login(*, nonce: str, email: str, now: datetime) -> Login:
    """A login that begins now; `nonce` is what only this browser knows."""
    return Login(id=login_id(nonce), email=email, tries=0, asked_at=now, expires_at=now + LIFE)


def login_id(nonce: str) -> str:
    return hashlib.sha256(f"login {nonce}".encode()).hexdigest()
