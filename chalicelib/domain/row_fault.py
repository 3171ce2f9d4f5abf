"""A row's fault: one thing wrong with a row of a list that is imported; each kind of list has reasons of its own."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RowFault[Reason: StrEnum]:
    """One thing wrong with a row: what it is about, and what it collides with (an organisation, a row's number)."""

    reason: Reason
    value: str = ""
    other: str = ""
