"""The places at which a process can be killed: generated from what a plain run calls, never listed by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

# After this one nobody knows whether a mail went, unless the mail service tells.
SEND = "SendEmail"
SIDES = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Just before or just after the `call`-th outside call of the `invocation`-th invocation of a journey."""

    invocation: int
    call: int
    side: str
    name: str

    def __str__(self) -> str:
        return f"{self.invocation}.{self.call}.{self.side} {self.name}"

    @property
    def in_send_window(self) -> bool:
        """Whether a mail has gone of which nothing was written down yet."""
        return self.side == "after" and self.name.endswith(SEND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What ran once, and what it called, in order."""

    name: str
    calls: tuple[str, ...]


def places(played: Sequence[Invocation]) -> list[Place]:
    """All of a plain run, in the order of time."""
    return [
        Place(invocation=number, call=count, side=side, name=f"{invocation.name}: {call}")
        for number, invocation in enumerate(played, start=1)
        for count, call in enumerate(invocation.calls, start=1)
        for side in SIDES
    ]


def spread(found: Sequence[Place], *, most: int, seed: int) -> list[Place]:
    """So many of them, one out of each stretch of the journey."""
    dice = random.Random(seed)
    edges = [len(found) * edge // most for edge in range(most + 1)]
    return [dice.choice(found[begin:end]) for begin, end in itertools.pairwise(edges) if begin < end]
