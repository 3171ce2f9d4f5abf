"""The pages about one order: where it stands, what was ordered, and the choice which of two counts."""

from dataclasses import replace
from typing import Any

from chalicelib.domain.answers import Answers
from chalicelib.domain.offer import Offer
from chalicelib.domain.state import State
from chalicelib.rendering.order_view import OrderView
from chalicelib.web.host_page import way_back
from chalicelib.web.unread import UnreadView, address_field
from tests.looks.cast import (
    ALONE,
    BUYER,
    CONGRESS,
    DRAFT,
    ERASED,
    LAUNCH,
    LINKS,
    LONGEST,
    LONGEST_EVENT,
    LONGEST_MEMBERSHIP,
    LONGEST_NAME,
    MEMBERS_FREE,
    MEMBERSHIP,
    NIGHT,
    OTHERS,
    THREE,
    TWENTY,
    WORKING_GROUP,
    ordered,
)
from tests.looks.forms import Desk
from tests.looks.shown import QUIET, Drawn, order_page, shown

HOST, HOST_PAGE = "https://www.lpb.example.nl", "https://www.lpb.example.nl/lid-worden?page_id=12"

STATES = (State.PENDING, State.PROCESSING, State.PAID, State.EXPIRED, State.REVIEW)

# A visitor who cannot pay just now: what he is waiting with, and how he reads about it.
NOT_NOW = {"reason": "busy", "may_be_paid": False, "refresh_seconds": 7}
NOT_NOW |= {"refresh_url": "?from=busy&look=1", "stop_refresh_url": "?from=busy&stop=1"}
STAYS = {"refresh_seconds": 0}
UNAVAILABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "payment-busy": ("order-pending", {}),
    "payment-busy-event": ("order-event-pending", {}),
    "payment-busy-one": ("order-event-one", {}),
    "payment-busy-stopped": ("order-event-pending", STAYS),
    "payment-busy-longest": ("order-event-pending-longest", {"may_be_paid": True}),
    "payment-unavailable": ("order-pending", {"reason": "unavailable"}),
    "payment-unavailable-event": ("order-event-pending", {"reason": "unavailable", "may_be_paid": True}),
    "payment-unavailable-late": ("order-late", {"reason": "unavailable", **STAYS}),
    "payment-unreleased": ("order-event-pending", {"reason": "unreleased", **STAYS}),
}


def order_scenes(desk: Desk) -> Drawn:
    language, texts = desk.language, desk.texts

    def view(offer: Offer, answers: Answers, state: State | None = None, **given: Any) -> OrderView:
        return shown(ordered(offer, answers, language=language, state=state), texts=texts, language=language, **given)

    orders = {f"order-{state}": view(MEMBERSHIP, BUYER, state) for state in STATES}
    orders |= {f"order-event-{state}": view(CONGRESS, THREE, state) for state in STATES}
    # whoever ordered may have been erased
    orders |= {f"order-{state}-emptest": view(MEMBERSHIP, BUYER, state, known=False) for state in STATES}
    orders |= {
        "order-late": replace(orders["order-pending"], hold_until=None),
        "order-paid-vat": view(MEMBERSHIP, BUYER, State.PAID, show_vat=True),
        "order-event-vat": view(CONGRESS, THREE, State.PAID, show_vat=True),
        "order-going-on": view(MEMBERSHIP, BUYER, State.PAID, waits=DRAFT),
        "order-longest": view(LONGEST_MEMBERSHIP, LONGEST, State.PAID, show_vat=True),
        "order-event-longest": view(LONGEST_EVENT, LONGEST, State.PAID, show_vat=True),
        "order-event-emptest": view(CONGRESS, THREE, State.PAID, known=False),
        "order-event-erased": view(CONGRESS, ERASED, State.PAID),
        "order-event-twenty": view(CONGRESS, TWENTY, State.PAID),
        "order-event-others": view(CONGRESS, OTHERS, State.PAID),
        "order-members-free": view(MEMBERS_FREE, THREE, State.PAID),
        "order-confirmed": view(LAUNCH, replace(ALONE, reference="", member="")),
        "order-confirmed-three": view(LAUNCH, replace(THREE, reference="", member="")),
        "order-confirmed-night": view(NIGHT, replace(ALONE, reference="", member="")),
        "order-confirmed-groups": view(WORKING_GROUP, replace(ALONE, group="zuid", reference="", member="")),
    }
    drawn: Drawn = {name: order_page(order, language=language) for name, order in orders.items()}
    page = f"{LINKS.home(language)}/order/token"
    waiting = {
        "refresh_seconds": 30,
        "from_payment": True,
        "refresh_url": f"{page}?from=payment&look=1",
        "stop_refresh_url": f"{page}?from=payment&look=20",
        "action": page,
        "way_back": way_back(HOST_PAGE, allowed_origins={HOST}),
        **QUIET,
    }
    for name, order in (("order-waiting", "order-pending"), ("order-event-waiting", "order-event-pending")):
        drawn[name] = ("site/order.html", {"order": orders[order], **waiting})
    back = {"action": page, "way_back": waiting["way_back"]}
    drawn["cancelled"] = ("site/cancelled.html", {"order": orders["order-pending"], **back})
    drawn["cancelled-event"] = ("site/cancelled.html", {"order": orders["order-event-pending"], **back})
    orders |= {
        "order-event-one": view(CONGRESS, ALONE, State.PENDING),
        "order-event-pending-longest": view(LONGEST_EVENT, LONGEST, State.PENDING),
    }
    drawn |= {
        name: ("site/payment_unavailable.html", {"order": orders[order], **NOT_NOW, **back, **given})
        for name, (order, given) in UNAVAILABLE.items()
    }
    drawn["order-paid-back"] = (drawn["order-paid"][0], drawn["order-paid"][1] | {"way_back": waiting["way_back"]})
    return drawn | _unread(desk, drawn) | _open_orders(desk, orders, action=page)


