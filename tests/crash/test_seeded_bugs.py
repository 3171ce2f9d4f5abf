"""Bugs put in on purpose: a harness that does not notice them proves nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from tests.crash import bugs
from tests.crash.journeys import CONGRESS, EXPIRED, LATE, MEETING, MEETING_TWICE, MEMBERSHIP, TOO_LATE, Journey, play
from tests.crash.saboteur import READS, Fault, Saboteur
from tests.crash.world import Habits, World
from tests.desk import Desk

BUGS: dict[str, tuple[Journey, Callable[[], Desk]]] = {
    "writes that belong together are split": (MEMBERSHIP, lambda: bugs.desk_with(bugs.DividedUnit)),
    "marked as sent before it is sent": (MEMBERSHIP, lambda: bugs.desk_with(bugs.ForgetfulUnit)),
    "a claim without a lease": (MEMBERSHIP, lambda: bugs.desk_with(bugs.LeaselessUnit)),
    "a fresh idempotency key for each call": (MEMBERSHIP, bugs.eager_desk),
    "tickets in a second commit, paid": (CONGRESS, lambda: bugs.desk_with(bugs.LateTicketsUnit)),
    "tickets in a second commit, free": (MEETING, lambda: bugs.desk_with(bugs.LateTicketsUnit)),
    "seats in a commit before the order's": (CONGRESS, lambda: bugs.desk_with(bugs.SeatsFirstUnit)),
    "seats in a commit after the order's": (MEETING, lambda: bugs.desk_with(bugs.SeatsLastUnit)),
    "seats given back before the order is let go": (EXPIRED, lambda: bugs.desk_with(bugs.SeatsFirstUnit)),
    "seats are not given back": (EXPIRED, lambda: bugs.desk_with(bugs.GreedyUnit)),
    "seats are not given back, and money comes": (LATE, lambda: bugs.desk_with(bugs.GreedyUnit)),
    "unpaid orders are counted after the order": (CONGRESS, lambda: bugs.desk_with(bugs.HoldsLastUnit)),
    "paid orders count as unpaid": (MEMBERSHIP, lambda: bugs.desk_with(bugs.GrudgingUnit)),
    "no mail waits for another": (MEETING_TWICE, lambda: bugs.desk_with(bugs.CommonUnit)),
    "a mail waits for itself": (MEETING, lambda: bugs.desk_with(bugs.NamelessUnit)),
    "no condition on the seats": (TOO_LATE, lambda: bugs.desk_with(bugs.GenerousUnit)),
    "the command to refund in a second commit": (TOO_LATE, lambda: bugs.desk_with(bugs.LateRefundUnit)),
}


def violations(journey: Journey, build: Callable[[], Desk]) -> set[str]:
    """What the first single fault that shows something brings to light."""

    def walk(plan: dict[int, Fault], *, retries: bool) -> World:
        habits = Habits(visitor_retries=retries, sweeps=True)
        return play(journey, World(saboteur=Saboteur(plan), habits=habits, build=build))

    plain = walk({}, retries=True)
    found = set(plain.violations())
    # where something is only read, no bug in what is written can show
    places = [(at, call) for at, call in enumerate(plain.saboteur.calls, start=1) if call not in READS]
    for (at, call), fault, retries in itertools.product(places, Fault, (True, False)):
        if found:
            return found
        if fault.differs_at(call):
            found |= set(walk({at: fault}, retries=retries).violations())
    return found


@pytest.mark.parametrize("bug", BUGS)
def test_the_harness_notices(bug: str) -> None:
    found = violations(*BUGS[bug])
    print(f"{bug}: {sorted(found)}")
    assert found, f"nobody noticed: {bug}"
