"""The table of a world: the in-memory DynamoDB, with twins, and a witness of each commit."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any

from tests.engines.memory import MemoryDynamoDB
from tests.engines.refusals import Refusal
from tests.engines.table import Index, Table
from tests.engines.values import Item
from tests.engines.writes import Transactions


class Engine(MemoryDynamoDB):
    """Answers what an SDK asks; `on_commit` is called after each transaction that was written."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        super().__init__(clock=clock)
        self.on_commit: Callable[[], None] = lambda: None

    def reply(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer to a call of the SDK."""
        try:
            with self._lock:
                answer = self._answer(operation, asked)
        except Refusal as refusal:
            return 400, {"Error": {"Code": refusal.code, "Message": refusal.message}, **refusal.members}
        if operation == "TransactWriteItems":
            self.on_commit()
        return 200, answer

    def raw(self, table: str) -> dict[Any, Item]:
        """The stored items by key; an item is never changed in place, only replaced."""
        return self._tables[table].items

    def twin(self, *, clock: Callable[[], datetime]) -> Engine:
        """An engine of its own with the same in it."""
        engine = Engine(clock=clock)
        engine._tables = {name: _twin_of(table) for name, table in self._tables.items()}
        engine._transactions = Transactions(dict(self._transactions.tokens))
        return engine


def _twin_of(table: Table) -> Table:
    twin = copy(table)
    twin.items = dict(table.items)
    twin.primary = _index(table.primary)
    twin.secondary = {name: _index(index) for name, index in table.secondary.items()}
    return twin


def _index(index: Index) -> Index:
    twin = copy(index)
    twin.partitions = {hashed: list(entries) for hashed, entries in index.partitions.items()}
    return twin
