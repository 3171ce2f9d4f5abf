"""A topic: what somebody can subscribe to; data of the association, never code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What its mails are about, in words that whoever chooses reads."""

    id: str
    title: Text
    description: Text


def known(wanted: Iterable[str], *, topics: Iterable[Topic]) -> tuple[str, ...]:
    """The ids among those that are wanted that there are, in the order of the topics."""
    ids = frozenset(wanted)
    return tuple(topic.id for topic in topics if topic.id in ids)
