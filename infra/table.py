"""The table of a stage, which outlives its stack: whether it is there, whether it is as a template has it, its end."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from infra.account import Account
from infra.resources import table_name


def table_is_there(where: Account, *, stage: str) -> bool:
    return _described(where, stage=stage) is not None


def shape_differs(where: Account, properties: dict[str, Any], *, stage: str) -> list[str]:
    """The keys and indexes in which the table that is there differs from a template.

    CloudFormation takes a table in without comparing, and what it then believes it never puts right.
    """
    found = _described(where, stage=stage) or {}
    differs = [] if found.get("KeySchema") == properties["KeySchema"] else ["its key"]
    there = {each["IndexName"]: _shape(each) for each in found.get("GlobalSecondaryIndexes", [])}
    wanted = {each["IndexName"]: _shape(each) for each in properties["GlobalSecondaryIndexes"]}
    return differs + [f"index {name}" for name in sorted(there | wanted) if there.get(name) != wanted.get(name)]


def delete_table(where: Account, *, stage: str) -> bool:
    """Take it away with all that is in it; whether there was one."""
    dynamodb, name = where.client("dynamodb"), table_name(stage=stage)
    if not table_is_there(where, stage=stage):
        return False
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    dynamodb.delete_table(TableName=name)
    dynamodb.get_waiter("table_not_exists").wait(TableName=name)
    return True


def _described(where: Account, *, stage: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = where.client("dynamodb").describe_table(TableName=table_name(stage=stage))["Table"]
    except ClientError as error:
        if error.response["Error"].get("Code") != "ResourceNotFoundException":
            raise
        return None
    return found


def _shape(index: dict[str, Any]) -> tuple[Any, ...]:
    projection = index["Projection"]
    keys = [(each["AttributeName"], each["KeyType"]) for each in index["KeySchema"]]
    return keys, projection["ProjectionType"], sorted(projection.get("NonKeyAttributes", []))
