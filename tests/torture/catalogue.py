"""The catalogue: every story, every habit, and the case that a line of text means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.torture.faults import Fault
from tests.torture.money_stories import MONEY_STORIES
from tests.torture.play import Case
from tests.torture.stories import STORIES, Story
from tests.torture.world import Habits

ALL = (*STORIES, *MONEY_STORIES)
STORIES_BY_NAME = {story.name: story for story in ALL}
# How far Stripe's clock may be from ours, in seconds: five minutes are what its signatures bear.
SKEWS = (-290, 290)


def habits_of(story: Story, *, skew: int = 0) -> tuple[Habits, ...]:
    """People who try again or give up, with schedules and without, in the world that the story is told in."""
    return tuple(
        replace(story.habits, retries=retries, schedules=schedules, skew=skew)
        for schedules in (True, False)
        for retries in ((True,) if story.patient else (True, False))
    )


def plain_cases() -> Iterator[Case]:
    """Every story without a fault."""
    for story in ALL:
        for skew in (0, *SKEWS):
            for habits in habits_of(story, skew=skew):
                yield Case(story=story, habits=habits)


def read_case(text: str) -> Case:
    """The case that `Case.__str__` wrote: <story> / <habits> / <place>=<fault> ..."""
    name, habits, *rest = (part.strip() for part in text.split("/"))
    story = STORIES_BY_NAME[name]
    words = [pair.partition("=") for pair in (rest[0].split() if rest else ())]
    known = {str(each): each for skew in (0, *SKEWS) for each in habits_of(story, skew=skew)}
    plan = {int(at): int(fault[1:]) if fault.startswith("?") else Fault.read(fault) for at, _, fault in words}
    return Case(story=story, habits=known[habits], plan=plan)
