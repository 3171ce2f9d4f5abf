"""Unsubscribe: whoever has the link gets nothing any more, however often and by whatever it is pressed."""

import logging
from datetime import datetime

from chalicelib.domain.subscriber import Standing, Subscriber
from chalicelib.flows.change_subscriber import change_subscriber
from chalicelib.flows.record_copy import record_leaving
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def unsubscribe(subscriber_id: str, *, issue_id: str, store: Store, now: datetime) -> Subscriber | None:
    """The subscriber as he is then, None when there is none; `issue_id` is what his link says of the issue it stood in.

    Raises StorageUnavailable.
    """
    left = False

    def leave(subscriber: Subscriber) -> Subscriber:
        nonlocal left
        left = subscriber.standing is not Standing.UNSUBSCRIBED
        return subscriber.unsubscribes(now=now)

    subscriber = change_subscriber(subscriber_id, leave, store=store)
    if left:
        log.info("unsubscribed subscriber_id=%s from_issue=%s", subscriber_id, bool(issue_id))
        if issue_id:
            record_leaving(subscriber_id, issue_id=issue_id, store=store)
    return subscriber
