"""Counts what is asked of the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.desk import Desk

OPERATIONS = (
    *("GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem"),
    *("TransactGetItems", "TransactWriteItems", "BatchWriteItem"),
)


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """The names of all requests to the table, in their order."""
    asked: list[str] = []

    def note(model: Any, **_: object) -> None:
        asked.append(str(model.name))

    events = desk.client.meta.events
    # by operation, since the engine itself answers before what stands at all of them
    for operation in OPERATIONS:
        events.register_first(f"before-call.dynamodb.{operation}", note)
    yield asked
    for operation in OPERATIONS:
        events.unregister(f"before-call.dynamodb.{operation}", note)
    assert asked, "a page that asks nothing is not counted"
