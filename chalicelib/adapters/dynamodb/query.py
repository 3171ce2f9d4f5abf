"""Queries: what lies under a key of the table or of an index, page by page or all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.error import StorageUnavailable

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import QueryOutputTypeDef

    from chalicelib.adapters.dynamodb.record import Item

UNDER = "#pk = :pk"
UNDER_PREFIX = "#pk = :pk AND begins_with(#sk, :prefix)"
# What DynamoDB answers at once, and how often it is asked again for what it left out.
MOST_KEYS, MOST_ASKED = 100, 5


class Table:
    """Asks the table; all of this raises StorageUnavailable."""

    def __init__(self, client: DynamoDBClient, *, name: str) -> None:
        self._client, self._name = client, name

    def page(self, **question: Any) -> QueryOutputTypeDef:
        try:
            return self._client.query(TableName=self._name, **question)
        except (ClientError, BotoCoreError) as error:
            raise StorageUnavailable(type(error).__name__) from error

    def all(self, **question: Any) -> list[Mapping[str, Any]]:
        """All items of a question; a page of the answer ends at 1 MB."""
        page = self.page(**question)
        items: list[Mapping[str, Any]] = [*page["Items"]]
        while start := page.get("LastEvaluatedKey"):
            page = self.page(**question, ExclusiveStartKey=start)
            items += page["Items"]
        return items

    def partition(self, key: str, *, prefix: str = "", consistent: bool = False) -> list[Mapping[str, Any]]:
        """All items under a partition key, or those whose sort key begins with the prefix, in its order."""
        return self.all(**under(key, prefix=prefix), ConsistentRead=consistent)

    def items(self, keys: Iterable[Item], *, consistent: bool = False) -> list[Mapping[str, Any]]:
        """The items under these keys that are there, in any order."""
        left: list[Any] = list(keys)
        found: list[Mapping[str, Any]] = []
        for _ in range(MOST_ASKED + len(left) // MOST_KEYS):
            if not left:
                return found
            asked, left = left[:MOST_KEYS], left[MOST_KEYS:]
            try:
                answer = self._client.batch_get_item(
                    RequestItems={self._name: {"Keys": asked, "ConsistentRead": consistent}}
                )
            except (ClientError, BotoCoreError) as error:
                raise StorageUnavailable(type(error).__name__) from error
            found += answer["Responses"].get(self._name, [])
            passed_over: Mapping[str, Any] = answer["UnprocessedKeys"]
            left = [*passed_over.get(self._name, {}).get("Keys", []), *left]
        raise StorageUnavailable("items were left out again and again")


def under(key: str, *, prefix: str = "", names: Sequence[str] = ("pk", "sk"), index: str = "") -> dict[str, Any]:
    """The question for all that lies under a key, or of that what begins with the prefix."""
    question: dict[str, Any] = {
        "KeyConditionExpression": UNDER_PREFIX if prefix else UNDER,
        "ExpressionAttributeNames": {"#pk": names[0]} | ({"#sk": names[1]} if prefix else {}),
        "ExpressionAttributeValues": {":pk": {"S": key}} | ({":prefix": {"S": prefix}} if prefix else {}),
    }
    return question | ({"IndexName": index} if index else {})
