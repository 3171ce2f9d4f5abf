"""Limits: periods that follow each other, and when the next one begins."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.limit import Limit

NOW = datetime(2026, 11, 25, 12, 3, 20, tzinfo=UTC)
TEN = Limit(name="address", most=60, period=timedelta(minutes=10))


def test_a_period_is_the_same_for_all_its_moments_and_another_after_it() -> None:
    first, last = NOW.replace(minute=0, second=0), NOW.replace(minute=9, second=59, microsecond=999_999)
    assert TEN.tally("a", now=first) == TEN.tally("a", now=NOW) == TEN.tally("a", now=last)
    after = TEN.tally("a", now=last + timedelta(microseconds=1))
    assert after.period == TEN.tally("a", now=NOW).period + 1
    assert TEN.tally("a", now=NOW).ends_at == NOW.replace(minute=10, second=0)


@pytest.mark.parametrize(
    ("minute", "second", "left"), [(0, 0, 10), (0, 1, 10), (3, 20, 7), (9, 0, 1), (9, 59, 1), (8, 59, 2)]
)
def test_how_long_it_takes_is_rounded_up(minute: int, second: int, left: int) -> None:
    now = NOW.replace(minute=minute, second=second)
    assert TEN.tally("a", now=now).minutes_left(now=now) == left
