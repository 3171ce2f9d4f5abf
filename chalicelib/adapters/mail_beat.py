"""The beat at which mails of an issue go, for all hands that send them together."""

from collections.abc import Callable
from threading import Lock

# Who was late may make up for so much of it: a moment's hesitation of the network costs no pace.
MADE_UP = 0.25
# How a beat that was too fast gets slower, and how much faster it becomes with each mail that goes well.
SLOWER, FASTER = 0.5, 1.002
SLOWEST = 0.1


class MailBeat:
    """Gives turns at a rate; `clock` counts seconds from any moment (the port Beat)."""

    def __init__(self, per_second: float, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._most, self._rate, self._clock, self._sleep = per_second, per_second, clock, sleep
        self._lock, self._next = Lock(), clock()

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            turn = max(self._next, now - MADE_UP)
            self._next = turn + 1 / self._rate
            self._rate = min(self._most, self._rate * FASTER)
        if turn > now:
            self._sleep(turn - now)

    def slow_down(self) -> None:
        with self._lock:
            self._rate = max(min(SLOWEST, self._most), self._rate * SLOWER)
