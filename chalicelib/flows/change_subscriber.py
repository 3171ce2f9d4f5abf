"""Change a subscriber: read him, let a verb of his say what he becomes, write that; again when another was first."""

from collections.abc import Callable

from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.domain.subscriber import Subscriber
from chalicelib.ports import Store

TRIES = 10


def change_subscriber(
    subscriber_id: str, change: Callable[[Subscriber], Subscriber], *, store: Store
) -> Subscriber | None:
    """The subscriber as he is then; None when there is none. Raises StorageUnavailable."""
    for _ in range(TRIES):
        unit = store.unit_of_work()
        subscriber = unit.subscribers.get(subscriber_id)
        if subscriber is None:
            return None
        changed = change(subscriber)
        if changed == subscriber:
            return subscriber
        written = unit.subscribers.update(changed)
        try:
            unit.commit()
        except Changed:
            continue
        return written
    raise StorageUnavailable("a subscriber kept changing")
