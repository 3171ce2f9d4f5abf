"""A change of the running code that takes one guard out, and puts it back: the rest of it is the real code."""

from __future__ import annotations
import __future__

import inspect
import textwrap
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from types import CodeType, FunctionType
from typing import Any, Protocol


class GuardGone(Exception):
    """The guard is not there any more: what takes its place needs a seeded bug of its own."""


class Change(Protocol):
    """Something that is put in, and taken out again."""

    def made(self) -> AbstractContextManager[None]: ...


class Cut:
    """A guard in the source of a function, and what stands there without it; one function has one cut."""

    def __init__(self, of: Callable[..., Any], *guards: tuple[str, str]) -> None:
        function = inspect.unwrap(of)
        assert isinstance(function, FunctionType), "only what is written in Python can be cut"
        self._function, self._guards = function, guards

    @contextmanager
    def made(self) -> Iterator[None]:
        whole = self._function.__code__
        self._function.__code__ = self._cut()
        try:
            yield
        finally:
            self._function.__code__ = whole

    def _cut(self) -> CodeType:
        function = self._function
        source = textwrap.dedent(inspect.getsource(function))
        for guard, instead in self._guards:
            if source.count(guard) != 1:
                raise GuardGone(f"{function.__qualname__} has {source.count(guard)} × {guard!r}")
            source = source.replace(guard, instead)
        # whatever surrounds it gives it the names that it does not make itself, such as the class of a method
        around = f"def around({', '.join(function.__code__.co_freevars)}):\n{textwrap.indent(source, '    ')}"
        compiled = compile(
            around,
            f"<{function.__name__} without a guard>",
            "exec",
            flags=__future__.annotations.compiler_flag,
            dont_inherit=True,
        )
        found = [each for each in _codes(compiled) if each.co_name == function.__name__]
        assert len(found) == 1, "a function is written once"
        return found[0]


class Constant:
    """A constant of a module or class that has another value."""

    def __init__(self, of: Any, name: str, value: object) -> None:
        self._of, self._name, self._value = of, name, value

    @contextmanager
    def made(self) -> Iterator[None]:
        whole = getattr(self._of, self._name)
        setattr(self._of, self._name, self._value)
        try:
            yield
        finally:
            setattr(self._of, self._name, whole)


class Cell[Key, Value]:
    """A cell of a table that says something else; nothing at all when the value is None."""

    def __init__(self, table: MutableMapping[Key, Value], key: Key, value: Value | None) -> None:
        self._table, self._key, self._value = table, key, value

    @contextmanager
    def made(self) -> Iterator[None]:
        whole = dict(self._table)
        if self._value is None:
            if self._key not in self._table:
                raise GuardGone(f"no cell {self._key}")
            del self._table[self._key]
        else:
            self._table[self._key] = self._value
        try:
            yield
        finally:
            self._table.clear()
            self._table.update(whole)


def _codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _codes(each)
