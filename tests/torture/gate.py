"""The gate: every outside call passes here, is counted, and may meet its fault; a schedule changes over here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from tests.torture.faults import Crash, Fault, faults_at
from tests.torture.virtual_time import VirtualTime

# Each call takes a moment, so that no two things happen at the same one.
TAKES = timedelta(milliseconds=20)

# An invocation is ended by Lambda when its time is up; each thread and each actor of a schedule has its own.
LIVES_UNTIL: ContextVar[datetime | None] = ContextVar("lives_until", default=None)

type Plan = Mapping[int, Fault | int]


class Gate:
    """Counts the places where something can go wrong, from 1; `plan` says at which of them something does, and what.

    A number in place of a fault is drawn from the faults that can be there, whatever call it turns out to be.
    """

    def __init__(self, plan: Plan, *, time: VirtualTime) -> None:
        self._plan, self._time = dict(plan), time
        self.places: list[str] = []
        self.struck: list[str] = []
        self.closed_for: int = 0
        # who wants to hear of each place
        self.says: Callable[[str], object] | None = None
        # what happens before each place: nothing, or somebody else goes on
        self.on_arrival: Callable[[str], None] = lambda _name: None
        # what goes wrong by chance, in a schedule
        self.by_chance: Callable[[str], Fault | None] = lambda _name: None

    def arrive(self, name: str) -> Fault | None:
        """Somebody is about to make this call: what goes wrong with it."""
        if self.closed_for:
            return None
        self.on_arrival(name)
        if (until := LIVES_UNTIL.get()) is not None and self._time() > until:
            self.struck.append(f"{len(self.places)} {name} time-out")
            raise Crash(f"time-out at {name}")
        self._time.moment += TAKES
        self.places.append(name)
        planned = self._plan.get(len(self.places))
        if isinstance(planned, int):
            found = faults_at(name)
            planned = found[planned % len(found)]
        fault = planned if planned is not None and planned in faults_at(name) else self.by_chance(name)
        if self.says:
            self.says(f"{len(self.places):5} {self._time():%d %H:%M:%S} {name} {fault or ''}")
        if fault is not None:
            self.struck.append(f"{len(self.places)} {name} {fault}")
        return fault

    @contextmanager
    def resting(self) -> Iterator[None]:
        """What is done meanwhile is somebody else's: it does not count, and nothing of it goes wrong."""
        self.closed_for += 1
        try:
            yield
        finally:
            self.closed_for -= 1
