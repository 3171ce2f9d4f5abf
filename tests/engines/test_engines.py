"""The engines answer alike: random calls, calls that must be refused, and races for the last seats."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.engines.calls import TABLE, Calls, Outcome, everything, outcome, plain
from tests.engines.locked_moto import locked_moto
from tests.engines.memory import MemoryDynamoDB
from tests.engines.ministack import ministack_client
from tests.engines.refusal_cases import CANCELLED, CASES, INVALID, SEED_ITEM, Case

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

FIRST_SEED = int(os.environ.get("ENGINES_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + int(os.environ.get("ENGINES_RUNS", "3")))
CALLS = 150

# Calls that are not sent to an engine, because its answer is known to differ from DynamoDB's.
LEFT_OUT = {
    "moto": {
        "size(": "it fails when the attribute is missing",
        "{'S': '1'}": "it fails when a number is compared with a string",
        "doc.a <": "likewise",
        "doc.a >": "likewise",
        "UPDATED_": "it tells the key too when the item is new",
    },
    "ministack": {
        "REMOVE doc.b": "it removes from a map that is not there, where DynamoDB refuses the path",
    },
}

# Refusals that an engine is known to lack, or to give with another code.
OTHERWISE = {
    "moto": {
        "unused value",
        "undefined name",
        "values without expression",
    },
    "ministack": {
        "reserved word in a filter",
    },
}


@pytest.fixture(params=["moto", "ministack"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def peer(engine: str, request: pytest.FixtureRequest) -> "Iterator[DynamoDBClient]":
    """An empty engine that is not ours."""
    if engine == "moto":
        with locked_moto() as client:
            client.create_table(**TABLE)
            yield client
    else:
        client = ministack_client(request.getfixturevalue("ministack_url"))
        client.create_table(**TABLE)
        yield client
        client.delete_table(TableName=TABLE["TableName"])


@pytest.fixture
def memory() -> MemoryDynamoDB:
    memory = MemoryDynamoDB()
    memory.client().create_table(**TABLE)
    return memory


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
    assert plain(memory.items(TABLE["TableName"])) == everything(peer), f"seed {seed}"
    assert succeeded > CALLS / 3, "hardly anything was done, so hardly anything was compared"


def _alike(engine: str, ours: Outcome, theirs: Outcome) -> bool:
    if engine == "moto":
        answer: Any = ours.answer
        if ours.error == CANCELLED and any(code == "ValidationError" for code, _ in answer):
            return theirs.error == INVALID  # it does not give this reason
        if isinstance(theirs.answer, dict) and "LastEvaluatedKey" not in theirs.answer:
            answer.pop("LastEvaluatedKey", None)  # it looks ahead and says when a page is the last
    return ours == theirs


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_memory_refuses_in_the_words_of_dynamodb(case: Case, memory: MemoryDynamoDB) -> None:
    client = memory.client()
    client.put_item(TableName=TABLE["TableName"], Item=SEED_ITEM)
    operation, parameters = case.call
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**parameters)
    assert caught.value.response["Error"]["Code"] == case.error
    assert case.says in caught.value.response["Error"]["Message"]
    assert isinstance(caught.value, getattr(client.exceptions, case.error, ClientError))
    assert plain(memory.items(TABLE["TableName"])) == [plain(SEED_ITEM)]


def test_the_others_refuse_the_same_but_for_what_is_known(
    engine: str, peer: "DynamoDBClient", memory: MemoryDynamoDB
) -> None:
    client = memory.client()
    differing = set()
    for case in CASES:
        for each in (client, peer):
            each.put_item(TableName=TABLE["TableName"], Item=SEED_ITEM)
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
    for item in peer.scan(TableName=TABLE["TableName"])["Items"]:
        peer.delete_item(TableName=TABLE["TableName"], Key={name: item[name] for name in ("pk", "sk")})
