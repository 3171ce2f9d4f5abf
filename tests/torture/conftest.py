"""Silence: thousands of failures are provoked here, and writing down each of them takes longer than all the rest."""

import gc
import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    # the witness of a world hears its own loggers; all others are still
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.CRITICAL)
    yield
    logging.getLogger().setLevel(level)
    gc.collect()
