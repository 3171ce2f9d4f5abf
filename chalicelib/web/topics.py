"""Topics as they stand in a form: a tick for each, and which of them were ticked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chalicelib.domain.answers import TICKED
from chalicelib.domain.language import Language
from chalicelib.domain.topic import Topic
from chalicelib.web.posted import Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicView:
    """One tick."""

    name: str
    value: str
    title: str
    description: str
    chosen: bool


def topic_views(topics: Iterable[Topic], *, chosen: Collection[str], language: Language) -> tuple[TopicView, ...]:
    return tuple(
        TopicView(
            name=_name(topic),
            value=TICKED,
            title=topic.title.within(language),
            description=topic.description.within(language),
            chosen=topic.id in chosen,
        )
        for topic in topics
    )


def ticked(posted: Posted, *, topics: Iterable[Topic]) -> tuple[str, ...]:
    """The ids of the topics that were ticked, in their order."""
    return tuple(topic.id for topic in topics if posted.get(_name(topic)) == TICKED)


def titles(ids: Collection[str], *, topics: Iterable[Topic], language: Language) -> str:
    """What topics are called, in one line; one that is no topic any more is left out."""
    return ", ".join(topic.title.within(language) for topic in topics if topic.id in ids)


def _name(topic: Topic) -> str:
    return f"topic_{topic.id}"
