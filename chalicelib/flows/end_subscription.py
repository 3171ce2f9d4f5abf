"""End a subscription: somebody asked the secretariat not to be mailed any more."""

import logging
from datetime import datetime

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.error import ChangedMeanwhile, Conflict
from chalicelib.domain.subscriber import Subscriber
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def end_subscription(subscriber: Subscriber, *, key: str, by: str, seen: int, store: Store, now: datetime) -> None:
    """Unsubscribe him, in one commit with who did it; whoever has unsubscribed already stays as he is.

    Raises ChangedMeanwhile when he is not as whoever decides saw him, or StorageUnavailable.
    """
    after = subscriber.unsubscribes(now=now)
    if after == subscriber:
        return
    if subscriber.version != seen:
        raise ChangedMeanwhile(subscriber.id)
    unit = store.unit_of_work()
    unit.subscribers.update(after)
    # the log may not hold the address; by this much of its id whoever has the address finds it
    entry = AuditEntry(
        id=key, at=now, by=by, deed=Deed.SUBSCRIBER_ENDED, subject=f"abonnee {subscriber.id[:12]}", facts={}
    )
    unit.audit.add(entry)
    try:
        unit.commit()
    except Conflict as conflict:
        raise ChangedMeanwhile(subscriber.id) from conflict
    log.info("subscription_ended subscriber_id=%s", subscriber.id)
