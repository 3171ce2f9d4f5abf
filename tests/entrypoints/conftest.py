"""A desk whose offer is in the table already, so that whatever a request writes is seen."""

from __future__ import annotations

import pytest

from tests.desk import Desk


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.offer()
    return desk
