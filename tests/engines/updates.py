"""The update expressions of DynamoDB: what an item becomes when SET, REMOVE, ADD and DELETE are applied to it."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.engines.operands import OperandError, Path, Placeholder, Values, child
from tests.engines.refusals import invalid
from tests.engines.values import SETS, Item, Value, add, sorted_members, subtract, type_of

_TYPE_NAMES = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "M": "MAP", "L": "LIST", "BOOL": "BOOLEAN", "NULL": "NULL"}
_SET_NAMES = {"SS": "STRING SET", "NS": "NUMBER SET", "BS": "BINARY SET"}


@dataclass(frozen=True, slots=True)
class IfNotExists:
    """if_not_exists(path, otherwise)."""

    path: Path
    otherwise: "Source"


@dataclass(frozen=True, slots=True)
class ListAppend:
    """list_append(first, second)."""

    first: "Source"
    second: "Source"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A sum or a difference."""

    operator: str
    left: "Source"
    right: "Source"


type Source = Path | Placeholder | IfNotExists | ListAppend | Arithmetic


@dataclass(frozen=True, slots=True)
class Update:
    """The four sections of an update expression."""

    sets: tuple[tuple[Path, Source], ...] = ()
    removes: tuple[Path, ...] = ()
    adds: tuple[tuple[Path, Placeholder], ...] = ()
    deletes: tuple[tuple[Path, Placeholder], ...] = ()

    def targets(self) -> list[Path]:
        changed = (path for section in (self.sets, self.adds, self.deletes) for path, _ in section)
        return [*changed, *self.removes]

    def check(self, values: Values) -> None:
        for _, source in self.sets:
            _check_source(source, values)
        for operator, changes, types in (("ADD", self.adds, ("N", *SETS)), ("DELETE", self.deletes, tuple(SETS))):
            for _, placeholder in changes:
                kind = type_of(values[placeholder.name])
                if kind not in types:
                    raise OperandError(
                        f"Incorrect operand type for operator or function; operator: {operator}, "
                        f"operand type: {(_TYPE_NAMES | _SET_NAMES)[kind]}, typeSet: ALLOWED_FOR_ADD_OPERAND"
                    )

    def applied(self, item: Item, values: Values) -> Item:
        """A new item; every part of the expression sees the old one."""
        writes: list[tuple[Path, Value | None]] = [(path, _source(what, item, values)) for path, what in self.sets]
        writes += [(path, _sum(path, item, values[addend.name], values)) for path, addend in self.adds]
        writes += [(path, _rest(path, item, values[gone.name], values)) for path, gone in self.deletes]
        writes += [(path, None) for path in self.removes]
        document: Value = {"M": dict(item)}
        for top in {path.top for path, _ in writes if len(path.steps) > 1 and path.top in item}:
            document["M"][top] = deepcopy(item[top])
        for path, value in sorted(writes, key=_order):
            _write(document, path, value)
        new: Item = document["M"]
        return new


def _order(write: tuple[Path, Value | None]) -> tuple[bool, int]:
    """Additions to a list by rising index, removals after them by falling index, so that indexes mean the old list."""
    path, value = write
    index = path.steps[-1] if isinstance(path.steps[-1], int) else 0
    return value is None, -index if value is None else index


def _source(source: Source, item: Item, values: Values) -> Value:
    match source:
        case Path() | Placeholder():
            value = source.of(item, values)
            if value is None:
                raise invalid("The provided expression refers to an attribute that does not exist in the item")
            return value
        case IfNotExists():
            return source.path.of(item, values) or _source(source.otherwise, item, values)
        case ListAppend():
            first, second = _source(source.first, item, values), _source(source.second, item, values)
            return {"L": [*_content("L", first), *_content("L", second)]}
        case Arithmetic():
            operation = add if source.operator == "+" else subtract
            left, right = _source(source.left, item, values), _source(source.right, item, values)
            return {"N": operation(_content("N", left), _content("N", right))}


def _content(kind: str, value: Value) -> Any:
    if kind not in value:
        raise invalid("An operand in the update expression has an incorrect data type")
    return value[kind]


def _sum(path: Path, item: Item, addend: Value, values: Values) -> Value:
    present, kind = path.of(item, values), type_of(addend)
    if present is None:
        return addend
    if kind == "N":
        return {"N": add(_content("N", present), addend["N"])}
    return {kind: sorted_members(kind, {*_content(kind, present), *addend[kind]})}


def _rest(path: Path, item: Item, gone: Value, values: Values) -> Value | None:
    present, kind = path.of(item, values), type_of(gone)
    if present is None:
        return None
    rest = [member for member in _content(kind, present) if member not in gone[kind]]
    return {kind: rest} if rest else None


def _write(document: Value, path: Path, value: Value | None) -> None:
    parent: Value | None = document
    for step in path.steps[:-1]:
        parent = child(parent, step) if parent else None
    last = path.steps[-1]
    if parent is None or ("M" if isinstance(last, str) else "L") not in parent:
        raise invalid("The document path provided in the update expression is invalid for update")
    if isinstance(last, str):
        if value is None:
            parent["M"].pop(last, None)
        else:
            parent["M"][last] = value
    elif value is None:
        del parent["L"][last : last + 1]
    else:
        parent["L"][last : last + 1] = [value]


def _check_source(source: Source, values: Values) -> None:
    match source:
        case Arithmetic():
            operands, function, wanted = (source.left, source.right), source.operator, "N"
        case ListAppend():
            operands, function, wanted = (source.first, source.second), "list_append", "L"
        case IfNotExists():
            return _check_source(source.otherwise, values)
        case _:
            return None
    for operand in operands:
        _check_source(operand, values)
        if isinstance(operand, Placeholder) and (kind := type_of(values[operand.name])) != wanted:
            raise OperandError(
                "Incorrect operand type for operator or function; "
                f"operator or function: {function}, operand type: {kind}"
            )
    return None
