"""The conditions of DynamoDB: whether an item meets one, and which operands each takes."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tests.engines.operands import OperandError, Path, Placeholder, Values
from tests.engines.values import SCALARS, SETS, TYPES, Item, Value, size_function, sortable, type_of


class Condition(Protocol):
    """Something an item meets or does not."""

    def holds(self, item: Item, values: Values) -> bool: ...

    def check(self, values: Values) -> None:
        """Refuse what DynamoDB refuses before it looks at any item."""

    def paths(self) -> Iterator[Path]: ...


@dataclass(frozen=True, slots=True)
class Size:
    """size(path), a number that can be compared."""

    path: Path

    def of(self, item: Item, values: Values) -> Value | None:
        value = self.path.of(item, values)
        size = size_function(value) if value else None
        return None if size is None else {"N": str(size)}


type Operand = Path | Placeholder | Size


@dataclass(frozen=True, slots=True)
class Both:
    """One condition AND another."""

    left: Condition
    right: Condition

    def holds(self, item: Item, values: Values) -> bool:
        return self.left.holds(item, values) and self.right.holds(item, values)

    def check(self, values: Values) -> None:
        self.left.check(values)
        self.right.check(values)

    def paths(self) -> Iterator[Path]:
        yield from self.left.paths()
        yield from self.right.paths()


@dataclass(frozen=True, slots=True)
class Either(Both):
    """One condition OR another."""

    def holds(self, item: Item, values: Values) -> bool:
        return self.left.holds(item, values) or self.right.holds(item, values)


@dataclass(frozen=True, slots=True)
class Not:
    """A condition that must not be met."""

    negated: Condition

    def holds(self, item: Item, values: Values) -> bool:
        return not self.negated.holds(item, values)

    def check(self, values: Values) -> None:
        self.negated.check(values)

    def paths(self) -> Iterator[Path]:
        return self.negated.paths()


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands with one of = <> < <= > >= between them."""

    operator: str
    left: Operand
    right: Operand

    def holds(self, item: Item, values: Values) -> bool:
        left, right = self.left.of(item, values), self.right.of(item, values)
        match self.operator:
            case "=":
                return left is not None and left == right
            case "<>":
                return left != right
            case "<":
                return _precedes(left, right, or_equals=False)
            case "<=":
                return _precedes(left, right, or_equals=True)
            case ">":
                return _precedes(right, left, or_equals=False)
        return _precedes(right, left, or_equals=True)

    def check(self, values: Values) -> None:
        if self.operator not in ("=", "<>"):
            _take(self.operator, SCALARS, values, self.left, self.right)

    def paths(self) -> Iterator[Path]:
        return _paths(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Between:
    """An operand that lies between two others, or on one of them."""

    operand: Operand
    low: Operand
    high: Operand

    def holds(self, item: Item, values: Values) -> bool:
        value = self.operand.of(item, values)
        low, high = self.low.of(item, values), self.high.of(item, values)
        return _precedes(low, value, or_equals=True) and _precedes(value, high, or_equals=True)

    def check(self, values: Values) -> None:
        _take("BETWEEN", SCALARS, values, self.operand, self.low, self.high)
        if not (isinstance(self.low, Placeholder) and isinstance(self.high, Placeholder)):
            return
        low, high = values[self.low.name], values[self.high.name]
        bounds = (
            f"lower bound operand: AttributeValue: {_shown(low)}, upper bound operand: AttributeValue: {_shown(high)}"
        )
        if type_of(low) != type_of(high):
            raise OperandError(f"The BETWEEN operator requires same data type for lower and upper bounds; {bounds}")
        if sortable(low) > sortable(high):
            raise OperandError(
                f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {bounds}"
            )

    def paths(self) -> Iterator[Path]:
        return _paths(self.operand, self.low, self.high)


@dataclass(frozen=True, slots=True)
class OneOf:
    """An operand IN a list of others."""

    operand: Operand
    options: tuple[Operand, ...]

    def holds(self, item: Item, values: Values) -> bool:
        value = self.operand.of(item, values)
        return value is not None and any(value == option.of(item, values) for option in self.options)

    def check(self, values: Values) -> None:
        pass

    def paths(self) -> Iterator[Path]:
        return _paths(self.operand, *self.options)


@dataclass(frozen=True, slots=True)
class Exists:
    """attribute_exists(path), or attribute_not_exists(path)."""

    path: Path
    wanted: bool

    def holds(self, item: Item, values: Values) -> bool:
        return (self.path.of(item, values) is not None) is self.wanted

    def check(self, values: Values) -> None:
        pass

    def paths(self) -> Iterator[Path]:
        yield self.path


@dataclass(frozen=True, slots=True)
class HasType:
    """attribute_type(path, :type)."""

    path: Path
    type: Operand

    def holds(self, item: Item, values: Values) -> bool:
        value, wanted = self.path.of(item, values), self.type.of(item, values)
        return value is not None and wanted is not None and type_of(value) == wanted.get("S")

    def check(self, values: Values) -> None:
        _take("attribute_type", ("S",), values, self.type)
        if isinstance(self.type, Placeholder) and (name := values[self.type.name]["S"]) not in TYPES:
            raise OperandError(f"Invalid attribute type name found; type: {name}, valid types: {{{','.join(TYPES)}}}")

    def paths(self) -> Iterator[Path]:
        return _paths(self.path, self.type)


@dataclass(frozen=True, slots=True)
class BeginsWith:
    """begins_with(operand, prefix), of strings or of bytes."""

    operand: Operand
    prefix: Operand

    def holds(self, item: Item, values: Values) -> bool:
        value, prefix = self.operand.of(item, values), self.prefix.of(item, values)
        if value is None or prefix is None or type_of(value) != type_of(prefix):
            return False
        return type_of(value) in ("S", "B") and bool(sortable(value).startswith(sortable(prefix)))

    def check(self, values: Values) -> None:
        _take("begins_with", ("S", "B"), values, self.operand, self.prefix)

    def paths(self) -> Iterator[Path]:
        return _paths(self.operand, self.prefix)


@dataclass(frozen=True, slots=True)
class Contains:
    """contains(operand, part): a piece of a string or of bytes, a member of a set or of a list."""

    operand: Operand
    part: Operand

    def holds(self, item: Item, values: Values) -> bool:
        whole, part = self.operand.of(item, values), self.part.of(item, values)
        if whole is None or part is None:
            return False
        kind = type_of(whole)
        if kind == "L":
            return part in whole["L"]
        if SETS.get(kind, kind) != type_of(part):
            return False
        if kind == "B":
            return b64decode(part["B"]) in b64decode(whole["B"])
        return kind in ("S", *SETS) and next(iter(part.values())) in whole[kind]

    def check(self, values: Values) -> None:
        pass

    def paths(self) -> Iterator[Path]:
        return _paths(self.operand, self.part)


def _precedes(left: Value | None, right: Value | None, *, or_equals: bool) -> bool:
    if left is None or right is None or type_of(left) != type_of(right) or type_of(left) not in SCALARS:
        return False
    before, after = sortable(left), sortable(right)
    return bool(before < after or (or_equals and before == after))


def _take(operator: str, types: tuple[str, ...], values: Values, *operands: Operand) -> None:
    for operand in operands:
        if isinstance(operand, Placeholder) and (kind := type_of(values[operand.name])) not in types:
            raise OperandError(
                "Incorrect operand type for operator or function; "
                f"operator or function: {operator}, operand type: {kind}"
            )


def _paths(*operands: Operand) -> Iterator[Path]:
    for operand in operands:
        if isinstance(operand, Path):
            yield operand
        elif isinstance(operand, Size):
            yield operand.path


def _shown(value: Value) -> str:
    kind, content = next(iter(value.items()))
    return f"{{{kind}:{content}}}"
