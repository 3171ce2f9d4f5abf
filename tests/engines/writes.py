"""PutItem, UpdateItem, DeleteItem and TransactWriteItems on the tables in memory."""

import json
from collections.abc import Mapping, Sized
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.engines.bindings import Bindings
from tests.engines.operands import projected
from tests.engines.reads import Tables, table_of
from tests.engines.refusals import Refusal, invalid, unmet
from tests.engines.table import Key, Table, refuse_large_item
from tests.engines.updates import Update
from tests.engines.values import Item, answered_item, item_bytes, stored_item

ACTION_LIMIT = 100
TRANSACTION_LIMIT = 4 * 1024 * 1024
TOKEN_LIMIT = 36
TOKEN_LIFE = timedelta(minutes=10)
CONDITION_FAILED = "The conditional request failed"
REQUIRED = {"Update": "UpdateExpression", "ConditionCheck": "ConditionExpression"}
TOLD_ON_FAILURE = ("ALL_OLD", "NONE")


class Write:
    """One Put, Update, Delete or ConditionCheck, alone or in a transaction."""

    def __init__(self, kind: str, request: Mapping[str, Any]) -> None:
        bindings = Bindings(request)
        self.kind = kind
        self.condition = bindings.condition()
        self.update = bindings.update() if kind == "Update" else Update()
        bindings.refuse_unused()
        self.values = bindings.values
        self.table_name: str = request["TableName"]
        self.content = stored_item(request["Item" if kind == "Put" else "Key"])
        self.tells_old = _tells_old(request)
        self.size = item_bytes(self.content)
        if kind == "Put":
            refuse_large_item(self.size)

    def refuse_empty_keys(self, table: Table) -> None:
        table.refuse_empty_key(self.content)
        if self.kind == "Put":
            table.refuse_empty_index_key(self.content)

    def key(self, table: Table) -> Key:
        if self.kind == "Put":
            table.refuse_wrong_item(self.content)
        else:
            table.refuse_wrong_key(self.content)
        for path in self.update.targets():
            if path.top in table.key.attributes:
                raise invalid(
                    "One or more parameter values were invalid: "
                    f"Cannot update attribute {path.top}. This attribute is part of the key"
                )
        return table.key.value(self.content)

    def is_allowed(self, old: Item | None) -> bool:
        return self.condition is None or self.condition.holds(old or {}, self.values)

    def result(self, table: Table, old: Item | None) -> Item | None:
        """What is there afterwards."""
        match self.kind:
            case "Put":
                return self.content
            case "Delete":
                return None
            case "ConditionCheck":
                return old
        new = self.update.applied(old or self.content, self.values)
        if any(len(path.steps) > 1 for path in self.update.targets()):
            stored_item(new)
        table.refuse_wrong_index_key(new)
        table.refuse_empty_index_key(new)
        refuse_large_item(item_bytes(new), updated=True)
        return new


def _tells_old(request: Mapping[str, Any]) -> bool:
    wanted = request.get("ReturnValuesOnConditionCheckFailure", "NONE")
    if wanted not in TOLD_ON_FAILURE:
        raise unmet(
            f"Value '{wanted}' at 'returnValuesOnConditionCheckFailure'",
            f"Member must satisfy enum value set: [{', '.join(TOLD_ON_FAILURE)}]",
        )
    return bool(wanted == "ALL_OLD")


def put_item(tables: Tables, request: Mapping[str, Any]) -> dict[str, Any]:
    return _write(tables, Write("Put", request), request)


def update_item(tables: Tables, request: Mapping[str, Any]) -> dict[str, Any]:
    return _write(tables, Write("Update", request), request)


def delete_item(tables: Tables, request: Mapping[str, Any]) -> dict[str, Any]:
    return _write(tables, Write("Delete", request), request)


def _write(tables: Tables, write: Write, request: Mapping[str, Any]) -> dict[str, Any]:
    table = table_of(tables, write.table_name)
    write.refuse_empty_keys(table)
    key = write.key(table)
    old = table.items.get(key)
    if not write.is_allowed(old):
        raise Refusal("ConditionalCheckFailedException", CONDITION_FAILED, **_told(write, old))
    new = write.result(table, old)
    _store(table, key, new)
    shown = _returned(request.get("ReturnValues", "NONE"), write, old, new)
    return {"Attributes": answered_item(shown)} if shown else {}


def _returned(wanted: str, write: Write, old: Item | None, new: Item | None) -> Item | None:
    match wanted:
        case "ALL_OLD":
            return old
        case "ALL_NEW" if write.kind == "Update":
            return new
        case "UPDATED_OLD" if write.kind == "Update":
            return projected(old or {}, write.update.targets())
        case "UPDATED_NEW" if write.kind == "Update":
            return projected(new or {}, write.update.targets())
        case "NONE":
            return None
    raise invalid("ReturnValues can only be ALL_OLD or NONE")