def _unread(desk: Desk, drawn: Drawn) -> Drawn:
    """Mails that did not arrive, to the buyer and to others, with what was typed wrongly; and after sending again."""

    def mail(number: int, name: str, address: str, reason: str, *, typed: str = "", error: str = "") -> UnreadView:
        field = address_field(number, value=typed or address, error=error, texts=desk.texts)
        return UnreadView(number=number, name=name, address=address, reason=reason, field=field)

    wrong = desk.texts("error.attendee_email_email_invalid", number=2)
    one = (mail(0, "", BUYER.email, "refused"),)
    many = (
        mail(0, "", LONGEST.email, "full"),
        mail(2, LONGEST_NAME, "", "neutral", typed="lang.adres.zonder.apenstaart", error=wrong),
        mail(3, "", "", "neutral"),
    )
    slip = mail(0, "", BUYER.email, "suppressed", typed="zoe.van.t.hof@gmial.com", error=desk.texts("unread.doubt"))
    nobody_knows = mail(0, "", BUYER.email, "unknown")

    refused = tuple(
        mail(
            number,
            "Bea",
            "",
            "full",
            typed="bea@elders.nl",
            error=desk.texts(f"unread.{key}", email=BUYER.email, wait=desk.texts.wait(7 * 60)),
        )
        for number, key in enumerate(("attends", "changed", "too_many", "by_us"), start=2)
    )

    def page(order: str, **given: object) -> tuple[str, dict[str, Any]]:
        template, context = drawn[order]
        return template, context | given

    return {
        "order-unread": page("order-paid", unread=one),
        "order-unread-longest": page("order-event-longest", unread=many, unread_wrong=True),
        "order-unread-typo": page("order-paid", unread=(mail(0, "", "zoe.van.t.hof@gmial.com", "refused"),)),
        "order-unread-doubt": page("order-paid", unread=(slip,), unread_wrong=True),
        "order-unread-unknown": page("order-paid", unread=(nobody_knows,)),
        "order-unread-refused": page("order-event-paid", unread=refused, unread_wrong=True),
        "order-unread-sent": page("order-event-paid", said="sent"),
        "order-unread-nothing": page("order-event-paid", said="nothing"),
    }


def _open_orders(desk: Desk, orders: dict[str, OrderView], *, action: str) -> Drawn:
    """The same form sent again with other answers, while what it ordered is not paid."""

    def choice(order: OrderView, offer: Offer, before: Answers, after: Answers) -> dict[str, Any]:
        return {
            "order": order,
            "pay_action": action,
            "replace": {
                "id": f"{offer.id}-replace",
                "action": f"{LINKS.form(offer.id, desk.language)}?send=1",
                "hidden": [*after.fields().items(), ("replaces", "order-1")],
            },
            "changes": _changes(desk, offer, before.fields(), after.fields()),
        }

    fewer = replace(
        BUYER, attending=True, member="nee", newsletter=True, attendees=(replace(THREE.attendees[1], email="m@x.nl"),)
    )
    longer = replace(LONGEST, group="noord-oost", name=LONGEST_NAME, attendees=LONGEST.attendees[::-1])
    member_choice = choice(
        orders["order-pending"], MEMBERSHIP, BUYER, replace(BUYER, reference="", city="Voorbeeldstad", newsletter=True)
    )
    event_choice = choice(orders["order-event-pending"], CONGRESS, THREE, fewer)
    long_choice = choice(
        replace(orders["order-event-longest"], state=State.PENDING, paid_at=None, confirmed=False),
        LONGEST_EVENT,
        LONGEST,
        longer,
    )
    emptest = choice(orders["order-pending-emptest"], MEMBERSHIP, BUYER, BUYER)
    return {
        "open-order": ("site/open_order.html", member_choice),
        "open-order-event": ("site/open_order.html", event_choice),
        "open-order-longest": ("site/open_order.html", long_choice),
        "open-order-emptest": ("site/open_order.html", emptest),
        "fragment-open-order": ("site/open_order_fragment.html", event_choice),
    }


def _changes(desk: Desk, offer: Offer, before: dict[str, str], after: dict[str, str]) -> list[dict[str, str]]:
    form = desk.form(offer)
    return [
        {
            "label": form.label(name),
            "before": form.shown(name, before.get(name, "")),
            "after": form.shown(name, after.get(name, "")),
        }
        for name in form.names(before, after)
        if before.get(name, "") != after.get(name, "")
    ]
