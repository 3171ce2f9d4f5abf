"""A sample of all single faults and of all pairs, drawn from a seed; `make torture` plays them all."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.torture.catalogue import ALL, SKEWS, habits_of
from tests.torture.explore import Found, explore, pairs, singles
from tests.torture.play import Case
from tests.torture.run import SEED
from tests.torture.stories import Story

SINGLES, PAIRS = 15, 8


@pytest.mark.parametrize("story", ALL, ids=str)
def test_no_single_fault_loses_or_doubles_anything(story: Story) -> None:
    chance, found, possible = random.Random(f"{SEED} {story}"), Found(), 0
    for habits in habits_of(story):
        cases = singles(Case(story=story, habits=habits))
        possible += len(cases)
        sample = explore(chance.sample(cases, SINGLES if habits.schedules and habits.retries else SINGLES // 3))
        # whoever tries again gets there, whatever went wrong
        assert not habits.retries or sample.arrived == sample.cases
        found.add(sample)
    print(f"{story}: {found.cases} of {possible:,} single faults, {found.arrived} arrived")
    assert found.violations == []


@pytest.mark.parametrize("story", ALL, ids=str)
def test_no_pair_of_faults_loses_or_doubles_anything(story: Story) -> None:
    chance = random.Random(f"{SEED} pairs {story}")
    habits = habits_of(story, skew=chance.choice([0, *SKEWS]))[0]
    possible, drawn = pairs(Case(story=story, habits=habits), chance=chance)
    found = explore(itertools.islice(drawn, PAIRS))
    print(f"{story}: {found.cases} of about {possible:,} pairs of faults, {found.second_mails} mails sent twice")
    assert found.violations == []
