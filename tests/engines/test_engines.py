"""The engines answer alike: random calls, calls that must be refused, pages and tokens."""

import os
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.engines.calls import Calls, Outcome, everything, outcome, plain
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

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

FIRST_SEED = int(os.environ.get("ENGINES_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + int(os.environ.get("ENGINES_RUNS", "3")))
CALLS = 250

# Calls that are not sent to an engine, because its answer is known to differ from DynamoDB's.
LEFT_OUT = {
    "moto": {
        "size(": "it fails when the attribute is missing",
        "{'S': '1'}": "it fails when a number is compared with a string",
        "doc.a <": "likewise",
        "doc.a >": "likewise",
        "contains(#list": "it takes true for 1",
        "UPDATED_": "it tells the key too when the item is new",
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
        "action grows too large",
        "bounds the wrong way round",
        "changed key in an action",
        "duplicates in a set",
        "filter on a key",
        "filter on what an index lacks",
        "foreign start",
        "half a key in an action",
        "half a start",
        "index type in an action",
        "leading underscore",
        "long token",
        "missing operand in an action",
        "more than 4 MB",
        "name without its mark",
        "no such index",
        "one or the other",
        "operand of begins_with",
        "overlapping projection",
        "projection of what an index lacks",
        "same operand twice",
        "short table name",
        "too large a number",
        "two on one key",
        "two types at once",
        "undefined name",
        "unequal range",
        "unfinished condition",
        "unused value",
        "unused value in an action",
        "values without expression",
        "wrong key type in a get",
        "wrong key type in an action",
        "wrong type for an index",
        "wrong type in a key condition",
    },
    "ministack": {
        "39 digits as a sum",
        "all of what an index lacks",
        "changed key in an action",
        "filter on a key",
        "filter on what an index lacks",
        "half a key in an action",
        "leading underscore",
        "name without its mark",
        "one or the other",
        "projection of what an index lacks",
        "removal from nothing",
        "reserved word in a filter",
        "section twice",
        "sum with a string",
        "unequal range",
    },
}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_calls_have_the_same_outcome(
    seed: int, engine: str, peer: "DynamoDBClient", memory: MemoryDynamoDB
) -> None:
    client = memory.client()
    calls = Calls(seed, without=LEFT_OUT[engine])
    succeeded = 0
    for number in range(CALLS):
        call = next(calls)
        ours, theirs = outcome(client, call), outcome(peer, call)
        succeeded += ours.error is None
        assert _alike(engine, ours, theirs), f"seed {seed}, call {number}: {call}\nmemory: {ours}\n{engine}: {theirs}"
    assert plain(memory.items(NAME)) == everything(peer), f"seed {seed}"
    assert succeeded > CALLS / 3, "hardly anything was done, so hardly anything was compared"


def _alike(engine: str, ours: Outcome, theirs: Outcome) -> bool:
    if engine == "moto":
        answer: Any = ours.answer
        if ours.error == CANCELLED and any(code == "ValidationError" for code, _ in answer):
            return theirs.error == INVALID  # it does not give this reason
        if isinstance(answer, dict) and isinstance(theirs.answer, dict) and "LastEvaluatedKey" not in theirs.answer:
            answer.pop("LastEvaluatedKey", None)  # it looks ahead and says when a page is the last
    return ours == theirs


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_memory_refuses_in_the_words_of_dynamodb(case: Case, memory: MemoryDynamoDB) -> None:
    client = memory.client()
    client.put_item(TableName=NAME, Item=SEED_ITEM)
    operation, parameters = case.call
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**parameters)
    assert caught.value.response["Error"]["Code"] == case.error
    assert case.says in caught.value.response["Error"]["Message"]
    assert isinstance(caught.value, getattr(client.exceptions, case.error, ClientError))
    assert plain(memory.items(NAME)) == [plain(SEED_ITEM)]


def test_the_others_refuse_the_same_but_for_what_is_known(
    engine: str, peer: "DynamoDBClient", memory: MemoryDynamoDB
) -> None:
    client = memory.client()
    differing = set()
    for case in CASES:
        for each in (client, peer):
            each.put_item(TableName=NAME, Item=SEED_ITEM)
        if not _refuses_alike(peer, case, outcome(client, case.call)):
            differing.add(case.name)
            _empty(peer)
    assert differing == OTHERWISE[engine]


def _refuses_alike(peer: "DynamoDBClient", case: Case, ours: Outcome) -> bool:
    try:
        return outcome(peer, case.call) == ours
    except (ValueError, AssertionError):  # moto fails inside instead of refusing
        return False


def _empty(peer: "DynamoDBClient") -> None:
    for item in peer.scan(TableName=NAME)["Items"]:
        peer.delete_item(TableName=NAME, Key={name: item[name] for name in ("pk", "sk")})


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
