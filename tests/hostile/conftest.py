"""What the hostile tests ask for: the log of the whole process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.log import Log, logged


@pytest.fixture
def log() -> Iterator[Log]:
    with logged() as log:
        yield log
