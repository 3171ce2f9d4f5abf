"""Shelves: where the nouns of each kind stand in the table, and how each may be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Item, Record
from chalicelib.adapters.dynamodb.write import Write, absent, gone, kept, leaves, still, there
from chalicelib.domain.attendee import Attendance
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import (
    Changed,
    CodeTaken,
    HoldsTaken,
    SeatsAstray,
    SeatsTaken,
    SlotTaken,
    StorageUnavailable,
)
from chalicelib.domain.hold import KEPT, HoldCount, HoldMove
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.seat import SeatMove
from chalicelib.domain.suppression import Suppression

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

# A counter comes into being with the first seat that is taken.
ADD = "SET #record = :record, #format = :format, #counter = :counter ADD #taken :taken, #held :held, #sold :sold"
ADD_AND_HOLD = (
    "SET #record = :record, #format = :format, #counter = :counter, #held_until = :held_until "
    "ADD #taken :taken, #held :held, #sold :sold"
)
ROOM = "attribute_not_exists(#taken) OR #taken <= :most"
# for more than the whole capacity there is no room, whether the counter is there or not
NO_ROOM = "#taken <= :most"
ENOUGH = "#held >= :held_back AND #sold >= :sold_back"

# The counter of a holder comes into being with his first unpaid order, and is looked at no more long after his last.
HOLD_ONE = (
    "SET #record = :record, #format = :format, #holder = :holder, #held_until = :held_until, #expires = :expires "
    "ADD #open :change"
)
CLOSE_ONE = (
    "SET #record = :record, #format = :format, #holder = :holder, "
    "#held_until = if_not_exists(#held_until, :held_until), #expires = if_not_exists(#expires, :expires) "
    "ADD #open :change"
)
FEWER = "attribute_not_exists(#open) OR #open < :most"
# What has run out may still be there: DynamoDB removes it only hours later.
OWN_OR_OVER = "attribute_not_exists(#expires) OR #expires <= :now OR #email_id = :email_id"


# A seat that somebody else has been given meanwhile is his.
OF_ORDER = "#order_id = :order_id"
# What came of another mail meanwhile may be worse.
NO_COMPLAINT = "attribute_not_exists(#pk) OR #cause <> :complained"
BY_THIS = "#cause = :cause AND #email_id = :email_id"


class Versioned(Protocol):
    """A noun that changes."""

    @property
    def version(self) -> int: ...


class TableShelf[Noun]:
    """The nouns of one kind in the table."""

    def __init__(
        self, record: Record[Noun], *, client: DynamoDBClient, table: str, stage: Callable[[Write], None]
    ) -> None:
        self._record, self._client, self._table, self._stage = record, client, table, stage

    def get(self, key: str) -> Noun | None:
        item = read_item(self._client, table=self._table, key=self._record.key(key))
        return self._record.read(item) if item else None

    def add(self, noun: Noun) -> None:
        conflict = self._record.exists(self._record.kind, self._record.key_of(noun))
        self._stage(absent(self._record.write(noun), table=self._table, conflict=conflict))


class KeptTableShelf[Noun](TableShelf[Noun]):
    """The nouns of one kind of which the last one counts."""

    def keep(self, noun: Noun) -> None:
        self._stage(kept(self._record.write(noun), table=self._table))

    def stays(self, key: str) -> None:
        conflict = Changed(self._record.kind, key)
        self._stage(there(self._record.key(key), table=self._table, conflict=conflict))


class AttendanceTableShelf(TableShelf[Attendance]):
    """Who has a confirmed seat."""

    def remove(self, attendance: Attendance) -> None:
        delete = {
            "TableName": self._table,
            "Key": self._record.key(attendance.key),
            "ConditionExpression": OF_ORDER,
            "ExpressionAttributeNames": {"#order_id": "order_id"},
            "ExpressionAttributeValues": {":order_id": {"S": attendance.order_id}},
        }
        self._stage(Write({"Delete": delete}, Changed(self._record.kind, attendance.key)))


class PassingTableShelf[Noun](KeptTableShelf[Noun]):
    """The nouns of one kind that go again."""

    def remove(self, key: str) -> None:
        self._stage(gone(self._record.key(key), table=self._table))


class SuppressionTableShelf(KeptTableShelf[Suppression]):
    """The addresses that are mailed no more."""

    def keep(self, noun: Suppression) -> None:
        if noun.complained:
            super().keep(noun)
            return
        put = {
            "TableName": self._table,
            "Item": self._record.write(noun),
            "ConditionExpression": NO_COMPLAINT,
            "ExpressionAttributeNames": {"#pk": "pk", "#cause": "cause"},
            "ExpressionAttributeValues": {":complained": {"S": Delivery.COMPLAINED.value}},
        }
        self._stage(Write({"Put": put}, Changed(self._record.kind, noun.id)))

    def remove(self, suppression: Suppression) -> None:
        delete = {
            "TableName": self._table,
            "Key": self._record.key(suppression.id),
            "ConditionExpression": BY_THIS,
            "ExpressionAttributeNames": {"#cause": "cause", "#email_id": "email_id"},
            "ExpressionAttributeValues": {
                ":cause": {"S": suppression.cause.value},
                ":email_id": {"S": suppression.email_id},
            },
        }
        self._stage(Write({"Delete": delete}, Changed(self._record.kind, suppression.id)))


class LivingTableShelf[Noun: Versioned](TableShelf[Noun]):
    """The nouns of one kind that change, each guarded by its version."""

    def update(self, noun: Noun) -> Noun:
        after = replace(noun, version=noun.version + 1)  # type: ignore[type-var]  # every noun is a dataclass
        conflict = Changed(self._record.kind, self._record.key_of(noun))
        self._stage(still(noun.version, table=self._table, conflict=conflict, item=self._record.write(after)))
        return after

    def unchanged(self, noun: Noun) -> None:
        key = self._record.key_of(noun)
        conflict = Changed(self._record.kind, key)
        self._stage(still(noun.version, table=self._table, conflict=conflict, key=self._record.key(key)))


class LeavingTableShelf[Noun: Versioned](LivingTableShelf[Noun]):
    """The nouns of one kind that change, and go."""

    def remove(self, noun: Noun) -> None:
        key = self._record.key_of(noun)
        conflict = Changed(self._record.kind, key)
        self._stage(leaves(noun.version, table=self._table, conflict=conflict, key=self._record.key(key)))


class MembershipTableShelf(LivingTableShelf[Membership]):
    """Memberships, each with a row per mail domain by which a member is recognised."""

    def add(self, noun: Membership) -> None:
        super().add(noun)
        self._keep_domains(noun)

    def update(self, noun: Membership) -> Membership:
        before = self.get(noun.id)
        for domain in set(before.domains if before else ()) - set(noun.domains):
            self._stage(gone(records.DOMAIN.key(f"{domain}#{noun.id}"), table=self._table))
        self._keep_domains(noun)
        return super().update(noun)

    def _keep_domains(self, noun: Membership) -> None:
        for domain in noun.domains:
            row = MemberDomain(domain=domain, membership_id=noun.id, starts_on=noun.starts_on, ends_on=noun.ends_on)
            self._stage(kept(records.DOMAIN.write(row), table=self._table))


class SeatTableShelf:
    """The seat counters; they are never put, only added to."""

    def __init__(self, *, table: str, stage: Callable[[Write], None]) -> None:
        self._table, self._stage = table, stage

    def move(self, move: SeatMove, *, capacity: int | None, astray: bool = False) -> None:
        values: Item = {
            ":record": {"S": records.SEATS.kind},
            ":format": {"N": str(records.SEATS.format)},
            ":counter": {"S": move.counter},
            ":taken": _number(move.taken),
            ":held": _number(move.held),
            ":sold": _number(move.sold),
        }
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": records.SEATS.key(move.counter),
            "UpdateExpression": ADD,
        }
        if move.held_until is not None:
            update["UpdateExpression"] = ADD_AND_HOLD
            values[":held_until"] = {"S": move.held_until.isoformat()}
        if move.taken <= 0 and not astray:
            update["ConditionExpression"] = ENOUGH
            values |= {":held_back": _number(max(0, -move.held)), ":sold_back": _number(max(0, -move.sold))}
        elif move.taken > 0 and capacity is not None:
            update["ConditionExpression"] = ROOM if move.taken <= capacity else NO_ROOM
            values[":most"] = _number(capacity - move.taken)
        names = ["record", "format", "counter", "taken", "held", "sold"]
        names += ["held_until"] if move.held_until is not None else []
        update["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
        update["ExpressionAttributeValues"] = values
        conflict = SeatsTaken if move.taken > 0 else SeatsAstray
        self._stage(Write({"Update": update}, conflict("seats", move.counter)))


class HoldTableShelf:
    """The counters of unpaid orders; they are never put, only added to."""

    def __init__(self, *, client: DynamoDBClient, table: str, stage: Callable[[Write], None]) -> None:
        self._client, self._table, self._stage = client, table, stage

    def get(self, key: str) -> HoldCount | None:
        item = read_item(self._client, table=self._table, key=records.HOLDS.key(key))
        return records.HOLDS.read(item) if item else None

    def move(self, move: HoldMove, *, most: int | None) -> None:
        values: Item = {
            ":record": {"S": records.HOLDS.kind},
            ":format": _number(records.HOLDS.format),
            ":holder": {"S": move.holder},
            ":held_until": {"S": move.held_until.isoformat()},
            ":expires": _number(int((move.held_until + KEPT).timestamp())),
            ":change": _number(move.change),
        }
        update: dict[str, Any] = {
            "TableName": self._table,
            "Key": records.HOLDS.key(move.holder),
            "UpdateExpression": CLOSE_ONE if move.change < 0 else HOLD_ONE,
        }
        if move.change > 0 and most is not None:
            update["ConditionExpression"] = FEWER
            values[":most"] = _number(most)
        names = ("record", "format", "holder", "held_until", "expires", "open")
        update["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
        update["ExpressionAttributeValues"] = values
        self._stage(Write({"Update": update}, HoldsTaken("holds", move.holder)))


class SlotTableShelf:
    """Which email has gone to somebody; a slot is taken by putting it in the place of one that has run out."""

    def __init__(self, *, client: DynamoDBClient, table: str, stage: Callable[[Write], None]) -> None:
        self._client, self._table, self._stage = client, table, stage

    def get(self, key: str) -> MailSlot | None:
        item = read_item(self._client, table=self._table, key=records.SLOT.key(key))
        return records.SLOT.read(item) if item else None

    def take(self, slot: MailSlot, *, now: datetime) -> None:
        put = {
            "TableName": self._table,
            "Item": records.SLOT.write(slot),
            "ConditionExpression": OWN_OR_OVER,
            "ExpressionAttributeNames": {"#expires": "expires", "#email_id": "email_id"},
            "ExpressionAttributeValues": {
                ":now": _number(int(now.timestamp())),
                ":email_id": {"S": slot.email_id},
            },
        }
        self._stage(Write({"Put": put}, SlotTaken("slot", slot.id)))


def _number(value: int) -> Item:
    return {"N": str(value)}


class CodeTableShelf:
    """The codes in use, one row each."""

    def __init__(self, *, table: str, stage: Callable[[Write], None]) -> None:
        self._table, self._stage = table, stage

    def add(self, *, code: str, order_id: str) -> None:
        item: Item = {
            "pk": {"S": f"CODE#{code}"},
            "sk": {"S": "CODE"},
            "record": {"S": "code"},
            "format": {"N": "1"},
            "order_id": {"S": order_id},
        }
        self._stage(absent(item, table=self._table, conflict=CodeTaken("code", code)))


def read_item(client: DynamoDBClient, *, table: str, key: Item) -> Mapping[str, Any] | None:
    """An item as it is now, or None. Raises StorageUnavailable."""
    try:
        return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    except (ClientError, BotoCoreError) as error:
        raise StorageUnavailable(type(error).__name__) from error
