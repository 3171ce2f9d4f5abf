"""The control surface: for tests, and for the developer who wants to see or stir things."""

from functools import partial
from typing import Any, TypeAliasType, get_args

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from devstack.stripe.books import NotPossible, Unknown
from devstack.stripe.faults import Fault
from devstack.stripe.stand_in import Action, StandIn
from devstack.stripe.webhooks import Manner
from devstack.stripe.wire import Json

_SHOWN = 30


def control(stand_in: StandIn) -> Blueprint:
    """Return the routes below /_stand-in and the overview."""
    desk = Blueprint("control", __name__)
    books = stand_in.books

    @desk.get("/")
    def overview() -> str:
        return render_template("overview.html", books=books, sessions=books.sessions()[:_SHOWN])

    @desk.get("/_stand-in/books")
    def show_books() -> Json:
        return {**books.as_json(), "faults": stand_in.faults.as_json()}

    @desk.post("/_stand-in/faults")
    def plan_fault() -> ResponseReturnValue:
        fault = Fault.model_validate_json(request.get_data())
        stand_in.faults.plan(fault)
        return fault.model_dump(), 201

    @desk.delete("/_stand-in/faults")
    def forget_faults() -> ResponseReturnValue:
        stand_in.faults.forget()
        return "", 204

    @desk.post("/_stand-in/sessions/<session_id>/<action>")
    def act(session_id: str, action: str) -> ResponseReturnValue:
        event = stand_in.act(
            _chosen(Action, action),
            session_id,
            webhook=_chosen(Manner, request.values.get("webhook", "normal")),
            method=request.values.get("method"),
        )
        if "back" in request.form:
            return redirect("/", code=303)
        return {"session": books.told(books.session(session_id)), "event": event and event.as_json()}

    @desk.post("/_stand-in/events/<event_id>/redeliver")
    def redeliver(event_id: str) -> ResponseReturnValue:
        delivery = stand_in.courier.deliver(books.event(event_id))
        if "back" in request.form:
            return redirect("/", code=303)
        return {"attempt": delivery.attempt, "status": delivery.status, "error": delivery.error}

    for kind, status in ((Unknown, 404), (NotPossible, 409), (_NotOffered, 400), (ValidationError, 400)):
        desk.register_error_handler(kind, partial(_said, status))
    return desk


class _NotOffered(Exception):
    """Something was chosen that nobody offers."""


def _chosen(choices: TypeAliasType, value: str) -> Any:
    offered = get_args(choices.__value__)
    if value not in offered:
        raise _NotOffered(f"{value} is none of {', '.join(offered)}.")
    return value


def _said(status: int, error: Exception) -> ResponseReturnValue:
    return {"error": str(error)}, status
