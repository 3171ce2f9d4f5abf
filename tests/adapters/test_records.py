"""Records: what lies in the table today is read for ever, and a change of shape is not made in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.clicks import TableClicks
from chalicelib.adapters.dynamodb.record import Item, Record, due_key
from chalicelib.adapters.dynamodb.tallies import TableTallies
from chalicelib.domain.hold import HoldMove
from chalicelib.domain.limit import Limit
from chalicelib.domain.seat import SeatMove
from infra.resources import table
from tests.adapters import samples
from tests.adapters.bench import Bench
from tests.adapters.samples import (
    CONSENT,
    DRAFT,
    ID,
    MEMBERSHIP,
    NOW,
    ORDER,
    SEATS,
)
from tests.adapters.written import ADDED_TO, BESIDE, EVERY, GOLDEN, MOVED, WRITTEN, golden


def _place(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_ever_written_can_be_read(name: str) -> None:
    record, noun = WRITTEN[name]
    assert record.read(golden(name)) == noun


@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_ever_written_can_be_written_back_in_the_present_format(name: str) -> None:
    record, noun = WRITTEN[name]
    item = record.write(record.read(golden(name)))
    written, lies = MOVED.get(name, (_place(item), _place(item)))
    assert (_place(golden(name)), _place(item)) == (written, lies)
    assert item["format"] == {"N": str(record.format)}
    assert record.read(item) == noun


@pytest.mark.parametrize("name", [name for name in WRITTEN if name not in ADDED_TO])
def test_what_is_written_in_this_format_keeps_its_shape(name: str) -> None:
    """When this fails, raise the record's format, add its lift, and add a file: the old ones stay as they are."""
    record, noun = WRITTEN[name]
    if golden(name)["format"] == {"N": str(record.format)}:
        assert record.write(noun) == golden(name)


def test_every_record_has_an_item_in_each_of_its_formats() -> None:
    present = {(record.kind, golden(name)["format"]["N"]) for name, (record, _) in WRITTEN.items()}
    assert {(record.kind, str(number)) for record in EVERY for number in range(1, record.format + 1)} == present
    assert {path.stem for path in GOLDEN.iterdir()} == {*WRITTEN, *BESIDE}


def test_the_rows_that_shelves_make_keep_their_shape(memory: Bench) -> None:
    until = NOW + timedelta(minutes=35)
    memory.write(
        lambda unit: unit.memberships.add(MEMBERSHIP),
        lambda unit: unit.codes.add(code=ORDER.code, order_id=ID),
        lambda unit: unit.seats.move(SeatMove(counter=SEATS.counter, held=3, sold=0, held_until=until), capacity=25),
    )
    sold = SeatMove(counter=SEATS.counter, held=-2, sold=2, held_until=None)
    memory.write(lambda unit: unit.seats.move(sold, capacity=25))
    for change in (1, 1, 1, -1):
        hold = HoldMove(holder=samples.HOLDS.holder, change=change, held_until=until)
        memory.write(lambda unit, hold=hold: unit.holds.move(hold, most=3))  # type: ignore[misc]  # mypy infers no lambda default
    limit = Limit(name="address", most=60, period=timedelta(minutes=10))
    TableTallies(memory.client, table=memory.table).count(limit.tally("a-digest", now=NOW))
    for _ in range(2):
        TableClicks(memory.client, table=memory.table).count("q7mmnf2nqzv4k3bq", 2)
    rows = {item["record"]["S"]: item for item in memory.look()}
    names = {"code": "code-1", "domain": "domain-2", "seats": "seats-1", "holds": "holds-1"}
    names |= {"limit": "limit-1", "clicks": "clicks-1"}
    assert {kind: rows[kind] for kind in names} == {kind: golden(name) for kind, name in names.items()}


def test_no_noun_has_a_field_that_the_table_uses_itself() -> None:
    own = {
        "pk",
        "sk",
        "record",
        "format",
        "due_kind",
        "made_in",
        "made",
        "edition",
        "address",
        "list",
        "place",
        "reasons",
        "expires",
    }
    own |= {"taken"}
    for record in EVERY:
        assert not own & {field.name for field in fields(record.noun)}, record.kind


def test_what_is_found_by_its_moment_says_its_month_and_nothing_else_does() -> None:
    moments = {
        records.ORDER.kind: "created_at",
        records.ENTRY.kind: "at",
        records.PAYOUT.kind: "made_at",
    }
    for name, (record, noun) in WRITTEN.items():
        item = record.write(noun)
        if record.kind not in moments:
            assert not {"made", "made_in"} & set(item), name
            continue
        made = getattr(noun, moments[record.kind])
        assert item["made"] == {"S": due_key(made)}
        assert item["made_in"] == {"S": f"{record.kind} 2026-{made.month:02}"}


