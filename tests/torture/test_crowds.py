"""A sample of crowds: whoever does what at one moment, in whatever order, the money and the seats are right."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from tests.torture.crowd import Crowd
from tests.torture.run import SEED

CROWDS = 45


@pytest.mark.parametrize("part", range(4))
def test_a_crowd_breaks_nothing(part: int) -> None:
    happened: Counter[str] = Counter()
    first = SEED * 1000 + part * CROWDS
    wrong = {}
    for seed in range(first, first + CROWDS):
        crowd = Crowd(seed)
        if found := crowd.come_together():
            wrong[f"python -m tests.torture crowd {seed}"] = found
        happened += crowd.happened
    print(f"{CROWDS} crowds from seed {first}: {dict(happened)}")
    assert wrong == {}
    # crowds in which nothing happens prove nothing
    for what in ("paid", "expired", "staff", "faults", "changes"):
        assert happened[what], f"never {what}"


def test_a_crowd_leaves_the_environment_of_the_process_alone() -> None:
    """A harness can lie: what is set afterwards would reach no process that is started."""
    environment = os.environ
    for seed in range(SEED, SEED + 40):
        Crowd(seed).come_together()
    assert os.environ is environment


def test_the_same_seed_is_the_same_crowd() -> None:
    one, other = Crowd(SEED), Crowd(SEED)
    assert one.come_together() == other.come_together()
    assert one.world.gate.places == other.world.gate.places
    assert one.world.table() == other.world.table()
