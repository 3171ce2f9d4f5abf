"""What a month costs: DynamoDB's units are those that its guide says, and the months are what was counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from bench.cost.__main__ import tell
from bench.cost.acts import Measured, People, measure
from bench.cost.assumptions import Act
from bench.cost.desk import CountedDesk
from bench.cost.months import idle, month
from bench.cost.prices import bill, read_prices
from bench.cost.table import MeteredDynamoDB, read_units, write_units
from bench.cost.template import ALARMS, METRICS
from bench.cost.usage import Meter, Unit, Usage
from chalicelib.domain.reconciliation import Window
from devstack.environment import create_table
from tests.fakes.clock import Clock

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE = "loket-cost"
KEY = {"pk": {"S": "A"}, "sk": {"S": "B"}}
# Names and values of the two keys are two bytes and one each; the name `body` is four.
BEFORE_BODY = 2 + 1 + 2 + 1 + 4
KB = 1024


class World:
    """A table whose units are counted."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.engine = MeteredDynamoDB(clock=Clock(), meter=self.meter)
        self.client: DynamoDBClient = self.engine.client()
        create_table(self.client, name=TABLE)

    def put(self, size: int, *, sk: str = "B", **attributes: str) -> None:
        self.client.put_item(TableName=TABLE, Item=sized(size, sk=sk, **attributes))

    def units(self, work: Callable[[DynamoDBClient], object]) -> tuple[float, float]:
        """What this reads and writes."""
        usage = self.meter.measure(lambda: work(self.client))
        return usage[Unit.READ_UNITS], usage[Unit.WRITE_UNITS]


def sized(size: int, *, sk: str = "B", **attributes: str) -> dict[str, Any]:
    """An item of exactly so many bytes, the attributes that indexes hold not counted."""
    item = KEY | {"sk": {"S": sk}, "body": {"S": "x" * (size - BEFORE_BODY)}}
    return item | {name: {"S": value} for name, value in attributes.items()}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure(orders=2)


@pytest.mark.parametrize(
    ("size", "units"), [(0, 1), (1, 1), (4 * KB, 1), (4 * KB + 1, 2), (8 * KB, 2), (400 * KB, 100)]
)
def test_a_read_is_rounded_up_to_4_kb_and_half_if_it_may_be_old(size: int, units: int) -> None:
    assert read_units(size, consistent=True) == units
    assert read_units(size, consistent=False) == units / 2


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (KB, 1), (KB + 1, 2), (400 * KB, 400)])
def test_a_write_is_rounded_up_to_1_kb(size: int, units: int) -> None:
    assert write_units(size) == units


@pytest.mark.parametrize(("size", "units"), [(100, 1), (KB, 1), (KB + 1, 2), (3 * KB, 3), (3 * KB + 1, 4)])
def test_a_put_counts_its_item_and_a_transaction_twice(world: World, size: int, units: int) -> None:
    assert world.units(lambda client: client.put_item(TableName=TABLE, Item=sized(size))) == (0, units)
    action: Any = {"Put": {"TableName": TABLE, "Item": sized(size, sk="C")}}
    transact = world.units(lambda client: client.transact_write_items(TransactItems=[action], ClientRequestToken="t"))
    assert transact == (0, 2 * units)


def test_the_larger_of_before_and_after_counts(world: World) -> None:
    world.put(3 * KB)
    assert world.units(lambda client: client.put_item(TableName=TABLE, Item=sized(100))) == (0, 3)
    world.put(3 * KB)
    shrink: Any = {"Key": KEY, "UpdateExpression": "REMOVE #body", "ExpressionAttributeNames": {"#body": "body"}}
    assert world.units(lambda client: client.update_item(TableName=TABLE, **shrink)) == (0, 3)
    world.put(2 * KB)
    assert world.units(lambda client: client.delete_item(TableName=TABLE, Key=KEY)) == (0, 2)
    assert world.units(lambda client: client.delete_item(TableName=TABLE, Key=KEY)) == (0, 1)


def test_a_write_that_is_refused_costs_what_is_there(world: World) -> None:
    absent = "attribute_not_exists(pk)"
    world.put(2 * KB)

    def refused(client: DynamoDBClient) -> None:
        with pytest.raises(ClientError):
            client.put_item(TableName=TABLE, Item=sized(100), ConditionExpression=absent)

    assert world.units(refused) == (0, 2)
    check: Any = {"ConditionCheck": {"TableName": TABLE, "Key": KEY, "ConditionExpression": "attribute_exists(pk)"}}
    write: Any = {"Put": {"TableName": TABLE, "Item": sized(100, sk="C")}}
    together = world.units(
        lambda client: client.transact_write_items(TransactItems=[check, write], ClientRequestToken="t")
    )
    assert together == (0, 2 * 2 + 2 * 1)


