"""A DynamoDB in memory that counts the units which the real one would charge on demand.

Source: Amazon DynamoDB Developer Guide, "DynamoDB read and write operations", "Amazon DynamoDB Transactions: How it
works" and "Using Global Secondary Indexes in DynamoDB".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.cost.usage import Call, Meter, Unit
from tests.engines.memory import Answer, MemoryDynamoDB
from tests.engines.table import Index, Table
from tests.engines.values import Item, item_bytes, stored_item

READ_BLOCK, WRITE_BLOCK = 4 * 1024, 1024
# What DynamoDB adds to each item, and to each entry of an index, when it says how much is stored.
OVERHEAD = 100
# A transaction prepares and commits each of its items; what follows in the indexes comes later, and once.
TRANSACTION = 2
KINDS = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}
# With these an answer shows less than was read, and its units could not be told from it.
HIDING = frozenset({"FilterExpression", "ProjectionExpression", "Select"})


def read_units(size: int, *, consistent: bool) -> float:
    """The units of reading so many bytes at once; an eventually consistent read costs half."""
    return max(1, math.ceil(size / READ_BLOCK)) * (1 if consistent else 0.5)


def write_units(size: int) -> int:
    return max(1, math.ceil(size / WRITE_BLOCK))


def index_units(table: Table, index: Index, before: Item | None, after: Item | None) -> int:
    """The units that a change of an item costs in one index: nothing where it is not in it, or the same as before."""
    was, becomes = (_entry(table, index, item) for item in (before, after))
    if was == becomes:
        return 0
    if was is None or becomes is None or was.place != becomes.place:
        return sum(write_units(item_bytes(entry.item)) for entry in (was, becomes) if entry)
    return write_units(max(item_bytes(was.item), item_bytes(becomes.item)))


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item as an index holds it."""

    place: object
    item: Item


def _entry(table: Table, index: Index, item: Item | None) -> _Entry | None:
    place = index.place(item, table.key.value(item)) if item else None
    return _Entry(place, table.projection(index, item)) if item and place else None


@dataclass(frozen=True, slots=True)
class _Write:
    """One write of a request, and the item that was there before it."""

    table: Table
    key: Any
    before: Item | None
    times: int

    def units(self) -> int:
        """What it cost, also when its condition did not hold and nothing changed."""
        after = self.table.items.get(self.key)
        size = max(item_bytes(item) if item else 0 for item in (self.before, after))
        followed = sum(index_units(self.table, index, self.before, after) for index in self.table.secondary.values())
        return self.times * write_units(size) + followed


class MeteredDynamoDB(MemoryDynamoDB):
    """Answers as the one that it is made of, and tells a meter what each request costs."""

    def __init__(self, *, clock: Callable[[], datetime], meter: Meter) -> None:
        super().__init__(clock=clock)
        self._meter = meter

    def stored_bytes(self) -> int:
        """What all tables and their indexes hold, as it is charged for."""
        return sum(
            OVERHEAD + item_bytes(entry.item)
            for table in self._tables.values()
            for index in (table.primary, *table.secondary.values())
            for item in table.items.values()
            if (entry := _entry(table, index, item))
        )

    def _answer(self, operation: str, request: dict[str, Any]) -> Answer:
        writes = list(self._writes(operation, request))
        try:
            answer = super()._answer(operation, request)
        finally:
            self._meter.ask(Call.DYNAMODB)
            self._meter.use(Unit.WRITE_UNITS, sum(write.units() for write in writes))
        self._meter.use(Unit.READ_UNITS, self._read(operation, request, answer))
        return answer

    def _writes(self, operation: str, request: Mapping[str, Any]) -> Iterator[_Write]:
        if operation == "TransactWriteItems":
            actions = [next(iter(action.items())) for action in request["TransactItems"]]
        else:
            actions = [(KINDS[operation], request)] if operation in KINDS else []
        for kind, action in actions:
            table = self._tables[action["TableName"]]
            key = table.key.value(stored_item(action["Item" if kind == "Put" else "Key"]))
            yield _Write(table, key, table.items.get(key), TRANSACTION if operation == "TransactWriteItems" else 1)

    def _read(self, operation: str, request: Mapping[str, Any], answer: Answer) -> float:
        if HIDING & request.keys():
            raise NotImplementedError(f"the meter does not know what {sorted(HIDING & request.keys())} reads")
        match operation:
            case "GetItem":
                return self._one(request["TableName"], request["Key"], request)
            case "BatchGetItem":
                asked = request["RequestItems"].items()
                return sum(self._one(name, key, part) for name, part in asked for key in part["Keys"])
            case "Query":
                size = sum(item_bytes(stored_item(item)) for item in answer["Items"])
                return read_units(size, consistent=bool(request.get("ConsistentRead")))
        return 0

    def _one(self, name: str, key: Item, how: Mapping[str, Any]) -> float:
        """Each item is rounded up by itself, also in a batch; one that is not there costs as much as a small one."""
        table = self._tables[name]
        found = table.items.get(table.key.value(stored_item(key)))
        return read_units(item_bytes(found) if found else 0, consistent=bool(how.get("ConsistentRead")))
