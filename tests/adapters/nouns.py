"""Nouns filled in at random or to the brim, made from their type hints, so that a new field takes part by itself."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy


class Source(Protocol):
    """Where values come from."""

    def value(self, kind: type) -> object: ...

    def member(self, kind: type[StrEnum]) -> StrEnum: ...

    def count(self) -> int: ...

    def present(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """The same value wherever its kind is asked."""

    text: str
    number: int
    truth: bool
    many: int
    moment: datetime = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
    day: date = date(2026, 11, 25)

    def value(self, kind: type) -> object:
        values: Mapping[type, object] = {
            str: self.text,
            int: self.number,
            bool: self.truth,
            datetime: self.moment,
            date: self.day,
        }
        return values[kind]

    def member(self, kind: type[StrEnum]) -> StrEnum:
        return list(kind)[-1]

    def count(self) -> int:
        return self.many

    def present(self) -> bool:
        return self.many > 0


_MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bare bounds
_VALUES: Mapping[type, SearchStrategy[object]] = {
    # any sign that is one: half a surrogate pair cannot be posted, and no service takes it
    str: st.text(max_size=30),
    int: st.integers(-(10**15), 10**15),
    bool: st.booleans(),
    datetime: _MOMENTS,
    date: st.dates(date(2000, 1, 1), date(2100, 1, 1)),
}


@dataclass(frozen=True)
class Drawn:
    """Whatever hypothesis comes up with."""

    draw: Callable[[SearchStrategy[Any]], Any]

    def value(self, kind: type) -> object:
        value: object = self.draw(_VALUES[kind])
        return value

    def member(self, kind: type[StrEnum]) -> StrEnum:
        member: StrEnum = self.draw(st.sampled_from(list(kind)))
        return member

    def count(self) -> int:
        count: int = self.draw(st.integers(0, 3))
        return count

    def present(self) -> bool:
        present: bool = self.draw(st.booleans())
        return present


def filled[Noun](kind: type[Noun], source: Source, **given: object) -> Noun:
    """A noun of this kind from that source, but for the fields that are given."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # every noun is a dataclass
    return kind(**{name: given[name] if name in given else _value(hints[name], source) for name in names})


def drawn[Noun](kind: type[Noun]) -> SearchStrategy[Noun]:
    """All nouns of this kind."""
    return st.composite(lambda draw: filled(kind, Drawn(draw)))()


def _value(hint: Any, source: Source) -> object:
    arguments = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not types.NoneType]
        assert len(inner) < len(arguments) == 2, f"{hint} is no optional value"
        return _value(inner[0], source) if source.present() else None
    if get_origin(hint) is tuple:
        kinds = arguments[:1] * source.count() if arguments[-1] is Ellipsis else arguments
        return tuple(_value(kind, source) for kind in kinds)
    if get_origin(hint) is Mapping:
        return {f"key-{number}": _value(arguments[1], source) for number in range(source.count())}
    if isinstance(hint, type) and is_dataclass(hint):
        return filled(hint, source)
    if issubclass(hint, StrEnum):
        return source.member(hint)
    return source.value(hint)
