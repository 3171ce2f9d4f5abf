"""A subscriber: who gets the newsletter, what of it, and the proof that he wants it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.calendar import local_date
from chalicelib.domain.language import Language

# Who has not confirmed by then is forgotten; an import waits as long for the answers to its mail.
PATIENCE = timedelta(days=30)


class Standing(StrEnum):
    """Whether somebody is mailed."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class Means(StrEnum):
    """By what somebody asked for the newsletter, or said that he wants it."""

    FORM = "form"
    ORDER = "order"
    LINK = "link"
    IMPORT = "import"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What can be shown later: which text was read, in which language, when, where and by which means.

    `source` is the page or file, `detail` what proves it further: the id of the mail whose link was followed, or what
    an import says of where its list comes from.
    """

    means: Means
    text: str
    language: Language
    source: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Somebody by his address; the id stands for the address without telling it.

    `asked` is how he came to be here, `confirmed` how he said that it is he who wants it (None: he has not), `wanted`
    are topics that somebody asked for in his name since then, which count once he confirms them: until then whoever
    has left has left, and is not forgotten. `paused_until` is the first day on which he is mailed again.
    """

    id: str
    email: str
    name: str
    language: Language
    topics: tuple[str, ...]
    wanted: tuple[str, ...]
    standing: Standing
    asked: Evidence
    confirmed: Evidence | None
    paused_until: date | None
    unsubscribed_at: datetime | None
    version: int

    def mailed(self, topic: str, *, now: datetime) -> bool:
        """Whether an issue of this topic goes to him now."""
        waits = self.paused_until is not None and local_date(now) < self.paused_until
        return self.standing is Standing.CONFIRMED and topic in self.topics and not waits

    def forgotten(self, *, now: datetime) -> bool:
        """Whether he did not answer in time; the table lets go of him by itself, which may take a while."""
        return self.standing is Standing.UNCONFIRMED and self.asked.at + PATIENCE <= now

    def pending(self, *, now: datetime) -> tuple[str, ...]:
        """The topics that wait for his yes; whoever is not subscribed can say it for a while."""
        lapsed = self.standing is not Standing.CONFIRMED and self.asked.at + PATIENCE <= now
        return () if lapsed else self.wanted

    def asks(self, *, topics: tuple[str, ...], name: str, language: Language, asked: Evidence) -> Subscriber:
        """After a form was filled in with his address, by him or by somebody else: nothing that he has is lost."""
        wanted = _and(self.pending(now=asked.at), _without(topics, self.topics))
        if self.standing is Standing.CONFIRMED:
            return replace(self, wanted=wanted)
        return replace(self, name=name or self.name, language=language, wanted=wanted, asked=asked)

    def confirms(self, evidence: Evidence, *, topics: tuple[str, ...] | None = None) -> Subscriber:
        """He says that it is he: what was asked in his name counts from now on, as far as he read it (None: all)."""
        rest = () if topics is None else _without(self.wanted, topics)
        agreed = _without(self.wanted, rest)
        if not agreed:
            return self
        return replace(
            self,
            topics=_and(self.topics, agreed),
            wanted=rest,
            standing=Standing.CONFIRMED,
            confirmed=evidence,
            paused_until=None if self.standing is not Standing.CONFIRMED else self.paused_until,
            unsubscribed_at=None,
        )

    def declines(self, topics: tuple[str, ...], *, now: datetime) -> Subscriber | None:
        """He did not ask this: it is asked no more, and who had left has left again; None when nothing of him stays."""
        match self.standing:
            case Standing.UNCONFIRMED:
                return None
            case Standing.CONFIRMED:
                return replace(self, wanted=_without(self.wanted, topics))
            case Standing.UNSUBSCRIBED:
                return self.unsubscribes(now=now)

    def prefers(
        self, *, topics: tuple[str, ...], language: Language, paused_until: date | None, now: datetime
    ) -> Subscriber:
        """What he chose himself on his page; with no topic left he has unsubscribed."""
        if not topics:
            return self.unsubscribes(now=now)
        return replace(self, topics=topics, wanted=(), language=language, paused_until=paused_until)

    def unsubscribes(self, *, now: datetime) -> Subscriber:
        """Nothing is sent any more, and nothing is asked; again and again it stays as it was the first time."""
        if self.standing is Standing.UNSUBSCRIBED and not self.wanted:
            return self
        return replace(self, standing=Standing.UNSUBSCRIBED, topics=(), wanted=(), unsubscribed_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedSubscribers:
    """Which subscribers are asked for: of one standing, and of one topic; None and empty for all."""

    standing: Standing | None = None
    topic: str = ""

    def takes(self, subscriber: Subscriber, *, now: datetime) -> bool:
        """Whether he is one of them; whoever did not answer in time is nobody's any more."""
        if subscriber.forgotten(now=now):
            return False
        right = self.standing in (None, subscriber.standing)
        return right and (not self.topic or self.topic in (*subscriber.topics, *subscriber.wanted))


def new_subscriber(
    email: str, *, subscriber_id: str, name: str, language: Language, topics: tuple[str, ...], asked: Evidence
) -> Subscriber:
    """Somebody in whose name a form was filled in; nothing but a question is sent to him before he confirms."""
    return Subscriber(
        id=subscriber_id,
        email=email,
        name=name,
        language=language,
        topics=(),
        wanted=topics,
        standing=Standing.UNCONFIRMED,
        asked=asked,
        confirmed=None,
        paused_until=None,
        unsubscribed_at=None,
        version=1,
    )


def _and(topics: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return topics + _without(more, topics)


def _without(topics: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(topic for topic in topics if topic not in others)
