"""Keep preferences: what a subscriber chose on his own page."""

from datetime import date

from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Evidence, Standing, Subscriber
from chalicelib.flows.change_subscriber import change_subscriber
from chalicelib.ports import Store


def keep_preferences(
    subscriber_id: str,
    *,
    topics: tuple[str, ...],
    language: Language,
    paused_until: date | None,
    evidence: Evidence,
    store: Store,
) -> Subscriber | None:
    """The subscriber as he is then, None when there is none; with no topic left he has unsubscribed.

    What he adds is asked and confirmed by himself, so that the proof says so. Raises StorageUnavailable.
    """

    def prefer(subscriber: Subscriber) -> Subscriber:
        if subscriber.standing is not Standing.CONFIRMED:
            return subscriber
        added = tuple(topic for topic in topics if topic not in subscriber.topics)
        if added:
            asking = subscriber.asks(topics=added, name=subscriber.name, language=language, asked=evidence)
            subscriber = asking.confirms(evidence, topics=added)
        return subscriber.prefers(topics=topics, language=language, paused_until=paused_until, now=evidence.at)

    return change_subscriber(subscriber_id, prefer, store=store)
