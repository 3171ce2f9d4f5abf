"""The readership: subscribers, issues and copies in the table, page by page (the port Readership)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.query import Table, under
from chalicelib.adapters.dynamodb.record import due_key
from chalicelib.adapters.dynamodb.store import DUE_INDEX
from chalicelib.domain.copy import Copy
from chalicelib.domain.issue import Issue, IssueCount
from chalicelib.domain.page import Page
from chalicelib.domain.subscriber import Subscriber

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class TableReadership:
    """Reads what the newsletter asks."""

    def __init__(self, client: DynamoDBClient, *, table: str) -> None:
        self._table = Table(client, name=table)

    def subscribers(self, *, after: str, limit: int) -> Page[Subscriber]:
        partition = records.SUBSCRIBER.partition("")
        page = self._page(partition, after=records.SUBSCRIBER.sort(after) if after else "", limit=limit)
        found = [records.SUBSCRIBER.read(item) for item in page["Items"]]
        return Page(found, found[-1].id if page.get("LastEvaluatedKey") else "")

    def these(self, subscriber_ids: Iterable[str]) -> Mapping[str, Subscriber]:
        items = self._table.items(map(records.SUBSCRIBER.key, dict.fromkeys(subscriber_ids)), consistent=True)
        found = [records.SUBSCRIBER.read(item) for item in items]
        return {each.id: each for each in found}

    def suppressed(self, suppression_ids: Iterable[str]) -> frozenset[str]:
        # the same one twice would be refused
        items = self._table.items(map(records.SUPPRESSION.key, dict.fromkeys(suppression_ids)), consistent=True)
        return frozenset(item["id"]["S"] for item in items)

    def issues(self) -> Sequence[Issue]:
        items = self._table.partition(records.ISSUE.partition(""), consistent=True)
        return sorted((records.ISSUE.read(item) for item in items), key=lambda each: each.created_at, reverse=True)

    def counts(self, issue_ids: Iterable[str]) -> Mapping[str, IssueCount]:
        items = self._table.items(map(records.ISSUE_COUNT.key, issue_ids))
        found = [records.ISSUE_COUNT.read(item) for item in items]
        return {each.issue_id: each for each in found}

    def due_issues(self, *, before: datetime, limit: int) -> Sequence[str]:
        page = self._table.page(
            IndexName=DUE_INDEX,
            KeyConditionExpression="#kind = :kind AND #due <= :before",
            ExpressionAttributeNames={"#kind": "due_kind", "#due": "due"},
            ExpressionAttributeValues={":kind": {"S": records.ISSUE.kind}, ":before": {"S": due_key(before)}},
            Limit=limit,
        )
        return [item["sk"]["S"].partition("#")[2] for item in page["Items"]]

    def shelves(self, issue_id: str) -> Sequence[str]:
        return [records.copies_partition(issue_id, sign=sign) for sign in records.SIGNS]

    def copies(self, shelf: str, *, rest: str, limit: int) -> Page[Copy]:
        page = self._page(shelf, after=rest, limit=limit)
        last = page.get("LastEvaluatedKey")
        return Page([records.COPY.read(item) for item in page["Items"]], last["sk"]["S"] if last else "")

    def _page(self, partition: str, *, after: str, limit: int) -> Any:
        """Items of a partition as they are now, those whose sort key comes after this one."""
        start = {"ExclusiveStartKey": {"pk": {"S": partition}, "sk": {"S": after}}} if after else {}
        return self._table.page(**under(partition), ConsistentRead=True, Limit=limit, **start)
