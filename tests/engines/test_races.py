"""Fifty buyers for twenty seats: exact on every engine, and oversold as soon as the condition is left out."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from tests.engines.memory import MemoryDynamoDB
from tests.engines.refusal_cases import NAME

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

THREADS = 50
SEATS = 20
COUNTER = {"pk": {"S": "congress"}, "sk": {"S": "counter"}}


@pytest.fixture(autouse=True)
def restless_threads() -> Iterator[None]:
    """Threads take turns so often that an engine without a lock is caught."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def test_a_conditional_transaction_sells_each_seat_once(client: "DynamoDBClient") -> None:
    assert _rush(client, guarded=True) == [True] * SEATS + [False] * (THREADS - SEATS)
    assert _sold(client) == SEATS
    assert _tickets(client) == SEATS


def test_without_the_condition_the_same_rush_oversells(client: "DynamoDBClient") -> None:
    """All read before anyone writes, so a check of what was read stops nobody."""
    assert _rush(client, guarded=False).count(True) > SEATS
    assert _tickets(client) > SEATS


def test_memory_loses_no_update(memory: MemoryDynamoDB) -> None:
    client = memory.client(parameter_validation=False)

    def count(_: int) -> None:
        for _ in range(50):
            client.update_item(
                TableName=NAME,
                Key=COUNTER,
                UpdateExpression="ADD sold :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    with ThreadPoolExecutor(THREADS) as counters:
        list(counters.map(count, range(THREADS)))
    assert _sold(client) == 50 * THREADS


def _rush(client: "DynamoDBClient", *, guarded: bool) -> list[bool]:
    client.put_item(TableName=NAME, Item=COUNTER | {"sold": {"N": "0"}})
    everybody_has_read = Barrier(THREADS)

    def buy(buyer: int) -> bool:
        free = _sold(client) < SEATS
        everybody_has_read.wait(timeout=30)
        return free and _take_seat(client, buyer=buyer, guarded=guarded)

    with ThreadPoolExecutor(THREADS) as buyers:
        return sorted(buyers.map(buy, range(THREADS)), reverse=True)


def _take_seat(client: "DynamoDBClient", *, buyer: int, guarded: bool) -> bool:
    count: Any = {
        "TableName": NAME,
        "Key": COUNTER,
        "UpdateExpression": "SET sold = sold + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    if guarded:
        count["ConditionExpression"] = "sold < :seats"
        count["ExpressionAttributeValues"][":seats"] = {"N": str(SEATS)}
    ticket: Any = {
        "TableName": NAME,
        "Item": {"pk": {"S": "ticket"}, "sk": {"S": str(buyer)}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    try:
        client.transact_write_items(TransactItems=[{"Update": count}, {"Put": ticket}])
    except client.exceptions.TransactionCanceledException as error:
        if [reason["Code"] for reason in error.response["CancellationReasons"]] != ["ConditionalCheckFailed", "None"]:
            raise
        return False
    return True


def _sold(client: "DynamoDBClient") -> int:
    return int(client.get_item(TableName=NAME, Key=COUNTER, ConsistentRead=True)["Item"]["sold"]["N"])


def _tickets(client: "DynamoDBClient") -> int:
    found = client.query(
        TableName=NAME,
        KeyConditionExpression="pk = :ticket",
        ExpressionAttributeValues={":ticket": {"S": "ticket"}},
        ConsistentRead=True,
        Select="COUNT",
    )
    return found["Count"]
