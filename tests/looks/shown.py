"""How the door shows an order: what the pages of one are drawn with."""

from datetime import timedelta
from typing import Any

from chalicelib.domain.draft import Draft
from chalicelib.domain.language import Language
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import HOLD
from chalicelib.domain.state import State
from chalicelib.rendering.order_view import OrderView, order_view
from chalicelib.rendering.texts import Texts
from tests.looks.cast import LINKS, NOW, Ordered, member

type Drawn = dict[str, tuple[str, dict[str, Any]]]


# All mail about it arrived.
QUIET: dict[str, Any] = {"unread": (), "unread_wrong": False, "said": ""}


def order_page(view: OrderView, *, token: str = "token", language: Language) -> tuple[str, dict[str, Any]]:
    """The page of an order that nobody is waiting at."""
    settled = {"refresh_seconds": 0, "from_payment": False, "action": f"{LINKS.home(language)}/order/{token}"}
    settled |= {"way_back": None, **QUIET}
    return "site/order.html", {"order": view, **settled}


def shown(
    made: Ordered,
    *,
    texts: Texts,
    language: Language,
    show_vat: bool = False,
    waits: Draft | None = None,
    known: bool = True,
    ledger: Ledger | None = None,
    failed: bool = False,
) -> OrderView:
    """An order as the door shows it."""
    is_member = made.order.state is State.PAID and made.offer.event is None
    view = order_view(
        made.order,
        buyer=made.buyer if known else None,
        attendees=made.attendees if known else (),
        offer=made.offer,
        membership=member(made.buyer.answers.organisation) if is_member else None,
        show_vat=show_vat,
        texts=texts,
        language=language,
        links=LINKS,
        draft=waits,
        ledger=ledger,
        payment_failed=failed,
    )
    assert view.hold_until in (None, NOW + HOLD, NOW + timedelta(0))
    return view
