"""A small DynamoDB under boto3: it answers a client's calls in process, before any HTTP."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.model import OperationModel

from tests.engines import reads, writes
from tests.engines.reads import Tables
from tests.engines.refusals import Refusal
from tests.engines.table import Table, in_use
from tests.engines.values import Item, answered_item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Answer = dict[str, Any]
type Snapshot = dict[str, Any]

_EXPRESSION = {"ExpressionAttributeNames", "ExpressionAttributeValues"}
_WRITE = _EXPRESSION | {
    "TableName", "ConditionExpression", "ReturnValues", "ReturnValuesOnConditionCheckFailure"
}  # fmt: skip
_KNOWN = {
    "CreateTable": {
        "TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes",
        "BillingMode", "ProvisionedThroughput", "StreamSpecification", "DeletionProtectionEnabled", "SSESpecification",
        "TableClass", "Tags",
    },
    "DescribeTable": {"TableName"},
    "GetItem": {"TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"},
    "BatchGetItem": {"RequestItems"},
    "Query": _EXPRESSION | {
        "TableName", "IndexName", "KeyConditionExpression", "FilterExpression", "ProjectionExpression", "Select",
        "Limit", "ScanIndexForward", "ExclusiveStartKey", "ConsistentRead",
    },
    "PutItem": _WRITE | {"Item"},
    "UpdateItem": _WRITE | {"Key", "UpdateExpression"},
    "DeleteItem": _WRITE | {"Key"},
    "TransactWriteItems": {"TransactItems", "ClientRequestToken"},
}  # fmt: skip


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MemoryDynamoDB:
    """Tables in memory, one lock around every call; the clock serves the life of request tokens."""

    def __init__(self, *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._clock = clock
        self._lock = RLock()
        self._tables: dict[str, Table] = {}
        self._transactions = writes.Transactions()
        self._operations: Mapping[str, Callable[[Tables, Mapping[str, Any]], Answer]] = {
            "CreateTable": _create_table,
            "DescribeTable": _describe_table,
            "GetItem": reads.get_item,
            "BatchGetItem": reads.batch_get_item,
            "Query": reads.query,
            "PutItem": writes.put_item,
            "UpdateItem": writes.update_item,
            "DeleteItem": writes.delete_item,
            "TransactWriteItems": self._transact,
        }

    def attach(self, client: "BaseClient | DynamoDBClient") -> None:
        """Answer this client's calls; handlers for one operation, such as injected faults, still come first."""
        handle: Callable[..., Any] = self._handle  # the stubs forget that a handler may answer
        client.meta.events.register_first("before-call.dynamodb", handle)

    def client(self, **settings: Any) -> "DynamoDBClient":
        """A client of its own, which needs no credentials; the settings are botocore's Config."""
        settings = {"user_agent": "memory", "retries": {"mode": "standard", "total_max_attempts": 1}, **settings}
        client = boto3.client(
            "dynamodb",
            region_name="eu-central-1",
            aws_access_key_id="memory",
            aws_secret_access_key="memory",
            config=Config(**settings),
        )
        self.attach(client)
        return client

    def items(self, table: str) -> list[Item]:
        """All items of a table in the order of their keys, to look at."""
        with self._lock:
            found = self._tables[table].items
            return [answered_item(found[key]) for key in sorted(found)]

    def snapshot(self) -> Snapshot:
        """Everything that is remembered, as JSON can carry it."""
        with self._lock:
            return {
                "tables": [
                    {"definition": table.definition, "items": list(table.items.values())}
                    for table in self._tables.values()
                ],
                "tokens": {
                    token: [until.isoformat(), content] for token, (until, content) in self._transactions.tokens.items()
                },
            }

    def restore(self, snapshot: Snapshot) -> None:
        with self._lock:
            self._tables = {}
            for saved in snapshot["tables"]:
                table = Table(saved["definition"])
                for item in saved["items"]:
                    table.put(item)
                self._tables[table.name] = table
            self._transactions = writes.Transactions(
                {
                    token: (datetime.fromisoformat(until), content)
                    for token, (until, content) in snapshot["tokens"].items()
                }
            )

    def _handle(self, *, model: OperationModel, params: Mapping[str, Any], **_: Any) -> tuple[AWSResponse, Answer]:
        status = 200
        try:
            answer = self.answer(model.name, json.loads(params["body"]))
        except Refusal as refusal:
            status = 400
            answer = {"Error": {"Code": refusal.code, "Message": refusal.message}, **refusal.members}
        answer["ResponseMetadata"] = {
            "RequestId": "memory",
            "HTTPStatusCode": status,
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        }
        return AWSResponse(params["url"], status, HTTPHeaders(), None), answer

    def answer(self, operation: str, request: dict[str, Any]) -> Answer:
        """What DynamoDB answers to a request as it goes over the wire. Raises Refusal."""
        with self._lock:
            return self._answer(operation, request)

    def _answer(self, operation: str, request: dict[str, Any]) -> Answer:
        if operation not in self._operations:
            raise NotImplementedError(f"the memory engine does not know {operation}")
        for unknown in request.keys() - _KNOWN[operation]:
            raise NotImplementedError(f"the memory engine does not know {unknown} of {operation}")
        return self._operations[operation](self._tables, request)

    def _transact(self, tables: Tables, request: Mapping[str, Any]) -> Answer:
        return self._transactions.transact(tables, request, self._clock())


def _create_table(tables: Tables, request: Mapping[str, Any]) -> Answer:
    table = Table(request)
    if table.name in tables:
        raise in_use(table.name)
    tables[table.name] = table
    return {"TableDescription": _description(table)}


def _describe_table(tables: Tables, request: Mapping[str, Any]) -> Answer:
    return {"Table": _description(reads.table_of(tables, request["TableName"]))}


def _description(table: Table) -> Answer:
    described = {name: table.definition[name] for name in ("TableName", "KeySchema", "AttributeDefinitions")} | {
        "TableStatus": "ACTIVE",
        "TableArn": f"arn:aws:dynamodb:eu-central-1:000000000000:table/{table.name}",
        "ItemCount": len(table.items),
        "BillingModeSummary": {"BillingMode": table.definition.get("BillingMode", "PROVISIONED")},
    }
    if table.secondary:
        described["GlobalSecondaryIndexes"] = [
            {**index, "IndexStatus": "ACTIVE"} for index in table.definition["GlobalSecondaryIndexes"]
        ]
    return described
