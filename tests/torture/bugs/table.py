"""The table of the seeded bugs: what was removed, what notices it, after how many cases, and in which words."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.torture.bugs.bug import Bug
from tests.torture.bugs.case import read
from tests.torture.bugs.catalogue import BUGS, noticed

TEST = "test_is_noticed"
_HEADS = ("bug", "what is removed", "noticed by", "cases", "first violation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One bug and what came of it."""

    bug: Bug
    noticed_by: str
    after: int
    says: str

    def cells(self) -> tuple[str, ...]:
        return self.bug.name, self.bug.removed, self.noticed_by, str(self.after or ""), self.says


def row(bug: Bug) -> Row:
    """The bug played once more, in the case that notices it."""
    if (found := noticed().get(bug.name)) is not None:
        says = played(bug)
        return Row(bug=bug, noticed_by=found.case, after=found.after, says=says[0] if says else "nothing")
    return Row(bug=bug, noticed_by=bug.elsewhere or "nothing", after=0, says=bug.judgement)


def played(bug: Bug) -> list[str]:
    """What the case that notices a bug says with it; the case must be all right without it."""
    case = noticed()[bug.name].case
    clean = _clean(case)
    assert not clean, f"wrong without any bug: {case}: {clean}"
    return read(case).violations(bug)


@functools.cache
def _clean(case: str) -> tuple[str, ...]:
    return tuple(read(case).violations())


def rows() -> Iterator[Row]:
    yield from map(row, BUGS)


def as_text(found: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = []
    for each in found:
        name, removed, by, after, says = each.cells()
        lines += [f"{name:36} {removed}", f"{'':36} {by}{f' (case {after})' if after else ''}", f"{'':36} {says}", ""]
    return "\n".join(lines)


def as_markdown(found: Iterable[Row]) -> str:
    """The table for a page."""
    lines = [_line(_HEADS), _line("---" for _ in _HEADS)]
    for each in found:
        name, removed, by, after, says = each.cells()
        lines.append(_line((f"`{name}`", removed, f"`{by}`", after, says)))
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
