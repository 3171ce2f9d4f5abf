"""Counts what is asked of the table while a page is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.desk import Desk

OPERATIONS = (
    *("Query", "Scan", "GetItem", "BatchGetItem", "TransactGetItems", "PutItem", "UpdateItem", "DeleteItem"),
    *("TransactWriteItems", "BatchWriteItem"),
)


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """The operations that are asked for meanwhile, by name."""
    asked: list[str] = []

    def count(model: Any, **_: object) -> None:
        asked.append(model.name)

    # operation by operation: the engine in memory answers for all of them, and what is asked for one comes first
    names = [f"before-call.dynamodb.{operation}" for operation in OPERATIONS]
    for name in names:
        desk.client.meta.events.register_first(name, count)
    try:
        yield asked
    finally:
        for name in names:
            desk.client.meta.events.unregister(name, count)
