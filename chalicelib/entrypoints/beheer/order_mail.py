"""A mail of an order: what it says, and sending it again, to a better address if need be."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.domain.error import AttendsAlready, ChangedMeanwhile, NotAllowed
from chalicelib.domain.staff import Permission
from chalicelib.domain.suppression import suppression_id
from chalicelib.entrypoints.beheer.dossier import Opened, checked, form_key, open_dossier, seen
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.compose_email import compose_email
from chalicelib.flows.send_again import send_again
from chalicelib.web import formats
from chalicelib.web.request import query

PAGE = "/beheer/aanmeldingen/{code}/mail"


@GATE.door("GET", PAGE, Permission.HELP)
def show(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    return _page(visit, opened, query(visit.request, "id")) if opened else visit.unknown()


@GATE.door("POST", PAGE, Permission.HELP)
def send(visit: Visit, code: str) -> Response:
    opened, app, email_id = open_dossier(visit, code), visit.app, visit.posted.get("id")
    if opened is None or opened.dossier.email(email_id) is None:
        return visit.unknown()
    typed = visit.posted.get("address").strip()
    try:
        address = formats.email(formats.plain_text(typed))
    except formats.Malformed:
        return _page(visit, opened, email_id, address=typed, wrong="address", status=422)
    key = form_key(visit)
    sent = next((each for each in opened.dossier.emails if each.again == key), None)
    if sent and opened.dossier.to(sent).lower() != address.lower():
        # gone back to, and filled in otherwise: that is another mail, to be looked at anew
        return _page(visit, opened, email_id, address=typed, wrong="changed", status=409)
    try:
        send_again(
            opened.dossier.order.id,
            email_id,
            address=address,
            key=key,
            by=visit.staff.email,
            seen=seen(visit),
            store=app.store,
            lists=app.lists,
            identity=app.identity,
            emails=app.emails,
            now=app.now(),
        )
    except AttendsAlready:
        return _page(visit, opened, email_id, address=typed, wrong="attends", status=422)
    except (ChangedMeanwhile, NotAllowed):
        current = open_dossier(visit, code) or opened
        # pressed twice at one moment: the other half did it
        if not current.dossier.was_done(key):
            return _page(visit, current, email_id, address=typed, wrong="changed", status=409)
    checked(visit, opened.dossier)
    return visit.go(opened.path, gedaan="verstuurd")


def _page(
    visit: Visit, opened: Opened, email_id: str, *, address: str | None = None, wrong: str = "", status: int = 200
) -> Response:
    app, dossier = visit.app, opened.dossier
    email = dossier.email(email_id)
    if email is None:
        return visit.unknown()
    to = dossier.to(email)
    suppressed = app.store.unit_of_work().suppressions.get(suppression_id(to, identity=app.identity)) if to else None
    letter = compose_email(email, order=dossier.order, store=app.store, composer=app.composer, now=app.now())
    return visit.page(
        "order_mail",
        status=status,
        order=dossier.order,
        email=email,
        letter=letter,
        suppression=suppressed,
        to=to,
        address=to if address is None else address,
        key=app.new_token(),
        wrong=wrong,
    )
