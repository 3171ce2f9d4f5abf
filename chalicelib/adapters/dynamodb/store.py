"""The store: opens units of work on the table and answers the named questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.records import Record
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.difference import Difference
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.membership import MemberDomain
from chalicelib.domain.offer import Offer
from chalicelib.domain.page import Page
from chalicelib.domain.seat import SeatCount
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import StaffSession

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import QueryOutputTypeDef

DUE_INDEX, MADE_INDEX = "due", "made"
LEDGER: tuple[Record[Any], ...] = (records.PAYMENT, records.REFUND, records.DISPUTE, records.ENTRY)
LEDGER_BY_KIND = {record.kind: record for record in LEDGER}
UNDER = "#pk = :pk"
UNDER_PREFIX = "#pk = :pk AND begins_with(#sk, :prefix)"


def dynamodb_client() -> DynamoDBClient:
    """A client that gives up well before API Gateway does; region, endpoint and keys come from the environment."""
    config = Config(
        connect_timeout=1,
        read_timeout=3,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=50,
        user_agent="loket/1",
    )
    return boto3.client("dynamodb", config=config)


class TableStore:
    """The one table. `new_token` gives a fresh client request token for each unit of work."""

    def __init__(self, client: DynamoDBClient, *, table: str, new_token: Callable[[], str]) -> None:
        self._client, self._table, self._new_token = client, table, new_token

    def unit_of_work(self) -> TableUnitOfWork:
        return TableUnitOfWork(self._client, table=self._table, token=self._new_token())

    def offers(self) -> Sequence[Offer]:
        return [records.OFFER.read(item) for item in self._partition(records.OFFER.partition(""))]

    def attendees(self, order_id: str) -> Sequence[Attendee]:
        items = self._partition(records.ATTENDEE.partition(order_id), prefix="ATTENDEE#", consistent=True)
        return [records.ATTENDEE.read(item) for item in items]

    def attendances(self, attendance: str) -> Sequence[Attendance]:
        items = self._partition(records.ATTENDANCE.partition(attendance), consistent=True)
        return [records.ATTENDANCE.read(item) for item in items]

    def ledger(self, order_id: str) -> Ledger:
        nouns: dict[str, list[Any]] = {record.kind: [] for record in LEDGER}
        for item in self._partition(records.ORDER.partition(order_id), prefix=records.LEDGER, consistent=True):
            kind = item["record"]["S"]
            nouns[kind].append(LEDGER_BY_KIND[kind].read(item))
        return Ledger(
            payments=tuple(sorted(nouns[records.PAYMENT.kind], key=lambda payment: payment.booked_at)),
            refunds=tuple(nouns[records.REFUND.kind]),
            disputes=tuple(nouns[records.DISPUTE.kind]),
            entries=tuple(nouns[records.ENTRY.kind]),
        )

    def differences(self) -> Sequence[Difference]:
        items = self._partition(records.DIFFERENCE.partition(""), consistent=True)
        return [records.DIFFERENCE.read(item) for item in items]

    def staff(self) -> Sequence[Staff]:
        items = self._partition(records.STAFF.partition(""), consistent=True)
        return [records.STAFF.read(item) for item in items]

    def staff_sessions(self) -> Sequence[StaffSession]:
        items = self._partition(records.STAFF_SESSION.partition(""), consistent=True)
        return [records.STAFF_SESSION.read(item) for item in items]

    def audit(self, month: str, *, rest: str, limit: int) -> Page[AuditEntry]:
        partition = records.AUDIT_ENTRY.partition(month)
        start = {"ExclusiveStartKey": {"pk": {"S": partition}, "sk": {"S": records.AUDIT_ENTRY.sort(rest)}}}
        page = self._query(
            KeyConditionExpression=UNDER,
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":pk": {"S": partition}},
            ScanIndexForward=False,
            Limit=limit,
            **start if rest else {},
        )
        found = [records.AUDIT_ENTRY.read(item) for item in page["Items"]]
        return Page(found, found[-1].key if page.get("LastEvaluatedKey") else "")

    def seats(self, offer_id: str) -> Mapping[str, SeatCount]:
        items = self._partition(records.SEATS.partition(offer_id), consistent=True)
        counts = [records.SEATS.read(item) for item in items]
        return {count.counter: count for count in counts}

    def member_domains(self, domain: str) -> Sequence[MemberDomain]:
        items = self._partition(records.DOMAIN.partition(domain), consistent=True)
        return [records.DOMAIN.read(item) for item in items]

    def due_orders(self, *, before: datetime, limit: int) -> Sequence[str]:
        return [pk.partition("#")[2] for pk, _ in self._due(records.ORDER.kind, before=before, limit=limit)]

    def due_emails(self, *, before: datetime, limit: int) -> Sequence[str]:
        return [pk.partition("#")[2] for pk, _ in self._due(records.EMAIL.kind, before=before, limit=limit)]

    def due_refunds(self, *, before: datetime, limit: int) -> Sequence[str]:
        found = self._due(records.REFUND.kind, before=before, limit=limit)
        return [f"{pk.partition('#')[2]}#{sk.removeprefix(records.REFUND.sort(''))}" for pk, sk in found]

    def orders_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:
        found = self._made(records.ORDER.kind, since=since, until=until, rest=rest, limit=limit)
        return Page([pk.partition("#")[2] for pk, _ in found.items], found.rest)

    def entries_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:
        found = self._made(records.ENTRY.kind, since=since, until=until, rest=rest, limit=limit)
        prefix = records.ENTRY.sort("")
        return Page([f"{pk.partition('#')[2]}#{sk.removeprefix(prefix)}" for pk, sk in found.items], found.rest)

    def payouts_made(self, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[str]:
        found = self._made(records.PAYOUT.kind, since=since, until=until, rest=rest, limit=limit)
        return Page([pk.partition("#")[2] for pk, _ in found.items], found.rest)

    def _partition(self, key: str, *, prefix: str = "", consistent: bool = False) -> list[Mapping[str, Any]]:
        """All items under a partition key, or those whose sort key begins with the prefix, in its order."""
        question: dict[str, Any] = {
            "KeyConditionExpression": UNDER_PREFIX if prefix else UNDER,
            "ExpressionAttributeNames": {"#pk": "pk"} | ({"#sk": "sk"} if prefix else {}),
            "ExpressionAttributeValues": {":pk": {"S": key}} | ({":prefix": {"S": prefix}} if prefix else {}),
            "ConsistentRead": consistent,
        }
        page = self._query(**question)
        items: list[Mapping[str, Any]] = [*page["Items"]]
        while start := page.get("LastEvaluatedKey"):  # a page ends at 1 MB
            page = self._query(**question, ExclusiveStartKey=start)
            items += page["Items"]
        return items

    def _due(self, kind: str, *, before: datetime, limit: int) -> list[tuple[str, str]]:
        page = self._query(
            IndexName=DUE_INDEX,
            KeyConditionExpression="#kind = :kind AND #due <= :before",
            ExpressionAttributeNames={"#kind": "due_kind", "#due": "due"},
            ExpressionAttributeValues={":kind": {"S": kind}, ":before": {"S": records.due_key(before)}},
            Limit=limit,
        )
        return [_key(item) for item in page["Items"]]

    def _made(self, kind: str, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[tuple[str, str]]:
        """The keys of what was made in a period, from `since` up to `until`, oldest first.

        `rest` is the month in which to go on and the last place of the page before, as JSON.
        """
        months = records.months(since, until)
        month, start = json.loads(rest) if rest else (months[0], None)
        question: dict[str, Any] = {
            "IndexName": MADE_INDEX,
            "KeyConditionExpression": "#made_in = :made_in AND #made BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#made_in": "made_in", "#made": "made"},
            "ExpressionAttributeValues": {
                ":made_in": {"S": f"{kind} {month}"},
                ":since": {"S": records.due_key(since)},
                ":until": {"S": records.due_key(until)},
            },
            "Limit": limit,
        }
        page = self._query(**question | ({"ExclusiveStartKey": start} if start else {}))
        found, last = [_key(item) for item in page["Items"]], page.get("LastEvaluatedKey")
        if last:
            return Page(found, json.dumps([month, last]))
        later = [each for each in months if each > month]
        return Page(found, json.dumps([later[0], None]) if later else "")

    def _query(self, **question: Any) -> QueryOutputTypeDef:
        try:
            return self._client.query(TableName=self._table, **question)
        except (ClientError, BotoCoreError) as error:
            raise StorageUnavailable(type(error).__name__) from error


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    """An index holds the table's keys only: pk is KIND#id."""
    return item["pk"]["S"], item["sk"]["S"]
