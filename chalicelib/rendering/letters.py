"""Letters: what each mail says, made from what is stored."""

from __future__ import annotations

from chalicelib.domain.association import Association
from chalicelib.domain.email import Email, Letter
from chalicelib.domain.link import Links
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Order
from chalicelib.rendering.order_view import order_view
from chalicelib.rendering.renderer import Renderer


class LetterComposer:
    """Makes letters from what is stored (the port MailComposer)."""

    def __init__(self, renderer: Renderer, *, association: Association, links: Links) -> None:
        self._renderer, self._association, self._links = renderer, association, links

    def compose(
        self, email: Email, *, order: Order, buyer: Buyer, offer: Offer, membership: Membership | None
    ) -> Letter:
        view = order_view(order, buyer=buyer, membership=membership, show_vat=self._association.vat_confirmed)
        return self._renderer.letter(
            email.kind.value,
            to=buyer.answers.email,
            language=email.language,
            subject={"code": order.code, "association": self._association.short_name},
            name=buyer.answers.name,
            order=view,
            membership=membership,
            offer={"benefits": [benefit.within(email.language) for benefit in offer.benefits]},
            link=self._links.order(order.id, email.language),
        )
