"""Replies: pages, fragments, JSON and redirects, each with the headers it must have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from chalice.app import Response

from chalicelib.rendering.renderer import Page

NO_STORE = "no-store"
# Back from the payment page must find the form with the same key: one that may not be stored comes anew with a new key.
FOR_THE_WAY_BACK = "private, max-age=0"
# An embed fragment holds no key and no token, so a cache may keep it for a while.
FOR_EVERYBODY = "public, max-age=300"
# One that tells of seats must not be old.
FOR_HALF_A_MINUTE = "public, max-age=30"
# The script is looked at again after an hour, and meanwhile used as it was.
FOR_AN_HOUR = "public, max-age=3600, stale-while-revalidate=86400"


def page(
    content: Page,
    *,
    status: int = 200,
    checkout_origin: str,
    cache: str = NO_STORE,
    script_url: str = "",
    framed_by: Iterable[str] = (),
) -> Response:
    """A whole page. `checkout_origin` is in form-action because a posted form is answered by a redirect to it.

    `script_url` is the one script it runs, which talks to nobody but the desk; `framed_by` are the websites that may
    show it in a frame.
    """
    scripts = f"script-src {script_url}; " if script_url else ""
    ancestors = " ".join(sorted(framed_by)) or "'none'"
    policy = (
        f"default-src 'none'; style-src '{content.style_hash}'; img-src 'self' https: data:; {scripts}"
        f"connect-src 'self'; form-action 'self' {checkout_origin}; frame-ancestors {ancestors}; base-uri 'none'"
    )
    return Response(
        body=content.html,
        status_code=status,
        headers=_headers("text/html; charset=utf-8", cache)
        | {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin"},
    )


def beheer(content: Page, *, status: int = 200, leads_to: str = "") -> Response:
    """A page behind the desk: nobody keeps it, frames it, finds it, or runs anything in it.

    `leads_to` is in form-action because a form that asks for an export is answered by a redirect to it.
    """
    targets = f"'self' {leads_to}".rstrip()
    policy = (
        f"default-src 'none'; style-src '{content.style_hash}'; img-src 'self' data:; form-action {targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return Response(
        body=content.html,
        status_code=status,
        headers=_headers("text/html; charset=utf-8", NO_STORE)
        | {"Content-Security-Policy": policy, "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"},
    )


def framed_mail(html: str) -> Response:
    """A mail as it will look, for a frame in a page of ours: its styles stand in it, and nothing else of it works.

    The sandbox makes it a website of its own, which has no way to the desk.
    """
    policy = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; "
        "frame-ancestors 'self'; base-uri 'none'"
    )
    return Response(
        body=html,
        headers=_headers("text/html; charset=utf-8", NO_STORE)
        | {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"},
    )


def fragment(html: str, *, status: int = 200, cache: str = NO_STORE) -> Response:
    """A piece of a page, for a page of somebody else's."""
    return Response(body=html, status_code=status, headers=_headers("text/html; charset=utf-8", cache))


def script(text: str, *, etag: str, known: bool) -> Response:
    """A script for other websites; nothing but its tag when it is known already."""
    headers = _headers("text/javascript; charset=utf-8", FOR_AN_HOUR) | {"ETag": etag}
    return Response(body="" if known else text, status_code=304 if known else 200, headers=headers)


def data(content: Mapping[str, object], *, status: int = 200) -> Response:
    """JSON, as text of our own making: Chalice would serialise it the same, but with its own headers."""
    return Response(
        body=json.dumps(content), status_code=status, headers=_headers("application/json; charset=utf-8", NO_STORE)
    )


def attachment(text: str, *, content_type: str, name: str) -> Response:
    """A file to be saved, that nobody else keeps."""
    headers = _headers(f"{content_type}; charset=utf-8", NO_STORE)
    return Response(body=text, headers=headers | {"Content-Disposition": f'attachment; filename="{name}"'})


def readable(content: Mapping[str, object]) -> str:
    """JSON for a file that a person may open too."""
    return json.dumps(content, ensure_ascii=False, indent=2)


def redirect(url: str) -> Response:
    """See other: whatever was posted is done, and going there again is harmless."""
    return Response(
        body="", status_code=303, headers=_headers("text/html; charset=utf-8", NO_STORE) | {"Location": url}
    )


def _headers(content_type: str, cache: str) -> dict[str, str | list[str]]:
    return {"Content-Type": content_type, "Cache-Control": cache, "X-Content-Type-Options": "nosniff"}
