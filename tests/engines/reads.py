"""GetItem, BatchGetItem and Query on the tables in memory."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from tests.engines.bindings import Bindings
from tests.engines.conditions import BeginsWith, Between, Both, Compare, Condition, Either, Not
from tests.engines.operands import Path, Placeholder, Values, projected
from tests.engines.refusals import invalid, not_found
from tests.engines.table import Entry, Index, Key, Table
from tests.engines.values import Item, Value, answered_item, item_bytes, sortable, stored_item, type_of

type Tables = dict[str, Table]

PAGE_LIMIT = 1024 * 1024
BATCH_LIMIT = 100


def table_of(tables: Tables, name: str) -> Table:
    if name not in tables:
        raise not_found()
    return tables[name]


def get_item(tables: Tables, request: Mapping[str, Any]) -> dict[str, Any]:
    bindings = Bindings(request)
    paths = bindings.projection()
    bindings.refuse_unused()
    item = _found(table_of(tables, request["TableName"]), request["Key"])
    return {} if item is None else {"Item": _shown(item, paths)}


def batch_get_item(tables: Tables, request: Mapping[str, Any]) -> dict[str, Any]:
    """All keys are answered, in another order than asked: DynamoDB promises none."""
    wanted: Mapping[str, Mapping[str, Any]] = request["RequestItems"]
    if sum(len(part["Keys"]) for part in wanted.values()) > BATCH_LIMIT:
        raise invalid("Too many items requested for the BatchGetItem call")
    responses = {}
    for name, part in wanted.items():
        bindings = Bindings(part)
        paths = bindings.projection()
        bindings.refuse_unused()
        table = table_of(tables, name)
        keys = [stored_item(key) for key in part["Keys"]]
        if any(key in keys[:number] for number, key in enumerate(keys)):
            raise invalid("Provided list of item keys contains duplicates")
        found = [_found(table, key) for key in reversed(keys)]
        responses[name] = [_shown(item, paths) for item in found if item is not None]
    return {"Responses": responses, "UnprocessedKeys": {}}


def query(tables: Tables, request: Mapping[str, Any]) -> dict[str, Any]:
    bindings = Bindings(request)
    condition = bindings.condition("KeyConditionExpression")
    keep = bindings.condition("FilterExpression")
    paths = bindings.projection()
    bindings.refuse_unused()
    if condition is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    table = table_of(tables, request["TableName"])
    index = table.index(request.get("IndexName"))
    _check_selection(request, index, paths)
    _check_projection(table, index, paths)
    _check_filter(table, index, keep)
    hashed, ranged = _key_condition(table, index, condition, bindings.values)
    entries = index.partitions.get(sortable(hashed), [])
    low, high = _slice(entries, ranged, bindings.values)
    if "ExclusiveStartKey" in request:
        start = _start(
            stored_item(request["ExclusiveStartKey"]),
            table=table,
            index=index,
            hashed=hashed,
            ranged=ranged,
            values=bindings.values,
        )
        if request.get("ScanIndexForward", True):
            low = max(low, bisect_right(entries, start))
        else:
            high = min(high, bisect_left(entries, start))
    chosen = entries[low:high] if request.get("ScanIndexForward", True) else entries[low:high][::-1]
    page, more = _page(table, index, chosen, request.get("Limit"))
    kept = [item for item in page if keep is None or keep.holds(item, bindings.values)]
    answer: dict[str, Any] = {"Count": len(kept), "ScannedCount": len(page)}
    if request.get("Select") != "COUNT":
        answer["Items"] = [_shown(item, paths) for item in kept]
    if more:
        last = page[-1]
        names = dict.fromkeys((*table.key.attributes, *index.key.attributes))
        answer["LastEvaluatedKey"] = answered_item({name: last[name] for name in names})
    return answer


def _found(table: Table, given: Item) -> Item | None:
    key = stored_item(given)
    table.refuse_empty_key(key)
    table.refuse_wrong_key(key)
    return table.items.get(table.key.value(key))


def _shown(item: Item, paths: tuple[Path, ...] | None) -> Item:
    return answered_item(item if paths is None else projected(item, paths))


def _page(table: Table, index: Index, entries: list[Entry], limit: int | None) -> tuple[list[Item], bool]:
    """What one call evaluates, and whether DynamoDB would say that there may be more: it does not look ahead."""
    page: list[Item] = []
    size = 0
    for _, primary in entries:
        item = table.projection(index, table.items[primary])
        size += item_bytes(item)
        if page and size > PAGE_LIMIT:
            return page, True
        page.append(item)
        if len(page) == limit:
            return page, True
    return page, False


def _check_selection(request: Mapping[str, Any], index: Index, paths: tuple[Path, ...] | None) -> None:
    select = request.get("Select")
    if index.name is None:
        if select == "ALL_PROJECTED_ATTRIBUTES":
            raise invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    elif request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    if paths is None:
        if select == "SPECIFIC_ATTRIBUTES":
            raise invalid(
                "1 validation error detected: Must specify the AttributesToGet or ProjectionExpression "
                "when choosing to get SPECIFIC_ATTRIBUTES"
            )
        if select == "ALL_ATTRIBUTES" and not index.projects_all:
            raise invalid(
                "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported "
                f"for global secondary index {index.name} because its projection type is not ALL"
            )
    elif select not in (None, "SPECIFIC_ATTRIBUTES"):
        kind = "only the Count" if select == "COUNT" else select
        raise invalid(f"Cannot specify the ProjectionExpression when choosing to get {kind}")


def _check_projection(table: Table, index: Index, paths: tuple[Path, ...] | None) -> None:
    if unprojected := _unprojected(table, index, [path.top for path in paths or ()]):
        raise invalid(
            "One or more parameter values were invalid: "
            f"Global secondary index {index.name} does not project [{unprojected}]"
        )


def _check_filter(table: Table, index: Index, keep: Condition | None) -> None:
    tops = [path.top for path in keep.paths()] if keep else []
    for top in tops:
        if top in index.key.attributes:
            raise invalid(
                f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {top}"
            )
    if unprojected := _unprojected(table, index, tops):
        raise invalid(
            f"One or more parameter values were invalid: Secondary index {index.name} "
            f"does not project one or more filter attributes: [{unprojected}]"
        )


def _unprojected(table: Table, index: Index, names: Iterable[str]) -> str:
    if index.projects_all:
        return ""
    held = (*table.key.attributes, *index.projected_names)
    return ", ".join(name for name in dict.fromkeys(names) if name not in held)


def _key_condition(table: Table, index: Index, condition: Condition, values: Values) -> tuple[Value, Condition | None]:
    """The hash that is asked for, and the condition on the range, if there is one."""
    parts = _parts(condition)
    by_name: dict[str, Condition] = {}
    for part in parts:
        name = _key_name(part)
        if name in by_name:
            raise invalid(
                "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"
            )
        by_name[name] = part
    if len(parts) > len(index.key.attributes):
        raise invalid(
            f"The number of query conditions ({len(parts)}) exceeds the number of key attributes defined in the schema "
            f"({len(index.key.attributes)})"
        )
    for name in index.key.attributes[: len(parts)]:
        if name not in by_name:
            raise invalid(f"Query condition missed key schema element: {name}")
    _check_key_values(table, by_name, values)
    hash_part = by_name.pop(index.key.hash)
    if not isinstance(hash_part, Compare) or hash_part.operator != "=":
        raise invalid("Query key condition not supported")
    return _given(hash_part, values)[0], next(iter(by_name.values()), None)


def _parts(condition: Condition) -> list[Condition]:
    if isinstance(condition, Both) and not isinstance(condition, Either):
        return [*_parts(condition.left), *_parts(condition.right)]
    if isinstance(condition, Compare) and condition.operator != "<>":
        return [condition]
    if isinstance(condition, BeginsWith | Between):
        return [condition]
    operator = {Either: "OR", Not: "NOT"}.get(type(condition), getattr(condition, "operator", type(condition).__name__))
    raise invalid(f"Invalid operator used in KeyConditionExpression: {operator}")


def _key_name(part: Condition) -> str:
    paths = list(part.paths())
    if len(paths) != 1 or not _placeholders(part):
        raise invalid("Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression")
    if len(paths[0].steps) > 1:
        raise invalid("KeyConditionExpressions cannot have conditions on nested attributes")
    return paths[0].top


def _placeholders(part: Condition) -> list[Placeholder]:
    match part:
        case Compare():
            operands = [part.left, part.right]
        case Between():
            operands = [part.low, part.high]
        case BeginsWith():
            operands = [part.prefix]
        case _:
            operands = []
    return [operand for operand in operands if isinstance(operand, Placeholder)]


def _given(part: Condition, values: Values) -> list[Value]:
    return [values[placeholder.name] for placeholder in _placeholders(part)]


def _check_key_values(table: Table, by_name: Mapping[str, Condition], values: Values) -> None:
    for name, part in by_name.items():
        for value in _given(part, values):
            if type_of(value) != table.types[name]:
                raise invalid(
                    "One or more parameter values were invalid: Condition parameter type does not match schema type"
                )
            if value in ({"S": ""}, {"B": ""}):
                kind = "string" if "S" in value else "binary"
                raise invalid(
                    "One or more parameter values are not valid. "
                    f"The AttributeValue for a key attribute cannot contain an empty {kind} value. Key: {name}"
                )


def _slice(entries: list[Entry], ranged: Condition | None, values: Values) -> tuple[int, int]:
    """The part of a partition that a range condition means, found by halving."""
    if ranged is None:
        return 0, len(entries)
    bounds = [(sortable(value),) for value in _given(ranged, values)]

    def before(bound: Key) -> int:
        return bisect_left(entries, bound, key=lambda entry: entry[0])

    def after(bound: Key) -> int:
        return bisect_right(entries, bound, key=lambda entry: entry[0])

    match ranged:
        case Between():
            return before(bounds[0]), after(bounds[1])
        case BeginsWith():
            prefix = bounds[0][0]
            return before(bounds[0]), bisect_right(entries, prefix, key=lambda entry: entry[0][0][: len(prefix)])
        case Compare():
            reverse = isinstance(ranged.left, Placeholder)
            operator = ranged.operator.translate(str.maketrans("<>", "><")) if reverse else ranged.operator
            slices = {
                "=": (before(bounds[0]), after(bounds[0])),
                "<": (0, before(bounds[0])),
                "<=": (0, after(bounds[0])),
                ">": (after(bounds[0]), len(entries)),
                ">=": (before(bounds[0]), len(entries)),
            }
            return slices[operator]
    raise AssertionError(ranged)


def _start(key: Item, *, table: Table, index: Index, hashed: Value, ranged: Condition | None, values: Values) -> Entry:
    names = {*table.key.attributes, *index.key.attributes}
    if key.keys() != names or any(type_of(key[name]) != table.types[name] for name in names):
        raise invalid("The provided starting key is invalid")
    if key[index.key.hash] != hashed:
        raise invalid("The provided starting key is outside query boundaries based on provided conditions")
    if ranged is not None and not ranged.holds(key, values):
        raise invalid("The provided starting key does not match the range key predicate")
    placed = index.place(key, table.key.value(key))
    assert placed is not None
    return placed[1]
