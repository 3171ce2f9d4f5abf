"""The doorpost of every public page: which language, which refusal becomes which page."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib.bootstrap import application
from chalicelib.domain.error import Unavailable
from chalicelib.domain.language import Language
from chalicelib.web import reply

log = logging.getLogger(__name__)

# A form's own content type; it needs no preflight from another site, and Chalice reads no other kind of form.
URL_ENCODED = "application/x-www-form-urlencoded"
# What Chalice itself answers, in words for the visitor.
REFUSALS = {400: "wrong_type", 404: "not_found", 405: "wrong_method", 415: "wrong_type", 500: "went_wrong"}


def language_of(lang: str) -> Language:
    """The language that an address names; Dutch when it names none."""
    return Language(lang) if lang in set(Language) else Language.NL


def problem(key: str, *, language: Language, status: int, back_url: str = "") -> Response:
    """The page that says what is wrong and how to go on."""
    app = application()
    content = app.renderer.page(
        "problem", language=language, problem=key, back_url=back_url or app.links.home(language), other_language=None
    )
    return reply.page(content, status=status, checkout_origin=app.settings.checkout_origin)


def guarded(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view that is given text, and whose outside services may fail.

    The visitor gets a page that says so, the log the cause. A lone surrogate in an address, which is no text, arrives
    as a question mark.
    """

    @functools.wraps(view)
    def answer(**parts: str) -> Response:
        parts = {name: part.encode(errors="replace").decode() for name, part in parts.items()}
        try:
            return view(**parts)
        except Unavailable as error:
            log.exception("door_unavailable view=%s", view.__name__, exc_info=error)
            return problem("went_wrong", language=language_of(parts.get("lang", "")), status=503)

    return answer


def _refused(key: str, request: Request, *, status: int) -> Response:
    """A refusal of Chalice's in our own words: to people a page, to a machine its data."""
    if request.path.startswith("/webhooks/"):
        return reply.data({"error": key}, status=status)
    # the path is the route's pattern; which language it stands for is among the parameters
    return problem(key, language=language_of((request.uri_params or {}).get("lang", "")), status=status)


def dress(response: Response, request: Request) -> Response:
    """Finish an answer: Chalice's own refusals become pages, allowed sites may read it."""
    app = application()
    if response.status_code in REFUSALS and isinstance(response.body, dict):
        response = _refused(REFUSALS[response.status_code], request, status=response.status_code)
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("origin", "")
    if origin in app.settings.allowed_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response
