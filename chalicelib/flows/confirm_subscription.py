"""Confirm a subscription: somebody says that it is he who wants it, and by which mail he came to say so."""

import logging
from dataclasses import replace

from chalicelib.domain.email import EmailKind
from chalicelib.domain.subscriber import Evidence, Standing, Subscriber
from chalicelib.flows.change_subscriber import change_subscriber
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def confirm_subscription(subscriber_id: str, *, email_id: str, evidence: Evidence, store: Store) -> Subscriber | None:
    """The subscriber as he is then: confirmed, unless he has unsubscribed or waited too long; None when there is none.

    `email_id` is what the link says of the mail that it stood in. Raises StorageUnavailable.
    """
    proof = replace(evidence, detail=_question(email_id, subscriber_id=subscriber_id, store=store))

    def confirm(subscriber: Subscriber) -> Subscriber:
        pending = subscriber.wanted or subscriber.standing is Standing.UNCONFIRMED
        return subscriber.confirms(proof) if pending and not subscriber.forgotten(now=evidence.at) else subscriber

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
        return asking.confirms(evidence)

    return change_subscriber(subscriber_id, ask, store=store)


def _question(email_id: str, *, subscriber_id: str, store: Store) -> str:
    """The id of the mail that asked him; empty when the link says another, or none."""
    email = store.unit_of_work().emails.get(email_id) if email_id else None
    asks = email is not None and email.kind is EmailKind.SUBSCRIPTION and email.subscriber_id in (subscriber_id, "")
    return email_id if asks else ""
