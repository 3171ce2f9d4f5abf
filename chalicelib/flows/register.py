"""Register: turn what a form sent into one order, however often it is sent."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.email import Email
from chalicelib.domain.error import (
    AlreadyExists,
    Changed,
    HoldsTaken,
    OrderExists,
    RegistrationRefused,
    SeatsTaken,
    StorageUnavailable,
)
from chalicelib.domain.hold import kind_of
from chalicelib.domain.identity import Identity
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.place import place_order
from chalicelib.domain.refusal import TooManyHolds, refuse_unless_on_sale, refuse_without_seats
from chalicelib.domain.state import State
from chalicelib.flows.change_order import stage_holds, stage_seats
from chalicelib.flows.confirm_order import confirm_order
from chalicelib.flows.decide import Decision, Submission, decide, quote, refuse_known, seats_wanted
from chalicelib.flows.dispatch import dispatch
from chalicelib.ports import Queue, Store

log = logging.getLogger(__name__)

# With one form key somebody can let an order go and begin anew; this often is no longer a person.
MOST_GENERATIONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The order that a form key leads to; `changed` when what was sent now differs, or costs less now."""

    order: Order
    changed: bool


def nothing_against() -> None:
    """Whoever sends a form may place an order."""


def register(
    submission: Submission,
    *,
    store: Store,
    identity: Identity,
    emails: Queue,
    now: datetime,
    admit: Callable[[], None] = nothing_against,
) -> Registered:
    """Find or place the order of this form key.

    `admit` is asked when nothing else stands in the way of an order but who comes already, which is not told to
    whoever asks it too often; and never when the order is there already. It may be asked again for the same form.

    An order that was let go passes its key on to the next one, so the key always leads to the one that counts.
    Raises RegistrationRefused when it cannot be placed, or StorageUnavailable; sending the same form again is then
    harmless.
    """
    fingerprint, form_key = identity.fingerprint(submission.answers), submission.form_key
    for generation in range(MOST_GENERATIONS):
        order_id = identity.order_id(offer_id=submission.offer.id, form_key=form_key)
        order = store.unit_of_work().orders.get(order_id)
        if order is None:
            order = _place_once(
                order_id,
                submission,
                generation=generation,
                store=store,
                identity=identity,
                emails=emails,
                now=now,
                admit=admit,
            )
        if order.state is not State.EXPIRED:
            changed = order.fingerprint != fingerprint or _cheaper_now(order, submission, store=store, now=now)
            return Registered(order=order, changed=changed)
        # the same key that "begin anew" on that order's page gives: both roads lead to one order
        form_key = identity.form_key_after(order.id)
    raise StorageUnavailable(f"{MOST_GENERATIONS} orders with one form key")


def _cheaper_now(order: Order, submission: Submission, *, store: Store, now: datetime) -> bool:
    """Whether an open order asks more than the same form costs now, such as after becoming a member."""
    if order.state is not State.PENDING:
        return False
    answers, offer = submission.answers, submission.offer
    payers = [person.email for person in answers.people()] if offer.event else [""]
    return sum(price.cents for price in quote(payers, offer=offer, store=store, now=now)) < order.total_cents


def _place_once(
    order_id: str,
    submission: Submission,
    *,
    generation: int,
    store: Store,
    identity: Identity,
    emails: Queue,
    now: datetime,
    admit: Callable[[], None],
) -> Order:
    """The order, placed by us or by the other half of a double click: then it may have the very seat that is missed."""
    try:
        return _place(
            order_id,
            submission,
            generation=generation,
            store=store,
            identity=identity,
            emails=emails,
            now=now,
            admit=admit,
        )
    except (OrderExists, RegistrationRefused):
        order = store.unit_of_work().orders.get(order_id)
        if order is None:
            raise
        return order


def _place(
    order_id: str,
    submission: Submission,
    *,
    generation: int,
    store: Store,
    identity: Identity,
    emails: Queue,
    now: datetime,
    admit: Callable[[], None],
) -> Order:
    offer = submission.offer
    for attempt in range(20):
        # with what is true now; that it is still true when it is written, the write itself sees to
        counts = store.seats(offer.id) if offer.event else {}
        refuse_unless_on_sale(offer, counts=counts, now=now)
        refuse_without_seats(offer, wanted=seats_wanted(submission, offer=offer), counts=counts, now=now)
        decision = decide(submission, offer=offer, order_id=order_id, store=store, identity=identity, now=now)
        admit()
        refuse_known(decision.attendees, store=store)
        order = place_order(
            order_id=order_id,
            code=identity.order_code(order_id=order_id, prefix=offer.code_prefix, now=now, attempt=attempt),
            offer=offer,
            lines=decision.lines,
            generation=generation,
            fingerprint=identity.fingerprint(submission.answers),
            language=submission.language,
            draft_id=submission.draft_id,
            holders=tuple(holder.key for holder in submission.holders),
            host_page=submission.host_page,
            now=now,
        )
        try:
            outbox = _write(order, submission, offer=offer, decision=decision, store=store, now=now)
        except OrderExists:
            raise
        except HoldsTaken as conflict:
            raise _too_many_holds(conflict.key, store=store, now=now) from conflict
        except (AlreadyExists, SeatsTaken):
            continue  # another code; or what is left, and who is registered, is looked at again
        except Changed:
            offer = _read_again(offer, store=store)
            continue
        log.info("order_placed order_id=%s offer_id=%s amount_cents=%d", order.id, order.offer_id, order.total_cents)
        dispatch(outbox, queue=emails)
        return order
    raise StorageUnavailable("20 tries to place an order")


def _write(
    order: Order, submission: Submission, *, offer: Offer, decision: Decision, store: Store, now: datetime
) -> list[Email]:
    """All of an order in one commit; the emails it leaves in the outbox when it is confirmed at once."""
    unit = store.unit_of_work()
    unit.orders.add(order)
    unit.codes.add(code=order.code, order_id=order.id)
    # the attendees stand on their own, so that each can be corrected or erased
    buyer = Buyer(order_id=order.id, offer_id=order.offer_id, answers=replace(submission.answers, attendees=()))
    unit.buyers.add(buyer)
    for attendee in decision.attendees:
        unit.attendees.add(attendee)
    if submission.answers.newsletter:
        unit.consents.add(_newsletter_consent(order.id, submission, now=now))
    stage_seats(order, before=None, offer=offer, unit=unit)
    stage_holds(order, before=None, unit=unit, holders=submission.holders)
    outbox = (
        confirm_order(order, buyer=buyer, attendees=decision.attendees, unit=unit, now=now) if order.confirmed else []
    )
    unit.commit()
    return outbox


def _too_many_holds(holder: str, *, store: Store, now: datetime) -> TooManyHolds:
    count = store.unit_of_work().holds.get(holder)
    return TooManyHolds(kind_of(holder), minutes=count.minutes_left(now=now) if count else 1)


def _read_again(offer: Offer, *, store: Store) -> Offer:
    """The offer as somebody else has changed it meanwhile."""
    current = store.unit_of_work().offers.get(offer.id)
    if current is None:
        raise StorageUnavailable(f"offer {offer.id} is gone")
    return current


def _newsletter_consent(order_id: str, submission: Submission, *, now: datetime) -> Consent:
    return Consent(
        order_id=order_id,
        purpose="newsletter",
        text=submission.consent_text,
        language=submission.language,
        source=submission.source,
        given_at=now,
    )
