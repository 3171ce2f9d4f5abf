"""Every public door, with everything that hypothesis can think of before it."""

from __future__ import annotations

import pytest

from tests.hostile.battery import batter
from tests.hostile.doors import DOORS
from tests.hostile.judge import FORM
from tests.hostile.log import Log
from tests.hostile.plan import SEED, plan, tell
from tests.hostile.scene import Scene
from tests.hostile.tally import Tally

# Of each route at least this part is taken, and this part refused: where all is refused, nothing is tried.
TAKEN, REFUSED = 0.1, 0.01
EXAMPLES = 40


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


@pytest.fixture(scope="module")
def tally() -> Tally:
    return Tally()


def test_no_door_is_forgotten() -> None:
    import app

    # what is behind the desk has its own, in tests/entrypoints/beheer
    assert set(DOORS) == {path for path in app.app.routes if not path.startswith("/beheer")}


@pytest.mark.parametrize("door", DOORS)
def test_door(door: str, scene: Scene, log: Log, tally: Tally) -> None:
    _, part = DOORS[door]
    batter(scene, log, tally, door=door, plan=plan(EXAMPLES * part))
    assert TAKEN < tally.share(door) < 1 - REFUSED


def test_forms_over_every_limit(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    scene, tally = Scene(), Tally()
    scene.tighten()
    batter(scene, log, tally, door=FORM, plan=plan(EXAMPLES * 3), together=3)
    with capsys.disabled():
        tell(f"hostile requests over every limit, seed {SEED}: {tally.told()}")
    assert tally.statuses[429] > tally.all / 400, "limits are met"


def test_and_what_came_of_it(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs after all the others of this module."""
    with capsys.disabled():
        tell(f"hostile requests, seed {SEED}: {tally.told()}")
    assert set(tally.taken | tally.refused) == set(DOORS)
    assert tally.orders > tally.all / 40, "forms that lead on are among them"
