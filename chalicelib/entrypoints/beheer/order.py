"""An order: all that is known of it on one page, its notes, and its mails."""

from __future__ import annotations

from chalice.app import Response

from chalicelib.domain.language import Language
from chalicelib.domain.note import LONGEST
from chalicelib.domain.staff import Permission
from chalicelib.domain.state import ACTIONS, Action
from chalicelib.entrypoints.beheer.dossier import Opened, arrived_not, checked, form_key, open_dossier
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.add_note import add_note
from chalicelib.flows.compose_email import is_true
from chalicelib.flows.refund_order import refundable_of
from chalicelib.flows.waive_email import waive_email
from chalicelib.rendering.event_view import group_title
from chalicelib.rendering.money_view import money_view
from chalicelib.rendering.timeline import timeline
from chalicelib.web.request import query

PAGE = "/beheer/aanmeldingen/{code}"


@GATE.door("GET", PAGE, Permission.SEE)
def show(visit: Visit, code: str) -> Response:
    opened = open_dossier(visit, code)
    return _page(visit, opened) if opened else visit.unknown()


@GATE.door("POST", PAGE, Permission.HELP)
def act(visit: Visit, code: str) -> Response:
    """Write a note, or say that nothing has to be done about a mail: the button says which."""
    opened = open_dossier(visit, code)
    if opened is None:
        return visit.unknown()
    key, text = form_key(visit), visit.posted.get("text").strip()
    written = next((note.text for note in opened.dossier.notes if note.id == key), text)
    # gone back to, and written otherwise: that is another note
    wires = {"key": key if written == text else visit.app.new_token(), "by": visit.staff.email}
    store, now, order_id = visit.app.store, visit.app.now(), opened.dossier.order.id
    if visit.posted.get("do") == "waive":
        if opened.dossier.email(visit.posted.get("email")) is None:
            return visit.unknown()
        waive_email(order_id, visit.posted.get("email"), store=store, now=now, **wires)
        checked(visit, opened.dossier)
        return visit.go(opened.path, gedaan="afgehandeld")
    if not text or len(text) > LONGEST:
        return _page(visit, opened, text=text, wrong="note", status=422)
    add_note(order_id, text, store=store, now=now, **wires)
    return visit.go(opened.path, gedaan="notitie")


def _page(visit: Visit, opened: Opened, *, text: str = "", wrong: str = "", status: int = 200) -> Response:
    app, dossier, offer = visit.app, opened.dossier, opened.offer
    order = dossier.order
    groups = {each.number: group_title(offer, each.group, language=Language.NL) for each in dossier.attendees}
    return visit.page(
        "order",
        status=status,
        order=order,
        dossier=dossier,
        offer=offer,
        groups=groups,
        money=money_view(order, ledger=dossier.ledger),
        payments=[(each, app.payment_page(each.id)) for each in dossier.ledger.payments],
        refundable_cents=refundable_of(dossier.ledger),
        mails=[
            {
                "email": email,
                "to": dossier.to(email),
                "wrong": arrived_not(dossier, email),
                "again": is_true(email, order=order) and bool(dossier.to(email)),
            }
            for email in dossier.emails
        ],
        happenings=timeline(dossier),
        trouble=opened.trouble,
        may={action.value for action in Action if (order.state, action) in ACTIONS},
        order_url=app.links.order(order.id, order.language),
        membership=app.store.unit_of_work().memberships.get(order.id) if offer.term_months else None,
        key=app.new_token(),
        done=query(visit.request, "gedaan"),
        text=text,
        wrong=wrong,
    )
