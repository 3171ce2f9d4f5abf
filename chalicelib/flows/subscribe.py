"""Subscribe: write that somebody asks for the newsletter, and ask by mail whether it is he."""

import logging
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.email import new_question
from chalicelib.domain.error import AlreadyExists, Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.subscriber import Evidence, Subscriber, new_subscriber
from chalicelib.domain.suppression import suppression_id
from chalicelib.flows.dispatch import dispatch
from chalicelib.ports import Queue, Store, UnitOfWork

log = logging.getLogger(__name__)

TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which topics are asked for in whose name, and how; the name of whoever it is may be empty."""

    email: str
    name: str
    topics: tuple[str, ...]
    asked: Evidence


def subscribe(wish: Wish, *, store: Store, identity: Identity, emails: Queue, now: datetime) -> None:
    """Keep the wish, and have its question sent unless one was today. Raises StorageUnavailable.

    Whoever asks learns nothing by it: whether somebody is subscribed, or is never mailed, only his own mailbox tells.
    """
    for _ in range(TRIES):
        unit = store.unit_of_work()
        if suppressed(wish.email, unit=unit, identity=identity):
            log.info("subscription_not_asked reason=suppressed")
            return
        subscriber, changed = stage_wish(wish, unit=unit, identity=identity)
        question = new_question(subscriber_id=subscriber.id, language=wish.asked.language, now=now)
        asked_today = unit.emails.get(question.id) is not None
        if not asked_today:
            unit.emails.add(question)
        try:
            if changed or not asked_today:
                unit.commit()
        except (AlreadyExists, Changed):
            continue  # the other half of a double click, or whoever confirms at this moment
        log.info("subscription_asked subscriber_id=%s asked_today=%s", subscriber.id, asked_today)
        dispatch([] if asked_today else [question], queue=emails)
        return
    raise StorageUnavailable("a subscriber kept changing")


def stage_wish(wish: Wish, *, unit: UnitOfWork, identity: Identity) -> tuple[Subscriber, bool]:
    """Stage what is asked in somebody's name: the subscriber as he is then, and whether that is something new."""
    subscriber_id = identity.subscriber_id(wish.email)
    known = unit.subscribers.get(subscriber_id)
    if known is None:
        subscriber = new_subscriber(
            wish.email,
            subscriber_id=subscriber_id,
            name=wish.name,
            language=wish.asked.language,
            topics=wish.topics,
            asked=wish.asked,
        )
        unit.subscribers.add(subscriber)
        return subscriber, True
    asking = known.asks(topics=wish.topics, name=wish.name, language=wish.asked.language, asked=wish.asked)
    return (known, False) if asking == known else (unit.subscribers.update(asking), True)


def suppressed(address: str, *, unit: UnitOfWork, identity: Identity) -> bool:
    """Whether nothing is sent to this address any more."""
    return unit.suppressions.get(suppression_id(address, identity=identity)) is not None
