"""One fault at every outside call of the journey, in every way, for every kind of visitor; and pairs of faults."""

import itertools
import random
from collections.abc import Mapping

import pytest

from tests.crash.saboteur import Fault, Saboteur
from tests.crash.world import Habits, World

HABITS = [Habits(visitor_retries=retries, sweeps=sweeps) for retries in (True, False) for sweeps in (True, False)]
PAIRS = 150
SEED = 20261125


def journey(plan: Mapping[int, Fault], habits: Habits) -> World:
    world = World(saboteur=Saboteur(plan), habits=habits)
    world.play()
    return world


def calls_of_the_journey() -> list[str]:
    world = journey({}, HABITS[0])
    assert world.violations() == []
    assert world.paid
    return world.saboteur.calls


def test_the_journey_without_a_fault_reaches_its_end() -> None:
    calls = calls_of_the_journey()
    kinds = {name.partition(".")[0] for name in calls}
    assert kinds == {"table", "gateway", "queue", "sender"}


@pytest.mark.parametrize("habits", HABITS, ids=lambda each: f"retries={each.visitor_retries}-sweeps={each.sweeps}")
@pytest.mark.parametrize("fault", Fault)
def test_no_single_fault_loses_or_doubles_anything(fault: Fault, habits: Habits) -> None:
    # the sweeps at the end of a journey only look; they are part of the calls all the same
    length = len(calls_of_the_journey())
    failures, paid = [], 0
    for at in range(1, length + 1):
        world = journey({at: fault}, habits)
        paid += world.paid
        failures += [f"{fault} at {at} {world.saboteur.struck}: {each}" for each in world.violations()]
    assert failures == []
    # a harness can lie: a visitor who presses again gets there, whatever went wrong
    assert paid == length if habits.visitor_retries else length / 2 < paid < length


def test_no_pair_of_faults_loses_or_doubles_anything() -> None:
    length = len(calls_of_the_journey())
    chance = random.Random(SEED)
    places = list(itertools.combinations(range(1, length + 1), 2))
    failures = []
    for first, second in chance.sample(places, PAIRS):
        plan = {first: chance.choice(list(Fault)), second: chance.choice(list(Fault))}
        world = journey(plan, Habits(visitor_retries=True, sweeps=True))
        failures += [f"seed {SEED}, {plan} {world.saboteur.struck}: {each}" for each in world.violations()]
    assert failures == []
