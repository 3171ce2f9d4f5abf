"""The unit of work: staged writes, each knowing what its failed condition means, and one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.records import Item, Record
from chalicelib.domain.email import Email
from chalicelib.domain.error import Changed, CodeTaken, Conflict, StorageUnavailable
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order, Payment

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ABSENT = "attribute_not_exists(#pk)"
UNCHANGED = "#version = :version"
# botocore repeats neither of these by itself, and both are over in a moment.
_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
TRIES = 6


@dataclass(frozen=True, slots=True)
class Write:
    """One staged write and the conflict that its failed condition means."""

    action: Mapping[str, Any]
    conflict: Conflict


def absent(item: Item, *, table: str, conflict: Conflict) -> Write:
    """A put of an item that must not be there yet."""
    put = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": ABSENT,
        "ExpressionAttributeNames": {"#pk": "pk"},
    }
    return Write({"Put": put}, conflict)


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


class LivingTableShelf[Noun: Versioned](TableShelf[Noun]):
    """The nouns of one kind that change, each guarded by its version."""

    def update(self, noun: Noun) -> Noun:
        after = replace(noun, version=noun.version + 1)  # type: ignore[type-var]  # every noun is a dataclass
        put = {
            "TableName": self._table,
            "Item": self._record.write(after),
            "ConditionExpression": UNCHANGED,
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"N": str(noun.version)}},
        }
        self._stage(Write({"Put": put}, Changed(self._record.kind, self._record.key_of(noun))))
        return after


class MembershipShelf(TableShelf[Membership]):
    """Memberships, each with a row per mail domain by which a member is recognised."""

    def add(self, noun: Membership) -> None:
        super().add(noun)
        for domain in noun.domains:
            item: Item = {
                "pk": {"S": f"DOMAIN#{domain}"},
                "sk": {"S": f"MEMBERSHIP#{noun.id}"},
                "record": {"S": "domain"},
                "format": {"N": "1"},
                "membership_id": {"S": noun.id},
                "starts_on": {"S": noun.starts_on.isoformat()},
                "ends_on": {"S": noun.ends_on.isoformat()},
            }
            self._stage(absent(item, table=self._table, conflict=self._record.exists("domain", domain)))


class TableCodes:
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


class TableUnitOfWork:
    """Writes to the table that happen together or not at all."""

    def __init__(self, client: DynamoDBClient, *, table: str, token: str) -> None:
        self._client, self._token = client, token
        self._writes: list[Write] = []
        shared: Any = {"client": client, "table": table, "stage": self._writes.append}
        self.offers: TableShelf[Offer] = TableShelf(records.OFFER, **shared)
        self.orders: LivingTableShelf[Order] = LivingTableShelf(records.ORDER, **shared)
        self.buyers: TableShelf[Buyer] = TableShelf(records.BUYER, **shared)
        self.consents: TableShelf[Consent] = TableShelf(records.CONSENT, **shared)
        self.payments: TableShelf[Payment] = TableShelf(records.PAYMENT, **shared)
        self.memberships = MembershipShelf(records.MEMBERSHIP, **shared)
        self.emails: LivingTableShelf[Email] = LivingTableShelf(records.EMAIL, **shared)
        self.codes = TableCodes(table=table, stage=self._writes.append)

    def commit(self) -> None:
        """One transaction with one client request token, so that a repeat after a lost answer is the same one."""
        writes = tuple(self._writes)
        for attempt in range(1, TRIES + 1):
            try:
                self._client.transact_write_items(
                    TransactItems=[write.action for write in writes],  # type: ignore[misc]  # built above
                    ClientRequestToken=self._token,
                )
            except self._client.exceptions.TransactionCanceledException as error:
                _raise_conflict(error, writes)
                if attempt == TRIES:
                    raise StorageUnavailable("transaction kept being cancelled") from error
                _pause(attempt)
            except (ClientError, BotoCoreError) as error:
                raise StorageUnavailable(type(error).__name__) from error
            else:
                return


def read_item(client: DynamoDBClient, *, table: str, key: Item) -> Mapping[str, Any] | None:
    """An item as it is now, or None. Raises StorageUnavailable."""
    try:
        return client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    except (ClientError, BotoCoreError) as error:
        raise StorageUnavailable(type(error).__name__) from error


def _raise_conflict(error: ClientError, writes: tuple[Write, ...]) -> None:
    """Raise what the failed condition means; return when nothing but a passing collision stopped the transaction."""
    codes = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
    if len(codes) != len(writes):
        raise StorageUnavailable("transaction cancelled without a reason for each write") from error
    for write, code in zip(writes, codes, strict=False):
        if code == "ConditionalCheckFailed":
            raise write.conflict from error
    if not _PASSING.intersection(codes):
        raise StorageUnavailable(f"transaction refused: {', '.join(codes)}") from error


def _pause(attempt: int) -> None:
    # Full jitter: transactions that collided once must not collide again in step.
    time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  # no secret is made of it
