"""Clicks: a counter for each link of an issue, and nothing of whoever followed it (the port Clicks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb.query import Table
from chalicelib.domain.error import StorageUnavailable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ONE_MORE = "SET #record = :record, #format = :format, #number = :number ADD #count :one"
NAMES = {f"#{name}": name for name in ("record", "format", "number", "count")}
CLICKS = "CLICKS#"


class TableClicks:
    """The rows CLICKS#<number> beside the text of an issue."""

    def __init__(self, client: DynamoDBClient, *, table: str) -> None:
        self._client, self._table = client, table

    def count(self, issue_id: str, number: int) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": _partition(issue_id)}, "sk": {"S": f"{CLICKS}{number:03}"}},
                UpdateExpression=ONE_MORE,
                ExpressionAttributeNames=NAMES,
                ExpressionAttributeValues={
                    ":record": {"S": "clicks"},
                    ":format": {"N": "1"},
                    ":number": {"N": str(number)},
                    ":one": {"N": "1"},
                },
            )
        except (ClientError, BotoCoreError) as error:
            raise StorageUnavailable(type(error).__name__) from error

    def counts(self, issue_id: str) -> Mapping[int, int]:
        items = Table(self._client, name=self._table).partition(_partition(issue_id), prefix=CLICKS)
        return {int(item["number"]["N"]): int(item["count"]["N"]) for item in items}


def _partition(issue_id: str) -> str:
    return f"ISSUE#{issue_id}"
