"""An order as pages and mails show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.attendee import Attendee
from chalicelib.domain.draft import Draft
from chalicelib.domain.language import Language
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.link import Links
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.state import State
from chalicelib.rendering.bill import VatView, vat_view
from chalicelib.rendering.event_view import EventView, event_view, group_title
from chalicelib.rendering.money_view import MoneyView, money_view
from chalicelib.rendering.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line: what, for whom, in which group, at which price and by which rule; cents."""

    label: str
    name: str
    group: str
    rule: str
    quantity: int
    unit_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as pages and mails show it; `goes_on_at` leads to a form that waits for it, if any.

    `payment_failed`: it has lapsed because a payment that was begun did not come.
    """

    code: str
    state: State
    confirmed: bool
    offer_title: str
    organisation: str
    name: str
    email: str
    reference: str
    lines: tuple[LineView, ...]
    places: int
    event: EventView | None
    total_cents: int
    show_vat: bool
    vat_lines: tuple[VatView, ...]
    created_at: datetime
    hold_until: datetime | None
    paid_at: datetime | None
    payment_failed: bool
    money: MoneyView
    membership: Membership | None
    form_url: str
    goes_on_at: str
    goes_on_until: datetime | None


def order_view(
    order: Order,
    *,
    buyer: Buyer | None,
    attendees: Sequence[Attendee],
    offer: Offer,
    membership: Membership | None,
    show_vat: bool,
    texts: Texts,
    language: Language,
    links: Links,
    draft: Draft | None = None,
    ledger: Ledger | None = None,
    payment_failed: bool = False,
) -> OrderView:
    """What is shown of an order; of a buyer who was erased nothing is, whatever the books still know of him."""
    answers = buyer.answers if buyer and buyer.known else None
    return OrderView(
        code=order.code,
        state=order.state,
        confirmed=order.confirmed,
        offer_title=order.lines[0].label.within(language),
        organisation=answers.organisation if answers else "",
        name=answers.name if answers else "",
        email=answers.email if answers else "",
        reference=answers.reference if answers else "",
        lines=_lines(order, attendees=attendees, offer=offer, texts=texts, language=language),
        places=sum(line.quantity for line in order.lines),
        event=event_view(offer, texts=texts, language=language) if offer.event else None,
        total_cents=order.total_cents,
        show_vat=show_vat and order.total_cents > 0,
        vat_lines=tuple(vat_view(part) for part in order.vat_parts()),
        created_at=order.created_at,
        hold_until=order.hold_until if order.state is State.PENDING else None,
        paid_at=order.paid_at,
        payment_failed=payment_failed and order.state is State.EXPIRED,
        money=money_view(order, ledger=ledger or Ledger()),
        membership=membership,
        form_url=links.form(order.offer_id, language),
        goes_on_at=links.draft(draft.id, language) if draft else "",
        goes_on_until=draft.expires_at if draft else None,
    )


def _lines(
    order: Order, *, attendees: Sequence[Attendee], offer: Offer, texts: Texts, language: Language
) -> tuple[LineView, ...]:
    people = {attendee.number: attendee for attendee in attendees}
    views = []
    for line in order.lines:
        person = people.get(line.attendee)
        views.append(
            LineView(
                label=line.label.within(language),
                name=person.name or texts("order.erased") if person else "",
                group=group_title(offer, person.group, language=language) if person else "",
                rule=line.reason.rule.value,
                quantity=line.quantity,
                unit_cents=line.unit_cents,
                total_cents=line.total_cents,
            )
        )
    return tuple(views)
