"""The servers around the desk, started once for all that is killed."""

from collections.abc import Iterator

import pytest

from tests.killed.servers import Servers, running


@pytest.fixture(scope="package")
def servers() -> Iterator[Servers]:
    with running() as servers:
        yield servers
