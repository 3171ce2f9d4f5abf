"""What every test may ask for."""

import pytest

from tests.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
