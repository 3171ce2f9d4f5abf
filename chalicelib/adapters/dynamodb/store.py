"""The store: opens units of work on the table and answers the named questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.offer import Offer

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import QueryOutputTypeDef

DUE_INDEX = "due"


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
        question: dict[str, Any] = {
            "KeyConditionExpression": "#pk = :pk",
            "ExpressionAttributeNames": {"#pk": "pk"},
            "ExpressionAttributeValues": {":pk": {"S": records.OFFER.partition("")}},
        }
        page = self._query(**question)
        items = page["Items"]
        while start := page.get("LastEvaluatedKey"):  # a page ends at 1 MB
            page = self._query(**question, ExclusiveStartKey=start)
            items += page["Items"]
        return [records.OFFER.read(item) for item in items]

    def due_orders(self, *, before: datetime, limit: int) -> Sequence[str]:
        return self._due(records.ORDER.kind, before=before, limit=limit)

    def due_emails(self, *, before: datetime, limit: int) -> Sequence[str]:
        return self._due(records.EMAIL.kind, before=before, limit=limit)

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
