"""Idempotency keys as Stripe's first API keeps them: the first answer is the answer, for a day."""

from dataclasses import dataclass, replace
from itertools import takewhile
from threading import Lock

from devstack.stripe.wire import Json, Refused

_KEPT_FOR = 24 * 60 * 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A status and a body, the request that first got them, and whether asking again is of no use."""

    request_id: str
    status: int
    body: str
    final: bool = False


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One key with what it was used for."""

    path: str
    parameters: Json
    since: int
    answer: Answer | None = None


class IdempotencyKeys:
    """The keys that clients used, with the answers they got."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: dict[str, _Entry] = {}

    def fork(self) -> "IdempotencyKeys":
        """Return a twin that remembers the same."""
        twin = IdempotencyKeys()
        with self._lock:
            twin._entries = self._entries.copy()
        return twin

    def begin(self, key: str, *, path: str, parameters: Json, now: int) -> Answer | None:
        """Return the saved answer of this key, or claim the key for the request that now begins."""
        if len(key) > 255:
            raise Refused("Idempotency keys can be at most 255 characters long.", kind="idempotency_error")
        with self._lock:
            self._prune(now=now)
            entry = self._entries.get(key)
            if entry is None:
                self._entries[key] = _Entry(path=path, parameters=parameters, since=now)
                return None
        _check_same(key, entry, path=path, parameters=parameters)
        if entry.answer is None:
            raise Refused(
                "There is currently another in-progress request using this Idempotent Key "
                f"(that probably means you submitted twice, and the other request is still going through): {key}. "
                "Please try again later.",
                status=409,
                code="idempotency_key_in_use",
            )
        return entry.answer

    def finish(self, key: str, answer: Answer | None) -> None:
        """Save the answer; without one the request never ran, and the key is free again."""
        with self._lock:
            if answer is None:
                del self._entries[key]
            else:
                self._entries[key] = replace(self._entries[key], answer=answer)

    def _prune(self, *, now: int) -> None:
        # Kept in the order of their time, so the old ones stand in front.
        old = takewhile(lambda each: each[1].since + _KEPT_FOR <= now, self._entries.items())
        for key in [key for key, entry in old if entry.answer]:
            del self._entries[key]


def _check_same(key: str, entry: _Entry, *, path: str, parameters: Json) -> None:
    if entry.path != path:
        what = f"for the same endpoint they were first used for ('{path}' vs '{entry.path}')"
    elif entry.parameters != parameters:
        what = "with the same parameters they were first used with"
    else:
        return
    raise Refused(
        f"Keys for idempotent requests can only be used {what}. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )
