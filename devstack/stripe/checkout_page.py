"""The hosted payment page, in Dutch and without JavaScript: the buyer's view, and the developer's choices."""

from typing import Literal

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from devstack.stripe.books import NotPossible, Unknown
from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.stand_in import StandIn
from devstack.stripe.webhooks import Manner

type Paying = Literal["pay", "later"]

_BUTTONS: dict[str, tuple[Paying, Manner]] = {
    "pay": ("pay", "normal"),
    "later": ("later", "normal"),
    "twice": ("pay", "twice"),
    "before": ("pay", "before"),
    "lost": ("pay", "lost"),
}


def checkout_page(stand_in: StandIn) -> Blueprint:
    """Return the routes of the payment page."""
    pages = Blueprint("checkout", __name__)

    @pages.get("/pay/<session_id>")
    def show(session_id: str) -> str:
        session = _session(session_id)
        intent = stand_in.books.intent_of(session)
        template = "pay.html" if session.status == "open" else "closed.html"
        return render_template(template, session=session, intent=intent)

    @pages.post("/pay/<session_id>")
    def choose(session_id: str) -> ResponseReturnValue:
        session = _session(session_id)
        here = redirect(url_for(".show", session_id=session_id), code=303)
        button = request.form.get("do", "")
        try:
            if button == "cancel" and session.after_cancelling and session.status == "open":
                return redirect(session.after_cancelling, code=303)
            if button == "fail":
                stand_in.act("fail", session_id, webhook="normal")
            elif button in _BUTTONS:
                action, manner = _BUTTONS[button]
                stand_in.act(action, session_id, webhook=manner)
                return redirect(session.after_payment, code=303)
        except NotPossible:
            pass  # Paid or expired meanwhile, perhaps in another tab: the page says so.
        return here

    @pages.after_request
    def guard(response: Response) -> Response:
        # Stripe's page refuses to be framed as well: a shop that forgets to leave its iframe must notice here.
        response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Cache-Control"] = "no-store"
        return response

    def _session(session_id: str) -> CheckoutSession:
        try:
            return stand_in.books.session(session_id)
        except Unknown:
            abort(404)

    return pages
