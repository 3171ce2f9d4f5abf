"""An issue survives: crashes, a mail service that fails in every way, and news that is lost."""

from __future__ import annotations

import logging
import random
from threading import Lock

import pytest

from chalicelib.domain.email import Delivery
from chalicelib.domain.issue import Hindrance, IssueState
from chalicelib.flows.record_copy import record_copy
from tests.desk import TABLE, Desk
from tests.flows.newsletter import ISSUE, MailService, Newsroom, addresses, dice

log = logging.getLogger(__name__)


class Crash(BaseException):
    """The process is gone."""


NEVER = 10**9


class Doom:
    """Kills the process at some call to the table from now on: before the call, or after it and before its answer."""

    def __init__(self, desk: Desk, *, chance: random.Random) -> None:
        self._chance, self._left, self._lock = chance, NEVER, Lock()
        self._done, self.crashes = False, 0
        for call in ("GetItem", "BatchGetItem", "Query", "TransactWriteItems"):
            desk.client.meta.events.register_first(f"before-call.dynamodb.{call}", self._before)
            desk.client.meta.events.register_first(f"after-call.dynamodb.{call}", self._after)

    def strike_within(self, calls: int) -> None:
        self.strike_at(self._chance.randint(1, calls), done=self._chance.random() < 0.5)

    def strike_at(self, call: int, *, done: bool) -> None:
        """At this call from now on, before it is done or after."""
        self._left, self._done = call, done

    def spare(self) -> None:
        self._left = NEVER

    def _before(self, **_: object) -> None:
        with self._lock:
            self._left -= 1
        if self._left < 0 or (self._left == 0 and not self._done):
            self._strike()

    def _after(self, **_: object) -> None:
        if self._left == 0 and self._done:
            self._strike()

    def _strike(self) -> None:
        """All hands of a process die with it."""
        with self._lock:
            self.crashes += self._left >= 0
            self._left = -1
        raise Crash


READERS = 4_000


@pytest.mark.parametrize("seed", [8])
def test_four_thousand_readers_none_lost_none_doubled_whatever_happens(desk: Desk, seed: int) -> None:
    """Refusals, throttling, time-outs after and before acceptance, lost news, and a crash every few hundred calls."""
    chance = random.Random(seed)
    shares = {"busy": 0.02, "later": 0.02, "refused": 0.005, "lost": 0.005, "timed out": 0.01, "silent": 0.002}
    room = Newsroom(desk, service=MailService(fate=dice(seed, shares=shares)))
    room.account.per_second = 200
    room.subscribe(addresses(READERS))
    room.issue()
    doom = Doom(desk, chance=chance)
    for _ in range(500):
        doom.strike_within(600)
        try:
            room.run()
        except Crash:
            log.info("crashed")
        doom.spare()
        if room.stored().state is IssueState.SENT:
            break
        desk.clock.advance(minutes=3)
    doom.spare()
    assert doom.crashes >= 5
    assert room.stored().state is IssueState.SENT
    told = [news for news in room.service.news if chance.random() > 0.01]
    chance.shuffle(told)
    for news in told:
        record_copy(news, store=desk.store, identity=room.identity, now=desk.clock())
    copies = {copy.id: copy for copy in room.copies()}
    assert len(copies) == READERS == room.stored().copies
    assert max(room.service.accepted.values()) == 1, "nobody gets it twice"
    unknown = {key for key, copy in copies.items() if copy.hanging}
    refused = {key for key, copy in copies.items() if copy.delivery is Delivery.FAILED}
    assert set(copies) - set(room.service.accepted) <= unknown | refused, "who got none is known to have got none"
    assert all(key in room.service.accepted for key, copy in copies.items() if copy.delivery is Delivery.DELIVERED)
    assert len(unknown) < READERS * 0.05
    count = room.desk.store.unit_of_work().issue_counts.get(ISSUE)
    assert count is not None
    assert sum(count.counts.values()) == READERS
    print(f"\n{doom.crashes} crashes, {len(unknown)} unknown, {len(refused)} refused, of {READERS}")


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_crash_at_every_single_step_doubles_nobody_and_loses_nobody(done: bool) -> None:
    """Of a small issue: at its first call to the table, at its second, and so on, until there is no such call."""
    steps = 0
    while True:
        desk = Desk()
        room = Newsroom(desk)
        room.subscribe(addresses(3))
        room.issue()
        doom = Doom(desk, chance=random.Random(0))
        doom.strike_at(steps + 1, done=done)
        try:
            room.run()
        except Crash:
            log.info("crashed")
        doom.spare()
        if not doom.crashes:
            break
        steps += 1
        for _ in range(4):
            desk.clock.advance(minutes=6)
            room.run()
        assert room.stored().state is IssueState.SENT, steps
        for news in room.service.news:
            record_copy(news, store=desk.store, identity=room.identity, now=desk.clock())
        copies = room.copies()
        assert len(copies) == 3
        assert set(room.service.accepted.values()) <= {1}, steps
        hanging = {copy.id for copy in copies if copy.hanging}
        assert {copy.id for copy in copies} - set(room.service.accepted) <= hanging, steps
        assert len(hanging) <= 1, steps
    assert steps > 30, "each of its calls was one"


