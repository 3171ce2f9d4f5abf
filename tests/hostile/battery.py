"""A battery: so many attacks on one door, each on the scene as it was at first."""

from __future__ import annotations

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.hostile.attack import Attack
from tests.hostile.doors import DOORS
from tests.hostile.judge import Judge
from tests.hostile.log import Log
from tests.hostile.plan import SEED
from tests.hostile.scene import Scene
from tests.hostile.tally import Tally


def batter(scene: Scene, log: Log, tally: Tally, *, door: str, plan: settings, together: int = 1) -> None:
    """Up to `together` attacks come one after another. Fails with the least of them that shows something."""
    attacks, _ = DOORS[door]

    @seed(SEED)
    @plan
    @given(st.lists(attacks(scene), min_size=1, max_size=together))
    def one(drawn: list[Attack]) -> None:
        scene.reset()
        log.lines.clear()
        judge = Judge(scene, log)
        for attack in drawn:
            tally.count(attack, judge.look(attack))
        judge.work()

    one()
