"""Erase a subscription: nothing is left of it but, where the address is not to be mailed, what stands for it."""

import logging
from collections.abc import Callable
from functools import partial

from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.subscriber import Subscriber
from chalicelib.ports import Lists, Store, UnitOfWork

log = logging.getLogger(__name__)

# DynamoDB takes a hundred writes at once; beside these there are the subscriber and what the log says.
MOST, TRIES = 80, 20


def erase_subscription(
    email: str,
    *,
    store: Store,
    lists: Lists,
    identity: Identity,
    goes: Callable[[Subscriber], bool] = lambda _: True,
    beside: Callable[[UnitOfWork], None] = lambda _: None,
) -> bool:
    """Whether there was something to erase; `goes` says whether he is still one to be erased as he is now, `beside`
    stages what else has to be written then.

    With him goes what was mailed to him: the questions, and his copies of issues. When that is too much for one commit
    he himself goes with the last, so that doing it again finishes it. A suppression stays, which does not hold the
    address, so that nobody mails it again. Raises StorageUnavailable.
    """
    subscriber_id = identity.subscriber_id(email)
    for _ in range(TRIES):
        unit = store.unit_of_work()
        subscriber = unit.subscribers.get(subscriber_id)
        if subscriber and not goes(subscriber):
            return False
        gone = [partial(unit.copies.remove, copy) for _, copy in lists.received(subscriber_id)]
        gone += [partial(unit.emails.remove, question) for question in lists.questions(subscriber_id)]
        if not (subscriber or gone):
            return False
        for remove in gone[:MOST]:
            remove()
        last = len(gone) <= MOST
        if last:
            beside(unit)
        if last and subscriber:
            unit.subscribers.remove(subscriber)
        try:
            unit.commit()
        except Changed:
            continue
        if last:
            log.info("subscription_erased subscriber_id=%s mails=%d", subscriber_id, len(gone))
            return True
    raise StorageUnavailable("a subscriber kept changing")
