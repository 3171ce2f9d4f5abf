"""Register: turn what a form sent into one order, however often it is sent."""

import logging
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.answers import Answers
from chalicelib.domain.error import CodeTaken, OrderExists, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order, State, place_order
from chalicelib.ports import Store

log = logging.getLogger(__name__)

# With one form key somebody can let an order go and begin anew; this often is no longer a person.
MOST_GENERATIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A form that was sent: its key, what it was for, the answers, and the text beside the newsletter's tick."""

    form_key: str
    offer: Offer
    answers: Answers
    language: Language
    source: str
    consent_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The order that a form key leads to; `changed` when it holds other answers than were sent now."""

    order: Order
    changed: bool


def register(submission: Submission, *, store: Store, identity: Identity, now: datetime) -> Registration:
    """Find or place the order of this form key.

    An order that was let go passes its key on to the next one, so the key always leads to the one that counts.
    Raises StorageUnavailable; sending the same form again is then harmless.
    """
    fingerprint, form_key = identity.fingerprint(submission.answers), submission.form_key
    for generation in range(MOST_GENERATIONS):
        order_id = identity.order_id(offer_id=submission.offer.id, form_key=form_key)
        order = store.unit_of_work().orders.get(order_id)
        if order is None:
            order = _place(order_id, submission, generation=generation, store=store, identity=identity, now=now)
        if order.state is not State.EXPIRED:
            return Registration(order=order, changed=order.fingerprint != fingerprint)
        # the same key that "begin anew" on that order's page gives: both roads lead to one order
        form_key = identity.form_key_after(order.id)
    raise StorageUnavailable(f"{MOST_GENERATIONS} orders with one form key")


def _place(
    order_id: str, submission: Submission, *, generation: int, store: Store, identity: Identity, now: datetime
) -> Order:
    for attempt in range(20):
        order = place_order(
            order_id=order_id,
            code=identity.order_code(order_id=order_id, prefix=submission.offer.code_prefix, now=now, attempt=attempt),
            offer=submission.offer,
            generation=generation,
            fingerprint=identity.fingerprint(submission.answers),
            language=submission.language,
            now=now,
        )
        unit = store.unit_of_work()
        unit.orders.add(order)
        unit.codes.add(code=order.code, order_id=order_id)
        unit.buyers.add(Buyer(order_id=order_id, answers=submission.answers))
        if submission.answers.newsletter:
            unit.consents.add(_newsletter_consent(order_id, submission, now=now))
        try:
            unit.commit()
        except CodeTaken:
            continue
        except OrderExists:
            # the other half of a double click was first
            existing = store.unit_of_work().orders.get(order_id)
            assert existing is not None, "orders are never deleted"
            return existing
        log.info("order_placed order_id=%s offer_id=%s amount_cents=%d", order.id, order.offer_id, order.total_cents)
        return order
    raise StorageUnavailable("20 order codes in a row were taken")


def _newsletter_consent(order_id: str, submission: Submission, *, now: datetime) -> Consent:
    return Consent(
        order_id=order_id,
        purpose="newsletter",
        text=submission.consent_text,
        language=submission.language,
        source=submission.source,
        given_at=now,
    )
