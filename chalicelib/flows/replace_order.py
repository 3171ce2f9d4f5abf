"""Replace an open order by one with changed answers: the old one is closed at the payment service first."""

from datetime import datetime

from chalicelib.domain.identity import Identity
from chalicelib.domain.link import Links
from chalicelib.domain.state import State
from chalicelib.flows.decide import Submission, decide
from chalicelib.flows.register import Registered, register
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
) -> Registered:
    """Register after releasing the order that the visitor saw and chose to replace, and only that one.

    Raises RegistrationRefused, before anything is released unless it is for want of seats, or Unavailable; repeating
    is harmless. When the old order turns out to be paid, that one is given back.
    """
    registration = register(submission, store=store, identity=identity, emails=emails, now=now)
    if not registration.changed or registration.order.id != replaces or registration.order.state is not State.PENDING:
        return registration
    offer, order_id = submission.offer, registration.order.id
    decide(submission, offer=offer, order_id=order_id, store=store, identity=identity, now=now)
    released = release_order(registration.order, store=store, gateway=gateway, emails=emails, links=links, now=now)
    if released.state is not State.EXPIRED:
        return Registered(order=released, changed=True)
    return register(submission, store=store, identity=identity, emails=emails, now=now)
