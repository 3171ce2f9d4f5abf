"""A rush: many that do the same at once, all of them having read before any of them writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from chalicelib.domain.error import Conflict

# What an attempt calls when it has read and is about to write.
type Ready = Callable[[], object]


def rush(many: int, attempt: Callable[[int, Ready], None]) -> Counter[str]:
    """How many were done, and how many met which conflict."""
    barrier = Barrier(many)

    def one(number: int) -> str:
        try:
            attempt(number, lambda: barrier.wait(timeout=30))
        except Conflict as conflict:
            return type(conflict).__name__
        return "done"

    with ThreadPoolExecutor(many) as crowd:
        return Counter(crowd.map(one, range(many)))
