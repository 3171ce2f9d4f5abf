"""Every story without a fault: it gets where it leads, by the short way to AWS as by the long one."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.torture.aws import slow_wires
from tests.torture.catalogue import ALL, SKEWS, STORIES_BY_NAME, habits_of, read_case
from tests.torture.explore import Rehearsal, explore, singles
from tests.torture.faults import Fault
from tests.torture.play import Case, play, violations
from tests.torture.stories import Story

TOLD_SLOWLY = ("congress for three", "late money without seats", "refund in parts")


@pytest.mark.parametrize("story", ALL, ids=str)
def test_a_story_without_a_fault_gets_where_it_leads(story: Story) -> None:
    cases = [Case(story=story, habits=habits) for habits in habits_of(story)]
    cases += [Case(story=story, habits=habits_of(story, skew=skew)[0]) for skew in SKEWS]
    assert explore(cases).violations == []


def test_together_they_pass_every_kind_of_place() -> None:
    """A harness can lie: what no story passes is not looked at."""
    passed: Counter[str] = Counter()
    for story in ALL:
        passed.update(play(Case(story=story, habits=story.habits)).gate.places)
    print(dict(passed))
    calls = "create retrieve list expire".split()
    wanted = {f"stripe.checkout.sessions.{call}" for call in calls} | {"stripe.refunds.create", "stripe.disputes.list"}
    wanted |= {f"table.{call}" for call in ("GetItem", "Query", "TransactWriteItems", "UpdateItem")}
    wanted |= {"queue.SendMessage", "mail.SendEmail", "news.stripe", "news.mail"}
    wanted |= {f"message.{queue}" for queue in ("payments", "emails", "deliveries")}
    assert wanted <= set(passed)


@pytest.mark.parametrize("name", TOLD_SLOWLY)
def test_the_short_way_to_aws_comes_to_the_same_as_the_whole_sdk(name: str) -> None:
    case = Case(story=STORIES_BY_NAME[name], habits=STORIES_BY_NAME[name].habits)
    short = play(case)
    with slow_wires():
        long = play(case)
        assert violations(long, case.story) == []
    assert long.gate.places == short.gate.places
    assert long.table() == short.table()


def test_the_same_case_is_the_same_to_the_letter() -> None:
    """Read again from its name, and begun in the middle, before its first fault."""
    story = STORIES_BY_NAME["refund in parts"]
    case = Case(story=story, habits=story.habits, plan={90: Fault.read("answer-lost-once"), 140: 3})
    rehearsal = Rehearsal(Case(story=story, habits=story.habits))
    one, other, third = play(case), play(read_case(str(case))), rehearsal.play(case.plan)
    assert third.gate.places == one.gate.places
    assert third.table() == one.table()
    assert one.gate.places == other.gate.places
    assert one.gate.struck == other.gate.struck
    assert one.table() == other.table()


def test_an_sdk_that_met_many_failures_is_as_new_in_the_next_world() -> None:
    """A harness can lie: after a hundred failures botocore tries nothing again, and every case is another."""
    story = STORIES_BY_NAME["free meeting"]
    case = Case(story=story, habits=story.habits, plan={at: Fault.read("refused") for at in range(1, 60)})
    passing = Case(story=story, habits=story.habits, plan={8: Fault.read("500-once")})
    before = play(passing)
    for _ in range(10):
        play(case)
    assert play(passing).table() == before.table()


def test_there_are_many_cases() -> None:
    count = sum(len(singles(Case(story=story, habits=habits))) for story in ALL[:3] for habits in habits_of(story)[:1])
    assert count > 3000
