"""What the looks share: a browser for each module, which draws only what it is given."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.looks.studio import browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started
