"""Logins: the codes that were asked for, each a row that counts its tries by itself, before any is compared."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.shelves import read_item
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.login import MOST_TRIES, Login

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

NOT_USED_UP = "attribute_exists(#pk) AND #tries < :most AND #expires > :now"


class TableLogins:
    """The rows LOGIN#<id> of the table; DynamoDB removes one some time after it has run out."""

    def __init__(self, client: DynamoDBClient, *, table: str) -> None:
        self._client, self._table = client, table

    def keep(self, login: Login) -> None:
        try:
            self._client.put_item(TableName=self._table, Item=records.LOGIN.write(login))
        except (ClientError, BotoCoreError) as error:
            raise StorageUnavailable(type(error).__name__) from error

    def get(self, login_id: str) -> Login | None:
        item = read_item(self._client, table=self._table, key=records.LOGIN.key(login_id))
        return records.LOGIN.read(item) if item else None

    def count_try(self, login_id: str, *, now: datetime) -> Login | None:
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=records.LOGIN.key(login_id),
                UpdateExpression="ADD #tries :one",
                ConditionExpression=NOT_USED_UP,
                ExpressionAttributeNames={"#pk": "pk", "#tries": "tries", "#expires": "expires"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":most": {"N": str(MOST_TRIES)},
                    ":now": {"N": str(int(now.timestamp()))},
                },
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        except (ClientError, BotoCoreError) as error:
            raise StorageUnavailable(type(error).__name__) from error
        return records.LOGIN.read(answer["Attributes"])
