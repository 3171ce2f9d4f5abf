"""Virtual time: one clock for everybody, that moves when somebody waits, and nobody really waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import SupportsIndex

BEGIN = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


class VirtualTime:
    """The moment it is for all of a world; `skewed` gives somebody a clock that is wrong."""

    def __init__(self, moment: datetime = BEGIN) -> None:
        self.moment = moment
        # whoever waits gives way: a schedule lets somebody else go on
        self.on_sleep: Callable[[], None] = lambda: None

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)

    def skewed(self, seconds: float) -> Callable[[], datetime]:
        """The clock of somebody whose clock is ahead by so many seconds."""
        return lambda: self.moment + timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.on_sleep()

    def monotonic(self) -> float:
        return self.moment.timestamp()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Put this clock where the SDKs and the adapters wait and count seconds, for this thread only."""
        owner, sleep, monotonic = threading.get_ident(), time.sleep, time.monotonic

        def virtual_sleep(seconds: float | SupportsIndex) -> None:
            if threading.get_ident() == owner:
                self.sleep(float(seconds))
            else:
                sleep(seconds)

        def virtual_monotonic() -> float:
            return self.monotonic() if threading.get_ident() == owner else monotonic()

        time.sleep, time.monotonic = virtual_sleep, virtual_monotonic
        try:
            yield
        finally:
            time.sleep, time.monotonic = sleep, monotonic
