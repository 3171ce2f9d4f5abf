"""The engines answer alike: random calls, calls that must be refused, pages and tokens."""

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.engines.calls import TABLE, Call, Calls, Outcome, everything, outcome, plain
from tests.engines.memory import MemoryDynamoDB
from tests.engines.refusal_cases import (
    CANCELLED,
    CASES,
    INVALID,
    KEY,
    NAME,
    ONE,
    SEED_ITEM,
    Case,
    put_action,
    update_action,
)
from tests.engines.seat_cases import SEAT_CASES, SEATS_SEED
from tests.engines.seats import SeatCalls

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

FIRST_SEED = int(os.environ.get("ENGINES_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + int(os.environ.get("ENGINES_RUNS", "3")))
CALLS = 250
SEED_ITEMS = [SEED_ITEM, *SEATS_SEED]
ALL_CASES = [*CASES, *SEAT_CASES]

# Calls that are not sent to an engine, because its answer is known to differ from DynamoDB's.
LEFT_OUT = {
    "moto": {
        "size(": "it fails when the attribute is missing",
        "{'S': '1'}": "it fails when a number is compared with a string",
        "doc.a <": "likewise",
        "doc.a >": "likewise",
        "contains(#list": "it takes true for 1",
        "UPDATED_": "it tells the key too when the item is new",
        "'many'": "it fails when a number is compared with a string",
        ":spare": "it lets a value go unused",
    },
    "ministack": {
        "doc.b": "it removes from a map that is not there, where DynamoDB refuses the path",
    },
}

# Refusals that an engine is known to lack, or to give with another code or at another moment.
OTHERWISE = {
    "moto": {
        "33 levels",
        "39 digits",
        "39 digits as a sum",
        "a string is not enough",
        "action grows too large",
        "addition alone to a string",
        "addition to a string",
        "addition to a string beside a failed condition",
        "bounds the wrong way round",
        "changed key in an action",
        "duplicates in a set",
        "empty key in a check",
        "empty key in a delete",
        "filter on a key",
        "filter on what an index lacks",
        "foreign start",
        "half a key in a check",
        "half a key in a delete",
        "half a key in a put",
        "half a key in an update",
        "half a key in an action",
        "half a start",
        "index type in an action",
        "leading underscore",
        "long token",
        "missing operand in an action",
        "more than 4 MB",
        "most in words",
        "name without its mark",
        "no such index",
        "no table for a check",
        "no table for a delete",
        "number as prefix",
        "old item in other words",
        "one or the other",
        "only the first of two wrong keys",
        "operand of begins_with",
        "other type of key in a check",
        "other type of key in a delete",
        "other type of key in a put",
        "other type of key in an update",
        "overlapping projection",
        "projection of what an index lacks",
        "same operand twice",
        "short table name",
        "spare value before a missing table",
        "spare value in a check",
        "spare value in a delete",
        "spare value in a put",
        "spare value in a query",
        "spare value in an update",
        "too large a number",
        "two on one key",
        "two types at once",
        "undefined name",
        "undefined name in an addition",
        "undefined value in a check",
        "undefined value in an addition",
        "unequal range",
        "unfinished condition",
        "unused value",
        "unused value in an action",
        "values without expression",
        "wrong key before one item twice",
        "wrong key type in a get",
        "wrong key type in an action",
        "wrong type for an index",
        "wrong type in a key condition",
    },
    "ministack": {
        "39 digits as a sum",
        "all of what an index lacks",
        "bare counter",
        "bare format",
        "bare record",
        "bare until",
        "changed key in an action",
        "filter on a key",
        "filter on what an index lacks",
        "function in capitals",
        "half a key in a check",
        "half a key in a delete",
        "half a key in a put",
        "half a key in an update",
        "half a key in an action",
        "leading underscore",
        "name without its mark",
        "old item in other words",
        "one or the other",
        "only the first of two wrong keys",
        "projection of what an index lacks",
        "removal from nothing",
        "reserved word in a filter",
        "section twice",
        "set and addition of one",
        "sum with a string",
        "two additions to one",
        "unequal range",
        "wrong key before one item twice",
    },
}


@pytest.mark.parametrize("kind", [Calls, SeatCalls])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_calls_have_the_same_outcome(
    seed: int, kind: type[Calls], engine: str, peer: "DynamoDBClient", memory: MemoryDynamoDB
) -> None:
    client = memory.client()
    calls = kind(seed, without=LEFT_OUT[engine])
    errors: Counter[str | None] = Counter()
    for number in range(CALLS):
        call, before = next(calls), memory.items(NAME)
        ours, theirs = outcome(client, call), outcome(peer, call)
        errors[ours.error] += 1
        assert _alike(engine, ours, theirs), f"seed {seed}, call {number}: {call}\nmemory: {ours}\n{engine}: {theirs}"
        assert ours.error is None or memory.items(NAME) == before, f"seed {seed}, call {number}: {call}"
        assert plain(memory.items(NAME)) == everything(peer), f"seed {seed}, call {number}: {call}"
    assert errors[None] > CALLS / 3, "hardly anything was done, so hardly anything was compared"
    assert errors[CANCELLED] > CALLS / 20, "hardly anything was refused"


def _alike(engine: str, ours: Outcome, theirs: Outcome) -> bool:
    if engine == "moto":
        answer: Any = ours.answer
        if ours.error == CANCELLED and any(code == "ValidationError" for code, _ in answer):
            return theirs.error == INVALID  # it does not give this reason
        if isinstance(answer, dict) and isinstance(theirs.answer, dict) and "LastEvaluatedKey" not in theirs.answer:
            answer.pop("LastEvaluatedKey", None)  # it looks ahead and says when a page is the last
    return ours == theirs


@pytest.mark.parametrize("case", ALL_CASES, ids=[case.name for case in ALL_CASES])
def test_memory_refuses_in_the_words_of_dynamodb(case: Case, memory: MemoryDynamoDB) -> None:
    client = memory.client()
    _seed(client)
    operation, parameters = case.call
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**parameters)
    response: Any = caught.value.response
    assert response["Error"]["Code"] == case.error
    assert case.says in response["Error"]["Message"]
    assert isinstance(caught.value, getattr(client.exceptions, case.error, ClientError))
    if case.error == CANCELLED:
        assert len(response["CancellationReasons"]) == len(parameters["TransactItems"])
    assert plain(memory.items(NAME)) == plain(SEED_ITEMS)


def test_the_others_refuse_the_same_but_for_what_is_known(
    engine: str, peer: "DynamoDBClient", memory: MemoryDynamoDB
) -> None:
    client = memory.client()
    _seed(client)
    _seed(peer)
    differing = set()
    for case in ALL_CASES:
        if not _refuses_alike(peer, case.call, outcome(client, case.call)):
            differing.add(case.name)
            _empty(peer)
            _seed(peer)
    assert differing == OTHERWISE[engine]


def _refuses_alike(peer: "DynamoDBClient", call: Call, ours: Outcome) -> bool:
    """The same refusal, and nothing is touched by it."""
    try:
        return outcome(peer, call) == ours and everything(peer) == plain(SEED_ITEMS)
    except (ValueError, AssertionError, LookupError, TypeError):  # moto fails inside instead of refusing
        return False


def _seed(client: "DynamoDBClient") -> None:
    for item in SEED_ITEMS:
        client.put_item(TableName=NAME, Item=item)


def _empty(peer: "DynamoDBClient") -> None:
    peer.delete_table(TableName=NAME)
    peer.create_table(**TABLE)


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("page_size", [1, 2, 3])
def test_pages_make_the_whole(page_size: int, forward: bool, client: "DynamoDBClient") -> None:
    for number in range(7):
        item = KEY | {"sk": {"S": str(number)}, "kind": {"S": "order"}, "moment": {"N": str(number // 3)}}
        client.put_item(TableName=NAME, Item=item)
    pages = client.get_paginator("query").paginate(
        TableName=NAME,
        IndexName="by_moment",
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "order"}},
        ScanIndexForward=forward,
        PaginationConfig={"PageSize": page_size},
    )
    items = [item for page in pages for item in page["Items"]]
    moments = [int(item["moment"]["N"]) for item in items]
    assert moments == sorted(moments, reverse=not forward)
    assert sorted(item["sk"]["S"] for item in items) == list("0123456")


@pytest.mark.parametrize("name", ["memory", "ministack"])  # moto ignores the token
def test_a_transaction_is_done_once_per_token(name: str, client: "DynamoDBClient") -> None:
    add = update_action("ADD sold :v", ONE)
    for _ in range(3):
        client.transact_write_items(TransactItems=[add], ClientRequestToken="a-token-of-stable-facts")
    assert client.get_item(TableName=NAME, Key=KEY)["Item"]["sold"] == {"N": "1"}
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.transact_write_items(TransactItems=[put_action()], ClientRequestToken="a-token-of-stable-facts")
