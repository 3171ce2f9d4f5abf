"""Confirm a subscription: somebody says that it is he who wants it, and by which mail he came to say so."""

import logging
from dataclasses import replace

from chalicelib.domain.email import EmailKind
from chalicelib.domain.identity import Identity
from chalicelib.domain.subscriber import Evidence, Standing, Subscriber
from chalicelib.flows.change_subscriber import change_subscriber
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def confirm_subscription(
    subscriber_id: str,
    *,
    topics: tuple[str, ...],
    email_id: str,
    evidence: Evidence,
    store: Store,
    identity: Identity,
) -> Subscriber | None:
    """The subscriber as he is then: confirmed, unless it is too late; None when there is none.

    `topics` are those that stood beside the button: what was asked in his name since then waits. `email_id` is what
    the link says of the mail that it stood in. Raises StorageUnavailable.
    """
    question = _question(email_id, subscriber_id=subscriber_id, store=store, identity=identity)
    proof = replace(evidence, detail=question)

    def confirm(subscriber: Subscriber) -> Subscriber:
        return subscriber.confirms(proof, topics=topics) if subscriber.pending(now=evidence.at) else subscriber

    subscriber = change_subscriber(subscriber_id, confirm, store=store)
    if subscriber and subscriber.confirmed == proof:
        log.info("subscription_confirmed subscriber_id=%s", subscriber_id)
    return subscriber


def subscribe_again(
    subscriber_id: str, *, topics: tuple[str, ...], evidence: Evidence, store: Store
) -> Subscriber | None:
    """The subscriber as he is then: who had unsubscribed asks anew by his own link, which proves at once that it is he.

    Raises StorageUnavailable.
    """

    def ask(subscriber: Subscriber) -> Subscriber:
        if subscriber.standing is not Standing.UNSUBSCRIBED:
            return subscriber
        asking = subscriber.asks(topics=topics, name=subscriber.name, language=subscriber.language, asked=evidence)
        return asking.confirms(evidence, topics=topics)

    return change_subscriber(subscriber_id, ask, store=store)


def _question(email_id: str, *, subscriber_id: str, store: Store, identity: Identity) -> str:
    """The id of the mail that asked him; empty when the link says another, or none."""
    unit = store.unit_of_work()
    email = unit.emails.get(email_id) if email_id else None
    if email is None or email.kind is not EmailKind.SUBSCRIPTION:
        return ""
    buyer = unit.buyers.get(email.order_id) if email.order_id else None
    asked = identity.subscriber_id(buyer.answers.email) if buyer else email.subscriber_id
    return email_id if asked == subscriber_id else ""
