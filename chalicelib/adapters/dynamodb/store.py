"""The store: opens units of work on the table and answers the named questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.membership import MemberDomain
from chalicelib.domain.offer import Offer
from chalicelib.domain.seat import SeatCount

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import QueryOutputTypeDef

DUE_INDEX = "due"
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

    def seats(self, offer_id: str) -> Mapping[str, SeatCount]:
        items = self._partition(records.SEATS.partition(offer_id), consistent=True)
        counts = [records.SEATS.read(item) for item in items]
        return {count.counter: count for count in counts}

    def member_domains(self, domain: str) -> Sequence[MemberDomain]:
        items = self._partition(records.DOMAIN.partition(domain), consistent=True)
        return [records.DOMAIN.read(item) for item in items]

    def due_orders(self, *, before: datetime, limit: int) -> Sequence[str]:
        return self._due(records.ORDER.kind, before=before, limit=limit)

    def due_emails(self, *, before: datetime, limit: int) -> Sequence[str]:
        return self._due(records.EMAIL.kind, before=before, limit=limit)

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

    def _due(self, kind: str, *, before: datetime, limit: int) -> Sequence[str]:
        page = self._query(
            IndexName=DUE_INDEX,
            KeyConditionExpression="#kind = :kind AND #due <= :before",
            ExpressionAttributeNames={"#kind": "due_kind", "#due": "due"},
            ExpressionAttributeValues={":kind": {"S": kind}, ":before": {"S": records.due_key(before)}},
            Limit=limit,
        )
        # the index holds the table's keys only: pk is KIND#id
        return [item["pk"]["S"].partition("#")[2] for item in page["Items"]]

    def _query(self, **question: Any) -> QueryOutputTypeDef:
        try:
            return self._client.query(TableName=self._table, **question)
        except (ClientError, BotoCoreError) as error:
            raise StorageUnavailable(type(error).__name__) from error