def _store(table: Table, key: Key, item: Item | None) -> None:
    if item is None:
        table.delete(key)
    else:
        table.put(item)


def _told(write: Write, old: Item | None) -> dict[str, Any]:
    return {"Item": answered_item(old)} if write.tells_old and old is not None else {}


class Transactions:
    """Writes that are done together or not at all, each once per token."""

    def __init__(self, tokens: Mapping[str, tuple[datetime, str]] | None = None) -> None:
        self.tokens = dict(tokens or {})

    def transact(self, tables: Tables, request: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        token, actions = request["ClientRequestToken"], request["TransactItems"]
        _check_request(token, actions)
        writes = [Write(*next(iter(action.items()))) for action in actions]
        content = sha256(json.dumps(actions, sort_keys=True).encode()).hexdigest()
        if self._is_done(token, content, now):
            return {}
        for table, key, item in _planned(tables, writes):
            _store(table, key, item)
        self.tokens[token] = now + TOKEN_LIFE, content
        return {}

    def _is_done(self, token: str, content: str, now: datetime) -> bool:
        while self.tokens and (oldest := next(iter(self.tokens))) and self.tokens[oldest][0] <= now:
            del self.tokens[oldest]
        if token not in self.tokens or self.tokens[token][0] <= now:
            return False
        if self.tokens[token][1] != content:
            raise Refusal(
                "IdempotentParameterMismatchException",
                "Request token already in use for another request with a different payload",
            )
        return True


def _check_request(token: str, actions: list[dict[str, Any]]) -> None:
    _check_length("ClientRequestToken", token, TOKEN_LIMIT)
    _check_length("TransactItems", actions, ACTION_LIMIT)
    for number, action in enumerate(actions, start=1):
        if len(action) != 1:
            raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
        [(kind, request)] = action.items()
        if (member := REQUIRED.get(kind)) and member not in request:
            place = ".".join(name[0].lower() + name[1:] for name in (kind, member))
            raise unmet(f"Value null at 'transactItems.{number}.member.{place}'", "Member must not be null")


def _check_length(member: str, content: Sized, limit: int) -> None:
    if not content:
        raise unmet(f"Value at '{member}'", "Member must have length greater than or equal to 1")
    if len(content) > limit:
        raise unmet(f"Value at '{member}'", f"Member must have length less than or equal to {limit}")


def _planned(tables: Tables, writes: list[Write]) -> list[tuple[Table, Key, Item | None]]:
    """What each write would leave behind, or a cancellation with a reason per write."""
    where = [table_of(tables, write.table_name) for write in writes]
    for write, table in zip(writes, where, strict=True):
        write.refuse_empty_keys(table)
    if sum(write.size for write in writes) > TRANSACTION_LIMIT:
        raise invalid("The aggregate size of the items in the transaction exceeds the limit of 4 MB")
    keys = _keys(writes, where)
    results: list[tuple[Table, Key, Item | None]] = []
    reasons: list[dict[str, Any]] = []
    for write, table, key in zip(writes, where, keys, strict=True):
        old = table.items.get(key)
        if not write.is_allowed(old):
            reasons.append({"Code": "ConditionalCheckFailed", "Message": CONDITION_FAILED, **_told(write, old)})
            continue
        try:
            results.append((table, key, write.result(table, old)))
            reasons.append({"Code": "None"})
        except Refusal as refusal:
            reasons.append(_faulty(refusal))
    if len(results) < len(writes):
        raise _cancelled(reasons)
    return results


def _keys(writes: list[Write], where: list[Table]) -> list[Key]:
    keys: list[Key] = []
    for write, table in zip(writes, where, strict=True):
        try:
            keys.append(write.key(table))
        except Refusal as refusal:
            # DynamoDB looks no further than the first wrong key: the other writes have no reason, whatever they are.
            reasons = [{"Code": "None"} for _ in writes]
            reasons[len(keys)] = _faulty(refusal)
            raise _cancelled(reasons) from refusal
    if len({(table.name, key) for table, key in zip(where, keys, strict=True)}) < len(writes):
        raise invalid("Transaction request cannot include multiple operations on one item")
    return keys


def _faulty(refusal: Refusal) -> dict[str, Any]:
    return {"Code": "ValidationError", "Message": refusal.message}


def _cancelled(reasons: list[dict[str, Any]]) -> Refusal:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return Refusal(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )
