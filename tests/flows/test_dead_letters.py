"""Look at dead letters, offer them again, drop one, report them; and stop anywhere in between."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice

import pytest

from chalicelib.domain.dead_letter import DeadLetter, Explained, Matter, WorkerQueue
from chalicelib.domain.error import QueueUnavailable
from chalicelib.flows.drop_dead_letter import drop_dead_letter
from chalicelib.flows.look_at_dead_letters import look_at_dead_letters
from chalicelib.flows.redrive_dead_letters import redrive_dead_letters
from chalicelib.flows.report_dead_letters import report_dead_letters
from tests.crash.saboteur import Crash
from tests.fakes.clock import Clock
from tests.fakes.dead_letters import FakeDeadLetters

PAYMENTS, EMAILS, DELIVERIES = WorkerQueue


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def letters(clock: Clock) -> FakeDeadLetters:
    return FakeDeadLetters(clock=clock)


def explain(letter: DeadLetter) -> Explained:
    """A reader who cannot read what is marked so."""
    return Explained(letter=letter, matter=Matter.UNREADABLE if "?" in letter.body else Matter.EMAIL_DUE)


def look(letters: FakeDeadLetters, queue: WorkerQueue = EMAILS, **more: int) -> list[str]:
    return [each.letter.body for each in look_at_dead_letters(queue, dead_letters=letters, explain=explain, **more)]


def redrive(letters: FakeDeadLetters, *only: str) -> list[tuple[str, bool]]:
    done = redrive_dead_letters(EMAILS, dead_letters=letters, explain=explain, only=only)
    return [(each.explained.letter.body, each.offered) for each in done]


def bodies(letters: FakeDeadLetters) -> list[str]:
    return [letter.body for letter in letters.aside.values()]


# Looking


def test_all_of_one_queue_are_shown_oldest_first_and_stay(letters: FakeDeadLetters, clock: Clock) -> None:
    for number in range(35):
        letters.lay(EMAILS, f"m{number}")
        clock.advance(seconds=-1)
    letters.lay(PAYMENTS, "cs_1")
    for _ in range(2):
        assert look(letters) == [f"m{number}" for number in reversed(range(35))]
    assert look(letters, DELIVERIES) == []
    assert len(bodies(letters)) == 36


@pytest.mark.parametrize("most", [5, 12, 13])
def test_nothing_is_hidden_while_they_are_explained(letters: FakeDeadLetters, most: int) -> None:
    for number in range(12):
        letters.lay(EMAILS, f"m{number}")
    explaining = look_at_dead_letters(EMAILS, dead_letters=letters, explain=explain, most=most)
    next(explaining)
    assert letters.hidden == {}
    assert len(list(explaining)) == min(most, 12) - 1


def test_so_many_are_enough_and_the_count_tells_of_the_others(letters: FakeDeadLetters) -> None:
    for number in range(25):
        letters.lay(EMAILS, f"m{number}")
    assert len(look(letters, most=12)) == 12
    assert letters.hidden == {}
    assert letters.count(EMAILS) == 25


def test_a_letter_that_is_handed_out_twice_is_shown_once(clock: Clock) -> None:
    class Forgetful(FakeDeadLetters):
        """Hands out what it has just handed out."""

        def take(self, queue: WorkerQueue) -> Sequence[DeadLetter]:
            self.hidden.clear()
            return super().take(queue)

    letters = Forgetful(clock=clock)
    for number in range(3):
        letters.lay(EMAILS, f"m{number}")
    assert look(letters) == ["m0", "m1", "m2"]


def test_when_the_queue_stops_answering_it_says_so_and_what_was_taken_comes_back(
    letters: FakeDeadLetters, clock: Clock
) -> None:
    letters.lay(EMAILS, "m")
    letters.take(EMAILS)
    assert look(letters) == []
    letters.down = True
    with pytest.raises(QueueUnavailable):
        look(letters)
    letters.down = False
    clock.advance(minutes=1)
    assert look(letters) == ["m"]


# Offering again


def test_all_that_can_be_read_are_offered_again_and_the_others_stay(letters: FakeDeadLetters) -> None:
    for number in range(23):
        letters.lay(EMAILS, f"m{number}{'?' if number % 7 == 0 else ''}")
    done = redrive(letters)
    assert len(done) == 23
    assert sorted(body for _, body in letters.offered) == sorted(body for body, offered in done if offered)
    assert bodies(letters) == ["m0?", "m7?", "m14?", "m21?"]
    assert letters.hidden == {}
    assert [offered for _, offered in redrive(letters)] == [False] * 4


def test_only_what_is_named_even_if_nobody_can_read_it(letters: FakeDeadLetters) -> None:
    ids = [letters.lay(EMAILS, body) for body in ("m1", "poison?", "m2", "other?")]
    assert redrive(letters, ids[1], ids[2]) == [("poison?", True), ("m2", True)]
    assert letters.offered == [(EMAILS, "poison?"), (EMAILS, "m2")]
    assert bodies(letters) == ["m1", "other?"]
    assert letters.hidden == {}
    assert redrive(letters, "of-nobody") == []


def test_each_is_done_when_it_is_asked_for(letters: FakeDeadLetters) -> None:
    for number in range(5):
        letters.lay(EMAILS, f"m{number}")
    list(islice(redrive_dead_letters(EMAILS, dead_letters=letters, explain=explain), 2))
    assert [body for _, body in letters.offered] == ["m0", "m1"]
    assert bodies(letters) == ["m2", "m3", "m4"]


class Dying(FakeDeadLetters):
    """The process ends at one of the calls, before or after it was done; nothing of it goes on after that."""

    at = 0
    after = False

    def offer_again(self, letter: DeadLetter) -> None:
        self._step(lambda: super(Dying, self).offer_again(letter))

    def delete(self, letter: DeadLetter) -> None:
        self._step(lambda: super(Dying, self).delete(letter))

    def give_back(self, letters: Sequence[DeadLetter]) -> None:
        if self.at != 0:
            super().give_back(letters)

    def _step(self, call: Callable[[], None]) -> None:
        self.at -= 1
        if self.at == 0 and not self.after:
            raise Crash
        call()
        if self.at == 0:
            raise Crash


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 9))
def test_after_a_stop_anywhere_nothing_is_lost_and_at_most_one_comes_twice(clock: Clock, at: int, after: bool) -> None:
    letters = Dying(clock=clock)
    for number in range(4):
        letters.lay(EMAILS, f"m{number}")
    letters.at, letters.after = at, after
    with pytest.raises(Crash):
        redrive(letters)
    letters.at = -1
    # nothing is lost: what is not with the worker is still here
    assert {*bodies(letters), *(body for _, body in letters.offered)} == {"m0", "m1", "m2", "m3"}
    clock.advance(minutes=1)
    redrive(letters)
    assert bodies(letters) == []
    times = Counter(body for _, body in letters.offered)
    assert set(times) == {"m0", "m1", "m2", "m3"}
    # twice only if it ended between offering and deleting
    between = (at % 2 == 1 and after) or (at % 2 == 0 and not after)
    assert sorted(times.values()) == ([1, 1, 1, 2] if between else [1, 1, 1, 1])


# Dropping


def test_one_is_dropped_after_it_was_shown(letters: FakeDeadLetters) -> None:
    for number in range(15):
        letters.lay(EMAILS, f"m{number}")
    shown: list[Explained] = []

    def show(explained: Explained) -> None:
        assert len(bodies(letters)) == 15, "not deleted yet"
        shown.append(explained)

    def drop(letter_id: str) -> bool:
        return drop_dead_letter(letter_id, queue=EMAILS, dead_letters=letters, explain=explain, show=show)

    assert drop("letter-14")
    assert [each.letter.id for each in shown] == ["letter-14"]
    assert len(bodies(letters)) == 14
    assert "m13" not in bodies(letters)
    assert (letters.hidden, letters.offered) == ({}, [])
    assert not drop("letter-14")


# Reporting


def test_they_are_an_error_in_the_log_as_long_as_there_are_any(
    letters: FakeDeadLetters, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert report_dead_letters(dead_letters=letters) == {PAYMENTS: 0, EMAILS: 0, DELIVERIES: 0}
    assert caplog.records == []
    for body in ("geheim@voorbeeldstad.nl", "m2"):
        letters.lay(DELIVERIES, body)
    assert report_dead_letters(dead_letters=letters)[DELIVERIES] == 2
    assert [(each.levelname, each.getMessage()) for each in caplog.records] == [
        ("ERROR", "dead_letters queue=deliveries count=2")
    ]


def test_a_queue_that_does_not_answer_keeps_no_other_from_being_reported(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    class HalfDown(FakeDeadLetters):
        """One of its queues does not answer."""

        def count(self, queue: WorkerQueue) -> int:
            if queue is PAYMENTS:
                raise QueueUnavailable("ConnectTimeoutError")
            return super().count(queue)

    letters = HalfDown(clock=clock)
    letters.lay(EMAILS, "m")
    assert report_dead_letters(dead_letters=letters) == {EMAILS: 1, DELIVERIES: 0}
    assert "dead_letters_not_counted queue=payments error=ConnectTimeoutError" in caplog.text
    assert "dead_letters queue=emails count=1" in caplog.text
