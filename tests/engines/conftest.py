"""The engines that the tests of this room compare."""

from collections.abc import Iterator

import pytest

from tests.engines.ministack import ministack


@pytest.fixture(scope="session")
def ministack_url() -> Iterator[str]:
    with ministack() as url:
        yield url
