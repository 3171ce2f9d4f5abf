"""A case in words that hold longer than a number: a place is named by its call and how often that was made before."""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

from tests.torture.bugs.bug import Bug
from tests.torture.bugs.meanwhile import AGAIN, MEANWHILE, interrupt
from tests.torture.bugs.stories import STORIES_BY_NAME
from tests.torture.bugs.watch import Endless, unheard, watch
from tests.torture.catalogue import SKEWS, habits_of
from tests.torture.crowd import SCENES, Crowd
from tests.torture.faults import Fault
from tests.torture.play import Case, play, violations
from tests.torture.world import Habits, World, prepared


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault at the so-manieth time that a call is made, counted from 1."""

    call: str
    time: int
    fault: str

    def __str__(self) -> str:
        return f"{self.call}#{self.time}={self.fault}"

    @classmethod
    def read(cls, text: str) -> Strike:
        place, _, fault = text.partition("=")
        call, _, time = place.partition("#")
        return cls(call, int(time), fault)


@dataclass(frozen=True, slots=True)
class Told:
    """A story with its faults: <story> / <habits> / <call>#<time>=<fault> ..."""

    story: str
    habits: str
    strikes: tuple[Strike, ...] = ()

    def __str__(self) -> str:
        return " / ".join((self.story, self.habits, *([" ".join(map(str, self.strikes))] if self.strikes else [])))

    def violations(self, bug: Bug | None = None) -> list[str]:
        """What is wrong afterwards, with a bug or without."""
        story, habits = STORIES_BY_NAME[self.story], _habits(self.story, self.habits)
        prepared(story.prepare)  # before there is a bug
        with _in_place(bug):
            places = _places(self.story, self.habits, bug.name if bug else "") if self.strikes else ()
            struck = {each.time: each.fault for each in _numbered(self.strikes, places)}
            others = {kind: [at for at, what in struck.items() if what == kind] for kind in (MEANWHILE, AGAIN)}
            plan = {at: Fault.read(fault) for at, fault in struck.items() if fault not in others}

            def alter(world: World) -> None:
                watch(world)
                interrupt(world, meanwhile=others[MEANWHILE], again=others[AGAIN])

            try:
                world = play(Case(story=story, habits=habits, plan=plan), alter=alter)
                return violations(world, story) + unheard(world)
            except Exception as error:  # noqa: BLE001  # whatever comes of a bug shows that something is wrong
                return [f"broke down: {type(error).__name__}: {error}"]
            except Endless:
                return ["goes round in circles"]


@dataclass(frozen=True, slots=True)
class OneCrowd:
    """A crowd by its seed: crowd <seed>."""

    seed: int

    def __str__(self) -> str:
        return f"crowd {self.seed}"

    def violations(self, bug: Bug | None = None) -> list[str]:
        for scene in dict.fromkeys(SCENES):
            prepared(scene)
        with _in_place(bug):
            try:
                return Crowd(self.seed, alter=watch).come_together()
            except Exception as error:  # noqa: BLE001  # as above
                return [f"broke down: {type(error).__name__}: {error}"]
            except Endless:
                return ["goes round in circles"]


type Named = Told | OneCrowd


def read(text: str) -> Named:
    """The case that these words mean."""
    if text.startswith("crowd "):
        return OneCrowd(int(text.split()[1]))
    story, habits, *rest = (part.strip() for part in text.split(" / "))
    strikes = tuple(Strike.read(each) for each in rest[0].split()) if rest else ()
    return Told(story, habits, strikes)


def places_of(story: str, habits: str) -> tuple[tuple[str, int], ...]:
    """Every call of a story without a fault and without a bug: its name, and the how-manieth time it is made."""
    return _places(story, habits, "")


@functools.cache
def _places(story: str, habits: str, _bug: str) -> tuple[tuple[str, int], ...]:
    """As the code is at this moment, with that bug in it or without."""
    found = play(Case(story=STORIES_BY_NAME[story], habits=_habits(story, habits)), alter=watch)
    times: dict[str, int] = {}
    named = []
    for call in found.gate.places:
        times[call] = times.get(call, 0) + 1
        named.append((call, times[call]))
    return tuple(named)


def _numbered(strikes: tuple[Strike, ...], places: tuple[tuple[str, int], ...]) -> Iterator[Strike]:
    """The strikes at the numbers of their places; one whose place is not there strikes nowhere."""
    numbers = {place: number for number, place in enumerate(places, start=1)}
    for each in strikes:
        if (number := numbers.get((each.call, each.time))) is not None:
            yield replace(each, time=number)


@functools.cache
def _habits(story: str, habits: str) -> Habits:
    known = (each for skew in (0, *SKEWS) for each in habits_of(STORIES_BY_NAME[story], skew=skew))
    return next(each for each in known if str(each) == habits)


@contextmanager
def _in_place(bug: Bug | None) -> Iterator[None]:
    """With the bug put in; nothing is written in a log meanwhile."""
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.CRITICAL)
    try:
        with bug.put_in() if bug else nullcontext():
            yield
    finally:
        logging.getLogger().setLevel(level)
