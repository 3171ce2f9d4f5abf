"""A round of reconciliation: which period it looks at, and how far it got."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Window(StrEnum):
    """Which orders and payments a round looks at: those made lately, or all."""

    HOUR = "hour"
    TWO_DAYS = "two_days"
    ALL = "all"


# Each window reaches back further than the time between its rounds, so that nothing falls in between.
REACH: dict[Window, timedelta] = {
    Window.HOUR: timedelta(hours=3),
    Window.TWO_DAYS: timedelta(hours=50),
    Window.ALL: timedelta(days=20 * 366),
}
EVERY: dict[Window, timedelta] = {
    Window.HOUR: timedelta(hours=1),
    Window.TWO_DAYS: timedelta(days=1),
    Window.ALL: timedelta(days=7),
}


class Phase(StrEnum):
    """What a round compares, page by page."""

    SESSIONS = "sessions"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    ORDERS = "orders"
    TRANSACTIONS = "transactions"
    ENTRIES = "entries"
    PAYOUTS = "payouts"
    SEATS = "seats"


# What the hours leave to the days: it takes long, or needs some distance.
_BY_DAY = (Phase.ENTRIES, Phase.PAYOUTS, Phase.SEATS)
PHASES: dict[Window, tuple[Phase, ...]] = {
    Window.HOUR: tuple(phase for phase in Phase if phase not in _BY_DAY),
    Window.TWO_DAYS: tuple(Phase),
    Window.ALL: tuple(Phase),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of one page: how many were looked at, how many put right, and where the next page begins."""

    count: int
    rest: str = ""
    repaired: int = 0
    sums: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round over everything made between two moments; `cursor` is where its phase goes on.

    `phase` is None when it is done. `looked_at` counts what it looked at, by phase; `repaired` what it put right;
    `sums` is what a phase adds up over its pages.
    """

    window: Window
    since: datetime
    until: datetime
    phase: Phase | None
    cursor: str
    looked_at: Mapping[str, int]
    sums: Mapping[str, int]
    repaired: int
    started_at: datetime
    finished_at: datetime | None
    version: int

    def stuck(self, *, now: datetime) -> bool:
        """Whether it did not come to its end in the time of three: what it stumbles over may be in its own past."""
        return self.phase is not None and now - self.started_at > 3 * EVERY[self.window]

    def looked(self, seen: Seen) -> Round:
        """After a page of its phase; when nothing rests, the next phase begins."""
        assert self.phase is not None, "a round that is done looks at nothing"
        counted = {**self.looked_at, self.phase.value: self.looked_at.get(self.phase.value, 0) + seen.count}
        after = replace(
            self, looked_at=counted, repaired=self.repaired + seen.repaired, cursor=seen.rest, sums=seen.sums
        )
        return after if seen.rest else replace(after, phase=_next(self.phase, window=self.window), sums={})

    def finished(self, *, now: datetime) -> Round:
        return replace(self, finished_at=now)


def new_round(window: Window, *, now: datetime, version: int) -> Round:
    """A round that begins now; whatever is younger than two minutes is still being made."""
    until = now - timedelta(minutes=2)
    return Round(
        window=window,
        since=until - REACH[window],
        until=until,
        phase=Phase.SESSIONS,
        cursor="",
        looked_at={},
        sums={},
        repaired=0,
        started_at=now,
        finished_at=None,
        version=version,
    )


def due(window: Window, last: Round | None, *, now: datetime) -> bool:
    """Whether a new round of this window is to begin."""
    return last is None or (last.finished_at is not None and now - last.started_at >= EVERY[window])


def _next(phase: Phase, *, window: Window) -> Phase | None:
    return dict(itertools.pairwise(PHASES[window])).get(phase)
