"""A seat counter lives through taking, selling and giving back, on every engine."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.engines.calls import Call
from tests.engines.refusal_cases import NAME
from tests.engines.seats import (
    CONGRESS,
    OFFER,
    asking,
    checking_absent,
    checking_version,
    deleting,
    giving_back,
    putting,
    putting_new,
    selling,
    taking,
    ticket,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

CAPACITY = 3


def test_a_counter_comes_into_being_and_goes_up_and_down(client: "DynamoDBClient") -> None:
    _together(client, checking_absent(), taking(most=CAPACITY - 1, held_until="2027-03-01"), putting_new(ticket("1")))
    assert _counted(client) == (1, 1, 0, "2027-03-01")
    _together(client, putting(OFFER | {"version": {"N": "7"}}))
    _together(client, checking_version(7), taking(2, most=CAPACITY - 2, held_until="2027-03-02"))
    assert _counted(client) == (3, 3, 0, "2027-03-02")
    _together(client, selling(2, held_until=None), putting(ticket("1")))
    assert _counted(client) == (3, 1, 2, "2027-03-02")
    _together(client, giving_back(1, 1, held_until=None), deleting(ticket("1")), deleting(ticket("never there")))
    assert _counted(client) == (1, 0, 1, "2027-03-02")
    assert _rows(client, asking("ORDER#1")) == []


def test_a_failed_condition_leaves_all_untouched_and_says_which_it_was(client: "DynamoDBClient") -> None:
    _together(client, taking(CAPACITY, most=0), putting(OFFER | {"version": {"N": "1"}}), putting(ticket("1")))
    before = _everything(client)
    actions = [checking_version(1), putting(ticket("2")), taking(most=CAPACITY - 1), deleting(ticket("1"))]
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        _together(client, *actions)
    response: Any = caught.value.response
    codes = [reason["Code"] for reason in response["CancellationReasons"]]
    assert codes == ["None", "None", "ConditionalCheckFailed", "None"]
    assert _everything(client) == before


def test_rows_are_asked_by_the_beginning_of_their_key(client: "DynamoDBClient") -> None:
    for row in ("TICKET#1", "TICKET#10", "TICKET#2", "TICKEU", "TICKE", "ticket#1"):
        _together(client, putting({"pk": {"S": "ORDER#1"}, "sk": {"S": row}}))
    _together(client, putting({"pk": {"S": "ORDER#10"}, "sk": {"S": "TICKET#3"}}))
    assert _rows(client, asking("ORDER#1", prefix="TICKET#")) == ["TICKET#1", "TICKET#10", "TICKET#2"]
    assert _rows(client, asking("ORDER#1", prefix="TICKET#1")) == ["TICKET#1", "TICKET#10"]
    assert _rows(client, asking("ORDER#10")) == ["TICKET#3"]
    assert _rows(client, asking("ORDER#2", prefix="TICKET#")) == []


@pytest.mark.parametrize("name", ["memory", "ministack"])  # moto ignores the token
def test_a_repeat_with_its_token_takes_no_second_seat(name: str, client: "DynamoDBClient") -> None:
    """The repeat is no refusal either, though the last seat is gone and the ticket is there."""
    actions: list[Any] = [taking(most=0), putting_new(ticket("1")), deleting(OFFER)]
    for _ in range(3):
        client.transact_write_items(TransactItems=actions, ClientRequestToken="hold-of-order-1")
    assert _counted(client) == (1, 1, 0, "2027-03-01")
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=actions, ClientRequestToken="hold-of-order-2")
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.transact_write_items(TransactItems=actions[:2], ClientRequestToken="hold-of-order-1")
    assert _counted(client) == (1, 1, 0, "2027-03-01")


def _together(client: "DynamoDBClient", *actions: Any) -> None:
    client.transact_write_items(TransactItems=actions)


def _counted(client: "DynamoDBClient") -> tuple[int, int, int, str]:
    """What is taken, held and sold, and until when the last hold goes."""
    item = client.get_item(TableName=NAME, Key=CONGRESS, ConsistentRead=True)["Item"]
    taken, held, sold = (int(item[name]["N"]) for name in ("taken", "held", "sold"))
    return taken, held, sold, item["held_until"]["S"]


def _everything(client: "DynamoDBClient") -> list[Any]:
    partitions = [asking(pk)[1] for pk in (CONGRESS["pk"]["S"], OFFER["pk"]["S"], "ORDER#1")]
    return [client.query(**partition)["Items"] for partition in partitions]


def _rows(client: "DynamoDBClient", call: Call) -> list[str]:
    _, request = call
    return [item["sk"]["S"] for item in client.query(**request)["Items"]]
