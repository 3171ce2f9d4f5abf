"""The beat of an issue: never faster than its rate, nearly as fast, and slower when it was too fast."""

from __future__ import annotations

import itertools
import threading
import time

import pytest

from chalicelib.adapters.mail_beat import FASTER, MADE_UP, MailBeat
from tests.adapters.test_pace import Watch


def beat(watch: Watch, *, rate: float) -> MailBeat:
    return MailBeat(rate, clock=watch, sleep=watch.sleep)


@pytest.mark.parametrize("rate", [0.5, 11.2, 80, 400])
def test_whoever_sends_in_no_time_is_held_to_the_rate(rate: float) -> None:
    watch = Watch()
    pace = beat(watch, rate=rate)
    began = watch()
    for _ in range(200):
        pace.wait()
    assert 199 / (watch() - began) == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize(("late", "made_up"), [(0.25, 0.25), (MADE_UP, MADE_UP), (3600, MADE_UP)])
def test_a_hesitation_is_made_up_for_a_bit_faster_and_an_hour_is_not(late: float, made_up: float) -> None:
    watch, rate = Watch(), 100
    pace = beat(watch, rate=rate)
    pace.wait()
    watch.moment += 1 / rate + late
    moments = list[float]()
    for _ in range(4_000):
        pace.wait()
        moments.append(watch())
    steps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(steps) == pytest.approx(1 / (FASTER * rate)), "never at once"
    assert steps[-1] == pytest.approx(1 / rate)
    took = moments[-1] - moments[0]
    assert took == pytest.approx(3_999 / rate - made_up, abs=0.02)


def test_who_was_told_that_it_is_too_much_makes_nothing_up() -> None:
    watch = Watch()
    pace = beat(watch, rate=10)
    pace.wait()
    watch.moment += 1.5
    pace.slow_down()
    pace.wait()
    began = watch()
    pace.wait()
    assert watch() - began == pytest.approx(1 / 5, rel=0.05)


def test_a_service_that_says_too_much_is_asked_half_as_fast_and_within_half_a_minute_as_before() -> None:
    watch = Watch()
    pace = beat(watch, rate=10)
    pace.wait()
    for _ in range(20):
        pace.slow_down()
    began = watch()
    for _ in range(10):
        pace.wait()
    assert 5 <= 10 / (watch() - began) < 6, "all hands are told at once: that is one time"
    watch.moment += 25
    pace.wait()
    began = watch()
    for _ in range(20):
        pace.wait()
    assert 20 / (watch() - began) == pytest.approx(10, rel=0.15)


def test_however_often_it_is_slowed_down_it_goes_on() -> None:
    watch = Watch()
    pace = beat(watch, rate=14)
    for _ in range(50):
        watch.moment += 2
        pace.slow_down()
    pace.wait()
    began = watch()
    pace.wait()
    assert watch() - began <= 8 / 14 + 1e-9


def test_several_hands_get_their_turns_one_after_the_other() -> None:
    pace = MailBeat(200, clock=time.monotonic, sleep=time.sleep)
    moments: list[float] = []

    def work() -> None:
        for _ in range(10):
            pace.wait()
            moments.append(time.monotonic())

    hands = [threading.Thread(target=work) for _ in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(moments) == 80
    assert max(moments) - min(moments) >= 79 / (200 * FASTER)
