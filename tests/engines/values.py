"""Attribute values as they travel in JSON: checked, measured, and stored in one spelling so that equals are equal."""

import re
from base64 import b64decode
from decimal import Context, Decimal
from typing import Any

from tests.engines.refusals import invalid

type Value = dict[str, Any]
type Item = dict[str, Value]
type Sortable = str | Decimal | bytes

ITEM_LIMIT = 400 * 1024
NESTING_LIMIT = 32
SCALARS = ("S", "N", "B")
SETS = {"SS": "S", "NS": "N", "BS": "B"}
TYPES = (*SCALARS, *SETS, "M", "L", "BOOL", "NULL")

_EXACT = Context(prec=300)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,6})?", re.ASCII)
_PLAIN_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}", re.ASCII)
_EMPTY_SET = {
    "SS": "An string set  may not be empty",
    "NS": "An number set  may not be empty",
    "BS": "Binary sets should not be empty",
}


def type_of(value: Value) -> str:
    return next(iter(value))


def stored_item(item: Item) -> Item:
    """The item as DynamoDB keeps it: numbers and sets in one spelling, refused when it breaks a rule."""
    if "" in item:
        raise invalid("Empty attribute name")
    return {name: stored(value) for name, value in item.items()}


def stored(value: Value, level: int = 1) -> Value:
    if len(value) != 1:
        fault = "has more than one datatypes set" if value else "is empty"
        raise invalid(f"Supplied AttributeValue {fault}, must contain exactly one of the supported datatypes")
    if level > NESTING_LIMIT:
        raise invalid(
            "Nesting Levels have exceeded supported limits: "
            "Attributes in the item have nested levels beyond supported limit"
        )
    kind, content = next(iter(value.items()))
    match kind:
        case "N":
            return {"N": stored_number(content)}
        case "M":
            return {"M": {name: stored(child, level + 1) for name, child in content.items()}}
        case "L":
            return {"L": [stored(child, level + 1) for child in content]}
        case "SS" | "NS" | "BS":
            return {kind: _stored_set(kind, content)}
        case "NULL" if content is not True:
            raise invalid(
                "One or more parameter values were invalid: Null attribute value types must have the value of true"
            )
    return {kind: content}


def stored_number(text: str) -> str:
    if _PLAIN_INTEGER.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text):
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    return number_text(Decimal(text))


def number_text(number: Decimal) -> str:
    number = number.normalize(_EXACT)
    if not number:
        return "0"
    if number.adjusted() > 125:
        raise invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
    if number.adjusted() < -130:
        raise invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    if len(number.as_tuple().digits) > 38:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    return format(number, "f")


def add(augend: str, addend: str) -> str:
    return number_text(_EXACT.add(Decimal(augend), Decimal(addend)))


def subtract(minuend: str, subtrahend: str) -> str:
    return number_text(_EXACT.subtract(Decimal(minuend), Decimal(subtrahend)))


def _stored_set(kind: str, members: list[str]) -> list[str]:
    if not members:
        raise invalid(f"One or more parameter values were invalid: {_EMPTY_SET[kind]}")
    if kind == "NS":
        members = [stored_number(member) for member in members]
    if len(set(members)) != len(members):
        listed = ", ".join(members)
        of_type = "of type BS" if kind == "BS" else ""
        raise invalid(
            f"One or more parameter values were invalid: Input collection [{listed}]{of_type} contains duplicates."
        )
    return sorted_members(kind, members)


def sorted_members(kind: str, members: list[str] | set[str]) -> list[str]:
    """DynamoDB answers a set in its own order: strings and bytes by bytes, numbers by value."""
    return sorted(members, key=lambda member: sortable({SETS[kind]: member}))


def sortable(value: Value) -> Any:
    """A scalar as something that Python orders the way DynamoDB does (a string by code point is by its UTF-8 bytes)."""
    kind, content = next(iter(value.items()))
    if kind == "S":
        return content
    return Decimal(content) if kind == "N" else b64decode(content)


def size_function(value: Value) -> int | None:
    """What size() counts; nothing for a number, a boolean or a null."""
    kind, content = next(iter(value.items()))
    if kind == "S":
        return len(content.encode("utf-16-le")) // 2
    if kind == "B":
        return len(b64decode(content))
    return None if kind in ("N", "BOOL", "NULL") else len(content)


def item_bytes(item: Item) -> int:
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def value_bytes(value: Value) -> int:
    kind, content = next(iter(value.items()))
    match kind:
        case "S" | "B" | "N":
            return _scalar_bytes(kind, content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + value_bytes(child) for name, child in content.items())
        case "L":
            return 3 + sum(1 + value_bytes(child) for child in content)
        case "SS" | "NS" | "BS":
            return sum(_scalar_bytes(SETS[kind], member) for member in content)
    return 1


def _scalar_bytes(kind: str, content: str) -> int:
    if kind == "S":
        return len(content.encode())
    return _number_bytes(content) if kind == "N" else len(b64decode(content))


def _number_bytes(text: str) -> int:
    """One byte, one per two digits on either side of the point, and one for a minus sign."""
    whole, _, fraction = text.lstrip("-").partition(".")
    whole = whole.lstrip("0") if fraction else whole.strip("0")
    fraction = fraction if whole else fraction.lstrip("0")
    return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + text.startswith("-")


def answered_item(item: Item) -> Item:
    return {name: answered(value) for name, value in item.items()}


def answered(value: Value) -> Value:
    """A copy that shares nothing with the store, with bytes where botocore gives bytes."""
    kind, content = next(iter(value.items()))
    match kind:
        case "B":
            return {"B": b64decode(content)}
        case "BS":
            return {"BS": [b64decode(member) for member in content]}
        case "M":
            return {"M": {name: answered(child) for name, child in content.items()}}
        case "L":
            return {"L": [answered(child) for child in content]}
        case "SS" | "NS":
            return {kind: list(content)}
    return {kind: content}
