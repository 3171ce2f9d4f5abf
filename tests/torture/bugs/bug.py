"""A seeded bug: one guard of the product taken out, and where that has to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.torture.bugs.change import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """One guard; `removed` says in our words what is taken out of it.

    `stories` are those that it guards, and `at` begins the names of the places where a fault may bring it to light:
    that is where the search begins. `elsewhere` is the test of another suite that notices it, when this harness
    cannot; `judgement` says why nothing notices it.
    """

    name: str
    removed: str
    changes: tuple[Change, ...]
    stories: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    elsewhere: str = ""
    judgement: str = ""

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def put_in(self) -> Iterator[None]:
        with ExitStack() as stack:
            for change in self.changes:
                stack.enter_context(change.made())
            yield


def bug(
    name: str, removed: str, *changes: Change, stories: str = "", at: str = "", elsewhere: str = "", judgement: str = ""
) -> Bug:
    """A bug, its stories apart by semicolons and its places by spaces."""
    return Bug(
        name=name,
        removed=removed,
        changes=changes,
        stories=tuple(each.strip() for each in stories.split(";") if each.strip()),
        at=tuple(at.split()),
        elsewhere=elsewhere,
        judgement=judgement,
    )
