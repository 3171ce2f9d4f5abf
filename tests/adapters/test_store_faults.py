"""What the store makes of a table that fails: what is over in a moment is tried again, all else is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from chalicelib.adapters.dynamodb import unit_of_work
from chalicelib.adapters.dynamodb.store import TableStore, dynamodb_client
from chalicelib.domain.error import CodeTaken, OrderExists, SeatsTaken, StorageUnavailable
from chalicelib.domain.seat import SeatMove
from tests.adapters.bench import Bench
from tests.adapters.conftest import NOWHERE
from tests.adapters.line import Fault, Line, line
from tests.adapters.samples import BUYER, CONGRESS, DOMAIN, DRAFT, EMAIL, EMAIL_ID, ID, MEMBERSHIP, NOW, ORDER

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Act = Callable[[Bench], object]

ACTS: dict[str, tuple[str, Act]] = {
    "get": ("GetItem", lambda bench: bench.unit().orders.get(ID)),
    "commit": ("TransactWriteItems", lambda bench: bench.write(lambda unit: unit.orders.add(ORDER))),
    "offers": ("Query", lambda bench: bench.store.offers()),
    "attendees": ("Query", lambda bench: bench.store.attendees(ID)),
    "ledger": ("Query", lambda bench: bench.store.ledger(ID)),
    "differences": ("Query", lambda bench: bench.store.differences()),
    "seats": ("Query", lambda bench: bench.store.seats(CONGRESS.id)),
    "member domains": ("Query", lambda bench: bench.store.member_domains(DOMAIN)),
    "membership to change": ("GetItem", lambda bench: bench.unit().memberships.update(MEMBERSHIP)),
    "due orders": ("Query", lambda bench: bench.store.due_orders(before=NOW, limit=9)),
    "due emails": ("Query", lambda bench: bench.store.due_emails(before=NOW, limit=9)),
    "overdue": ("Query", lambda bench: bench.store.overdue(now=NOW)),
    "due refunds": ("Query", lambda bench: bench.store.due_refunds(before=NOW, limit=9)),
    "orders made": ("Query", lambda bench: bench.store.orders_made(since=NOW, until=NOW, rest="", limit=9)),
    "entries made": ("Query", lambda bench: bench.store.entries_made(since=NOW, until=NOW, rest="", limit=9)),
    "payouts made": ("Query", lambda bench: bench.store.payouts_made(since=NOW, until=NOW, rest="", limit=9)),
}
NO_ANSWER = {
    "no connection": EndpointConnectionError(endpoint_url="injected"),
    "read timeout": ReadTimeoutError(endpoint_url="injected"),
}
REFUSALS = (
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ValidationException",
    "ResourceNotFoundException",
    "AccessDeniedException",
    "TransactionInProgressException",
)


@pytest.fixture(params=ACTS)
def act(request: pytest.FixtureRequest) -> tuple[str, Act]:
    return ACTS[request.param]


def refuse(client: DynamoDBClient, operation: str, code: str, **members: Any) -> list[str]:
    """Refuse each further call; the list grows with each."""
    refused: list[str] = []

    def answer(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        refused.append(code)
        error = {"Code": code, "Message": "injected"}
        return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, **members}

    handle: Callable[..., Any] = answer  # the stubs forget that a handler may answer
    client.meta.events.register_first(f"before-call.dynamodb.{operation}", handle)
    return refused


def cancel(client: DynamoDBClient, *reasons: str, times: int | None = None) -> list[str]:
    """Cancel the next transactions, each time for these reasons, one per write."""
    cancelled: list[str] = []

    def answer(**_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        if times is not None and len(cancelled) == times:
            return None
        cancelled.append(",".join(reasons))
        error = {"Code": "TransactionCanceledException", "Message": "injected"}
        members = {"CancellationReasons": [{"Code": reason} for reason in reasons]}
        return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, **members}

    handle: Callable[..., Any] = answer
    client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", handle)
    return cancelled


# Refusals and silence


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_is_said(memory: Bench, act: tuple[str, Act], code: str) -> None:
    operation, run = act
    refused = refuse(memory.client, operation, code)
    with pytest.raises(StorageUnavailable):
        run(memory)
    assert refused == [code]
    assert memory.look() == []


@pytest.mark.parametrize("error", NO_ANSWER.values(), ids=NO_ANSWER)
def test_no_answer_is_said(memory: Bench, act: tuple[str, Act], error: Exception) -> None:
    operation, run = act

    def fail(**_: Any) -> None:
        raise error

    memory.client.meta.events.register_first(f"before-call.dynamodb.{operation}", fail)
    with pytest.raises(StorageUnavailable):
        run(memory)
    assert memory.look() == []


def test_where_nobody_answers_the_store_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", NOWHERE)
    store = TableStore(dynamodb_client(), table="loket", new_token=lambda: "token")
    with pytest.raises(StorageUnavailable, match="EndpointConnectionError"):
        store.unit_of_work().orders.get(ID)


def test_a_table_that_is_not_there_is_unavailable(bench: Bench) -> None:
    store = TableStore(bench.client, table="another-table", new_token=lambda: "token-of-another-table")
    unit = store.unit_of_work()
    unit.orders.add(ORDER)
    for run in (unit.commit, store.offers, lambda: unit.orders.get(ID)):
        with pytest.raises(StorageUnavailable):
            run()


@pytest.mark.parametrize("engine", ["memory", "ministack_table"])  # moto takes the second write instead
def test_a_transaction_that_the_table_finds_invalid_is_no_silent_success(
    engine: str, request: pytest.FixtureRequest
) -> None:
    bench: Bench = request.getfixturevalue(engine)
    with pytest.raises(StorageUnavailable):
        bench.write(lambda unit: unit.buyers.add(BUYER), lambda unit: unit.buyers.add(BUYER))
    assert bench.look() == []


def test_a_commit_of_nothing_is_no_silent_success(memory: Bench) -> None:
    with pytest.raises(StorageUnavailable):
        memory.unit().commit()


# Cancelled transactions


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_collision_that_passes_is_tried_again(memory: Bench, reason: str, times: int) -> None:
    cancelled = cancel(memory.client, "None", reason, times=times)
    memory.write(lambda unit: unit.orders.add(ORDER), lambda unit: unit.emails.add(EMAIL))
    assert len(cancelled) == times
    assert memory.unit().orders.get(ID) == ORDER


def test_every_try_carries_the_same_token(memory: Bench) -> None:
    tokens: list[str] = []
    memory.client.meta.events.register_first(
        "provide-client-params.dynamodb.TransactWriteItems",
        lambda params, **_: tokens.append(params["ClientRequestToken"]),
    )
    cancel(memory.client, "TransactionConflict", times=2)
    memory.write(lambda unit: unit.orders.add(ORDER))
    memory.write(lambda unit: unit.emails.add(EMAIL))
    assert len(tokens) == 4
    assert (len(set(tokens[:3])), len(set(tokens))) == (1, 2)


def test_a_collision_that_does_not_pass_is_given_up(memory: Bench) -> None:
    cancelled = cancel(memory.client, "TransactionConflict")
    with pytest.raises(StorageUnavailable, match="kept being cancelled"):
        memory.write(lambda unit: unit.orders.add(ORDER))
    assert len(cancelled) == unit_of_work.TRIES
    assert memory.look() == []


@pytest.mark.parametrize("reason", ["ValidationError", "ItemCollectionSizeLimitExceeded", "DuplicateItem", "Unheard"])
def test_another_reason_is_not_tried_again(memory: Bench, reason: str) -> None:
    cancelled = cancel(memory.client, "None", reason)
    with pytest.raises(StorageUnavailable, match=reason):
        memory.write(lambda unit: unit.orders.add(ORDER), lambda unit: unit.emails.add(EMAIL))
    assert len(cancelled) == 1


def test_a_failed_condition_counts_above_a_collision_beside_it(memory: Bench) -> None:
    cancelled = cancel(memory.client, "TransactionConflict", "ConditionalCheckFailed", "ValidationError")
    with pytest.raises(CodeTaken):
        memory.write(
            lambda unit: unit.orders.add(ORDER),
            lambda unit: unit.codes.add(code="L26-7KQM", order_id=ID),
            lambda unit: unit.emails.add(EMAIL),
        )
    assert len(cancelled) == 1


def test_seats_that_are_taken_count_above_a_collision_beside_them(memory: Bench) -> None:
    """Above all on the counter of a popular event: whoever comes too late must not be told to try again."""
    cancel(memory.client, "TransactionConflict", "ConditionalCheckFailed")
    move = SeatMove(counter=CONGRESS.id, held=1, sold=0, held_until=NOW)
    with pytest.raises(SeatsTaken):
        memory.write(lambda unit: unit.orders.add(ORDER), lambda unit: unit.seats.move(move, capacity=1))


@pytest.mark.parametrize("reasons", [(), ("ConditionalCheckFailed",), ("None", "None", "TransactionConflict")])
def test_reasons_that_do_not_match_the_writes_blame_none(memory: Bench, reasons: tuple[str, ...]) -> None:
    cancel(memory.client, *reasons)
    with pytest.raises(StorageUnavailable):
        memory.write(lambda unit: unit.orders.add(ORDER), lambda unit: unit.emails.add(EMAIL))


def test_a_write_without_a_condition_is_blamed_for_none(memory: Bench) -> None:
    cancel(memory.client, "ConditionalCheckFailed")
    with pytest.raises(StorageUnavailable, match="refused"):
        memory.write(lambda unit: unit.drafts.keep(DRAFT))


# A line on which answers are lost: the product's own client over HTTP


@dataclass(frozen=True, kw_only=True)
class LongDistance:
    """A store at the other end of a bad line, and its table seen from nearby."""

    store: TableStore
    line: Line
    near: Bench


@pytest.fixture
def far(ministack_table: Bench, ministack_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LongDistance]:
    with line(to=ministack_url) as (between, url):
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
        # the product's own settings, but for its patience
        hasty = dynamodb_client().meta.config.merge(Config(read_timeout=0.5))
        client = boto3.client("dynamodb", config=hasty)
        yield LongDistance(
            store=TableStore(client, table=ministack_table.table, new_token=lambda: f"token-of-{url}"),
            line=between,
            near=ministack_table,
        )
        client.close()


FAULTS: tuple[Fault, ...] = (
    *("answer lost", "hung up before", "hung up after"),
    *("throttled", "broken before", "broken after"),
)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_commit_whose_answer_is_lost_is_repeated_as_the_same_one(far: LongDistance, fault: Fault) -> None:
    far.line.faults += [fault]
    unit = far.store.unit_of_work()
    unit.orders.add(ORDER)
    unit.codes.add(code="L26-7KQM", order_id=ID)
    unit.commit()
    assert far.near.unit().orders.get(ID) == ORDER
    first, second = far.line.asked
    assert first == second


@pytest.mark.parametrize("fault", FAULTS)
def test_seats_whose_answer_is_lost_are_taken_once(far: LongDistance, fault: Fault) -> None:
    """The last ones at that: the repeat finds none left, and must not take that for a refusal."""
    far.line.faults += [fault]
    unit = far.store.unit_of_work()
    unit.orders.add(ORDER)
    unit.seats.move(SeatMove(counter=CONGRESS.id, held=3, sold=0, held_until=NOW), capacity=3)
    unit.commit()
    assert far.near.store.seats(CONGRESS.id)[CONGRESS.id].held == 3


def test_the_repeat_tells_a_real_conflict_from_its_own_first_try(far: LongDistance) -> None:
    far.near.write(lambda unit: unit.orders.add(replace(ORDER, code="L26-AAAA")))
    far.line.faults += ["answer lost"]
    unit = far.store.unit_of_work()
    unit.orders.add(ORDER)
    with pytest.raises(OrderExists):
        unit.commit()


def test_a_commit_that_was_never_answered_may_have_happened_and_can_be_repeated(far: LongDistance) -> None:
    far.line.faults += ["hung up after"] * 3
    unit = far.store.unit_of_work()
    unit.emails.add(EMAIL)
    with pytest.raises(StorageUnavailable):
        unit.commit()
    assert far.near.unit().emails.get(EMAIL_ID) == EMAIL
    unit.commit()
    assert len({asked["ClientRequestToken"] for asked in far.line.asked}) == 1
