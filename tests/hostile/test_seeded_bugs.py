"""Bugs put in on purpose: each must be noticed by the battery that finds nothing in the desk as it is."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings

from tests.hostile.battery import batter
from tests.hostile.bugs import BUGS
from tests.hostile.log import Log
from tests.hostile.plan import plan
from tests.hostile.scene import Scene
from tests.hostile.tally import Tally

# Many bugs show in the first few; the rarest needs some hundreds.
EXAMPLES = 1_500
# Noticed is enough: the least request that shows it is not looked for.
FAST = settings(plan(1), max_examples=EXAMPLES, phases=(Phase.generate,), report_multiple_bugs=False)


@pytest.mark.parametrize("bug", BUGS)
def test_the_battery_notices(bug: str, log: Log) -> None:
    door, put_in, said = BUGS[bug]
    scene, tally = Scene(), Tally()
    with put_in(scene), pytest.raises(AssertionError) as noticed:
        batter(scene, log, tally, door=door, plan=FAST)
    first = str(noticed.value).splitlines()[0]
    assert said in first, "for the right reason"
    print(f"{bug}: after {tally.all + 1} requests: {first[:160]}")
