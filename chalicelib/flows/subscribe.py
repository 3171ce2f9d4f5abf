"""Subscribe: write that somebody asks for the newsletter, and ask by mail whether it is he."""

import logging
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.email import Email, new_question
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


def subscribe(
    wish: Wish,
    *,
    store: Store,
    identity: Identity,
    emails: Queue,
    now: datetime,
    entry: AuditEntry | None = None,
) -> None:
    """Keep the wish, and have its question sent unless one was today. Raises StorageUnavailable.

    Whoever asks learns nothing by it, neither from the answer nor from how long it takes: whoever it is, as much is
    read, there is one commit, and the queue is told of a question, which may be there or not. Whether somebody is
    subscribed, or is never mailed, only his own mailbox tells. The entry tells who of the staff typed it in.
    """
    subscriber_id = identity.subscriber_id(wish.email)
    question = new_question(subscriber_id=subscriber_id, language=wish.asked.language, now=now)
    for _ in range(TRIES):
        unit = store.unit_of_work()
        if entry is not None and asked_already(wish, question=question, unit=unit):
            return  # the other half of a double click told who typed it in
        blocked = suppressed(wish.email, unit=unit, identity=identity)
        known, asked_today = unit.subscribers.get(subscriber_id), unit.emails.get(question.id) is not None
        if blocked:
            unit.suppressions.stays(suppression_id(wish.email, identity=identity))
        else:
            asking = _stage(wish, known, subscriber_id=subscriber_id, unit=unit)
            if known and asking == known:
                unit.subscribers.unchanged(known)
            if not asked_today:
                unit.emails.add(question)
            if entry is not None:
                unit.audit.add(entry)
        try:
            unit.commit()
        except (AlreadyExists, Changed):
            continue  # the other half of a double click, or whoever confirms at this moment
        reason = "suppressed" if blocked else "asked_today" if asked_today else "none"
        log.info("subscription_asked subscriber_id=%s hindrance=%s", subscriber_id, reason)
        dispatch([question], queue=emails)
        return
    raise StorageUnavailable("a subscriber kept changing")


def stage_wish(wish: Wish, *, unit: UnitOfWork, identity: Identity) -> tuple[Subscriber, bool]:
    """Stage what is asked in somebody's name: the subscriber as he is then, and whether that is something new."""
    subscriber_id = identity.subscriber_id(wish.email)
    known = unit.subscribers.get(subscriber_id)
    subscriber = _stage(wish, known, subscriber_id=subscriber_id, unit=unit)
    return subscriber, subscriber != known


def _stage(wish: Wish, known: Subscriber | None, *, subscriber_id: str, unit: UnitOfWork) -> Subscriber:
    """The subscriber as he is then."""
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
        return subscriber
    asking = known.asks(topics=wish.topics, name=wish.name, language=wish.asked.language, asked=wish.asked)
    return known if asking == known else unit.subscribers.update(asking)


def asked_already(wish: Wish, *, question: Email, unit: UnitOfWork) -> bool:
    """Whether he was asked today, and nothing of this wish is new."""
    known = unit.subscribers.get(question.subscriber_id)
    has = {*known.topics, *known.wanted} if known else set[str]()
    return has.issuperset(wish.topics) and unit.emails.get(question.id) is not None


def suppressed(address: str, *, unit: UnitOfWork, identity: Identity) -> bool:
    """Whether nothing is sent to this address any more."""
    return unit.suppressions.get(suppression_id(address, identity=identity)) is not None
