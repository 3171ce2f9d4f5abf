"""The misfortunes that a test can order for the next messages."""

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock


class FaultKind(StrEnum):
    """What may go wrong: with the call itself, or with the news about the message."""

    REFUSE = "refuse"
    THROTTLE = "throttle"
    ERROR_500 = "error_500"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    LOSE_EVENTS = "lose_events"
    LATE_EVENTS = "late_events"


NEWS_FAULTS = frozenset({FaultKind.LOSE_EVENTS, FaultKind.LATE_EVENTS})
CALL_FAULTS = frozenset(FaultKind) - NEWS_FAULTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misfortune, how often it strikes, and for how long where time matters."""

    kind: FaultKind
    times: int = 1
    seconds: float = 90.0
    error: str = "MessageRejected"


class FaultBox:
    """The misfortunes still to come, first in first out; a call fault and a news fault can hit one message."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pending: deque[Fault] = deque()

    def add(self, fault: Fault) -> None:
        """Order a misfortune."""
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        """Order peace."""
        with self._lock:
            self._pending.clear()

    def pending(self) -> tuple[Fault, ...]:
        """What is still to come."""
        with self._lock:
            return tuple(self._pending)

    def take(self, kinds: frozenset[FaultKind]) -> Fault | None:
        """The first misfortune of these kinds, used up by one."""
        with self._lock:
            for place, fault in enumerate(self._pending):
                if fault.kind in kinds:
                    if fault.times > 1:
                        self._pending[place] = replace(fault, times=fault.times - 1)
                    else:
                        del self._pending[place]
                    return fault
            return None
