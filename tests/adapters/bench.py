"""A workbench for the store's contract: the product's store and client on an empty table of some engine."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb.store import TableStore, dynamodb_client
from chalicelib.ports import Store, UnitOfWork
from devstack.environment import create_table
from tests.engines.memory import MemoryDynamoDB

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Item = dict[str, Any]
type Stage = Callable[[UnitOfWork], object]

# Never the same twice: an engine that outlives its tables remembers the tokens of all of them.
_numbers = itertools.count()


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The product's store on one table, and a way to look at what lies in it."""

    client: DynamoDBClient
    table: str
    look: Callable[[], list[Item]]

    @property
    def store(self) -> Store:
        return TableStore(self.client, table=self.table, new_token=self.token)

    def token(self) -> str:
        return f"token-{next(_numbers)}"

    def unit(self) -> UnitOfWork:
        return self.store.unit_of_work()

    def write(self, *stages: Stage) -> None:
        """All of this in one commit."""
        unit = self.unit()
        for stage in stages:
            stage(unit)
        unit.commit()

    def partitions(self) -> list[str]:
        """The partition keys of all that lies in the table."""
        return sorted(item["pk"]["S"] for item in self.look())


@contextmanager
def memory_bench() -> Iterator[Bench]:
    memory, table, client = MemoryDynamoDB(), _new_table(), dynamodb_client()
    memory.attach(client)
    create_table(client, name=table)
    yield Bench(client=client, table=table, look=lambda: memory.items(table))


@contextmanager
def served_bench() -> Iterator[Bench]:
    """On the engine that answers where the environment says."""
    table, client = _new_table(), dynamodb_client()
    create_table(client, name=table)
    pages = client.get_paginator("scan")

    def look() -> list[Item]:
        return [item for page in pages.paginate(TableName=table, ConsistentRead=True) for item in page["Items"]]

    yield Bench(client=client, table=table, look=look)
    client.delete_table(TableName=table)
    client.close()


def _new_table() -> str:
    return f"loket-{next(_numbers)}"
