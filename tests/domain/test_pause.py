"""The pauses of a waiting page: from 4 to 15 seconds, longer as time goes by, and a crowd does not come all at once."""

from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.domain.pause import pause

CROWD = [f"order-{number}" for number in range(600)]


@pytest.mark.parametrize(("waited", "shortest"), [(-60, 4), (0, 4), (9.9, 4), (10, 5), (35, 7), (60, 10), (2100, 10)])
def test_pauses_grow_and_a_crowd_is_spread_evenly(waited: float, shortest: int) -> None:
    found = Counter(pause(order_id, waited=timedelta(seconds=waited)) for order_id in CROWD)
    assert sorted(found) == list(range(shortest, shortest + 6))
    assert max(found.values()) < 150, "a sixth is 100"


def test_same_order_at_the_same_moment_has_the_same_pause() -> None:
    assert len({pause("order-1", waited=timedelta(seconds=30)) for _ in range(9)}) == 1
    assert len({pause("order-1", waited=timedelta(seconds=60 + n)) for n in range(60)}) == 6, "but no order has always"
