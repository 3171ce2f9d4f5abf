"""Replace an open order by one with changed answers: the old one is closed at the payment service first."""

from datetime import datetime

from chalicelib.domain.identity import Identity
from chalicelib.domain.link import Links
from chalicelib.domain.order import State
from chalicelib.flows.register import Registration, Submission, register
from chalicelib.flows.release_order import release_order
from chalicelib.ports import PaymentGateway, Queue, Store


def replace_order(
    replaces: str,
    *,
    submission: Submission,
    identity: Identity,
    store: Store,
    gateway: PaymentGateway,
    emails: Queue,
    links: Links,
    now: datetime,
) -> Registration:
    """Register after releasing the order that the visitor saw and chose to replace, and only that one.

    Raises Unavailable; repeating is harmless. When the old order turns out to be paid, that one is given back.
    """
    registration = register(submission, store=store, identity=identity, now=now)
    if not registration.changed or registration.order.id != replaces or registration.order.state is not State.PENDING:
        return registration
    released = release_order(registration.order, store=store, gateway=gateway, emails=emails, links=links, now=now)
    if released.state is not State.EXPIRED:
        return Registration(order=released, changed=True)
    return register(submission, store=store, identity=identity, now=now)
