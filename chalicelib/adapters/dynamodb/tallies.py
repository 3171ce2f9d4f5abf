"""Tallies: the counts of what is limited, each a row that DynamoDB removes some time after its period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.limit import Tally

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ONE_MORE = "SET #record = :record, #format = :format, #expires = :expires ADD #count :one"
NAMES = {f"#{name}": name for name in ("record", "format", "expires", "count")}


class TableTallies:
    """The rows LIMIT#<name>#<subject>#<period> of the table."""

    def __init__(self, client: DynamoDBClient, *, table: str) -> None:
        self._client, self._table = client, table

    def count(self, tally: Tally) -> int:
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": f"LIMIT#{tally.limit}#{tally.subject}#{tally.period}"}, "sk": {"S": "LIMIT"}},
                UpdateExpression=ONE_MORE,
                ExpressionAttributeNames=NAMES,
                ExpressionAttributeValues={
                    ":record": {"S": "limit"},
                    ":format": {"N": "1"},
                    ":expires": {"N": str(int(tally.ends_at.timestamp()))},
                    ":one": {"N": "1"},
                },
                ReturnValues="UPDATED_NEW",
            )
        except (ClientError, BotoCoreError) as error:
            raise StorageUnavailable(type(error).__name__) from error
        return int(answer["Attributes"]["count"]["N"])