_LEDGER = {"payment", "refund", "dispute", "entry"}


def test_the_ledger_lies_beside_its_order_and_apart_from_the_rest_of_it() -> None:
    ledger = ("payment-2", "refund-1", "refund-1-elsewhere", "dispute-1", "entry-1")
    keys = {_place(golden(name)) for name in ledger}
    assert {pk for pk, _ in keys} == {f"ORDER#{ID}"}
    assert all(sk.startswith(records.LEDGER) for _, sk in keys)
    assert len(keys) == len(ledger)
    beside = {_place(golden(name)) for name, (record, _) in WRITTEN.items() if record.kind not in _LEDGER}
    assert not [sk for _, sk in beside if sk.startswith(records.LEDGER)]


def test_what_is_kept_for_a_while_says_when_dynamodb_may_remove_it_and_nothing_else_does() -> None:
    attribute = table()["TimeToLiveSpecification"]["AttributeName"]
    item = records.DRAFT.write(DRAFT)
    assert item[attribute] == {"N": str(int(DRAFT.expires_at.timestamp()))}
    # the noun itself still says it to the microsecond
    exact = replace(DRAFT, expires_at=DRAFT.expires_at + timedelta(microseconds=999_999))
    assert records.DRAFT.write(exact)[attribute] == item[attribute]
    assert records.DRAFT.read(records.DRAFT.write(exact)) == exact
    assert [name for name in (*WRITTEN, *BESIDE) if attribute in golden(name)] == [
        *(
            "subscriber-1-asked",
            "subscriber-2-asked",
            "draft-1",
            "holds-1",
            "slot-1",
            "staff_session-1",
            "staff_session-2",
            "login-1",
            "limit-1",
        )
    ]


# A shape that changes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """A consent as it may be one day: its purposes are a list, and its text knows its version."""

    order_id: str
    purposes: tuple[str, ...]
    text: str
    text_version: int
    given_at: datetime


def _with_purposes(item: Item) -> Item:
    return item | {"purposes": [item["purpose"]]}


def _with_version(item: Item) -> Item:
    return item | {"text_version": 0}


def _record(*lifts: Callable[[Item], Item]) -> Record[NewConsent]:
    return Record(
        kind="consent",
        noun=NewConsent,
        partition=records.CONSENT.partition,
        sort=records.CONSENT.sort,
        key_of=lambda consent: consent.order_id,
        format=1 + len(lifts),
        lifts=lifts,
    )


LIFTED = NewConsent(order_id=ID, purposes=("newsletter",), text=CONSENT.text, text_version=0, given_at=CONSENT.given_at)


def test_one_lift_brings_an_item_of_format_1_to_format_2() -> None:
    record = _record(lambda item: _with_version(_with_purposes(item)))
    assert record.read(golden("consent-1")) == LIFTED


def test_an_item_takes_only_the_lifts_that_it_lacks() -> None:
    record = _record(_with_purposes, _with_version)
    new = replace(LIFTED, purposes=("newsletter", "congress"), text_version=7)
    item = record.write(new)
    assert item["format"] == {"N": "3"}
    assert record.read(item) == new
    of_format_2 = {name: value for name, value in item.items() if name != "text_version"} | {"format": {"N": "2"}}
    assert record.read(of_format_2) == replace(new, text_version=0)
    assert record.read(golden("consent-1")) == LIFTED


def test_an_old_item_is_written_back_in_the_new_format(memory: Bench) -> None:
    old = records.ORDER
    new = replace(old, format=old.format + 1, lifts=(*old.lifts, _shouted))
    memory.client.put_item(TableName=memory.table, Item=old.write(ORDER))
    lifted = new.read(memory.client.get_item(TableName=memory.table, Key=old.key(ID))["Item"])
    assert lifted == replace(ORDER, code=ORDER.code + "!")
    assert new.read(new.write(lifted)) == lifted


def _shouted(item: Item) -> Item:
    return item | {"code": item["code"] + "!"}


def test_what_a_noun_does_not_know_is_passed_over() -> None:
    """A row may carry what only the table needs, such as a date of expiry."""
    item = golden("consent-1") | {"expires": {"N": "1893456000"}}
    assert records.CONSENT.read(item) == CONSENT


def test_an_item_that_lacks_something_is_not_read_as_if_it_were_whole() -> None:
    item = golden("consent-1")
    del item["purpose"]
    with pytest.raises(ValueError, match="purpose"):
        records.CONSENT.read(item)
