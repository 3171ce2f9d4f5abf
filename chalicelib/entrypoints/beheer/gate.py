"""The gate: every page behind the desk is made by it, so that none is without session, role and form token."""

from __future__ import annotations

import functools
import hmac
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from chalice.app import Blueprint, Request, Response

from chalicelib.bootstrap import Application, application
from chalicelib.domain.error import Unavailable
from chalicelib.domain.staff import Permission, Staff
from chalicelib.domain.staff_session import StaffSession
from chalicelib.flows.recognise_staff import Recognised, recognise_staff
from chalicelib.web import reply
from chalicelib.web.cookie import Cookie
from chalicelib.web.posted import LARGEST_BODY, BodyTooLarge, Posted, read_posted
from chalicelib.web.request import body_of

log = logging.getLogger(__name__)

URL_ENCODED = "application/x-www-form-urlencoded"
# Where somebody may be led after logging in: a page of ours behind the desk, and nowhere else.
_OURS = re.compile(r"/beheer(/[A-Za-z0-9-]+)*(\?[A-Za-z0-9%&=+._~-]{0,600})?")
TOKEN_FIELD = "token"  # noqa: S105  # the name of a field


def session_cookie(app: Application) -> Cookie:
    return Cookie("loket", secure=app.settings.base_url.startswith("https:"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request that passed the gate: who it is, and what was sent."""

    app: Application
    request: Request
    staff: Staff
    session: StaffSession
    posted: Posted

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """A page, with the menu of what this somebody may do."""
        content = self.app.renderer.beheer(
            template,
            staff=self.staff,
            permitted={permission.value for permission in Permission if self.staff.may(permission)},
            token=self.app.identity.csrf_token(self.session.id),
            url=self.app.links.beheer,
            **context,
        )
        return reply.beheer(content, status=status, leads_to=self.app.settings.export_origin)

    def go(self, path: str, **said: str) -> Response:
        """Whatever was posted is done; the page that it leads to says so."""
        return go(self.app, path, **said)

    def unknown(self) -> Response:
        """The page that says that there is no such thing, or not any more."""
        return self.page("problem", status=404, problem="unknown")


type View = Callable[..., Response]


class Gate:
    """Makes doors; `doors` are all that were made, with the permission that each asks for (None: anybody may knock)."""

    def __init__(self) -> None:
        self.blueprint = Blueprint(__name__)
        self.doors: dict[tuple[str, str], Permission | None] = {}

    def door(
        self,
        method: str,
        path: str,
        permission: Permission,
        *,
        fresh: bool = False,
        largest: int = LARGEST_BODY,
        back: Callable[[Posted], str] | None = None,
    ) -> Callable[[View], View]:
        """A door for whoever has this permission; `fresh`: and typed a code a moment ago.

        `back` is the page that a form stands on, when that is not the page of the same path; `largest` is how many
        bytes may be sent.
        """

        def make(view: View) -> View:
            @functools.wraps(view)
            def guarded(**parts: str) -> Response:
                app, request = application(), self.blueprint.current_request
                found = recognise_staff(
                    session_cookie(app).read(request),
                    first=app.settings.first_beheerder,
                    store=app.store,
                    now=app.now(),
                )
                here = _here(path, parts, request)
                if found is None:
                    return _to_login(app, here if method == "GET" else "/beheer")
                posted = _posted(request, largest=largest) if method == "POST" else Posted({}, frozenset())
                if posted is None:
                    return problem(app, "large", status=413)
                if method == "POST" and not _from_our_form(app, request, posted, found):
                    log.warning("staff_form_refused view=%s", view.__name__)
                    return problem(app, "form", status=403)
                if not found.staff.may(permission):
                    log.warning("staff_not_permitted view=%s role=%s", view.__name__, found.staff.role.value)
                    return problem(app, "role", status=403)
                if fresh and not found.session.fresh(now=app.now()):
                    return _to_login(app, page_of_ours(back(posted)) if back else here, again=True)
                visit = Visit(app=app, request=request, staff=found.staff, session=found.session, posted=posted)
                return view(visit, **parts)

            return self._register(method, path, permission, guarded)

        return make

    def open(self, method: str, path: str) -> Callable[[View], View]:
        """A door at which anybody may knock: that of logging in. It is given the application and what was sent."""

        def make(view: View) -> View:
            @functools.wraps(view)
            def knocked() -> Response:
                app, request = application(), self.blueprint.current_request
                posted = _posted(request) if method == "POST" else Posted({}, frozenset())
                if posted is None:
                    return problem(app, "large", status=413)
                if not _from_our_site(app, request):
                    return problem(app, "form", status=403)
                return view(app, request, posted)

            return self._register(method, path, None, knocked)

        return make

    def _register(self, method: str, path: str, permission: Permission | None, view: View) -> View:
        @functools.wraps(view)
        def answered(**parts: str) -> Response:
            try:
                return view(**parts)
            except Unavailable as error:
                log.exception("door_unavailable view=%s", view.__name__, exc_info=error)
                return problem(application(), "unavailable", status=503)

        assert (method, path) not in self.doors, f"two doors at {method} {path}"
        self.doors[method, path] = permission
        types = {"content_types": [URL_ENCODED]} if method == "POST" else {}
        self.blueprint.route(path, methods=[method], name=f"{method} {path}", **types)(answered)
        return view


GATE = Gate()


def go(app: Application, path: str, **said: str) -> Response:
    query = f"?{urlencode(said)}" if said else ""
    return reply.redirect(f"{app.links.beheer(path)}{query}")


def problem(app: Application, key: str, *, status: int) -> Response:
    """The page that says what is wrong and how to go on."""
    return reply.beheer(app.renderer.beheer("problem", problem=key, staff=None, url=app.links.beheer), status=status)


def page_of_ours(path: str) -> str:
    """Where somebody wanted to be, if that is behind the desk; else its first page."""
    return path if _OURS.fullmatch(path) else "/beheer"


def _here(path: str, parts: Mapping[str, str], request: Request) -> str:
    """The page that was asked for, to come back to; a form that was posted stands on the page of the same path."""
    asked = dict(request.query_params or {}) if request.method == "GET" else {}
    return page_of_ours(path.format(**parts) + (f"?{urlencode(asked)}" if asked else ""))


def _to_login(app: Application, path: str, *, again: bool = False) -> Response:
    said = {"naar": path} | ({"opnieuw": "1"} if again else {})
    return go(app, "inloggen", **said)


def _posted(request: Request, *, largest: int = LARGEST_BODY) -> Posted | None:
    try:
        return read_posted(body_of(request), largest=largest)
    except BodyTooLarge:
        return None


def _from_our_form(app: Application, request: Request, posted: Posted, found: Recognised) -> bool:
    token = app.identity.csrf_token(found.session.id)
    return _from_our_site(app, request) and hmac.compare_digest(posted.get(TOKEN_FIELD).encode(), token.encode())


def _from_our_site(app: Application, request: Request) -> bool:
    """Browsers name the website of a form that is posted; one that says nothing is believed for its token."""
    origin = str(request.headers.get("origin", ""))
    base = urlsplit(app.settings.base_url)
    return origin in ("", f"{base.scheme}://{base.netloc}")
