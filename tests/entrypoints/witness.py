"""A witness: everything that a request could have changed, looked at before and after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from chalicelib.domain.language import Language
from tests.desk import Desk

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

PAGE = "text/html; charset=utf-8"
# A browser may keep the empty form for the way back from the payment page, so that its key is found again.
KEPT_FOR_ONE = "private, max-age=0"


@contextmanager
def untouched(desk: Desk) -> Iterator[None]:
    """Nothing written (but counts), nothing asked of the payment service, nothing queued, nothing mailed."""
    before = _state(desk)
    yield
    assert _state(desk) == before


def orders(desk: Desk) -> list[str]:
    """The orders in the table, each with its state; every order has its code and its buyer."""
    found = desk.items("order")
    assert len(found) == len(desk.items("code")) == len(desk.items("buyer"))
    return sorted(item["state"]["S"] for item in found)


def kept(query: str) -> str:
    """How the answer to a post may be kept: a page in its own browser, a fragment nowhere."""
    return "no-store" if query else KEPT_FOR_ONE


def safe(response: HTTPResponse, *, allowed_origin: str = "", cache: str = "no-store") -> None:
    """The headers that every answer has."""
    headers = response.headers
    assert headers["Vary"] == "Origin"
    assert headers.get("Access-Control-Allow-Origin", "") == allowed_origin
    assert "Access-Control-Allow-Credentials" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == cache


def _state(desk: Desk) -> dict[str, Any]:
    return deepcopy(
        {
            "items": [item for item in desk.items() if item["record"]["S"] != "limit"],
            "sessions": desk.gateway.stored,
            "payments": desk.payments.messages,
            "emails": desk.emails.messages,
            "sent": desk.sender.sent,
        }
    )


def said(desk: Desk, language: str, key: str, **values: object) -> str:
    """A text of the catalogue, as the page shows it."""
    return " ".join(desk.application.renderer.texts(Language(language))(key, **values).split())
