"""The control surface: for tests, and for the developer who wants to see or stir things."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAliasType, get_args

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from devstack.stripe import dispute as disputing
from devstack.stripe import refund as refunding
from devstack.stripe.books import Event, NotPossible, Unknown
from devstack.stripe.faults import Fault
from devstack.stripe.overview import overview
from devstack.stripe.shelves import Thing
from devstack.stripe.stand_in import Action, DisputeAction, RefundAction, StandIn
from devstack.stripe.webhooks import Manner
from devstack.stripe.wire import Json, Refused


def control(stand_in: StandIn) -> Blueprint:  # noqa: C901  # a list of routes, each of a few lines
    """Return the routes below /_stand-in and the overview."""
    desk = Blueprint("control", __name__)
    books = stand_in.books

    @desk.get("/")
    def show_overview() -> str:
        return render_template("overview.html", **overview(stand_in))

    @desk.get("/_stand-in/books")
    def show_books() -> Json:
        return {**books.as_json(now=stand_in.now()), "faults": stand_in.faults.as_json()}

    @desk.post("/_stand-in/faults")
    def plan_fault() -> ResponseReturnValue:
        fault = Fault.model_validate_json(request.get_data())
        stand_in.faults.plan(fault)
        return fault.model_dump(), 201

    @desk.delete("/_stand-in/faults")
    def forget_faults() -> ResponseReturnValue:
        stand_in.faults.forget()
        return "", 204

    @desk.put("/_stand-in/denied")
    def deny() -> ResponseReturnValue:
        stand_in.denied.clear()
        stand_in.denied.update(request.get_json(force=True))
        return "", 204

    @desk.post("/_stand-in/sessions/<session_id>/<action>")
    def act(session_id: str, action: str) -> ResponseReturnValue:
        session, events = stand_in.act(
            _chosen(Action, action),
            session_id,
            webhook=_manner(),
            method=request.values.get("method"),
            amount=_cents("amount"),
            currency=request.values.get("currency"),
        )
        return _done(stand_in, events, session=session)

    @desk.post("/_stand-in/payments/<payment_id>/refund")
    def give_back(payment_id: str) -> ResponseReturnValue:
        refund, events = stand_in.give_back(
            payment_id, amount=_cents("amount"), reason=request.values.get("reason"), webhook=_manner()
        )
        return _done(stand_in, events, refund=refund)

    @desk.post("/_stand-in/payments/<payment_id>/dispute")
    def open_dispute(payment_id: str) -> ResponseReturnValue:
        dispute, events = stand_in.open_dispute(
            payment_id,
            amount=_cents("amount"),
            reason=_one_of(disputing.REASONS, request.values.get("reason", "fraudulent")),
            status=_chosen(disputing.Opening, request.values.get("status", "needs_response")),
            webhook=_manner(),
        )
        return _done(stand_in, events, dispute=dispute)

    @desk.post("/_stand-in/refunds/<refund_id>/<action>")
    def act_on_refund(refund_id: str, action: str) -> ResponseReturnValue:
        reason = _one_of(refunding.FAILURES, request.values.get("reason", "unknown"))
        chosen = _chosen(RefundAction, action)
        refund, events = stand_in.act_on_refund(chosen, refund_id, reason=reason, webhook=_manner())
        return _done(stand_in, events, refund=refund)

    @desk.post("/_stand-in/disputes/<dispute_id>/<action>")
    def act_on_dispute(dispute_id: str, action: str) -> ResponseReturnValue:
        dispute, events = stand_in.act_on_dispute(_chosen(DisputeAction, action), dispute_id, webhook=_manner())
        return _done(stand_in, events, dispute=dispute)

    @desk.post("/_stand-in/payouts")
    def pay_out() -> ResponseReturnValue:
        payouts, events = stand_in.pay_out(
            currency=request.values.get("currency"),
            status="failed"
            if _one_of(("paid", "failed"), request.values.get("status", "paid")) == "failed"
            else "paid",
            webhook=_manner(),
        )
        return _done(stand_in, events, payout=payouts[0])

    @desk.post("/_stand-in/payouts/<payout_id>/fail")
    def fail_payout(payout_id: str) -> ResponseReturnValue:
        payout, events = stand_in.fail_payout(payout_id, webhook=_manner())
        return _done(stand_in, events, payout=payout)

    @desk.post("/_stand-in/events/<event_id>/redeliver")
    def redeliver(event_id: str) -> ResponseReturnValue:
        delivery = stand_in.courier.deliver(books.event(event_id))
        if "back" in request.form:
            return redirect("/", code=303)
        return {"attempt": delivery.attempt, "status": delivery.status, "error": delivery.error}

    refusals: tuple[tuple[type[Exception], int], ...] = (
        *((Unknown, 404), (NotPossible, 409), (Refused, 409)),
        *((_NotOffered, 400), (ValidationError, 400)),
    )
    for kind, status in refusals:
        desk.register_error_handler(kind, partial(_said, status))
    return desk


class _NotOffered(Exception):
    """Something was chosen that nobody offers."""


def _chosen(choices: TypeAliasType, value: str) -> Any:
    return _one_of(get_args(choices.__value__), value)


def _one_of(offered: Sequence[str], value: str) -> str:
    if value not in offered:
        raise _NotOffered(f"{value} is none of {', '.join(offered)}.")
    return value


def _manner() -> Manner:
    manner: Manner = _chosen(Manner, request.values.get("webhook", "normal"))
    return manner


def _cents(name: str) -> int | None:
    """Return an amount from the form; an empty field means none was named."""
    given = request.values.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise _NotOffered(f"{given} is no number of cents.")
    return int(given)


def _done(stand_in: StandIn, events: list[Event], **changed: Thing) -> ResponseReturnValue:
    if "back" in request.form:
        return redirect("/", code=303)
    told = {name: stand_in.books.told(thing, now=stand_in.now()) for name, thing in changed.items()}
    return {**told, "event": events[0].as_json() if events else None, "events": [each.as_json() for each in events]}


def _said(status: int, error: Exception) -> ResponseReturnValue:
    return {"error": str(error)}, status
