"""What every test may ask for, and which tests share a process."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import permissions
from tests.desk import Desk

# What these folders start once (a whole desk, a browser, a package, an emulator) is dear: one process does them all.
# The dearest first: what is begun last is what everybody waits for in the end.
TOGETHER = ("browser", "package", "rehearsal", "elsewhere", "devstack", "looks", "adapters")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The rooms of dear fixtures first, in that order; within a room everything stays where it is."""
    places = {room: place for place, room in enumerate(TOGETHER)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


class Rooms(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """With several processes (pytest -n), each folder of dear fixtures stays in one of them, each other file too.

    xdist's own groups (--dist loadgroup) do nothing with pytest 9.2: it keeps a test's id elsewhere than xdist writes.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        return path.parent.name if path.parent.name in TOGETHER else str(path)


def pytest_testnodedown(node: Any, error: object) -> None:  # xdist's hook
    """A process has ended, with what it saw the functions ask of AWS."""
    permissions.ASKED.update(map(tuple, node.workeroutput.get("permissions", [])))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whatever no role allows, or every role in vain, fails the whole."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["permissions"] = sorted(permissions.ASKED)
        return
    option = session.config.option
    everything = session.config.args == session.config.getini("testpaths") and not (option.keyword or option.markexpr)
    found = permissions.complaints(everything=everything and session.exitstatus == pytest.ExitCode.OK)
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("")
        for line in found:
            reporter.write_line(f"permissions: {line}", red=True)
    elif everything:
        reporter.write_line(f"\npermissions: {len(permissions.ASKED)} kinds of call, each allowed, and no other is")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Rooms:
    return Rooms(config, log)
