"""One fault at every outside call of each journey, in every way, for every kind of visitor; and pairs of faults."""

import itertools
import random
from collections.abc import Mapping

import pytest

from tests.crash.journeys import CONGRESS, EXPIRED, LATE, MEETING, MEETING_TWICE, MEMBERSHIP, TOO_LATE, Journey, play
from tests.crash.saboteur import Fault, Saboteur
from tests.crash.world import Habits, World

JOURNEYS = [MEMBERSHIP, CONGRESS, MEETING, MEETING_TWICE, EXPIRED, LATE, TOO_LATE]
PATIENT, HASTY = (Habits(visitor_retries=retries, sweeps=True) for retries in (True, False))
# Without a sweep nothing may be lost or doubled either, though something may wait for it.
UNSWEPT = [Habits(visitor_retries=retries, sweeps=False) for retries in (True, False)]
HABITS = [(journey, habits) for journey in JOURNEYS for habits in (PATIENT, HASTY)]
# how he sends the form, the other meeting shows
HABITS.remove((MEETING_TWICE, HASTY))
HABITS += [(journey, habits) for journey in (MEMBERSHIP, MEETING) for habits in UNSWEPT]
PAIRS = 80
SEED = 20261125


def walk(journey: Journey, plan: Mapping[int, Fault], habits: Habits = PATIENT) -> World:
    return play(journey, World(saboteur=Saboteur(plan), habits=habits))


def without_fault(journey: Journey) -> World:
    world = walk(journey, {})
    assert world.violations() == []
    assert world.states() == [journey.ends]
    assert len(world.desk.sender.ids()) == journey.mails
    return world


def named(given: object) -> str:
    if isinstance(given, Habits):
        return f"{'patient' if given.visitor_retries else 'hasty'}-{'swept' if given.sweeps else 'unswept'}"
    return str(given)


@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
def test_the_journey_without_a_fault_reaches_its_end(journey: Journey) -> None:
    kinds = {name.partition(".")[0] for name in without_fault(journey).saboteur.calls}
    assert kinds >= {"table", "gateway"} if journey not in (MEETING, MEETING_TWICE) else {"table", "queue", "sender"}


@pytest.mark.parametrize(("journey", "habits"), HABITS, ids=named)
def test_no_single_fault_loses_or_doubles_anything(journey: Journey, habits: Habits) -> None:
    plain = without_fault(journey)
    calls = list(enumerate(plain.saboteur.calls, start=1))
    if not habits.visitor_retries:
        del calls[plain.visited :]  # from there on it makes no difference how patient he was
    places = [(at, fault) for fault in Fault for at, call in calls if fault.differs_at(call)]
    failures, arrived = [], 0
    for at, fault in places:
        world = walk(journey, {at: fault}, habits)
        arrived += world.arrived
        failures += [f"{fault} at {at} {world.saboteur.struck}: {each}" for each in world.violations()]
        if habits == PATIENT and world.states() != [journey.ends]:
            failures.append(f"{fault} at {at} {world.saboteur.struck}: ended {world.states()}")
    assert failures == []
    # a harness can lie: a visitor who presses again gets there, whatever went wrong
    assert arrived == len(places) if habits.visitor_retries else 0 < arrived < len(places)


@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
def test_no_pair_of_faults_loses_or_doubles_anything(journey: Journey) -> None:
    length = len(without_fault(journey).saboteur.calls)
    chance = random.Random(SEED)
    places = list(itertools.combinations(range(1, length + 1), 2))
    failures = []
    for first, second in chance.sample(places, PAIRS):
        plan = {first: chance.choice(list(Fault)), second: chance.choice(list(Fault))}
        world = walk(journey, plan)
        failures += [f"seed {SEED}, {plan} {world.saboteur.struck}: {each}" for each in world.violations()]
    assert failures == []
