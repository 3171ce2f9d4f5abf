"""The page of one order, behind a link that nobody can guess: where it stands, pay, let go, begin anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalice.app import Blueprint, Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.email import EmailKind, unread
from chalicelib.domain.error import (
    AttendsAlready,
    ChangedMeanwhile,
    NeedsPerson,
    NotAllowed,
    PaymentUnavailable,
    StorageUnavailable,
)
from chalicelib.domain.language import Language
from chalicelib.domain.order import HOLD, Buyer, Order
from chalicelib.domain.pause import pause
from chalicelib.domain.refusal import TooMany
from chalicelib.domain.state import State
from chalicelib.entrypoints.public.door import URL_ENCODED, guarded, language_of, problem
from chalicelib.entrypoints.public.open_form import open_form, other_language
from chalicelib.entrypoints.public.submit import checkout_url, find_checkout, trouble
from chalicelib.flows.keep_draft import find_draft
from chalicelib.flows.refuse_too_many import refuse_corrections
from chalicelib.flows.release_order import release_order
from chalicelib.flows.send_unread_again import send_unread_again, unread_of
from chalicelib.flows.settle_payment import settle_session
from chalicelib.rendering.order_view import OrderView, order_view
from chalicelib.web import reply
from chalicelib.web.host_page import way_back
from chalicelib.web.posted import BodyTooLarge, Posted, read_posted
from chalicelib.web.request import address_of, body_of, query
from chalicelib.web.typo import MEND, SURE, meant_address
from chalicelib.web.unread import Mistyped, UnreadView, read_address, unread_views

orders = Blueprint(__name__)

# How soon the page looks again while a payment is not confirmed yet, and how often it does so by itself.
REFRESH_SECONDS = 3
MOST_LOOKS = 20
# Where an unpaid visitor comes from decides what he needs to read.
WAITING = ("busy", "unavailable")
UNPAID_PAGES = {"cancel": "cancelled"} | dict.fromkeys((*WAITING, "unreleased"), "payment_unavailable")
# Where a visitor comes from who had a mail sent again, and what is said to him.
SAID = {"again": "sent", "nothing": "nothing"}
COMING_FROM = ("payment", *UNPAID_PAGES)


@orders.route("/{lang}/order/{token}", methods=["GET"])
@guarded
def show_order(lang: str, token: str) -> Response:
    """The truth about an order; while it may still be paid, Stripe is asked first.

    The page of a visitor who waits for the payment page calls itself again with `look`, and is then led on.
    """
    found = _find(lang, token)
    if found is None:
        return _invalid(lang)
    language, request = Language(lang), orders.current_request
    coming_from, look = query(request, "from"), _look(query(request, "look"))
    stay = _Stay(coming_from=coming_from, reason=coming_from, look=look, stopped=query(request, "stop") == "1")
    waits = stay.waits_for(found)
    if waits and look:
        return _lead_on(found, stay, language=language)
    # busy is what Stripe said a moment ago
    return _show(found if waits and stay.reason == "busy" else _asked(found), stay, language=language)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stay:
    """A visitor on the page of an order: where he comes from, what he reads there, how often the page looked by itself.

    `stopped`: he wants no page that goes on by itself.
    """

    coming_from: str
    reason: str
    look: int
    stopped: bool

    def template_for(self, order: Order) -> str:
        if order.state is not State.PENDING:
            return "order"
        over = self.look and self.reason in WAITING and not _held(order)
        return "order" if over else UNPAID_PAGES.get(self.reason, "order")

    def waits_for(self, order: Order) -> bool:
        """Whether he is to be led on to the payment page as soon as that can be."""
        waiting = order.state is State.PENDING and self.coming_from in WAITING
        return waiting and not self.stopped and _held(order)

    def refresh(self, order: Order, *, page: str) -> dict[str, object]:
        """When and where the page looks again by itself, and how that is stopped."""
        if self.waits_for(order):
            # always the same address: the browser takes it for the page itself, and its way back stays as it was
            here, waited = f"{page}?from={self.coming_from}", application().now() - (order.hold_until - HOLD)
            seconds, following, stop = pause(order.id, waited=waited), f"{here}&look=1", f"{here}&stop=1"
        else:
            unconfirmed = order.state is State.PENDING and self.coming_from == "payment"
            seconds = REFRESH_SECONDS if unconfirmed and self.look < MOST_LOOKS else 0
            following, stop = (f"{page}?from=payment&look={look}" for look in (self.look + 1, MOST_LOOKS))
        return {"refresh_seconds": seconds, "refresh_url": following, "stop_refresh_url": stop}


def _lead_on(order: Order, stay: _Stay, *, language: Language) -> Response:
    """To the payment page, if that can be now; else the page goes on waiting."""
    try:
        checkout = find_checkout(application(), order)
    except (PaymentUnavailable, StorageUnavailable) as error:
        return _show(order, replace(stay, reason=trouble(error)), language=language)
    return reply.redirect(checkout.url) if checkout.url else _show(checkout.order, stay, language=language)


def _show(
    order: Order, stay: _Stay, *, language: Language, wrong: Mistyped | None = None, status: int = 200
) -> Response:
    app, page = application(), application().links.order(order.id, language)
    kept = f"?from={stay.coming_from}{'&stop=1' if stay.stopped else ''}" if stay.coming_from in COMING_FROM else ""
    content = app.renderer.page(
        stay.template_for(order),
        language=language,
        order=_view(app, order, language=language),
        action=page,
        reason=stay.reason,
        may_be_paid=bool(order.session_id),
        from_payment=order.state is State.PENDING and stay.coming_from == "payment",
        **stay.refresh(order, page=page),
        unread=_unread(app, order, wrong=wrong, language=language),
        unread_wrong=wrong is not None,
        said=SAID.get(stay.coming_from, "") if order.state is not State.PENDING else "",
        way_back=way_back(order.host_page, allowed_origins=app.settings.allowed_origins),
        other_language=other_language(app, language, url_of=lambda other: f"{app.links.order(order.id, other)}{kept}"),
    )
    return reply.page(content, status=status, checkout_origin=app.settings.checkout_origin)


def _unread(app: Application, order: Order, *, wrong: Mistyped | None, language: Language) -> tuple[UnreadView, ...]:
    """What we mailed and did not arrive; of an order about which nothing was mailed yet nobody has to ask."""
    if order.state is State.PENDING or not unread(app.store.emails(order.id)):
        return ()
    dossier = app.lists.dossier(order.id)
    assert dossier is not None, "orders are never deleted"
    return unread_views(dossier, unread_of(dossier), wrong=wrong, texts=app.renderer.texts(language))


def _put_address_right(order: Order, posted: Posted, *, language: Language) -> Response:
    """What did not reach somebody goes out again, to the address that was typed."""
    app, texts = application(), application().renderer.texts(language)
    number, typed = _look(posted.get("number")), posted.get("email")
    # the other button takes the address that was probably meant
    value = meant_address(typed.strip()) or typed if posted.get("do").startswith(MEND) else typed

    def complain(text: str, *, status: int) -> Response:
        fault = Mistyped(number=number, value=value, text=text)
        current = app.store.unit_of_work().orders.get(order.id) or order
        return _show(
            current,
            _Stay(coming_from="", reason="", look=0, stopped=True),
            language=language,
            wrong=fault,
            status=status,
        )

    try:
        address = read_address(value, number=number, sure=posted.get(SURE), texts=texts)
        refuse_corrections(
            order.id,
            address,
            tallies=app.tallies,
            identity=app.identity,
            limits=app.settings.limits,
            now=app.now(),
        )
        count = send_unread_again(
            order.id,
            number,
            address=address,
            key=app.new_token(),
            store=app.store,
            lists=app.lists,
            identity=app.identity,
            emails=app.emails,
            now=app.now(),
        )
    except Mistyped as fault:
        return complain(fault.text, status=422)
    except TooMany as refusal:
        wait, email = texts.wait(refusal.minutes), app.settings.association.email
        return complain(texts("unread.too_many", wait=wait, email=email), status=429)
    except AttendsAlready:
        return complain(texts("unread.attends"), status=422)
    except NeedsPerson:
        return complain(texts("unread.by_us", email=app.settings.association.email), status=422)
    except (ChangedMeanwhile, NotAllowed):
        return complain(texts("unread.changed"), status=409)
    return reply.redirect(f"{app.links.order(order.id, language)}?from={'again' if count else 'nothing'}")


def _held(order: Order) -> bool:
    return order.hold_until > application().now()


@orders.route("/{lang}/order/{token}", methods=["POST"], content_types=[URL_ENCODED])
@guarded
def act_on_order(lang: str, token: str) -> Response:  # noqa: PLR0911  # one way out for each button
    """Pay, let go, begin anew with the same answers, or put an address right; a script in another website is told
    where to go."""
    order = _find(lang, token)
    if order is None:
        return _invalid(lang)
    app, language = application(), Language(lang)
    as_fragment = query(orders.current_request, "fragment") == "1"
    try:
        posted = read_posted(body_of(orders.current_request))
    except BodyTooLarge:
        return problem("too_large", language=language, status=413)
    match posted.get("do"):
        case "pay":
            return _go(checkout_url(app, order, language=language), as_fragment=as_fragment)
        case "release":
            return _go(_release(app, order, language=language), as_fragment=as_fragment)
        case "again":
            return _again(order, lang=lang, as_fragment=as_fragment)
        case "address" | "mend-email":
            return _put_address_right(order, posted, language=language)
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
        return f"{page}?from=unreleased"
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
        ledger=app.store.ledger(order.id) if order.paid_at else None,
        payment_failed=order.state is State.EXPIRED and _was_told_of_failure(order),
    )
    # a moment that has passed is no promise any more; paying still works until the sweep lets the order go
    return view if order.hold_until > app.now() else replace(view, hold_until=None)


def _was_told_of_failure(order: Order) -> bool:
    """Whether it ended because a bank did not pay, and not because nobody did."""
    return application().store.unit_of_work().emails.get(f"{EmailKind.PAYMENT_FAILED.value}-{order.id}") is not None


def _buyer(order: Order) -> Buyer | None:
    return application().store.unit_of_work().buyers.get(order.id)


def _invalid(lang: str) -> Response:
    return problem("link_invalid", language=language_of(lang), status=404)
