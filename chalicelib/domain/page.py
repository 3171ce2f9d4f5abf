"""A page: a part of a long answer, and where the next one begins."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page[Item]:
    """Some of many; `rest` is what to ask the next page with, empty when there is none."""

    items: Sequence[Item]
    rest: str = ""
