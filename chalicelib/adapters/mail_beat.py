"""The beat at which mails of an issue go, for all hands that send them together."""

from collections.abc import Callable
from threading import Lock

# Who was late makes up for so much of it, in seconds, by going so much faster and no more: a hesitation of the network
# costs no pace, and the account has room for it since a beat is a share of its rate.
MADE_UP, FASTER = 0.5, 1.15
# A beat that was too fast is halved, once a second at most since all hands are told at once, but not below this share
# of what it may be; each second without such news it gets this share of it back.
HALF, LEAST, BACK = 0.5, 1 / 8, 0.02
ONCE = 1.0


class MailBeat:
    """Gives turns at a rate; `clock` counts seconds from any moment (the port Beat)."""

    def __init__(self, per_second: float, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._most, self._rate, self._clock, self._sleep = per_second, per_second, clock, sleep
        self._lock = Lock()
        # when the next one should go, and when the last one went
        self._next = clock()
        self._last = self._changed = self._slowed = self._next - ONCE

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            self._rate = min(self._most, self._rate + self._most * BACK * (now - self._changed))
            self._changed = now
            should = max(self._next, now - MADE_UP)
            turn = self._last = max(should, self._last + 1 / (FASTER * self._rate), now)
            self._next = should + 1 / self._rate
        if turn > now:
            self._sleep(turn - now)

    def slow_down(self) -> None:
        with self._lock:
            now = self._clock()
            if now - self._slowed < ONCE:
                return
            self._slowed = self._changed = now
            self._rate = max(self._most * LEAST, self._rate * HALF)
            # there is nothing to make up for
            self._next = max(self._next, now)