KEYS_ONLY = {"due_kind": "email", "due": "2026-11-26"}
ALL = {"list": "buyers", "place": "gemeente"}
SOME = {"edition": "congres-2027", "code": "C27-ABCD"}


@pytest.mark.parametrize(
    ("attributes", "followed"),
    [
        ({}, 0),
        ({"due": "2026-11-26"}, 0),  # half of an index's key: it is not in it
        (KEYS_ONLY, 1),
        (ALL, 3),
        (SOME, 1),
        ({**KEYS_ONLY, **ALL, **SOME}, 1 + 3 + 1),
    ],
    ids=str,
)
def test_each_index_that_an_item_is_in_is_written_once_with_what_it_holds(
    world: World, attributes: dict[str, str], followed: int
) -> None:
    item = sized(2_900, **attributes)
    assert world.units(lambda client: client.put_item(TableName=TABLE, Item=item)) == (0, 3 + followed)
    action: Any = {"Put": {"TableName": TABLE, "Item": item | {"sk": {"S": "C"}}}}
    transact = world.units(lambda client: client.transact_write_items(TransactItems=[action], ClientRequestToken="t"))
    assert transact == (0, 2 * 3 + followed), "what follows in an index is not part of the transaction"


@pytest.mark.parametrize(
    ("before", "after", "followed"),
    [
        (KEYS_ONLY, KEYS_ONLY, 0),
        (KEYS_ONLY, {**KEYS_ONLY, "due": "2026-11-27"}, 2),  # taken away in one place, put in another
        (KEYS_ONLY, {}, 1),
        (SOME, SOME, 0),
        (SOME, {**SOME, "code": "C27-WXYZ"}, 1),
        (SOME, {**SOME, "other": "not in the index"}, 0),
        (ALL, {**ALL, "other": "all is in the index"}, 1),
        (ALL, {**ALL, "place": "stichting"}, 2),
    ],
    ids=str,
)
def test_an_index_is_written_only_when_what_it_holds_changes(
    world: World, before: dict[str, str], after: dict[str, str], followed: int
) -> None:
    world.put(500, **before)
    assert world.units(lambda client: client.put_item(TableName=TABLE, Item=sized(500, **after))) == (0, 1 + followed)


def test_a_read_counts_the_whole_item_or_a_small_one_if_there_is_none(world: World) -> None:
    world.put(4 * KB + 1)
    assert world.units(lambda client: client.get_item(TableName=TABLE, Key=KEY)) == (1, 0)
    assert world.units(lambda client: client.get_item(TableName=TABLE, Key=KEY, ConsistentRead=True)) == (2, 0)
    nobody = KEY | {"sk": {"S": "nobody"}}
    assert world.units(lambda client: client.get_item(TableName=TABLE, Key=nobody)) == (0.5, 0)
    both: Any = {TABLE: {"Keys": [KEY, nobody], "ConsistentRead": True}}
    assert world.units(lambda client: client.batch_get_item(RequestItems=both)) == (2 + 1, 0)


def test_a_query_is_rounded_up_once_over_all_that_it_finds(world: World) -> None:
    for sk in "BCD":
        world.put(1_500, sk=sk, **KEYS_ONLY)
    asked: Any = {
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "A"}},
    }
    assert world.units(lambda client: client.query(**asked, ConsistentRead=True)) == (2, 0), "4,500 bytes and more"
    assert world.units(lambda client: client.query(**asked)) == (1, 0)
    assert world.units(lambda client: client.query(**asked, Limit=2)) == (0.5, 0)
    values: Any = {":kind": {"S": "email"}}
    due = asked | {
        "IndexName": "due",
        "KeyConditionExpression": "due_kind = :kind",
        "ExpressionAttributeValues": values,
    }
    assert world.units(lambda client: client.query(**due)) == (0.5, 0), "the index holds keys only"
    nobody = asked | {"ExpressionAttributeValues": {":pk": {"S": "nobody"}}}
    assert world.units(lambda client: client.query(**nobody)) == (0.5, 0)


def test_what_an_answer_hides_is_not_guessed_at(world: World) -> None:
    with pytest.raises(NotImplementedError, match="FilterExpression"):
        world.client.query(
            TableName=TABLE,
            KeyConditionExpression="pk = :pk",
            FilterExpression="attribute_exists(body)",
            ExpressionAttributeValues={":pk": {"S": "A"}},
        )


