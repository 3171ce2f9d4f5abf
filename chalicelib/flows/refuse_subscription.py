"""Refuse a subscription: somebody says that he did not ask it, and is forgotten at once if that is all there is."""

import logging
from datetime import datetime

from chalicelib.domain.identity import Identity
from chalicelib.domain.subscriber import Subscriber
from chalicelib.flows.change_subscriber import change_subscriber
from chalicelib.flows.erase_subscription import erase_subscription
from chalicelib.ports import Lists, Store

log = logging.getLogger(__name__)


def refuse_subscription(
    subscriber_id: str, *, topics: tuple[str, ...], store: Store, lists: Lists, identity: Identity, now: datetime
) -> Subscriber | None:
    """The subscriber as he is then, None when there is none any more; `topics` are those that stood beside the button.

    Raises StorageUnavailable.
    """
    forgets = False

    def decline(subscriber: Subscriber) -> Subscriber:
        nonlocal forgets
        after = subscriber.declines(topics, now=now)
        forgets = after is None
        return after or subscriber

    subscriber = change_subscriber(subscriber_id, decline, store=store)
    if subscriber is None:
        return None
    log.info("subscription_refused subscriber_id=%s", subscriber_id)
    if forgets:
        erase_subscription(
            subscriber.email,
            store=store,
            lists=lists,
            identity=identity,
            # he may say yes at this very moment, on another screen
            goes=lambda each: each.declines(topics, now=now) is None,
        )
        return store.unit_of_work().subscribers.get(subscriber_id)
    return subscriber
