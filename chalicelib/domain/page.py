"""A page: a part of a long answer, and where the next one begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Some of many; `rest` is what to ask the next page with, empty when there is none."""

    items: Sequence[Item]
    rest: str = ""


class Placed(Protocol):
    """Something that has a place among others."""

    @property
    def place(self) -> str: ...


def page_after[Item: Placed](found: Sequence[Item], *, after: str, limit: int) -> Page[Item]:
    """A page of what was found, in the order of its places: what stands after the end of the page before."""
    rest = [each for each in found if each.place > after]
    return Page(rest[:limit], rest[limit - 1].place if len(rest) > limit else "")
