"""Counts what is asked of the table while a page is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.desk import Desk


@contextmanager
def counted(desk: Desk) -> Iterator[list[str]]:
    """The operations that are asked for meanwhile, by name."""
    asked: list[str] = []

    def count(model: Any, **_: object) -> None:
        asked.append(model.name)

    desk.client.meta.events.register("before-call.dynamodb", count, unique_id="counted")
    try:
        yield asked
    finally:
        desk.client.meta.events.unregister("before-call.dynamodb", unique_id="counted")
