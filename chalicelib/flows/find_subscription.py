"""Find a subscription: all that lies here about one address and the newsletter."""

from chalicelib.domain.identity import Identity
from chalicelib.domain.subscription import Subscription
from chalicelib.domain.suppression import suppression_id
from chalicelib.ports import Lists, Store


def find_subscription(email: str, *, store: Store, lists: Lists, identity: Identity) -> Subscription:
    """The subscription, of which nothing may be known. Raises StorageUnavailable."""
    unit, subscriber_id = store.unit_of_work(), identity.subscriber_id(email)
    return Subscription(
        subscriber=unit.subscribers.get(subscriber_id),
        suppression=unit.suppressions.get(suppression_id(email, identity=identity)),
        questions=tuple(lists.questions(subscriber_id)),
        received=tuple(lists.received(subscriber_id)),
    )
