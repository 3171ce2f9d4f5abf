"""Two hundred buyers for a hundred seats: exact on every engine, and oversold as soon as the condition is left out."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.engines.memory import MemoryDynamoDB
from tests.engines.refusal_cases import NAME
from tests.engines.seats import CONGRESS, asking, counting, giving_back, putting_new, taking, ticket

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

THREADS = 200
SEATS = 100
EXACTLY = [True] * SEATS + [False] * (THREADS - SEATS)


@pytest.fixture(autouse=True)
def restless_threads() -> Iterator[None]:
    """Threads take turns so often that an engine without a lock is caught."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def test_a_conditional_transaction_takes_each_seat_once(client: "DynamoDBClient") -> None:
    assert _rush(client, taking(most=SEATS - 1), is_wanted=_is_free) == EXACTLY
    assert _counted(client) == {"taken": SEATS, "held": SEATS, "sold": 0}
    assert _tickets(client) == SEATS


def test_without_the_condition_the_same_rush_oversells(client: "DynamoDBClient") -> None:
    """All read before anyone writes, so a check of what was read stops nobody."""
    bought = _rush(client, counting(1), is_wanted=_is_free).count(True)
    assert bought > SEATS
    assert _counted(client) == {"taken": bought, "held": bought, "sold": 0}
    assert _tickets(client) == bought


def test_a_conditional_transaction_gives_each_seat_back_once(client: "DynamoDBClient") -> None:
    client.transact_write_items(TransactItems=[counting(SEATS)])
    assert _rush(client, giving_back(1), is_wanted=_is_held) == EXACTLY
    assert _counted(client) == {"taken": 0, "held": 0, "sold": 0}


def test_without_the_condition_the_same_rush_gives_back_what_nobody_holds(client: "DynamoDBClient") -> None:
    client.transact_write_items(TransactItems=[counting(SEATS)])
    assert _rush(client, counting(-1), is_wanted=_is_held).count(True) > SEATS
    assert _counted(client)["held"] < 0


def test_memory_loses_no_update(memory: MemoryDynamoDB) -> None:
    client = memory.client(parameter_validation=False)

    def count(_: int) -> None:
        for _ in range(50):
            client.update_item(**counting(1)["Update"])

    with ThreadPoolExecutor(THREADS // 4) as counters:
        list(counters.map(count, range(THREADS // 4)))
    assert _counted(client)["taken"] == 50 * THREADS // 4


def _rush(client: "DynamoDBClient", count: Any, *, is_wanted: Callable[[dict[str, int]], bool]) -> list[bool]:
    """Everybody looks at the counter, and when all have looked each changes it, with a ticket of his own."""
    everybody_has_read = Barrier(THREADS)

    def buy(buyer: int) -> bool:
        wanted = is_wanted(_counted(client))
        everybody_has_read.wait(timeout=60)
        return wanted and _together(client, count, putting_new(ticket(str(buyer))))

    with ThreadPoolExecutor(THREADS) as buyers:
        return sorted(buyers.map(buy, range(THREADS)), reverse=True)


def _is_free(counted: dict[str, int]) -> bool:
    return counted["taken"] < SEATS


def _is_held(counted: dict[str, int]) -> bool:
    return counted["held"] > 0


def _together(client: "DynamoDBClient", count: Any, put: Any) -> bool:
    try:
        client.transact_write_items(TransactItems=[count, put])
    except ClientError as error:  # client.exceptions is made at first use, and by every thread anew if all come at once
        response: Any = error.response
        codes = [reason["Code"] for reason in response.get("CancellationReasons", [])]
        if codes != ["ConditionalCheckFailed", "None"]:
            raise
        return False
    return True


def _counted(client: "DynamoDBClient") -> dict[str, int]:
    item: dict[str, Any] = dict(client.get_item(TableName=NAME, Key=CONGRESS, ConsistentRead=True).get("Item", {}))
    return {name: int(item.get(name, {"N": "0"})["N"]) for name in ("taken", "held", "sold")}


def _tickets(client: "DynamoDBClient") -> int:
    _, request = asking("ORDER#1", prefix="TICKET#")
    return client.query(**request, Select="COUNT")["Count"]
