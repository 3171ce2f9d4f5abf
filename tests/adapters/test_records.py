"""Records: what lies in the table today is read for ever, and a change of shape is not made in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.records import Item, Record
from chalicelib.domain.email import Delivery
from chalicelib.domain.state import State
from tests.adapters.bench import Bench
from tests.adapters.samples import BUYER, CONSENT, EMAIL, ID, MEMBERSHIP, NOW, OFFER, ORDER, PAYMENT

GOLDEN = Path(__file__).parent / "golden"
PAID = replace(
    ORDER,
    state=State.PAID,
    session_id="cs_test_a1b2",
    due=None,
    paid_at=NOW + timedelta(minutes=3),
    payment_id="pi_3QabcDEF",
    version=3,
)
SENT = replace(EMAIL, delivery=Delivery.SENT, attempt=1, due=None, message_id="0102019f-1-000000", version=3)

# The items of each kind as they were written, file by file: a new format adds files and takes none away.
WRITTEN: dict[str, tuple[Record[Any], Any]] = {
    "offer-1": (records.OFFER, OFFER),
    "order-1-pending": (records.ORDER, ORDER),
    "order-1-paid": (records.ORDER, PAID),
    "buyer-1": (records.BUYER, BUYER),
    "consent-1": (records.CONSENT, CONSENT),
    "payment-1": (records.PAYMENT, PAYMENT),
    "membership-1": (records.MEMBERSHIP, MEMBERSHIP),
    "email-1-queued": (records.EMAIL, EMAIL),
    "email-1-sent": (records.EMAIL, SENT),
}
# Rows that stand beside a noun; the desk does not read them yet, what comes after it will.
BESIDE = ("code-1", "domain-1")


def golden(name: str) -> Item:
    item: Item = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return item


@pytest.mark.parametrize("name", WRITTEN)
def test_what_was_ever_written_can_be_read(name: str) -> None:
    record, noun = WRITTEN[name]
    assert record.read(golden(name)) == noun


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_in_this_format_keeps_its_shape(name: str) -> None:
    """When this fails, raise the record's format, add its lift, and add a file: the old ones stay as they are."""
    record, noun = WRITTEN[name]
    if golden(name)["format"] == {"N": str(record.format)}:
        assert record.write(noun) == golden(name)


def test_every_record_has_an_item_in_its_present_format() -> None:
    every = {record.kind: record.format for record in vars(records).values() if isinstance(record, Record)}
    present = {(record.kind, golden(name)["format"]["N"]) for name, (record, _) in WRITTEN.items()}
    assert {(kind, str(number)) for kind, number in every.items()} <= present
    assert {path.stem for path in GOLDEN.iterdir()} == {*WRITTEN, *BESIDE}


def test_the_rows_beside_the_nouns_keep_their_shape(memory: Bench) -> None:
    memory.write(
        lambda unit: unit.memberships.add(MEMBERSHIP), lambda unit: unit.codes.add(code=ORDER.code, order_id=ID)
    )
    rows = {item["record"]["S"]: item for item in memory.look()}
    assert (rows["code"], rows["domain"]) == (golden("code-1"), golden("domain-1"))


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
    old, new = replace(records.ORDER, format=1), replace(records.ORDER, format=2, lifts=(_shouted,))
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


def test_a_personal_answer_lies_nowhere_but_with_the_buyer() -> None:
    """Orders, payments, consents and emails can be kept when a buyer is erased; memberships are about a member."""
    private = ("organisation", "name", "email", "reference", "registration_number", "street", "postal_code", "city")
    answers = [str(getattr(BUYER.answers, name)) for name in private]
    for name in WRITTEN.keys() - {"buyer-1", "membership-1", "offer-1"}:
        text = json.dumps(golden(name), ensure_ascii=False)
        assert not [answer for answer in answers if answer in text], name
