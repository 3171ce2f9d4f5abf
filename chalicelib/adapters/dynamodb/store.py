"""The store: opens units of work on the table and answers the named questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.ledger import read_ledger
from chalicelib.adapters.dynamodb.query import Table, under
from chalicelib.adapters.dynamodb.record import Item, due_key, months
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.difference import Difference
from chalicelib.domain.email import Email
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.membership import MemberDomain
from chalicelib.domain.offer import Offer
from chalicelib.domain.page import Page
from chalicelib.domain.seat import SeatCount
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import Team

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

DUE_INDEX, MADE_INDEX = "due", "made"


def dynamodb_client() -> DynamoDBClient:
    """A client that gives up well before API Gateway does; region, endpoint and keys come from the environment."""
    config = Config(
        connect_timeout=1,
        read_timeout=3,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=50,
        # an eighth of all computing of a mail; the types of what is given are checked before it runs
        parameter_validation=False,
        user_agent="loket/1",
    )
    return boto3.client("dynamodb", config=config)


class TableStore:
    """The one table. `new_token` gives a fresh client request token for each unit of work."""

    def __init__(self, client: DynamoDBClient, *, table: str, new_token: Callable[[], str]) -> None:
        self._client, self._table, self._new_token = client, table, new_token
        self._rows = Table(client, name=table)

    def unit_of_work(self) -> TableUnitOfWork:
        return TableUnitOfWork(self._client, table=self._table, token=self._new_token())

    def offers(self) -> Sequence[Offer]:
        return [records.OFFER.read(item) for item in self._rows.partition(records.OFFER.partition(""))]

    def attendees(self, order_id: str) -> Sequence[Attendee]:
        items = self._rows.partition(records.ATTENDEE.partition(order_id), prefix="ATTENDEE#", consistent=True)
        return [records.ATTENDEE.read(item) for item in items]

    def attendances(self, attendance: str) -> Sequence[Attendance]:
        items = self._rows.partition(records.ATTENDANCE.partition(attendance), consistent=True)
        return [records.ATTENDANCE.read(item) for item in items]

    def emails(self, order_id: str) -> Sequence[Email]:
        items = self._rows.partition(records.ORDER.partition(order_id), prefix="EMAIL#", consistent=True)
        return sorted(map(records.EMAIL.read, items), key=lambda email: email.created_at)

    def ledger(self, order_id: str) -> Ledger:
        partition = records.ORDER.partition(order_id)
        return read_ledger(self._rows.partition(partition, prefix=records.LEDGER, consistent=True))

    def differences(self) -> Sequence[Difference]:
        items = self._rows.partition(records.DIFFERENCE.partition(""), consistent=True)
        return [records.DIFFERENCE.read(item) for item in items]

    def staff(self) -> Sequence[Staff]:
        return self.team().staff

    def team(self) -> Team:
        items = self._rows.partition(records.STAFF.partition(""), consistent=True)
        staff = [records.STAFF.read(item) for item in items if item["record"]["S"] == records.STAFF.kind]
        sessions = [records.STAFF_SESSION.read(item) for item in items if item["record"]["S"] != records.STAFF.kind]
        return Team(staff=tuple(staff), sessions=tuple(sessions))

    def audit(self, month: str, *, rest: str, limit: int) -> Page[AuditEntry]:
        partition = records.AUDIT_ENTRY.partition(month)
        start = {"ExclusiveStartKey": {"pk": {"S": partition}, "sk": {"S": records.AUDIT_ENTRY.sort(rest)}}}
        page = self._rows.page(
            **under(partition),
            ScanIndexForward=False,
            Limit=limit,
            **start if rest else {},
        )
        found = [records.AUDIT_ENTRY.read(item) for item in page["Items"]]
        return Page(found, found[-1].key if page.get("LastEvaluatedKey") else "")

    def seats(self, offer_id: str) -> Mapping[str, SeatCount]:
        items = self._rows.partition(records.SEATS.partition(offer_id), consistent=True)
        counts = [records.SEATS.read(item) for item in items]
        return {count.counter: count for count in counts}

    def member_domains(self, domain: str) -> Sequence[MemberDomain]:
        items = self._rows.partition(records.DOMAIN.partition(domain), consistent=True)
        return [records.DOMAIN.read(item) for item in items]

    def due_orders(self, *, before: datetime, limit: int) -> Sequence[str]:
        return [pk.partition("#")[2] for pk, _ in self._due(records.ORDER.kind, before=before, limit=limit)]

    def due_emails(self, *, before: datetime, limit: int) -> Sequence[str]:
        return [sk.partition("#")[2] for _, sk in self._due(records.EMAIL.kind, before=before, limit=limit)]

    def due_refunds(self, *, before: datetime, limit: int) -> Sequence[str]:
        found = self._due(records.REFUND.kind, before=before, limit=limit)
        return [f"{pk.partition('#')[2]}#{sk.removeprefix(records.REFUND.sort(''))}" for pk, sk in found]

    def overdue(self, *, now: datetime) -> timedelta:
        kinds = (records.EMAIL.kind, records.REFUND.kind, records.ORDER.kind, records.ISSUE.kind)
        first = [item["due"]["S"] for kind in kinds for item in self._due_items(kind, before=now, limit=1)]
        return now - datetime.fromisoformat(min(first)) if first else timedelta()

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

    def _due(self, kind: str, *, before: datetime, limit: int) -> list[tuple[str, str]]:
        return [_key(item) for item in self._due_items(kind, before=before, limit=limit)]

    def _due_items(self, kind: str, *, before: datetime, limit: int) -> Sequence[Item]:
        page = self._rows.page(
            IndexName=DUE_INDEX,
            KeyConditionExpression="#kind = :kind AND #due <= :before",
            ExpressionAttributeNames={"#kind": "due_kind", "#due": "due"},
            ExpressionAttributeValues={":kind": {"S": kind}, ":before": {"S": due_key(before)}},
            Limit=limit,
        )
        items: Sequence[Item] = page["Items"]
        return items

    def _made(self, kind: str, *, since: datetime, until: datetime, rest: str, limit: int) -> Page[tuple[str, str]]:
        """The keys of what was made in a period, from `since` up to `until`, oldest first.

        `rest` is the month in which to go on and the last place of the page before, as JSON.
        """
        every = months(since, until)
        month, start = json.loads(rest) if rest else (every[0], None)
        question: dict[str, Any] = {
            "IndexName": MADE_INDEX,
            "KeyConditionExpression": "#made_in = :made_in AND #made BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#made_in": "made_in", "#made": "made"},
            "ExpressionAttributeValues": {
                ":made_in": {"S": f"{kind} {month}"},
                ":since": {"S": due_key(since)},
                ":until": {"S": due_key(until)},
            },
            "Limit": limit,
        }
        page = self._rows.page(**question | ({"ExclusiveStartKey": start} if start else {}))
        found, last = [_key(item) for item in page["Items"]], page.get("LastEvaluatedKey")
        if last:
            return Page(found, json.dumps([month, last]))
        later = [each for each in every if each > month]
        return Page(found, json.dumps([later[0], None]) if later else "")


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    """An index holds the table's keys only: pk is KIND#id."""
    return item["pk"]["S"], item["sk"]["S"]
