"""What every test may ask for, and which tests share a process."""

from pathlib import Path

import pytest

from tests.desk import Desk

# What these folders start once (a whole desk, a browser, a package, an emulator) is dear: one process does them all.
TOGETHER = ("adapters", "browser", "devstack", "looks", "package")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several processes (pytest -n), keep each folder of dear fixtures in one of them."""
    for item in items:
        folder = Path(item.path).parent.name
        group = folder if folder in TOGETHER else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
