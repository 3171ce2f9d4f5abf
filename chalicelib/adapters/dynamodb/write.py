"""Staged writes: each an action of one transaction, and the conflict that its failed condition means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.adapters.dynamodb.record import Item
from chalicelib.domain.error import Conflict

ABSENT, THERE = "attribute_not_exists(#pk)", "attribute_exists(#pk)"
# Whatever was written before its kind had versions is read as the first one.
UNCHANGED = "#version = :version OR (attribute_exists(#pk) AND attribute_not_exists(#version))"


@dataclass(frozen=True, slots=True)
class Write:
    """One staged write; `conflict` is None when it has no condition that could fail."""

    action: Mapping[str, Any]
    conflict: Conflict | None


def absent(item: Item, *, table: str, conflict: Conflict) -> Write:
    """A put of an item that must not be there yet."""
    put = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": ABSENT,
        "ExpressionAttributeNames": {"#pk": "pk"},
    }
    return Write({"Put": put}, conflict)


def kept(item: Item, *, table: str) -> Write:
    """A put of an item in the place of whatever was there."""
    return Write({"Put": {"TableName": table, "Item": item}}, None)


def gone(key: Item, *, table: str) -> Write:
    """A delete of an item that may be there."""
    return Write({"Delete": {"TableName": table, "Key": key}}, None)


def still(version: int, *, table: str, conflict: Conflict, item: Item | None = None, key: Item | None = None) -> Write:
    """A put of an item, or only a look at the one under a key, if its version is still the one that was read."""
    condition = {
        "TableName": table,
        "ConditionExpression": UNCHANGED,
        "ExpressionAttributeNames": {"#pk": "pk", "#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }
    action = {"Put": {**condition, "Item": item}} if item else {"ConditionCheck": {**condition, "Key": key}}
    return Write(action, conflict)


def there(key: Item, *, table: str, conflict: Conflict) -> Write:
    """A look at an item, if it is there."""
    check = {
        "TableName": table,
        "Key": key,
        "ConditionExpression": THERE,
        "ExpressionAttributeNames": {"#pk": "pk"},
    }
    return Write({"ConditionCheck": check}, conflict)


def leaves(version: int, *, table: str, conflict: Conflict, key: Item) -> Write:
    """A delete of an item, if its version is still the one that was read."""
    delete = {
        "TableName": table,
        "Key": key,
        "ConditionExpression": UNCHANGED,
        "ExpressionAttributeNames": {"#pk": "pk", "#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }
    return Write({"Delete": delete}, conflict)
