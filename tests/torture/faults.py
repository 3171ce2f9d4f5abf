"""Faults: what can go wrong with an outside call, which of it where, and for how long."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum


class Crash(BaseException):
    """The process is gone; nothing in the code may catch this."""


class Kind(StrEnum):
    """How a call goes wrong; the names are those of a case on the command line."""

    DIES_BEFORE = "dies-before"
    DIES_AFTER = "dies-after"
    REFUSED = "refused"
    LOST = "answer-lost"
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    ERROR_500 = "500"
    SAVED_500 = "500-saved"
    EXECUTED_500 = "500-saved-executed"
    LOCKED_409 = "409-locked"
    KEY_IN_USE_409 = "409-key-in-use"
    BAD_REQUEST_400 = "400"
    BALANCE_400 = "400-balance"
    REJECTED = "rejected"
    # the other side tells of it, and is heard, before its answer is there
    NEWS_FIRST = "news-first"
    # what becomes of a message or of news on its way to us
    NEVER = "never"
    TWICE = "twice"
    LATE = "late"


# A process that dies does so once, and what is known before its answer is so once.
_ONCE_ONLY = frozenset({Kind.DIES_BEFORE, Kind.DIES_AFTER, Kind.NEWS_FIRST, Kind.NEVER, Kind.TWICE, Kind.LATE})
_DEATHS = (Kind.DIES_BEFORE, Kind.DIES_AFTER)
_TABLE_READS = (Kind.DIES_BEFORE, Kind.REFUSED, Kind.THROTTLED, Kind.ERROR_500)
_TABLE_WRITES = (*_DEATHS, Kind.REFUSED, Kind.LOST, Kind.THROTTLED, Kind.CONFLICT, Kind.ERROR_500)
_STRIPE_READS = (Kind.DIES_BEFORE, Kind.LOST, Kind.THROTTLED, Kind.ERROR_500)
_STRIPE_POSTS = (
    *(*_DEATHS, Kind.REFUSED, Kind.LOST, Kind.THROTTLED, Kind.LOCKED_409, Kind.KEY_IN_USE_409),
    *(Kind.ERROR_500, Kind.SAVED_500, Kind.EXECUTED_500),
)
_STRIPE: dict[str, tuple[Kind, ...]] = {
    "stripe.checkout.sessions.create": (*_STRIPE_POSTS, Kind.BAD_REQUEST_400),
    "stripe.checkout.sessions.expire": (*_STRIPE_POSTS, Kind.NEWS_FIRST),
    "stripe.refunds.create": (*_STRIPE_POSTS, Kind.BALANCE_400, Kind.NEWS_FIRST),
}
_QUEUE = (*_DEATHS, Kind.REFUSED, Kind.LOST, Kind.ERROR_500)
_MAIL = (*_DEATHS, Kind.REFUSED, Kind.LOST, Kind.THROTTLED, Kind.ERROR_500, Kind.REJECTED, Kind.NEWS_FIRST)
_NEWS = (Kind.NEVER, Kind.TWICE, Kind.LATE)
_MESSAGES = (Kind.TWICE, Kind.LATE)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `once` for one attempt of the SDK, else for all attempts of one call of ours."""

    kind: Kind
    once: bool

    def __str__(self) -> str:
        return self.kind.value if self.kind in _ONCE_ONLY or not self.once else f"{self.kind.value}-once"

    @classmethod
    def read(cls, text: str) -> Fault:
        kind = Kind(text.removesuffix("-once"))
        return cls(kind, once=text.endswith("-once") or kind in _ONCE_ONLY)


@functools.cache
def faults_at(name: str) -> tuple[Fault, ...]:
    """All that can go wrong at a place of this name, each as it is told apart there."""
    kinds = _kinds_at(name)
    return tuple(
        Fault(kind, once=once)
        for kind in kinds
        for once in ((True,) if kind in _ONCE_ONLY else (False, True))
        # the mail service is asked once only, whatever comes of it
        if not (name == "mail.SendEmail" and once and kind not in _ONCE_ONLY)
    )


def _kinds_at(name: str) -> tuple[Kind, ...]:
    room, _, call = name.partition(".")
    match room:
        case "table":
            return _TABLE_READS if call in ("GetItem", "Query", "BatchGetItem") else _TABLE_WRITES
        case "stripe":
            return _STRIPE.get(name, _STRIPE_READS)
        case "queue":
            return _QUEUE if call == "SendMessage" else (Kind.DIES_BEFORE, Kind.REFUSED)
        case "mail":
            return _MAIL
        case "news":
            return _NEWS
        case _:
            return _MESSAGES
