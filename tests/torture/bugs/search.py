"""The search for the cheapest case that notices a bug: its stories, faults in them, crowds, and all other stories."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.torture.bugs.bug import Bug
from tests.torture.bugs.case import Named, OneCrowd, Strike, Told, places_of
from tests.torture.bugs.meanwhile import AGAIN, MEANWHILE
from tests.torture.bugs.stories import STORIES_BY_NAME
from tests.torture.catalogue import SKEWS, habits_of
from tests.torture.faults import faults_at

SEED = 20261126
# How many cases of each kind are played before the next kind comes.
# Where somebody else going first makes a difference.
CHANGES = (
    "table.TransactWriteItems",
    "mail.SendEmail",
    "stripe.refunds.create",
    "stripe.checkout.sessions.create",
    "stripe.checkout.sessions.expire",
)
SINGLES, CROWDS, OTHERS, PAIRS = 120, 120, 60, 60


@dataclass(frozen=True, slots=True)
class Hit:
    """The first case that notices a bug, after how many cases, and what it says."""

    case: Named
    after: int
    says: str


def search(bug: Bug, *, most: int = 10**6) -> Hit | None:
    """The first case that is all right without the bug and not with it."""
    for after, case in enumerate(cases(bug), start=1):
        if after > most:
            return None
        found = case.violations(bug)
        if found and not case.violations():
            return Hit(case, after, found[0])
    return None


def cases(bug: Bug) -> Iterator[Named]:
    """What is played, the cheapest first; always the same for the same bug."""
    chance = random.Random(f"{SEED} {bug.name}")
    touched = list(bug.stories)
    others = [name for name in STORIES_BY_NAME if name not in touched]
    yield from [Told(name, _habits(name, schedules=schedules)) for schedules in (True, False) for name in touched]
    yield from [Told(name, _habits(name, schedules=True, skew=skew)) for skew in SKEWS for name in touched]
    if bug.at:
        yield from _some(_singles(touched, at=bug.at), SINGLES, chance)
    yield from _meanwhile(touched)
    yield from [OneCrowd(seed) for seed in range(SEED, SEED + CROWDS)]
    yield from [Told(name, _habits(name, schedules=True)) for name in others]
    yield from _some(_singles(touched or others, at=("",)), OTHERS, chance)
    yield from _some(_pairs(touched or others, at=bug.at or ("",), chance=chance), PAIRS, chance)


def _singles(names: list[str], *, at: tuple[str, ...]) -> list[Named]:
    found: list[Named] = []
    for name in names:
        for habits in map(str, habits_of(STORIES_BY_NAME[name])):
            found += [Told(name, habits, (strike,)) for strike in _strikes(name, habits, at=at)]
    return found


def _meanwhile(names: list[str]) -> Iterator[Named]:
    """Somebody else goes first, before each write and each call that changes something elsewhere."""
    for name in names:
        habits = _habits(name, schedules=True)
        for call, time in places_of(name, habits):
            if call in CHANGES:
                yield Told(name, habits, (Strike(call, time, MEANWHILE),))
                if call.startswith(("table", "stripe.checkout")):
                    yield Told(name, habits, (Strike(call, time, AGAIN),))


def _pairs(names: list[str], *, at: tuple[str, ...], chance: random.Random) -> list[Named]:
    found: list[Named] = []
    for name in names:
        habits = str(habits_of(STORIES_BY_NAME[name])[0])
        first, second = _strikes(name, habits, at=at), _strikes(name, habits, at=("",))
        found += [Told(name, habits, (chance.choice(first), chance.choice(second))) for _ in range(PAIRS) if first]
    return found


def _strikes(name: str, habits: str, *, at: tuple[str, ...]) -> list[Strike]:
    return [
        Strike(call, time, str(fault))
        for call, time in places_of(name, habits)
        if call.startswith(at)
        for fault in faults_at(call)
    ]


def _some(found: list[Named], most: int, chance: random.Random) -> list[Named]:
    return chance.sample(found, min(most, len(found)))


def _habits(name: str, *, schedules: bool, skew: int = 0) -> str:
    known = habits_of(STORIES_BY_NAME[name], skew=skew)
    return str(next(each for each in known if each.schedules is schedules and each.retries))
