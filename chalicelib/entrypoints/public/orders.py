"""The page of one order, behind a link that nobody can guess: where it stands, pay, let go, begin anew."""

from __future__ import annotations

from dataclasses import replace

from chalice.app import Blueprint, Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.error import PaymentUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.state import State
from chalicelib.entrypoints.public.door import URL_ENCODED, guarded, language_of, problem
from chalicelib.entrypoints.public.open_form import open_form, other_language
from chalicelib.entrypoints.public.submit import checkout_url
from chalicelib.flows.keep_draft import find_draft
from chalicelib.flows.release_order import release_order
from chalicelib.flows.settle_payment import settle_session
from chalicelib.rendering.order_view import OrderView, order_view
from chalicelib.web import reply
from chalicelib.web.host_page import way_back
from chalicelib.web.posted import BodyTooLarge, Posted, read_posted
from chalicelib.web.request import address_of, body_of, query

orders = Blueprint(__name__)

# How soon the page looks again while a payment is not confirmed yet, and how often it does so by itself.
REFRESH_SECONDS = 3
MOST_LOOKS = 20
COMING_FROM = ("payment", "cancel", "unavailable")
# Where an unpaid visitor comes from decides what he needs to read.
UNPAID_PAGES = {"cancel": "cancelled", "unavailable": "payment_unavailable"}


@orders.route("/{lang}/order/{token}", methods=["GET"])
@guarded
def show_order(lang: str, token: str) -> Response:
    """The truth about an order; while it may still be paid, Stripe is asked first."""
    found = _find(lang, token)
    if found is None:
        return _invalid(lang)
    app, language, order = application(), Language(lang), _asked(found)
    coming_from = query(orders.current_request, "from")
    unpaid = order.state is State.PENDING
    template = UNPAID_PAGES.get(coming_from, "order") if unpaid else "order"
    waiting = unpaid and coming_from == "payment"

    def in_language(other: Language) -> str:
        return f"{app.links.order(order.id, other)}{f'?from={coming_from}' if coming_from in COMING_FROM else ''}"

    page, look = app.links.order(order.id, language), _look(query(orders.current_request, "look"))
    content = app.renderer.page(
        template,
        language=language,
        order=_view(app, order, language=language),
        action=page,
        refresh_seconds=REFRESH_SECONDS if waiting and look < MOST_LOOKS else 0,
        refresh_url=f"{page}?from=payment&look={look + 1}",
        stop_refresh_url=f"{page}?from=payment&look={MOST_LOOKS}",
        from_payment=waiting,
        way_back=way_back(order.host_page, allowed_origins=app.settings.allowed_origins),
        other_language=other_language(app, language, url_of=in_language),
    )
    return reply.page(content, checkout_origin=app.settings.checkout_origin)


@orders.route("/{lang}/order/{token}", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def act_on_order(lang: str, token: str) -> Response:
    """Pay, let go, or begin anew with the same answers; a script in another website is told where to go."""
    order = _find(lang, token)
    if order is None:
        return _invalid(lang)
    app, language = application(), Language(lang)
    as_fragment = query(orders.current_request, "fragment") == "1"
    try:
        wish = read_posted(body_of(orders.current_request)).get("do")
    except BodyTooLarge:
        return problem("too_large", language=language, status=413)
    match wish:
        case "pay":
            return _go(checkout_url(app, order, language=language), as_fragment=as_fragment)
        case "release":
            return _go(_release(app, order, language=language), as_fragment=as_fragment)
        case "again":
            return _again(order, lang=lang, as_fragment=as_fragment)
        case _:
            return problem("wrong_type", language=language, status=400, back_url=app.links.order(order.id, language))


def _go(url: str, *, as_fragment: bool) -> Response:
    return reply.data({"url": url}) if as_fragment else reply.redirect(url)


def _look(number: str) -> int:
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


def _find(lang: str, token: str) -> Order | None:
    app = application()
    order_id = app.identity.order_of_link(token)
    if order_id is None or lang not in set(Language):
        return None
    return app.store.unit_of_work().orders.get(order_id)


def _asked(order: Order) -> Order:
    """The order after asking Stripe; as it was last known when Stripe does not answer."""
    app = application()
    if order.state not in (State.PENDING, State.PROCESSING) or not order.session_id:
        return order
    try:
        settled = settle_session(
            order.session_id, store=app.store, gateway=app.gateway, emails=app.emails, now=app.now()
        )
    except PaymentUnavailable:
        return order
    return settled or order


def _release(app: Application, order: Order, *, language: Language) -> str:
    page = app.links.order(order.id, language)
    try:
        release_order(order, store=app.store, gateway=app.gateway, emails=app.emails, links=app.links, now=app.now())
    except PaymentUnavailable:
        # it stays open and is let go by the sweep at the end of its hold
        return f"{page}?from=unavailable"
    return page


def _again(order: Order, *, lang: str, as_fragment: bool) -> Response:
    if order.state is not State.EXPIRED:
        # there is nothing to begin anew, and no reason to show all answers to whoever has the link
        return _go(application().links.order(order.id, language_of(lang)), as_fragment=as_fragment)
    opened = open_form(lang, order.offer_id, address=address_of(orders.current_request), as_fragment=as_fragment)
    if opened is None:
        return problem("form_unknown", language=Language(lang), status=404)
    buyer = _buyer(order)
    attendees = opened.app.store.attendees(order.id) if order.seats() else ()
    kept = Posted(buyer.answers.with_attendees(attendees).fields() if buyer else {}, frozenset())
    key = application().identity.form_key_after(order.id)
    return opened.answer(posted=kept, key=key, draft_id=order.draft_id, page=order.host_page, cache=opened.cache)


def _view(app: Application, order: Order, *, language: Language) -> OrderView:
    unit = app.store.unit_of_work()
    offer = unit.offers.get(order.offer_id)
    assert offer is not None, "an order is made of an offer in the table"
    view = order_view(
        order,
        buyer=_buyer(order),
        attendees=app.store.attendees(order.id) if order.seats() else (),
        offer=offer,
        membership=unit.memberships.get(order.id) if order.state is State.PAID else None,
        show_vat=app.settings.association.vat_confirmed,
        texts=app.renderer.texts(language),
        language=language,
        links=app.links,
        draft=find_draft(order.draft_id, store=app.store, now=app.now()) if order.draft_id else None,
    )
    # a moment that has passed is no promise any more; paying still works until the sweep lets the order go
    return view if order.hold_until > app.now() else replace(view, hold_until=None)


def _buyer(order: Order) -> Buyer | None:
    return application().store.unit_of_work().buyers.get(order.id)


def _invalid(lang: str) -> Response:
    return problem("link_invalid", language=language_of(lang), status=404)
