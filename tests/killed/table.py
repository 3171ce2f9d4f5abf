"""The table as it lies in the emulator, read into the books that the harness judges."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Record
from devstack.environment import TABLE
from tests.torture.books import Books

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

__all__ = ["Books", "read_books"]

_RECORDS: dict[str, Record[Any]] = {each.kind: each for each in vars(records).values() if isinstance(each, Record)}


def read_books(client: DynamoDBClient) -> Books:
    """All items, each as its noun."""
    nouns: dict[str, list[Any]] = defaultdict(list)
    taken: dict[str, int] = {}
    for page in client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
        for item in page["Items"]:
            kind = item["record"]["S"]
            record = _RECORDS.get(kind)
            nouns[kind].append(record.read(item) if record else item)
            if "taken" in item:
                taken[item["counter"]["S"]] = int(item["taken"]["N"])
    return Books(nouns, taken=taken)
