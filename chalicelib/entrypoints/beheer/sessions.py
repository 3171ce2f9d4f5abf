"""Sessions: where one is logged in, and ending that."""

from chalice.app import Response

from chalicelib.domain.staff import Permission
from chalicelib.entrypoints.beheer.gate import GATE, Visit
from chalicelib.flows.end_sessions import end_sessions
from chalicelib.web.request import query


@GATE.door("GET", "/beheer/sessies", Permission.SELF)
def show(visit: Visit) -> Response:
    mine = [
        each
        for each in visit.app.store.team().sessions
        if each.email == visit.staff.email and each.alive(now=visit.app.now())
    ]
    mine.sort(key=lambda each: (each.id != visit.session.id, each.seen_at.timestamp() * -1))
    return visit.page("sessions", sessions=mine, own=visit.session.id, ended=query(visit.request, "beeindigd"))


@GATE.door("POST", "/beheer/sessies", Permission.SELF)
def end(visit: Visit) -> Response:
    """End the one that is named, or all others."""
    named = visit.posted.get("session")
    others = [each.id for each in visit.app.store.team().sessions if each.id != visit.session.id]
    ended = end_sessions(
        [named] if named else others, email=visit.staff.email, store=visit.app.store, now=visit.app.now()
    )
    return visit.go("sessies", beeindigd=str(ended))
