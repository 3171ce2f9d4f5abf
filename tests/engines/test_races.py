"""Fifty buyers for twenty seats: exact on every engine, and oversold as soon as the condition is left out."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

from tests.engines.conftest import THREADS
from tests.engines.refusal_cases import NAME

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SEATS = 20
COUNTER = {"pk": {"S": "congress"}, "sk": {"S": "counter"}}


def test_a_conditional_transaction_sells_each_seat_once(client: "DynamoDBClient") -> None:
    assert _rush(client, guarded=True) == [True] * SEATS + [False] * (THREADS - SEATS)
    assert _sold(client) == SEATS
    assert _tickets(client) == SEATS


def test_without_the_condition_the_same_rush_oversells(client: "DynamoDBClient") -> None:
    """All read before anyone writes, so a check of what was read stops nobody."""
    assert _rush(client, guarded=False).count(True) > SEATS
    assert _tickets(client) > SEATS


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
