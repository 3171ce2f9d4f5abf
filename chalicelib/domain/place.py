"""Place an order: its lines at the prices that were decided, with a hold, or confirmed at once when it is free."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.attendee import Attendee
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import GRACE, Order, OrderLine, hold_end
from chalicelib.domain.price import Price
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import SEATING, State


def place_order(
    *,
    order_id: str,
    code: str,
    offer: Offer,
    lines: tuple[OrderLine, ...],
    generation: int,
    fingerprint: str,
    language: Language,
    draft_id: str,
    now: datetime,
    holders: tuple[str, ...] = (),
    host_page: str = "",
) -> Order:
    """A new order of these lines; what costs nothing has nothing to wait for."""
    free = not sum(line.total_cents for line in lines)
    state, hold_until = (State.CONFIRMED, now) if free else (State.PENDING, hold_end(now))
    return Order(
        id=order_id,
        code=code,
        offer_id=offer.id,
        generation=generation,
        fingerprint=fingerprint,
        language=language,
        state=state,
        seating=SEATING[state] if offer.event else Seating.NONE,
        lines=lines,
        currency="EUR",
        attempt=1,
        session_id="",
        created_at=now,
        hold_until=hold_until,
        due=None if free else hold_until + GRACE,
        paid_at=None,
        payment_id="",
        draft_id=draft_id,
        holders=() if free else holders,
        host_page=host_page,
        paid_cents=0,
        refunded_cents=0,
        disputed_cents=0,
        disputed=False,
        version=1,
    )


def membership_lines(offer: Offer, *, price: Price) -> tuple[OrderLine, ...]:
    """The one line of an offer that is not for attendees."""
    return (_line(offer, price=price, attendee=0, counters=()),)


def attendee_lines(offer: Offer, *, attendees: Sequence[Attendee], prices: Sequence[Price]) -> tuple[OrderLine, ...]:
    """A line for each attendee, so that everybody's price has its own reason."""
    return tuple(
        _line(
            offer,
            price=price,
            attendee=attendee.number,
            counters=offer.counters(attendee.group),
        )
        for attendee, price in zip(attendees, prices, strict=True)
    )


def _line(offer: Offer, *, price: Price, attendee: int, counters: tuple[str, ...]) -> OrderLine:
    return OrderLine(
        offer_id=offer.id,
        label=offer.title,
        description=offer.price_note or offer.summary,
        attendee=attendee,
        quantity=1,
        unit_cents=price.cents,
        reason=price.reason,
        vat=offer.vat,
        starts=offer.kind,
        term_months=offer.term_months,
        counters=counters,
    )
