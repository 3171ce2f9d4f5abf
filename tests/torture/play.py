"""Play: one story in one world with its faults, and what is to be said of it afterwards."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.torture.faults import Fault
from tests.torture.judge import Judge, states
from tests.torture.people import People
from tests.torture.stories import Story
from tests.torture.world import Alter, Habits, World, prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One story under some habits with some faults."""

    story: Story
    habits: Habits
    plan: Mapping[int, Fault | int] = field(default_factory=dict)

    def __str__(self) -> str:
        plan = " ".join(f"{at}={'?' if isinstance(fault, int) else ''}{fault}" for at, fault in self.plan.items())
        return f"{self.story.name} / {self.habits}{' / ' if plan else ''}{plan}"

    def world(self, *, alter: Alter | None = None) -> World:
        table = prepared(self.story.prepare)
        random.seed(20261126)  # the pauses of the SDKs
        return World(table=table, habits=self.habits, plan=self.plan, alter=alter)


def play(case: Case, *, alter: Alter | None = None) -> World:
    """The whole of it: the story, and the hours afterwards."""
    world = case.world(alter=alter)
    with world.running():
        tell(case.story, People(world))
    return world


def tell(story: Story, people: People) -> None:
    """The story, and then everybody goes home: what is under way arrives, and the books are compared."""
    story.tell(people)
    people.live()
    for minutes in (2, 10, 20, 20, 20):
        people.wait(minutes)
    people.compare()
    people.wait(20)
    people.wait(70)
    if people.was_disturbed():
        people.compare()
        people.wait(65)
        people.compare()
    # money that takes days is asked for every six hours
    people.wait(365)
    people.wait(5)


def violations(world: World, story: Story) -> list[str]:
    """What must hold and does not."""
    with world.gate.resting():
        found = Judge(world).violations()
        return found + _progress(world, story)


def _progress(world: World, story: Story) -> list[str]:
    """Whoever goes on gets where he wants to be."""
    if not (world.habits.retries and world.habits.schedules):
        return []
    books = world.books()
    ends = states(books, others=world.others)
    if ends != list(story.ends):
        return [f"ended {[state.value for state in ends]}, not {[state.value for state in story.ends]}"]
    ours = [order for order in books.orders if order.id not in world.others]
    found = []
    for order in ours:
        # a refund that is under way has not moved money everywhere
        if order.kept_cents != story.keeps(order):
            found.append(f"order {order.state.value} keeps {order.kept_cents}, not {story.keeps(order)}")
    sent = {each.email_id for each in world.mailroom.sent}
    # what was late is not sent any more once it is not true any more
    sent |= {email.id for email in books.emails if email.reason == "cancelled"}
    mails = len({email.id for email in books.emails if email.order_id not in world.others and email.id in sent})
    reported = {each.kind for each in books.differences}
    if not world.gate.struck and reported != story.reports:
        found.append(f"reported {sorted(reported)}, not {sorted(story.reports)}")
    if mails != story.mails:
        found.append(f"{mails} mails, not {story.mails}")
    return found