def test_an_outage_of_the_mail_service_costs_a_handful_and_the_rest_goes_when_it_is_over(desk: Desk) -> None:
    room = Newsroom(desk, service=MailService(fate=lambda _: "lost"))
    room.subscribe(addresses(300))
    room.issue()
    for _ in range(6):
        after = room.run()
        assert after is not None
        assert (after.state, after.hindrance) == (IssueState.SENDING, Hindrance.TROUBLE)
        desk.clock.advance(minutes=6)
    unknown = [copy for copy in room.copies() if copy.hanging]
    assert len(unknown) == 6, "each run tries one"
    room.service.fate = lambda _: "sent"
    room.run()
    assert room.stored().state is IssueState.SENT
    assert len(room.service.accepted) == 294


def test_an_outage_in_the_middle_is_noticed_after_a_few_in_a_row(desk: Desk) -> None:
    room = Newsroom(desk)
    room.subscribe(addresses(300))
    room.issue()
    room.service.fate = lambda _: "sent" if len(room.service.accepted) < 50 else "lost"
    after = room.run()
    assert after is not None
    assert after.hindrance is Hindrance.TROUBLE
    assert 5 <= len([copy for copy in room.copies() if copy.hanging]) <= 15


def test_a_stream_that_is_paused_costs_no_copy_a_try(desk: Desk) -> None:
    room = Newsroom(desk, service=MailService(fate=lambda _: "stopped"))
    room.subscribe(addresses(40))
    room.issue()
    for _ in range(8):
        after = room.run()
        assert after is not None
        assert (after.state, after.hindrance) == (IssueState.SENDING, Hindrance.TROUBLE)
        desk.clock.advance(hours=1)
    assert {(copy.delivery, copy.attempt) for copy in room.copies()} == {(Delivery.QUEUED, 0)}
    room.service.fate = lambda _: "sent"
    room.run()
    assert room.stored().state is IssueState.SENT
    assert set(room.service.accepted.values()) == {1}
    assert len(room.service.accepted) == 40


def test_an_error_at_one_copy_takes_no_other_along(desk: Desk) -> None:
    room = Newsroom(desk)
    room.account.per_second = 500
    readers = room.subscribe(addresses(60))
    room.issue()
    victim = readers[30].id

    def fate(email_id: str) -> str:
        if email_id.endswith(victim):
            raise KeyError(email_id)
        return "sent"

    room.service.fate = fate
    with pytest.raises(KeyError):
        room.run()
    assert [copy.subscriber_id for copy in room.copies() if copy.hanging] == [victim]
    desk.clock.advance(minutes=6)
    room.run()
    assert room.stored().state is IssueState.SENT
    assert len(room.service.accepted) == 59


def test_a_copy_that_was_left_in_an_issue_that_was_sent_goes_all_the_same(desk: Desk) -> None:
    room = Newsroom(desk)
    room.subscribe(addresses(3))
    room.issue()
    room.run()
    left = room.copies()[0]
    unit = desk.store.unit_of_work()
    unit.copies.update(left.waiting(until=desk.clock()))
    unit.commit()
    room.service.accepted.clear()
    desk.clock.advance(hours=1)
    again = room.run()
    assert again is not None
    assert again.state is IssueState.SENDING
    room.run()
    assert room.stored().state is IssueState.SENT
    assert list(room.service.accepted) == [left.id]


def test_an_issue_that_fails_whenever_it_is_tried_keeps_no_other_waiting(desk: Desk) -> None:
    room = Newsroom(desk)
    room.subscribe(addresses(3))
    broken = room.issue(issue_id="thebrokenissue")
    desk.client.delete_item(TableName=TABLE, Key={"pk": {"S": f"ISSUE#{broken.id}"}, "sk": {"S": "TEXT"}})
    desk.clock.advance(minutes=1)
    room.issue()
    with pytest.raises(AssertionError):
        room.run(broken.id)
    assert room.run() is not None, "it has given its turn back"
    assert room.run(broken.id) is None, "and waits a while"
    assert room.stored().state is IssueState.SENT
