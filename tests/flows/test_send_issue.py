"""Send an issue: to everybody who wants it, once, whatever stops it on the way."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.readership import TableReadership
from chalicelib.domain.copy import Copy
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import Changed
from chalicelib.domain.issue import COUNTED_AGAIN, Hindrance, IssueState
from chalicelib.domain.page import Page
from chalicelib.domain.segment import Segment, SegmentKind
from chalicelib.domain.subscriber import Standing
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.flows.count_issue import AT_ONCE, count_issue
from chalicelib.flows.record_copy import record_copy
from chalicelib.flows.send_issue import AFTER_OTHERS, COUNTING, QUOTA_PAUSE, THE_TURN
from tests.desk import ANSWERS, BASE_URL, TABLE, Desk
from tests.entrypoints.beheer.orders import paid_event, paid_member
from tests.events import EVENT
from tests.fakes.clock import Clock
from tests.flows.newsletter import ISSUE, SOURCE, MailService, Newsroom, addresses

log = logging.getLogger(__name__)

FEW = ("ada@a.example", "bea@b.example", "cas@c.example")


@pytest.fixture
def room(desk: Desk) -> Newsroom:
    return Newsroom(desk)


def test_everybody_who_wants_it_gets_it_once(room: Newsroom) -> None:
    room.subscribe(addresses(120))
    room.issue()
    after = room.run()
    assert after is not None
    assert (after.state, after.copies, after.hindrance) == (IssueState.SENT, 120, Hindrance.NONE)
    assert sorted(letter.to for letter in room.service.letters) == sorted(addresses(120))
    assert {copy.delivery for copy in room.copies()} == {Delivery.SENT}
    count = room.desk.store.unit_of_work().issue_counts.get(ISSUE)
    assert count is not None
    assert count.counts == {"sent": 120}
    assert room.run() is None, "and not again"
    assert len(room.service.letters) == 120


def test_each_letter_has_its_readers_own_links(room: Newsroom) -> None:
    (reader, other, _) = room.subscribe(FEW)
    room.issue()
    room.run()
    letters = {letter.to: letter for letter in room.service.letters}
    links = room.desk.application.links
    assert links.unsubscribe(reader.id, reader.language, issue_id=ISSUE) in letters[reader.email].text
    assert links.preferences(reader.id, reader.language) in letters[reader.email].text
    assert links.unsubscribe(other.id, other.language, issue_id=ISSUE) not in letters[reader.email].text


def test_who_does_not_want_it_is_passed_over_and_counted_by_the_reason(room: Newsroom) -> None:
    now = room.desk.clock()
    gone, pausing, elsewhere, waiting, blocked, reads = room.subscribe(f"{name}@x.example" for name in "abcdef")
    room.change(gone.unsubscribes(now=now))
    room.change(replace(pausing, paused_until=now.date() + timedelta(days=3)))
    room.change(replace(elsewhere, topics=("congres",)))
    room.change(replace(waiting, standing=Standing.UNCONFIRMED))
    _suppress(room, blocked.email)
    room.issue()
    after = room.run()
    assert after is not None
    assert after.passed_over == {
        "unsubscribed": 1,
        "paused": 1,
        "other_topic": 1,
        "unconfirmed": 1,
        "suppressed": 1,
    }
    assert [letter.to for letter in room.service.letters] == [reads.email]


def _suppress(room: Newsroom, address: str) -> None:
    unit = room.desk.store.unit_of_work()
    key = suppression_id(address, identity=room.identity)
    unit.suppressions.keep(
        Suppression(
            id=key,
            cause=Delivery.BOUNCED,
            reason="Permanent General",
            email_id="confirmation-x",
            at=room.desk.clock(),
        )
    )
    unit.commit()


def test_who_leaves_after_the_copies_were_made_gets_none(room: Newsroom) -> None:
    gone, blocked, erased, reads = room.subscribe(f"{name}@x.example" for name in "abcd")
    room.issue()
    room.run(goes_on=_times(1))
    assert len(room.copies()) == 4
    assert room.service.letters == []
    room.change(gone.unsubscribes(now=room.desk.clock()))
    _suppress(room, blocked.email)
    unit = room.desk.store.unit_of_work()
    unit.subscribers.remove(erased)
    unit.commit()
    room.desk.clock.advance(minutes=3)
    room.run()
    assert [letter.to for letter in room.service.letters] == [reads.email]
    assert {copy.reason for copy in room.copies()} == {"unsubscribed", "suppressed", "erased", ""}
    count = room.desk.store.unit_of_work().issue_counts.get(ISSUE)
    assert count is not None
    assert count.counts == {"withdrawn": 3, "sent": 1}


def _times(count: int) -> Any:
    """Goes on so many times."""
    left = iter(range(count))
    return lambda: next(left, None) is not None


def test_a_segment_of_members_knows_them_by_their_domain_and_their_contact(room: Newsroom) -> None:
    paid_member(room.desk)
    domain = ANSWERS.email.rpartition("@")[2]
    room.subscribe((ANSWERS.email, f"colleague@{domain}", "somebody@elsewhere.example"))
    room.issue(segment=Segment(kind=SegmentKind.MEMBERS))
    room.run()
    assert {letter.to for letter in room.service.letters} == {ANSWERS.email, f"colleague@{domain}"}


def test_a_segment_of_attendees_is_who_has_a_seat(room: Newsroom) -> None:
    order = paid_event(room.desk)
    coming = [each.email for each in room.desk.store.attendees(order.id)]
    room.subscribe((*coming, "somebody@elsewhere.example"))
    room.issue(segment=Segment(kind=SegmentKind.ATTENDEES, offer_id=EVENT))
    room.run()
    assert {letter.to for letter in room.service.letters} == set(coming)


def test_only_one_sends_at_a_time_whichever_issue(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    room.issue(issue_id="anotherissue")
    other = room.sending()
    assert other._takes_turn()
    assert room.run() is None
    assert room.run("anotherissue") is None
    room.desk.clock.advance(seconds=AFTER_OTHERS.total_seconds())
    assert room.run() is not None, "whoever was heard of no more has lost his turn"
    assert room.run("anotherissue") is not None, "and whoever is done gives it back"


def test_a_pause_stops_it_and_resuming_goes_on(room: Newsroom) -> None:
    room.subscribe(addresses(60))
    room.issue()
    desk = room.desk

    def pause_after(count: int) -> str:
        desk.clock.advance(seconds=0.5)
        if sum(room.service.accepted.values()) == count:
            unit = desk.store.unit_of_work()
            unit.issues.update(room.stored().paused())
            unit.commit()
        return "sent"

    room.service.fate = lambda _: pause_after(20)
    stopped = room.run()
    assert stopped is not None
    assert stopped.state is IssueState.PAUSED
    assert 20 <= len(room.service.letters) < 40
    assert room.run() is None, "nothing goes while it is paused"
    unit = desk.store.unit_of_work()
    unit.issues.update(room.stored().resumed(now=desk.clock()))
    unit.commit()
    room.service.fate = lambda _: "sent"
    room.run()
    assert room.stored().state is IssueState.SENT
    assert set(room.service.accepted.values()) == {1}
    assert len(room.service.accepted) == 60


def test_the_days_quota_leaves_room_for_tickets_and_says_that_it_waits(room: Newsroom) -> None:
    room.subscribe(addresses(60))
    room.issue()
    room.account.per_day, room.account.sent = 100, 50
    after = room.run()
    assert after is not None
    assert (after.state, after.hindrance) == (IssueState.SENDING, Hindrance.QUOTA)
    assert after.due == room.desk.clock() + QUOTA_PAUSE
    assert 20 < len(room.service.letters) <= 30, "80 of the 100 are the newsletter's, and 50 are gone"
    room.account.sent = 0
    room.desk.clock.advance(hours=2)
    room.run()
    assert room.stored().state is IssueState.SENT
    assert len(room.service.letters) == 60


def test_the_pace_is_a_share_of_what_the_account_may(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    room.account.per_second = 14
    room.run()
    assert [beat.rate for beat in room.beats] == [pytest.approx(11.2)]


def test_a_service_that_is_asked_too_much_is_asked_slower_and_later(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    room.service.fate = lambda _: "busy"
    after = room.run()
    assert after is not None
    assert (after.state, after.hindrance) == (IssueState.SENDING, Hindrance.LATER)
    assert room.beats[0].slowed == 3
    assert {copy.attempt for copy in room.copies()} == {0}, "that is no fault of a copy"
    room.service.fate = lambda _: "sent"
    room.desk.clock.advance(seconds=30)
    room.run()
    assert room.stored().state is IssueState.SENT


def test_a_definite_no_is_tried_again_and_a_no_for_good_is_not(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    fates = {room.identity.subscriber_id(FEW[0]): "later", room.identity.subscriber_id(FEW[1]): "refused"}
    room.service.fate = lambda email_id: fates.get(email_id.rpartition("-")[2], "sent")
    room.run()
    assert Counter(copy.delivery.value for copy in room.copies()) == {"queued": 1, "failed": 1, "sent": 1}
    fates.clear()
    room.desk.clock.advance(minutes=2)
    room.run()
    assert room.stored().state is IssueState.SENT
    assert Counter(copy.delivery.value for copy in room.copies()) == {"failed": 1, "sent": 2}


def test_what_nobody_knows_is_never_sent_again_and_news_settles_it(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    room.service.fate = lambda _: "timed out"
    for _ in range(4):
        room.run()
        room.desk.clock.advance(minutes=6)
    assert room.stored().state is IssueState.SENT, "it waits for nobody"
    count = room.desk.store.unit_of_work().issue_counts.get(ISSUE)
    assert count is not None
    assert count.counts == {"unknown": 3}
    for _ in range(5):
        room.desk.clock.advance(days=1)
        room.run()
    assert set(room.service.accepted.values()) == {1}
    for news in room.service.news:
        record_copy(news, store=room.desk.store, identity=room.identity, now=room.desk.clock())
    assert {copy.delivery for copy in room.copies()} == {Delivery.DELIVERED}


def test_what_was_sent_is_counted_again_while_mailboxes_answer(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    room.run()
    for news in room.service.news:
        record_copy(news, store=room.desk.store, identity=room.identity, now=room.desk.clock())
    for _ in COUNTED_AGAIN:
        due = room.stored().due
        assert due is not None
        room.desk.clock.advance(seconds=(due - room.desk.clock()).total_seconds())
        room.run()
    count = room.desk.store.unit_of_work().issue_counts.get(ISSUE)
    assert count is not None
    assert count.counts == {"delivered": 3}
    assert room.stored().due is None


class _Slow(TableReadership):
    """Reads of a large issue take their time."""

    clock: Clock
    counting = 0

    def copies(self, shelf: str, *, rest: str, limit: int) -> Page[Copy]:
        if limit == AT_ONCE:
            self.counting += 1
            self.clock.advance(seconds=1)
        return super().copies(shelf, rest=rest, limit=limit)


def test_a_large_issue_is_counted_less_often(room: Newsroom) -> None:
    slow = _Slow(room.desk.client, table=TABLE)
    slow.clock = clock = room.desk.clock
    room.readership = slow
    room.account.per_second = 1

    def fate(_: str) -> str:
        clock.advance(seconds=8)
        return "sent"

    room.service.fate = fate
    room.subscribe(addresses(300))
    room.issue()
    began = clock()
    room.run()
    took = (clock() - began).total_seconds()
    # a count is a second for each of 32 shelves here; beside those of the run there is one at its end
    assert 3 * 32 <= slow.counting <= took * COUNTING + 2 * 32


def test_who_unsubscribes_by_a_link_in_it_counts_once_for_the_issue_and_gets_no_other(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    room.run()
    letter = next(letter for letter in room.service.letters if letter.to == FEW[0])
    path = letter.unsubscribe_url.removeprefix(BASE_URL)
    for _ in range(2):
        assert room.desk.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    count = count_issue(
        ISSUE, store=room.desk.store, readership=room.readership, per_hour=0, now=room.desk.clock()
    ).counts
    assert count == {"sent": 3, "unsubscribed": 1}
    room.issue(issue_id="thenextissue")
    room.run("thenextissue")
    assert [letter.to for letter in room.service.letters[3:]].count(FEW[0]) == 0
    assert len(room.service.letters) == 5


def test_an_issue_that_speaks_of_what_is_gone_waits_for_a_person(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue(source=SOURCE + "\n{aanbod congres-1999}\n")
    after = room.run()
    assert after is not None
    assert (after.state, after.hindrance) == (IssueState.PAUSED, Hindrance.MALFORMED)
    assert room.service.letters == []


def test_the_turn_is_a_row_of_its_own(room: Newsroom) -> None:
    room.subscribe(FEW)
    room.issue()
    room.run()
    slot = room.desk.store.unit_of_work().slots.get(THE_TURN)
    assert slot is not None
    assert slot.until <= room.desk.clock()


def test_two_who_begin_at_once_begin_one(room: Newsroom) -> None:
    issue = room.issue()
    unit = room.desk.store.unit_of_work()
    unit.issues.update(issue)
    unit.commit()
    stale = room.desk.store.unit_of_work()
    stale.issues.update(issue.started(now=room.desk.clock()))
    with pytest.raises(Changed):
        stale.commit()


def test_the_pace_that_is_told_is_the_one_that_was_reached(desk: Desk) -> None:
    told: set[int] = set()

    def slow(_: str) -> str:
        desk.clock.advance(seconds=1)
        count = desk.store.unit_of_work().issue_counts.get(ISSUE)
        told.add(count.per_hour if count else 0)
        return "sent"

    room = Newsroom(desk, service=MailService(fate=slow))
    room.subscribe(addresses(500))
    room.issue()
    room.run()
    assert max(told) <= 3_600, "one a second, though the account would allow 11"
    assert max(told) > 2_400
