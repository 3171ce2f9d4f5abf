"""A topic: what somebody can subscribe to; data of the association, never code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.language import Text
from chalicelib.domain.seed import Table

MOST = 12
_BETWEEN = re.compile(r"[,;|\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What its mails are about, in words that whoever chooses reads."""

    id: str
    title: Text
    description: Text


def of_the_tick(topics: Sequence[Topic]) -> tuple[str, ...]:
    """What somebody asks for who ticks the newsletter on the form of an order: the first topic."""
    return tuple(topic.id for topic in topics[:1])


def written(ids: Sequence[str], *, topics: Sequence[Topic]) -> str:
    """Topics as a cell of a list says them: by title, or by id where the title would not be found again."""
    titles = {each.id: each.title.nl for each in topics}
    return ", ".join(
        title if [*named(title, topics=topics).values()] == [each] else each
        for each in ids
        for title in [titles.get(each, each)]
    )


def named(cell: str, *, topics: Sequence[Topic]) -> dict[str, str]:
    """Each word in a cell of a list, with the id of the topic that it names by id or title; empty for no topic."""
    known = {title.lower(): each.id for each in topics for title in (each.title.nl, each.title.en)}
    known |= {each.id: each.id for each in topics}
    return {word: known.get(word.lower(), "") for word in map(str.strip, _BETWEEN.split(cell)) if word}


def read_topics(data: Mapping[str, Any], *, source: str) -> tuple[Topic, ...]:
    """The topics in plain data, in its order. Raises OfferRefused with file, key and reason."""
    whole = Table(data, source=source)
    topics: list[Topic] = []
    for table in whole.tables("topic"):
        topic = Topic(
            id=table.string("id", pattern=r"[a-z][a-z0-9-]{0,39}"),
            title=table.text("title"),
            description=table.text("description"),
        )
        table.done()
        if any(each.id == topic.id for each in topics):
            raise table.refusal("id", f"{topic.id!r} is there twice")
        topics.append(topic)
    whole.done()
    if not 1 <= len(topics) <= MOST:
        raise whole.refusal("topic", f"there must be from 1 through {MOST}, not {len(topics)}")
    return tuple(topics)
