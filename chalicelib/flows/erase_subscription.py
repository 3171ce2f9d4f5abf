"""Erase a subscription: nothing is left of it but, where the address is not to be mailed, what stands for it."""

import logging
from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.suppression import suppression_id
from chalicelib.ports import Store, UnitOfWork

log = logging.getLogger(__name__)

TRIES = 10


def erase_subscription(
    email: str, *, store: Store, identity: Identity, beside: Callable[[UnitOfWork], None] = lambda _: None
) -> bool:
    """Whether there was something to erase; `beside` stages what else has to be written then.

    A suppression loses the address and stays, so that nobody mails it again. Raises StorageUnavailable.
    """
    for _ in range(TRIES):
        unit = store.unit_of_work()
        subscriber = unit.subscribers.get(identity.subscriber_id(email))
        suppression = unit.suppressions.get(suppression_id(email, identity=identity))
        if subscriber:
            unit.subscribers.remove(subscriber)
        if suppression and suppression.email:
            unit.suppressions.keep(replace(suppression, email=""))
        elif subscriber is None:
            return False
        beside(unit)
        try:
            unit.commit()
        except Changed:
            continue
        log.info("subscription_erased subscriber_id=%s", identity.subscriber_id(email))
        return True
    raise StorageUnavailable("a subscriber kept changing")
