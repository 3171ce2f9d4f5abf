"""What an expression speaks of: document paths into an item and placeholders for values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.engines.refusals import invalid
from tests.engines.values import Item, Value

type Values = Mapping[str, Value]


class OperandError(Exception):
    """An operand that its operator does not take; the message lacks only the name of the expression."""


@dataclass(frozen=True, slots=True)
class Path:
    """A document path such as `a.b[0]`, its aliases already replaced by names."""

    steps: tuple[str | int, ...]

    @property
    def top(self) -> str:
        return str(self.steps[0])

    def of(self, item: Item, _values: Values) -> Value | None:
        found = item.get(self.top)
        for step in self.steps[1:]:
            found = child(found, step) if found else None
        return found

    def __str__(self) -> str:
        return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else step for step in self.steps) + "]"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A `:name` for which the request brings the value."""

    name: str

    def of(self, _item: Item, values: Values) -> Value | None:
        return values[self.name]


def child(value: Value, step: str | int) -> Value | None:
    if isinstance(step, str):
        found: Value | None = value.get("M", {}).get(step)
        return found
    members = value.get("L", [])
    return members[step] if step < len(members) else None


def refuse_overlap(expression: str, paths: list[Path]) -> None:
    for number, path in enumerate(paths):
        for earlier in paths[:number]:
            fault = _clash(earlier, path)
            if fault:
                raise invalid(
                    f"Invalid {expression}: Two document paths {fault} with each other; "
                    f"must remove or rewrite one of these paths; path one: {earlier}, path two: {path}"
                )


def _clash(one: Path, two: Path) -> str | None:
    for mine, yours in zip(one.steps, two.steps, strict=False):
        if type(mine) is not type(yours):
            return "conflict"
        if mine != yours:
            return None
    return "overlap"


def projected(item: Item, paths: Iterable[Path]) -> Item:
    """Only what the paths name; list elements close ranks in the order of their indexes."""
    tree: dict[str | int, Any] = {}
    for path in paths:
        branch = tree
        for step in path.steps:
            branch = branch.setdefault(step, {})
    return {
        str(name): kept
        for name, branch in tree.items()
        if name in item and (kept := _pruned(item[str(name)], branch)) is not None
    }


def _pruned(value: Value, tree: dict[str | int, Any]) -> Value | None:
    if not tree:
        return value
    kept = {
        step: part
        for step, branch in tree.items()
        if (found := child(value, step)) and (part := _pruned(found, branch)) is not None
    }
    if not kept:
        return None
    return {"M": kept} if "M" in value else {"L": [kept[index] for index in sorted(kept)]}
