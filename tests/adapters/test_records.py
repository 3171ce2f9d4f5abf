"""Records: what lies in the table today is read for ever, and a change of shape is not made in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Item, Record, due_key
from chalicelib.adapters.dynamodb.tallies import TableTallies
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.email import Delivery
from chalicelib.domain.hold import HoldMove
from chalicelib.domain.language import Text
from chalicelib.domain.limit import Limit
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.seat import SeatMove
from chalicelib.domain.state import State
from infra.resources import table
from tests.adapters import money_samples as money
from tests.adapters import samples
from tests.adapters import staff_samples as behind
from tests.adapters import subscriber_samples as subscribed
from tests.adapters.bench import Bench
from tests.adapters.samples import (
    ATTENDEE,
    BUYER,
    COLLEAGUE,
    CONGRESS,
    CONSENT,
    DRAFT,
    EMAIL,
    ID,
    MEMBER_DOMAIN,
    MEMBERSHIP,
    NOW,
    OFFER,
    ORDER,
    SEATS,
)

GOLDEN = Path(__file__).parent / "golden"
PAID = replace(
    ORDER,
    state=State.PAID,
    session_id="cs_test_a1b2",
    due=None,
    paid_at=NOW + timedelta(minutes=3),
    payment_id="pi_3QabcDEF",
    holders=(),
    paid_cents=50_000,
    version=3,
)
GIVEN_BACK = replace(PAID, refunded_cents=12_500, disputed_cents=37_500, disputed=True, version=6)
SENT = replace(EMAIL, delivery=Delivery.SENT, attempt=1, due=None, message_id="0102019f-1-000000", version=3)


def _of_format_2(order: Order) -> Order:
    """As an order of format 2 is read: it counted among nobody's, and knew of no other website."""
    return replace(order, holders=(), host_page="")


def _of_format_1(order: Order) -> Order:
    """As an order of format 1 is read: its texts were in one language, and it knew of no draft."""
    order, line = _of_format_2(order), order.lines[0]
    label, description = (Text(nl=text.nl, en=text.nl) for text in (line.label, line.description))
    return replace(order, lines=(replace(line, label=label, description=description),), draft_id="")


def _of_no_offer[Person: (Buyer, Attendee)](person: Person) -> Person:
    """As somebody was written before it was said which offer it was about."""
    return replace(person, offer_id="")


