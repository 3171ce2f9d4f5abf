"""An order as pages and mails show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.membership import Membership
from chalicelib.domain.money import VatPart
from chalicelib.domain.order import Buyer, Order, OrderLine, State


@dataclass(frozen=True, slots=True, kw_only=True)
class VatView:
    """One rate as a reader sees it; cents."""

    rate: int
    net_cents: int
    vat_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order as pages and mails show it."""

    code: str
    state: State
    offer_title: str
    organisation: str
    name: str
    email: str
    reference: str
    lines: tuple[OrderLine, ...]
    total_cents: int
    show_vat: bool
    vat_lines: tuple[VatView, ...]
    created_at: datetime
    hold_until: datetime | None
    paid_at: datetime | None
    membership: Membership | None


def order_view(order: Order, *, buyer: Buyer | None, membership: Membership | None, show_vat: bool) -> OrderView:
    """What is shown of an order; without its buyer, who may have been erased, the personal part is empty."""
    answers = buyer.answers if buyer else None
    return OrderView(
        code=order.code,
        state=order.state,
        offer_title=order.lines[0].label,
        organisation=answers.organisation if answers else "",
        name=answers.name if answers else "",
        email=answers.email if answers else "",
        reference=answers.reference if answers else "",
        lines=order.lines,
        total_cents=order.total_cents,
        show_vat=show_vat,
        vat_lines=tuple(vat_view(part) for part in order.vat_parts()),
        created_at=order.created_at,
        hold_until=order.hold_until,
        paid_at=order.paid_at,
        membership=membership,
    )


def vat_view(part: VatPart) -> VatView:
    return VatView(rate=part.rate_percent, net_cents=part.net_cents, vat_cents=part.vat_cents)
