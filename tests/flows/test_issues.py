"""Issues before and while they go: the number that is told is the number that goes, and nobody's word is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.audit_entry import Deed
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import IssueRefused, MailRejected, MailUnknown, StorageUnavailable
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.domain.language import Language
from chalicelib.domain.segment import Segment, SegmentKind
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.flows.ask_proof import Proof, read_proof
from chalicelib.flows.count_audience import AT_ONCE, count_audience
from chalicelib.flows.keep_issue import IssueChanged, IssueKeeping, Written
from chalicelib.flows.steer_issue import Wheel, may_be, steer_issue
from tests.crash.saboteur import Fault, Saboteur
from tests.desk import Desk
from tests.flows.newsletter import ISSUE, SOURCE, Newsroom, addresses

BEA = "bea@lpb.example"


@pytest.fixture
def room(desk: Desk) -> Newsroom:
    return Newsroom(desk)


def keeping(room: Newsroom) -> IssueKeeping:
    desk = room.desk
    return IssueKeeping(
        store=desk.store,
        topics=desk.application.topics,
        by=BEA,
        entry_id=desk.application.new_token(),
        now=desk.clock(),
    )


def written(source: str = SOURCE) -> Written:
    return Written(source=source, topic="nieuwsbrief", segment="iedereen")


def steer(room: Newsroom, wheel: Wheel) -> Issue:
    desk = room.desk
    return steer_issue(ISSUE, wheel, store=desk.store, by=BEA, entry_id=desk.application.new_token(), now=desk.clock())


def meddle(desk: Desk, act: Callable[[], None], *, times: int) -> None:
    """Let somebody else write first, just before what is written next."""
    left = [times]
    busy: list[bool] = []

    def first(**_: Any) -> None:
        if left[0] and not busy:
            left[0] -= 1
            busy.append(True)
            act()
            busy.clear()

    desk.client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", first)


def test_the_number_that_is_told_is_the_number_that_goes(room: Newsroom) -> None:
    readers = room.subscribe(addresses(2 * AT_ONCE + 7))
    now = room.desk.clock()
    for place, reader in enumerate(readers[:70]):
        room.change(
            [
                reader.unsubscribes(now=now),
                replace(reader, paused_until=now.date() + timedelta(days=3)),
                replace(reader, topics=("congres",)),
                replace(reader, language=Language.EN),
            ][place % 4]
        )
    unit = room.desk.store.unit_of_work()
    for reader in readers[70:80]:
        key = suppression_id(reader.email, identity=room.identity)
        unit.suppressions.keep(Suppression(id=key, cause=Delivery.BOUNCED, reason="Permanent", email_id="x", at=now))
    unit.commit()
    issue = room.issue(segment=Segment(language=Language.NL))
    app = room.desk.application
    reach = count_audience(issue, readership=room.readership, lists=app.lists, identity=app.identity, now=now)
    assert reach.passed_over == {
        "unsubscribed": 18,
        "paused": 18,
        "other_topic": 17,
        "other_segment": 17,
        "suppressed": 10,
    }
    after = room.run()
    assert after is not None
    assert (after.copies, after.passed_over) == (reach.gets, reach.passed_over)


def test_two_readers_of_one_address_stop_nothing(room: Newsroom) -> None:
    [reader] = room.subscribe(["ada@a.example"])
    unit = room.desk.store.unit_of_work()
    unit.subscribers.add(replace(reader, id="a" * 32, version=1))
    unit.commit()
    issue, app = room.issue(), room.desk.application
    reach = count_audience(
        issue, readership=room.readership, lists=app.lists, identity=app.identity, now=room.desk.clock()
    )
    after = room.run()
    assert after is not None
    assert (reach.gets, after.copies, after.state) == (2, 2, IssueState.SENT)


def test_members_are_counted_as_members(room: Newsroom) -> None:
    room.desk.member("lid.example")
    room.subscribe(["een@lid.example", "twee@elders.example"])
    issue, app = room.issue(segment=Segment(kind=SegmentKind.MEMBERS)), room.desk.application
    reach = count_audience(
        issue, readership=room.readership, lists=app.lists, identity=app.identity, now=room.desk.clock()
    )
    assert (reach.gets, reach.passed_over) == (1, {"other_segment": 1})


def test_what_is_steered_goes_over_what_whoever_sends_writes_meanwhile(room: Newsroom) -> None:
    room.issue()
    store = room.desk.store

    def touch() -> None:
        unit = store.unit_of_work()
        issue = unit.issues.get(ISSUE)
        assert issue is not None
        unit.issues.update(issue.started(now=room.desk.clock()) if issue.state is IssueState.SCHEDULED else issue)
        unit.commit()

    meddle(room.desk, touch, times=3)
    with pytest.raises(IssueRefused):
        steer(room, Wheel.DRAFT)
    assert room.stored().state is IssueState.SENDING, "it had begun"
    assert steer(room, Wheel.PAUSE).state is IssueState.PAUSED
    assert steer(room, Wheel.PAUSE).state is IssueState.PAUSED
    deeds = [each.deed for each in store.audit(f"{room.desk.clock():%Y-%m}", rest="", limit=9).items]
    assert deeds == [Deed.ISSUE_PAUSED]


def test_one_that_keeps_changing_is_given_up(room: Newsroom) -> None:
    room.issue()

    def touch() -> None:
        unit = room.desk.store.unit_of_work()
        unit.issues.update(room.stored())
        unit.commit()

    meddle(room.desk, touch, times=99)
    with pytest.raises(StorageUnavailable):
        steer(room, Wheel.CANCEL)
    assert room.stored().state is IssueState.SCHEDULED


def test_every_state_has_its_wheels(room: Newsroom) -> None:
    scheduled, now = room.issue(), room.desk.clock()
    sending = scheduled.started(now=now)
    wheels = {
        IssueState.DRAFT: {Wheel.CANCEL},
        IssueState.SCHEDULED: {Wheel.DRAFT, Wheel.CANCEL},
        IssueState.SENDING: {Wheel.PAUSE, Wheel.CANCEL},
        IssueState.PAUSED: {Wheel.RESUME, Wheel.CANCEL},
        IssueState.SENT: set(),
        IssueState.CANCELLED: set(),
    }
    every = (
        scheduled.drafted(),
        scheduled,
        sending,
        sending.paused(),
        sending.finished(now=now),
        sending.cancelled(now=now),
    )
    assert {each.state: {wheel for wheel in Wheel if may_be(wheel, each)} for each in every} == wheels


def test_two_who_save_at_the_same_moment_do_not_both(room: Newsroom) -> None:
    issue = keeping(room).add(written(), issue_id=ISSUE)
    meddle(
        room.desk,
        lambda: _saved(room, f"{SOURCE}Van haar", seen=issue.version),
        times=1,
    )
    with pytest.raises(IssueChanged) as changed:
        keeping(room).save(written(f"{SOURCE}Van mij"), issue_id=ISSUE, seen=issue.version)
    assert changed.value.source == f"{SOURCE}Van haar"


def _saved(room: Newsroom, source: str, *, seen: int) -> None:
    keeping(room).save(written(source), issue_id=ISSUE, seen=seen)


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.ANSWER_LOST])
def test_whatever_stops_it_an_issue_its_text_and_the_log_are_written_together(desk: Desk, fault: Fault) -> None:
    room = Newsroom(desk)
    Saboteur({1: fault}).sit_on(desk)
    with pytest.raises(StorageUnavailable):
        keeping(room).add(written(), issue_id=ISSUE)
    keeping(room).add(written(), issue_id=ISSUE)
    assert sorted(item["record"]["S"] for item in desk.items()) == ["audit_entry", "issue", "issue_text"]


def test_a_proof_is_read_back_from_its_message() -> None:
    proof = Proof(issue_id="a" * 32, token="token-000-1", to="a-b@c.example")
    assert read_proof(proof.message) == proof


@pytest.mark.parametrize("failure", [MailRejected("MessageRejected"), MailUnknown("ReadTimeoutError")])
def test_a_proof_that_fails_or_is_of_nothing_does_not_come_again(room: Newsroom, failure: Exception) -> None:
    room.issue()
    desk = room.desk
    desk.sender.failures = [failure]
    for issue_id in (ISSUE, "gone" * 5):
        desk.emails.put(Proof(issue_id=issue_id, token="t", to="ada@a.example").message)
        desk.work()
        assert desk.emails.messages == []
    assert desk.sender.sent == []
