"""Counts what is asked of the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.desk import Desk


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """The names of all requests to the table, in their order."""
    asked: list[str] = []

    def note(model: Any, **_: object) -> None:
        asked.append(str(model.name))

    events = desk.client.meta.events
    events.register_first("before-call.dynamodb", note)
    yield asked
    events.unregister("before-call.dynamodb", note)
