"""What the engine in memory does beside answering as DynamoDB does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.engines.calls import TABLE
from tests.engines.memory import MemoryDynamoDB
from tests.engines.refusal_cases import KEY, NAME, ONE, put_action, update_action
from tests.engines.reserved_words import RESERVED_WORDS
from tests.engines.values import value_bytes


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _memory(clock: Clock) -> MemoryDynamoDB:
    memory = MemoryDynamoDB(clock=clock)
    memory.client().create_table(**TABLE)
    return memory


def test_a_token_lives_ten_minutes() -> None:
    clock = Clock()
    memory = _memory(clock)
    client = memory.client()
    for minutes in (0, 9, 9, 12):
        clock.now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        client.transact_write_items(TransactItems=[update_action("ADD sold :v", ONE)], ClientRequestToken="token")
    assert memory.items(NAME) == [KEY | {"sold": {"N": "2"}}]


def test_a_cancelled_transaction_leaves_its_token_free(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    guarded = update_action("ADD sold :v", ONE, ConditionExpression="attribute_exists(pk)")
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[guarded], ClientRequestToken="token")
    client.put_item(TableName=NAME, Item=KEY)
    client.transact_write_items(TransactItems=[guarded], ClientRequestToken="token")
    assert memory.items(NAME) == [KEY | {"sold": {"N": "1"}}]


def test_a_snapshot_survives_json_and_brings_back_items_indexes_and_tokens(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    item: dict[str, Any] = KEY | {"due": {"S": "now"}, "raw": {"B": b"\x00\xff"}}
    client.put_item(TableName=NAME, Item=item)
    client.transact_write_items(TransactItems=[update_action("ADD sold :v", ONE)], ClientRequestToken="token")
    saved = json.loads(json.dumps(memory.snapshot()))
    client.delete_item(TableName=NAME, Key=KEY)
    memory.restore(saved)
    client.transact_write_items(TransactItems=[update_action("ADD sold :v", ONE)], ClientRequestToken="token")
    assert memory.items(NAME) == [item | {"sold": {"N": "1"}}]
    found = client.query(
        TableName=NAME,
        IndexName="by_due",
        KeyConditionExpression="due = :v",
        ExpressionAttributeValues={":v": {"S": "now"}},
    )
    assert found["Items"] == [KEY | {"due": {"S": "now"}}]


def test_a_snapshot_is_not_changed_by_what_follows(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    client.put_item(TableName=NAME, Item=KEY | {"doc": {"M": {"list": {"L": []}}}})
    saved = memory.snapshot()
    before = json.dumps(saved)
    client.update_item(
        TableName=NAME,
        Key=KEY,
        UpdateExpression="SET doc.#list[0] = :v, doc.a = :v ADD sold :v",
        ExpressionAttributeNames={"#list": "list"},
        ExpressionAttributeValues=ONE,
    )
    assert json.dumps(saved) == before


def test_an_answer_shares_nothing_with_the_store(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    client.put_item(TableName=NAME, Item=KEY | {"doc": {"M": {"list": {"L": [{"S": "kept"}]}}}})
    client.get_item(TableName=NAME, Key=KEY)["Item"]["doc"]["M"]["list"]["L"].clear()
    assert memory.items(NAME) == [KEY | {"doc": {"M": {"list": {"L": [{"S": "kept"}]}}}}]


def test_a_fault_for_one_operation_comes_first_also_when_it_is_registered_later(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    faults = [True]

    def conflict(**_: Any) -> Any:
        if faults.pop() if faults else False:
            reasons = [{"Code": "TransactionConflict"}]
            error = {"Code": "TransactionCanceledException", "Message": "injected"}
            return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, "CancellationReasons": reasons}
        return None

    client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", conflict)
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[put_action()])
    assert memory.items(NAME) == []
    client.transact_write_items(TransactItems=[put_action()])
    assert memory.items(NAME) == [KEY]


def test_an_answer_can_be_lost_after_the_write(memory: MemoryDynamoDB) -> None:
    client = memory.client()

    def lose(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="injected")

    client.meta.events.register("after-call.dynamodb.PutItem", lose)
    with pytest.raises(ReadTimeoutError):
        client.put_item(TableName=NAME, Item=KEY)
    assert memory.items(NAME) == [KEY]


def test_what_the_engine_does_not_know_is_no_silent_success(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    with pytest.raises(NotImplementedError, match="Scan"):
        client.scan(TableName=NAME)
    with pytest.raises(NotImplementedError, match="ReturnConsumedCapacity of GetItem"):
        client.get_item(TableName=NAME, Key=KEY, ReturnConsumedCapacity="TOTAL")


@pytest.mark.parametrize(
    ("actions", "token", "says"),
    [
        ([], "token", "'TransactItems' .* greater than or equal to 1"),
        ([put_action()], "", "'ClientRequestToken' .* greater than or equal to 1"),
        (
            [put_action(), {"ConditionCheck": {"TableName": NAME, "Key": KEY}}],
            "token",
            "'transactItems.2.member.conditionCheck.conditionExpression' .* must not be null",
        ),
        (
            [{"Update": {"TableName": NAME, "Key": KEY}}],
            "token",
            "'transactItems.1.member.update.updateExpression' .* must not be null",
        ),
    ],
)
def test_what_botocore_would_stop_is_refused_without_it_too(
    actions: Any, token: str, says: str, memory: MemoryDynamoDB
) -> None:
    client = memory.client(parameter_validation=False)
    with pytest.raises(ClientError, match=says):
        client.transact_write_items(TransactItems=actions, ClientRequestToken=token)
    assert memory.items(NAME) == []


def test_every_reserved_word_needs_an_alias(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    assert len(RESERVED_WORDS) == 573
    for word in RESERVED_WORDS:
        with pytest.raises(ClientError, match="reserved keyword"):
            client.get_item(TableName=NAME, Key=KEY, ProjectionExpression=word.lower())
        client.get_item(TableName=NAME, Key=KEY, ProjectionExpression="#w", ExpressionAttributeNames={"#w": word})


def test_indexes_of_a_list_mean_the_list_before_the_update(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    client.put_item(TableName=NAME, Item=KEY | {"parts": {"L": [{"S": letter} for letter in "abcde"]}})
    updated = client.update_item(
        TableName=NAME,
        Key=KEY,
        UpdateExpression="REMOVE parts[1], parts[3] SET parts[9] = :last, parts[7] = parts[0], parts[0] = parts[1]",
        ExpressionAttributeValues={":last": {"S": "z"}},
        ReturnValues="ALL_NEW",
    )
    assert [part["S"] for part in updated["Attributes"]["parts"]["L"]] == list("bceaz")


def test_projected_elements_of_a_list_close_ranks_in_their_order(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    client.put_item(TableName=NAME, Item=KEY | {"parts": {"L": [{"S": letter} for letter in "abc"]}})
    found = client.get_item(TableName=NAME, Key=KEY, ProjectionExpression="parts[2], parts[0], parts[5]")
    assert found["Item"] == {"parts": {"L": [{"S": "a"}, {"S": "c"}]}}


def test_the_size_of_a_string_is_counted_in_utf16(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    client.put_item(TableName=NAME, Item=KEY | {"sign": {"S": "é\U0001d11e"}})
    client.put_item(
        TableName=NAME, Item=KEY, ConditionExpression="size(sign) = :v", ExpressionAttributeValues={":v": {"N": "3"}}
    )


def test_numbers_and_sets_come_back_in_one_spelling(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    numbers: Any = {"N": "007.50"}, {"N": "1E3"}, {"N": "-0.0"}, {"NS": ["10", "9", "1e0"]}, {"SS": ["b", "B", "a"]}
    client.put_item(TableName=NAME, Item=KEY | {str(place): value for place, value in enumerate(numbers)})
    [item] = memory.items(NAME)
    assert [item[str(place)] for place in range(5)] == [
        {"N": "7.5"},
        {"N": "1000"},
        {"N": "0"},
        {"NS": ["1", "9", "10"]},
        {"SS": ["B", "a", "b"]},
    ]


@pytest.mark.parametrize(
    ("number", "size"),
    [("0", 1), ("12", 2), ("123", 3), ("100", 2), ("1010", 3), ("1.5", 3), ("100.5", 4), ("0.15", 2), ("-42", 3)],
)
def test_a_number_is_as_large_as_it_was_measured_on_aws(number: str, size: int) -> None:
    assert value_bytes({"N": number}) == size


def test_a_range_can_be_compared_the_other_way_round(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    for sort in "123":
        client.put_item(TableName=NAME, Item=KEY | {"sk": {"S": sort}})
    found = client.query(
        TableName=NAME,
        KeyConditionExpression="pk = :pk AND :low < sk",
        ExpressionAttributeValues={":pk": KEY["pk"], ":low": {"S": "1"}},
    )
    assert [item["sk"]["S"] for item in found["Items"]] == ["2", "3"]


def test_a_page_ends_at_one_megabyte(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    for number in range(4):
        client.put_item(TableName=NAME, Item=KEY | {"sk": {"S": str(number)}, "n": {"S": "x" * 300_000}})
    asked: dict[str, Any] = {"KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "A"}}}
    page = client.query(TableName=NAME, **asked)
    assert (page["Count"], page["LastEvaluatedKey"]["sk"]) == (3, {"S": "2"})
    rest = client.query(TableName=NAME, **asked, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert (rest["Count"], "LastEvaluatedKey" in rest) == (1, False)


def test_a_batch_comes_in_another_order_than_asked(memory: MemoryDynamoDB) -> None:
    client = memory.client()
    keys: list[Any] = [KEY | {"sk": {"S": sort}} for sort in "123"]
    for key in keys:
        client.put_item(TableName=NAME, Item=key)
    assert client.batch_get_item(RequestItems={NAME: {"Keys": keys}})["Responses"][NAME] == keys[::-1]


def test_a_table_can_be_waited_for(memory: MemoryDynamoDB) -> None:
    memory.client().get_waiter("table_exists").wait(TableName=NAME)
