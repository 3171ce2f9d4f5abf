"""The money of an order: cancel it, give back a part or all, or decide what becomes of a payment that does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from chalice.app import Response

from chalicelib.domain.error import ChangedMeanwhile, NotAllowed, NotRefundable, SeatsTaken
from chalicelib.domain.order import Order
from chalicelib.domain.staff import Permission
from chalicelib.domain.state import ACTIONS, Action
from chalicelib.entrypoints.beheer.dossier import Opened, checked, form_key, open_dossier, seen
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.refund_order import refund_order, refundable_of
from chalicelib.flows.review_order import review_order

CANCEL = "/beheer/aanmeldingen/{code}/annuleren"
REFUND = "/beheer/aanmeldingen/{code}/terugbetalen"
REVIEW = "/beheer/aanmeldingen/{code}/beoordelen"
# An amount as people type it: 1.234,50 or 1234.50 or 1234 or 1234,-, with or without the sign.
_AMOUNT = re.compile(r"(?:€\s*)?(?:([0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]{2}|-))?|([0-9]{1,7})(?:[.,]([0-9]{2}|-))?)")


@GATE.door("GET", CANCEL, Permission.MONEY, fresh=True)
def ask_cancel(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    return _page(visit, opened, "order_cancel") if opened else visit.unknown()


@GATE.door("POST", CANCEL, Permission.MONEY, fresh=True)
def cancel(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    if opened is None:
        return visit.unknown()
    typed = visit.posted.get("amount")
    cents = _cents(typed) if typed.strip() else 0
    if cents is None:
        return _refused_amount(visit, opened, "order_cancel", typed)
    act = partial(cancel_order, opened.dossier.order.id, refund_cents=cents)
    return _act(visit, opened, act, page="order_cancel", done="geannuleerd", typed=typed)


@GATE.door("GET", REFUND, Permission.MONEY, fresh=True)
def ask_refund(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    return _page(visit, opened, "order_refund") if opened else visit.unknown()


@GATE.door("POST", REFUND, Permission.MONEY, fresh=True)
def refund(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    if opened is None:
        return visit.unknown()
    typed = visit.posted.get("amount")
    cents = _cents(typed)
    if not cents:
        return _refused_amount(visit, opened, "order_refund", typed)
    act = partial(refund_order, opened.dossier.order.id, amount_cents=cents)
    return _act(visit, opened, act, page="order_refund", done="terugbetaald", typed=typed)


@GATE.door("GET", REVIEW, Permission.MONEY, fresh=True)
def ask_review(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    return _page(visit, opened, "order_review") if opened else visit.unknown()


@GATE.door("POST", REVIEW, Permission.MONEY, fresh=True)
def review(visit: Visit, code: str) -> Response:
    """Accept what was paid, or return it: the button says which."""
    opened = open_dossier(visit, code)
    if opened is None:
        return visit.unknown()
    chosen = {"accept": Action.ACCEPT, "return": Action.RETURN}.get(visit.posted.get("do"))
    if chosen is None:
        return _page(visit, opened, "order_review", wrong="choose", status=422)
    act = partial(review_order, opened.dossier.order.id, action=chosen)
    done = "aangenomen" if chosen is Action.ACCEPT else "teruggegeven"
    return _act(visit, opened, act, page="order_review", done=done)


def _act(visit: Visit, opened: Opened, act: Callable[..., Order], *, page: str, done: str, typed: str = "") -> Response:
    """Do it once; a form that was sent before is done already, and what a colleague did is shown, not overruled."""
    key = form_key(visit)
    if opened.dossier.was_done(key) and not _same_amount(opened, key, typed):
        # gone back to, and filled in otherwise: that is another act, to be looked at anew
        return _page(visit, opened, page, wrong="changed", typed=typed, status=409)
    if not opened.dossier.was_done(key):
        try:
            act(
                key=key,
                by=visit.staff.email,
                seen=seen(visit),
                store=visit.app.store,
                emails=visit.app.emails,
                now=visit.app.now(),
            )
        except NotRefundable:
            return _refused_amount(visit, opened, page, typed)
        except SeatsTaken:
            return _page(visit, opened, page, wrong="seats", status=409)
        except (ChangedMeanwhile, NotAllowed):
            current = open_dossier(visit, opened.dossier.order.code) or opened
            # pressed twice at one moment: the other half did it
            if not current.dossier.was_done(key):
                return _page(visit, current, page, wrong="changed", typed=typed, status=409)
        checked(visit, opened.dossier)
    return visit.go(opened.path, gedaan=done)


def _same_amount(opened: Opened, key: str, typed: str) -> bool:
    done = next(deed.entry for deed in opened.dossier.deeds if deed.entry.id == key)
    return done.facts.get("refund", "0") == str(_cents(typed) or 0)


def _cents(typed: str) -> int | None:
    """The cents of an amount as it was typed; None when it is none."""
    found = _AMOUNT.fullmatch(typed.strip())
    if found is None:
        return None
    whole, rest = found[1] or found[3], found[2] or found[4] or "-"
    return int(whole.replace(".", "")) * 100 + (0 if rest == "-" else int(rest))


def _refused_amount(visit: Visit, opened: Opened, page: str, typed: str) -> Response:
    return _page(visit, opened, page, wrong="amount", typed=typed, status=422)


def _page(
    visit: Visit, opened: Opened, template: str, *, wrong: str = "", typed: str | None = None, status: int = 200
) -> Response:
    dossier = opened.dossier
    most = refundable_of(dossier.ledger)
    addressees = {each.email for each in dossier.attendees}
    if dossier.buyer:
        addressees.add(dossier.buyer.answers.email)
    return visit.page(
        template,
        status=status,
        order=dossier.order,
        dossier=dossier,
        offer=opened.offer,
        most_cents=most,
        typed=f"{most // 100},{most % 100:02d}" if typed is None else typed,
        addressees=sorted(each for each in addressees if each),
        may={action.value for action in Action if (dossier.order.state, action) in ACTIONS},
        key=visit.app.new_token(),
        wrong=wrong,
    )
