"""Explore: which cases there are of a story, and what comes of those that are played."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.torture.faults import Fault, faults_at
from tests.torture.gate import Plan
from tests.torture.people import Memory, People
from tests.torture.play import Case, play, tell, violations
from tests.torture.world import Alter, Habits, World

# How often the rubbish is collected, in cases: by itself Python does so in the middle of everything.
RUBBISH = 25


@dataclass(slots=True)
class Found:
    """What came of the cases that were played; `arrived` are those whose visitor got where the form leads."""

    cases: int = 0
    arrived: int = 0
    second_mails: int = 0
    violations: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.cases += other.cases
        self.arrived += other.arrived
        self.second_mails += other.second_mails
        self.violations += other.violations


def places(case: Case, *, alter: Alter | None = None) -> list[str]:
    """Every place of a story at which something can go wrong, in order."""
    return list(play(case, alter=alter).gate.places)


def singles(case: Case, *, alter: Alter | None = None) -> list[Case]:
    """The story with every fault that can be at each of its places."""
    return [
        replace(case, plan={at: fault})
        for at, name in enumerate(places(case, alter=alter), start=1)
        for fault in faults_at(name)
    ]


def pairs(case: Case, *, chance: random.Random) -> tuple[int, Iterator[Case]]:
    """How many pairs of faults there are in a story, and pairs without end, each drawn anew.

    What the second one is, is known only when it strikes: after the first one another call is at its place.
    """
    found = places(case)
    counts = [len(faults_at(name)) for name in found]
    possible = sum(count * sum(counts[at + 1 :]) for at, count in enumerate(counts))

    def draw() -> Iterator[Case]:
        while True:
            first = chance.randrange(len(found))
            second = chance.randrange(first + 1, len(found) + 20)
            fault = chance.choice(faults_at(found[first]))
            yield replace(case, plan={first + 1: fault, second + 1: chance.randrange(1000)})

    return possible, draw()


class Rehearsal:
    """A story that was played without a fault, so that a case begins where its first fault is near."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._moments: list[tuple[int, World, tuple[Any, ...], Any]] = []
        world = case.world()
        with world.running():
            tell(case.story, People(world, memory=Memory(before=self._keep)))

    def _keep(self, world: World, answers: Sequence[Any]) -> None:
        self._moments.append((len(world.gate.places), world.twin({}), tuple(answers), random.getstate()))

    def play(self, plan: Plan) -> World:
        """As `play` does, from the last moment before the first fault."""
        first = min(plan, default=0)
        _, before, answers, chance = [each for each in self._moments if each[0] < first or each is self._moments[0]][-1]
        random.setstate(chance)
        world = before.twin(plan)
        with world.running():
            tell(self._case.story, People(world, memory=Memory(answers)))
        return world


def explore(cases: Iterable[Case], *, alter: Alter | None = None) -> Found:
    """Play cases one after the other, and keep what was wrong; those of one story share what they have in common."""
    found, rehearsed = Found(), dict[tuple[str, Habits], Rehearsal]()
    gc.disable()
    try:
        for case in cases:
            key = (case.story.name, case.habits)
            if alter is None and key not in rehearsed:
                rehearsed = {key: Rehearsal(replace(case, plan={}))}
            world = play(case, alter=alter) if alter else rehearsed[key].play(case.plan)
            found.add(judged(case, world))
            if found.cases % RUBBISH == 0:
                gc.collect(1)
    finally:
        gc.enable()
    return found


def judged(case: Case, world: World) -> Found:
    wrong = violations(world, case.story)
    wrong += _as_planned(case, world)
    return Found(
        cases=1,
        arrived=int(world.arrived),
        second_mails=world.second_mails(),
        violations=[(str(case), each) for each in wrong],
    )


def _as_planned(case: Case, world: World) -> Iterator[str]:
    """A harness can lie: the first fault has struck, and where it was to."""
    first = min(case.plan, default=0)
    fault = case.plan.get(first)
    if isinstance(fault, Fault) and not any(each.startswith(f"{first} ") for each in world.gate.struck):
        yield f"the harness itself: nothing struck at {first}"