def test_what_is_stored_is_the_item_and_each_index_that_it_is_in(world: World) -> None:
    world.put(500)
    assert world.engine.stored_bytes() == 500 + 100
    world.put(500, **KEYS_ONLY)
    attributes = len("due_kind" + "email" + "due" + "2026-11-26")
    assert world.engine.stored_bytes() == (500 + attributes + 100) + (len("pkAskB") + attributes + 100)


def test_a_free_part_is_taken_off_and_no_more_than_was_used() -> None:
    prices = read_prices()
    usage = Usage({Unit.ALARMS: 13, Unit.METRICS: 4, Unit.MAILS: 2_000})
    found = bill(usage, prices, always_free=True)
    assert found["CloudWatch"] == pytest.approx(0.30)
    assert found["SES"] == pytest.approx(0.32)
    assert bill(usage, prices, always_free=False)["CloudWatch"] == pytest.approx(1.30 + 1.20)


def test_the_template_is_read() -> None:
    assert (ALARMS, METRICS) == (14, 6), "docs/cost.md says so: tell it there as well"


def test_what_an_order_uses_adds_up() -> None:
    """Each message and each request is one run; each mail is told about twice."""
    desk = CountedDesk()
    people = People(desk)
    people.look()
    usage = desk.measure(lambda: people.congress("Grace"))
    mails = len(desk.sender.sent)
    assert mails == usage[Unit.MAILS] == 4, (
        "a confirmation, a ticket for each, and whether he wants the newsletter that he ticked"
    )
    assert usage[Unit.SNS_PUBLISHES] == 2 * mails
    # script, form, two totals, the form sent, back from paying, webhook, and once more
    assert usage[Unit.API_REQUESTS] == 8
    payments, emails, deliveries = 1, mails, 2 * mails
    assert usage[Unit.LAMBDA_REQUESTS] == 8 + payments + emails + deliveries
    assert usage[Unit.SQS_REQUESTS] == 3 * (payments + emails + deliveries)
    assert usage[Unit.PARAMETER_READS] == 4, "web, payments, emails and deliveries start"
    assert {item["delivery"]["S"] for item in desk.items("email")} == {"delivered"}


def test_an_idle_queue_is_asked_day_and_night(measured: Measured) -> None:
    kept = measured.upkeep
    polls = idle(kept)[Unit.SQS_REQUESTS] - 730 * 6 * kept.reconcile[Unit.SQS_REQUESTS]
    assert polls == 3 * 5 * 3 * 60 * 730, "three queues, five at once, three times a minute"
    assert kept.reconcile[Unit.SQS_REQUESTS] == 3, "it counts the dead letters"
    assert idle(kept)[Unit.LAMBDA_REQUESTS] == 2 * 730 * 60 + 730 * 6 + 730


def test_a_month_is_its_acts_and_what_is_done_for_their_orders(measured: Measured) -> None:
    without, usage = (month(measured, acts=acts) for acts in ({}, {Act.MEMBERSHIP: 10}))
    more = usage - without
    assert more[Unit.MAILS] == 10 * measured.acts[Act.MEMBERSHIP][Unit.MAILS] == 30
    reads = [
        measured.acts[Act.MEMBERSHIP],
        measured.upkeep.round_of_order[Window.HOUR] * 3,  # each hour, three hours back
        measured.upkeep.round_of_order[Window.TWO_DAYS] * (50 / 24),
        measured.upkeep.round_of_order[Window.ALL] * (730 / 24 / 7),
        measured.upkeep.retention_of_order * (730 / 24),
    ]
    assert more[Unit.READ_UNITS] == pytest.approx(10 * sum(usage[Unit.READ_UNITS] for usage in reads))
    assert more[Unit.WRITE_UNITS] == pytest.approx(10 * measured.acts[Act.MEMBERSHIP][Unit.WRITE_UNITS])
    kept = month(measured, kept={Act.MEMBERSHIP: 1000}) - without
    assert kept[Unit.READ_UNITS] > 1000 * 4
    assert kept[Unit.TABLE_GB] == kept[Unit.BACKUP_GB] > 0


def test_an_idle_month_costs_less_than_a_euro_and_the_script_would_say_if_not(measured: Measured) -> None:
    told = tell(measured, rate=0.9)
    assert told.as_promised
    assert "as promised" in told.text
    for heading in ("always-free parts", "The same without them", "pretix Hosted", "What each act uses"):
        assert heading in told.text
    dear = tell(measured, rate=2)
    assert not dear.as_promised
    assert "NOT as promised" in dear.text
