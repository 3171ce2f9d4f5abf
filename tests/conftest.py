"""What every test may ask for, and which tests share a process."""

from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.desk import Desk

# What these folders start once (a whole desk, a browser, a package, an emulator) is dear: one process does them all.
TOGETHER = ("adapters", "browser", "devstack", "elsewhere", "looks", "package", "rehearsal")


@pytest.fixture
def desk() -> Desk:
    return Desk()


class Rooms(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """With several processes (pytest -n), each folder of dear fixtures stays in one of them, each other file too.

    xdist's own groups (--dist loadgroup) do nothing with pytest 9.2: it keeps a test's id elsewhere than xdist writes.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return path.parent.name if path.parent.name in TOGETHER else str(path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Rooms:
    return Rooms(config, log)
