"""Logging in: an address, a code by mail, and going again."""

from __future__ import annotations

import re
import secrets

from chalice.app import Request, Response

from chalicelib.bootstrap import Application
from chalicelib.domain import login as of_login
from chalicelib.domain.refusal import TooMany
from chalicelib.domain.staff import Permission
from chalicelib.domain.staff_session import LIFE
from chalicelib.entrypoints.beheer.gate import GATE, Visit, go, page_of_ours, session_cookie
from chalicelib.flows.ask_code import ask_code
from chalicelib.flows.end_sessions import end_sessions
from chalicelib.flows.log_in import log_in
from chalicelib.flows.recognise_staff import recognise_staff
from chalicelib.web import formats, reply
from chalicelib.web.cookie import Cookie
from chalicelib.web.posted import Posted
from chalicelib.web.request import address_of, query

_LONGEST_BROWSER = 120


@GATE.open("GET", "/beheer/inloggen")
def ask(app: Application, request: Request, _posted: Posted) -> Response:
    wanted, again = page_of_ours(query(request, "naar")), query(request, "opnieuw") == "1"
    found = recognise_staff(
        session_cookie(app).read(request), first=app.settings.first_beheerder, store=app.store, now=app.now()
    )
    if found and not again:
        return go(app, "")
    return _asking(app, naar=wanted, email=found.staff.email if found else "", again=again)


@GATE.open("POST", "/beheer/inloggen")
def mail(app: Application, request: Request, posted: Posted) -> Response:
    wanted, email = page_of_ours(posted.get("naar")), posted.get("email").strip()
    if not formats.looks_like_email(email):
        return _asking(app, naar=wanted, email=email, wrong="address", status=422)
    nonce = secrets.token_urlsafe(32)
    try:
        ask_code(
            email,
            nonce=nonce,
            network=address_of(request),
            logins=app.logins,
            queue=app.emails,
            tallies=app.tallies,
            identity=app.identity,
            now=app.now(),
        )
    except TooMany as refusal:
        return _asking(app, naar=wanted, email=email, wrong="too_many", minutes=refusal.minutes, status=429)
    answer = go(app, "code", naar=wanted)
    seconds = int(of_login.LIFE.total_seconds())
    answer.headers["Set-Cookie"] = _login_cookie(app).put(nonce, seconds=seconds)
    return answer


@GATE.open("GET", "/beheer/code")
def type_code(app: Application, request: Request, _posted: Posted) -> Response:
    return _typing(app, naar=page_of_ours(query(request, "naar")))


@GATE.open("POST", "/beheer/code")
def enter(app: Application, request: Request, posted: Posted) -> Response:
    wanted, typed = page_of_ours(posted.get("naar")), posted.get("code")
    token = log_in(
        re.sub(r"\s", "", typed),
        nonce=_login_cookie(app).read(request),
        browser=str(request.headers.get("user-agent", ""))[:_LONGEST_BROWSER],
        first=app.settings.first_beheerder,
        logins=app.logins,
        store=app.store,
        identity=app.identity,
        now=app.now(),
    )
    if token is None:
        return _typing(app, naar=wanted, code=typed[:20], wrong=True, status=422)
    before = session_cookie(app).read(request)
    if before and before != token:
        _end(app, before)
    answer = reply.redirect(f"{app.settings.base_url}{wanted}")
    # the cookie of the login stays until it runs out: pressed twice, the second time finds the same session
    answer.headers["Set-Cookie"] = session_cookie(app).put(token, seconds=int(LIFE.total_seconds()))
    return answer


@GATE.door("POST", "/beheer/uitloggen", Permission.SELF)
def leave(visit: Visit) -> Response:
    end_sessions([visit.session.id], email=visit.staff.email, store=visit.app.store, now=visit.app.now())
    answer = visit.go("inloggen", uit="1")
    answer.headers["Set-Cookie"] = [session_cookie(visit.app).drop(), _login_cookie(visit.app).drop()]
    return answer


def _end(app: Application, token: str) -> None:
    """With a fresh code a new session has begun; the one before is not needed any more."""
    found = recognise_staff(token, first=app.settings.first_beheerder, store=app.store, now=app.now())
    if found:
        end_sessions([found.session.id], email=found.staff.email, store=app.store, now=app.now())


def _login_cookie(app: Application) -> Cookie:
    return Cookie("loket-login", secure=app.settings.base_url.startswith("https:"))


def _asking(app: Application, *, status: int = 200, **context: object) -> Response:
    given = {"wrong": "", "minutes": 0, "again": False} | context
    return reply.beheer(app.renderer.beheer("login", staff=None, url=app.links.beheer, **given), status=status)


def _typing(app: Application, *, status: int = 200, **context: object) -> Response:
    given: dict[str, object] = {"code": "", "wrong": False} | context
    return reply.beheer(app.renderer.beheer("code", staff=None, url=app.links.beheer, **given), status=status)
