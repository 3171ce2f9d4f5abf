"""Add a subscriber: somebody of the staff types a reader in, and a mail asks him whether he wants it."""

import logging
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.email import new_question
from chalicelib.domain.identity import Identity
from chalicelib.domain.limit import MINUTE, Limit
from chalicelib.domain.refusal import TooMany
from chalicelib.domain.subscriber import Standing
from chalicelib.flows.subscribe import Wish, asked_already, subscribe, suppressed
from chalicelib.ports import Queue, Store, Tallies

log = logging.getLogger(__name__)

# Who has more readers than this to type in has a list, and an import asks them one by one.
BY_STAFF = Limit(name="readers typed in", most=50, period=60 * MINUTE)


class WhyNot(StrEnum):
    """Why somebody is not asked; the door has the words."""

    SUBSCRIBED = "subscribed"
    LEFT = "left"
    SUPPRESSED = "suppressed"


class SubscriberRefused(Exception):
    """Nobody is asked, and nothing is kept: he reads it already, has left, or is mailed no more."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


def add_subscriber(
    wish: Wish,
    *,
    key: str,
    by: str,
    store: Store,
    tallies: Tallies,
    identity: Identity,
    emails: Queue,
    now: datetime,
) -> str:
    """Keep him as one who has not confirmed, in one commit with who typed him in, and have him asked; his id.

    Pressed twice, or asked today already, nothing is done. Raises SubscriberRefused, TooMany or StorageUnavailable.
    """
    subscriber_id, unit = identity.subscriber_id(wish.email), store.unit_of_work()
    known = unit.subscribers.get(subscriber_id)
    if known and known.standing is Standing.CONFIRMED:
        raise SubscriberRefused(WhyNot.SUBSCRIBED)
    if known and known.unsubscribed_at:
        # only he himself can take that back
        raise SubscriberRefused(WhyNot.LEFT)
    if suppressed(wish.email, unit=unit, identity=identity):
        raise SubscriberRefused(WhyNot.SUPPRESSED)
    question = new_question(subscriber_id=subscriber_id, language=wish.asked.language, now=now)
    if asked_already(wish, question=question, unit=unit):
        return subscriber_id
    tally = BY_STAFF.tally(identity.subject(BY_STAFF.name, by), now=now)
    if tallies.count(tally) > BY_STAFF.most:
        raise TooMany(BY_STAFF.name, minutes=tally.minutes_left(now=now))
    # the log may not hold the address; by this much of its id whoever has the address finds it
    entry = AuditEntry(
        id=key, at=now, by=by, deed=Deed.SUBSCRIBER_ADDED, subject=f"abonnee {subscriber_id[:12]}", facts={}
    )
    subscribe(wish, store=store, identity=identity, emails=emails, now=now, entry=entry)
    log.info("subscriber_added subscriber_id=%s", subscriber_id)
    return subscriber_id