# The items of each kind as they were written, file by file: a new format adds files and takes none away.
WRITTEN: dict[str, tuple[Record[Any], Any]] = {
    "offer-1": (records.OFFER, OFFER),
    "offer-2-membership": (records.OFFER, OFFER),
    "offer-2-event": (records.OFFER, CONGRESS),
    "offer-3-membership": (records.OFFER, OFFER),
    "offer-3-event": (records.OFFER, CONGRESS),
    "offer-3-moved": (records.OFFER, samples.MOVED_CONGRESS),
    "order-1-pending": (records.ORDER, _of_format_1(ORDER)),
    "order-1-paid": (records.ORDER, _of_format_1(PAID)),
    "order-2-pending": (records.ORDER, _of_format_2(ORDER)),
    "order-2-paid": (records.ORDER, _of_format_2(PAID)),
    "order-2-event": (records.ORDER, _of_format_2(samples.EVENT_ORDER)),
    "order-3-pending": (records.ORDER, ORDER),
    "order-3-paid": (records.ORDER, PAID),
    "order-3-event": (records.ORDER, samples.EVENT_ORDER),
    "order-4-pending": (records.ORDER, ORDER),
    "order-4-paid": (records.ORDER, PAID),
    "order-4-given-back": (records.ORDER, GIVEN_BACK),
    "order-4-event": (records.ORDER, samples.EVENT_ORDER),
    "order-5-pending": (records.ORDER, ORDER),
    "order-5-paid": (records.ORDER, PAID),
    "order-5-given-back": (records.ORDER, GIVEN_BACK),
    "order-5-event": (records.ORDER, samples.EVENT_ORDER),
    "order-6-pending": (records.ORDER, ORDER),
    "order-6-paid": (records.ORDER, PAID),
    "order-6-given-back": (records.ORDER, GIVEN_BACK),
    "order-6-event": (records.ORDER, samples.EVENT_ORDER),
    "buyer-1": (records.BUYER, _of_no_offer(BUYER)),
    "buyer-2": (records.BUYER, _of_no_offer(BUYER)),
    "buyer-2-attending": (records.BUYER, _of_no_offer(samples.EVENT_BUYER)),
    "buyer-3": (records.BUYER, BUYER),
    "buyer-3-attending": (records.BUYER, samples.EVENT_BUYER),
    "consent-1": (records.CONSENT, CONSENT),
    "payment-1": (records.PAYMENT, replace(samples.PAYMENT, charge_id="")),
    "payment-2": (records.PAYMENT, samples.PAYMENT),
    "refund-1": (records.REFUND, money.REFUND),
    "refund-1-elsewhere": (records.REFUND, money.REFUND_ELSEWHERE),
    "dispute-1": (records.DISPUTE, money.DISPUTE),
    "entry-1": (records.ENTRY, money.ENTRY),
    "entry-1-paid-out": (records.ENTRY, money.ENTRY_PAID_OUT),
    "payout-1": (records.PAYOUT, money.PAYOUT),
    "difference-1": (records.DIFFERENCE, money.DIFFERENCE),
    "round-1": (records.ROUND, money.ROUND),
    "round-1-done": (records.ROUND, money.ROUND_DONE),
    "membership-1": (records.MEMBERSHIP, MEMBERSHIP),
    "membership-2": (records.MEMBERSHIP, MEMBERSHIP),
    "domain-1": (records.DOMAIN, MEMBER_DOMAIN),
    "domain-2": (records.DOMAIN, MEMBER_DOMAIN),
    "email-1-queued": (records.EMAIL, EMAIL),
    "email-1-sent": (records.EMAIL, SENT),
    "email-2-queued": (records.EMAIL, EMAIL),
    "email-2-sent": (records.EMAIL, SENT),
    "email-2-ticket": (records.EMAIL, samples.TICKET),
    "email-3-queued": (records.EMAIL, EMAIL),
    "email-3-sent": (records.EMAIL, SENT),
    "email-3-ticket": (records.EMAIL, samples.TICKET),
    "email-3-refund": (records.EMAIL, money.REFUND_EMAIL),
    "email-4-queued": (records.EMAIL, EMAIL),
    "email-4-sent": (records.EMAIL, SENT),
    "email-4-ticket": (records.EMAIL, samples.TICKET),
    "email-4-again": (records.EMAIL, behind.AGAIN),
    "email-5-queued": (records.EMAIL, EMAIL),
    "email-5-sent": (records.EMAIL, SENT),
    "email-5-ticket": (records.EMAIL, samples.TICKET),
    "email-5-again": (records.EMAIL, behind.AGAIN),
    "email-5-question": (records.EMAIL, subscribed.QUESTION),
    "subscriber-1": (records.SUBSCRIBER, subscribed.SUBSCRIBER),
    "subscriber-1-asked": (records.SUBSCRIBER, subscribed.ASKED),
    "suppression-1": (records.SUPPRESSION, subscribed.SUPPRESSION),
    "issue-1": (records.ISSUE, subscribed.ISSUE),
    "issue-1-under-way": (records.ISSUE, subscribed.ISSUE_UNDER_WAY),
    "issue_text-1": (records.ISSUE_TEXT, subscribed.ISSUE_TEXT),
    "issue_count-1": (records.ISSUE_COUNT, subscribed.ISSUE_COUNT),
    "copy-1": (records.COPY, subscribed.COPY),
    "copy-1-sent": (records.COPY, subscribed.COPY_SENT),
    "attendee-1": (records.ATTENDEE, _of_no_offer(ATTENDEE)),
    "attendee-1-colleague": (records.ATTENDEE, _of_no_offer(COLLEAGUE)),
    "attendee-2": (records.ATTENDEE, ATTENDEE),
    "attendee-2-colleague": (records.ATTENDEE, COLLEAGUE),
    "attendance-1": (records.ATTENDANCE, samples.ATTENDANCE),
    "attendance-2": (records.ATTENDANCE, samples.ATTENDANCE),
    "attendance-2-free": (records.ATTENDANCE, replace(samples.ATTENDANCE, free=True)),
    "draft-1": (records.DRAFT, DRAFT),
    "seats-1": (records.SEATS, SEATS),
    "holds-1": (records.HOLDS, samples.HOLDS),
    "slot-1": (records.SLOT, samples.SLOT),
    "staff-1": (records.STAFF, behind.STAFF),
    "staff_session-1": (records.STAFF_SESSION, behind.STAFF_SESSION),
    "staff_session-2": (records.STAFF_SESSION, behind.STAFF_SESSION),
    "login-1": (records.LOGIN, behind.LOGIN),
    "audit_entry-1": (records.AUDIT_ENTRY, behind.AUDIT_ENTRY),
    "deed-1": (records.DEED, behind.DEED),
    "note-1": (records.NOTE, behind.NOTE),
    "retention-1": (records.RETENTION, behind.RETENTION),
}
# Where it was written, and where it lies now. Payments and emails moved beside their order, and sessions beside those
# who work here: nothing had been deployed by then, so that no table holds one that would have to be moved along.
_PERSON = f"ATTENDANCE#{samples.ATTENDANCE.id}"
MOVED: dict[str, tuple[tuple[str, str], ...]] = {
    "payment-1": (("PAYMENT#pi_3QabcDEF", "PAYMENT"), (f"ORDER#{ID}", "LEDGER#PAYMENT#pi_3QabcDEF")),
    "staff_session-1": tuple(
        (each, f"STAFF_SESSION#{behind.STAFF_SESSION.id}") for each in ("STAFF_SESSIONS", "STAFF")
    ),
    "attendance-1": ((_PERSON, "ATTENDANCE"), (_PERSON, f"ATTENDANCE#{samples.ATTENDANCE.order_id}")),
}
MOVED |= {
    name: ((f"EMAIL#{email.id}", "EMAIL"), (f"ORDER#{email.order_id}", f"EMAIL#{email.id}"))
    for name, (_, email) in WRITTEN.items()
    if name.startswith(("email-1", "email-2", "email-3"))
}
# A counter is added to and never put: its shape is that of the shelf.
ADDED_TO = {"seats-1", "holds-1"}
# Rows that are no nouns: one is in the way of another, one counts.
BESIDE = ("code-1", "limit-1")
EVERY = [record for record in vars(records).values() if isinstance(record, Record)]


def golden(name: str) -> Item:
    item: Item = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return item


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
    rows = {item["record"]["S"]: item for item in memory.look()}
    names = {"code": "code-1", "domain": "domain-2", "seats": "seats-1", "holds": "holds-1", "limit": "limit-1"}
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
