"""Register: turn the answers to a form into one order, however often they are sent."""

import logging
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.answers import Answers
from chalicelib.domain.error import CodeTaken, OrderExists, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order, State, place_order
from chalicelib.ports import ConsentText, Store

log = logging.getLogger(__name__)

# With one form key somebody can let an order go and begin anew; this often is no longer a person.
MOST_GENERATIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The order that a form key leads to; `changed` when it holds other answers than were sent now."""

    order: Order
    changed: bool


def register(
    *,
    answers: Answers,
    offer: Offer,
    form_key: str,
    language: Language,
    source: str,
    consent_text: ConsentText,
    store: Store,
    identity: Identity,
    now: datetime,
) -> Registration:
    """Find or place the order of this form key.

    Orders of one key that were let go are passed over, so the key always leads to the one that counts.
    Raises StorageUnavailable; sending the same form again is then harmless.
    """
    fingerprint = identity.fingerprint(answers)
    generation = 0
    while generation < MOST_GENERATIONS:
        order_id = identity.order_id(offer_id=offer.id, form_key=form_key, generation=generation)
        order = store.unit_of_work().orders.get(order_id)
        if order is None:
            try:
                return _place(
                    order_id=order_id,
                    answers=answers,
                    offer=offer,
                    generation=generation,
                    fingerprint=fingerprint,
                    language=language,
                    source=source,
                    consent_text=consent_text,
                    store=store,
                    identity=identity,
                    now=now,
                )
            except OrderExists:
                continue  # the other half of a double click was first: read what it made
        if order.state is not State.EXPIRED:
            return Registration(order=order, changed=order.fingerprint != fingerprint)
        generation += 1
    raise StorageUnavailable(f"{MOST_GENERATIONS} orders with one form key")


def _place(
    *,
    order_id: str,
    answers: Answers,
    offer: Offer,
    generation: int,
    fingerprint: str,
    language: Language,
    source: str,
    consent_text: ConsentText,
    store: Store,
    identity: Identity,
    now: datetime,
) -> Registration:
    for attempt in range(20):
        code = identity.order_code(order_id=order_id, prefix=offer.code_prefix, now=now, attempt=attempt)
        order = place_order(
            order_id=order_id,
            code=code,
            offer=offer,
            generation=generation,
            fingerprint=fingerprint,
            language=language,
            now=now,
        )
        unit = store.unit_of_work()
        unit.orders.add(order)
        unit.codes.add(code=code, order_id=order_id)
        unit.buyers.add(Buyer(order_id=order_id, answers=answers))
        if answers.newsletter:
            text = consent_text("newsletter", language)
            unit.consents.add(
                Consent(
                    order_id=order_id, purpose="newsletter", text=text, language=language, source=source, given_at=now
                )
            )
        try:
            unit.commit()
        except CodeTaken:
            continue
        log.info("order_placed order_id=%s offer_id=%s amount_cents=%d", order.id, offer.id, order.total_cents)
        return Registration(order=order, changed=False)
    raise StorageUnavailable("20 order codes in a row were taken")
