"""The agenda of a season: what happens when, in the order of time; nothing happens in between."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush


class Agenda:
    """What is still to come; two things of one moment come in the order in which they were planned."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._coming: list[tuple[datetime, int, bool, Callable[[], object]]] = []
        self._once = 0

    def plan(self, at: datetime, act: Callable[[], object], *, recurs: bool = False) -> None:
        """`recurs`: it goes on for as long as there is anything else."""
        self._once += not recurs
        heappush(self._coming, (at, next(self._numbers), recurs, act))

    @property
    def is_done(self) -> bool:
        """Whether nothing is left but what recurs for ever."""
        return not self._once

    @property
    def next_at(self) -> datetime:
        return self._coming[0][0]

    @property
    def next_recurs(self) -> bool:
        return self._coming[0][2]

    def take(self) -> Callable[[], object]:
        _, _, recurs, act = heappop(self._coming)
        self._once -= not recurs
        return act
