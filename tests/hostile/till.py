"""A till: Stripe's side of the SDK in process, which keeps all that is sent to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from tests.hostile.canary import VICTIM, mark

CHECKOUT = "https://checkout.stripe.com"
SESSIONS = "/v1/checkout/sessions"
ONE_SESSION = re.compile(rf"{SESSIONS}/([^/]+)(/expire)?")

type Given = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it leaves the desk."""

    method: str
    url: str
    headers: dict[str, str]
    parameters: tuple[tuple[str, str], ...]

    @property
    def creates(self) -> bool:
        return self.method == "post" and not self.url.endswith("/expire")


@dataclass(kw_only=True)
class Drawer:
    """What the till remembers: all calls, all sessions, and how often it still refuses an address."""

    calls: list[Call] = field(default_factory=list)
    sessions: dict[str, Given] = field(default_factory=dict)
    keys: dict[str, tuple[tuple[tuple[str, str], ...], str]] = field(default_factory=dict)
    refusals: int = 0


class Till(stripe.HTTPClient):
    """Answers as Stripe does, as far as the desk asks."""

    name = "till"

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self.drawer = Drawer()

    def request(  # type: ignore[override]  # the SDK's own subclasses leave its last parameter out too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[str, int, Mapping[str, str]]:
        sent = post_data if method == "post" else urlsplit(url).query
        call = Call(
            method=method,
            url=url,
            headers=dict(headers or {}),
            parameters=tuple(parse_qsl(str(sent or ""), keep_blank_values=True)),
        )
        self.drawer.calls.append(call)
        status, content, replayed = self._answer(call)
        return (
            json.dumps(content),
            status,
            {"Request-Id": "req_1"} | ({"Idempotent-Replayed": "true"} if replayed else {}),
        )

    def close(self) -> None:
        """Nothing is open."""

    # What a buyer does on the payment page.

    def open_sessions(self) -> list[str]:
        return [each for each in self.drawer.sessions if self._current(each)["status"] == "open"]

    def pay(self, session_id: str) -> None:
        """Pay with a card on which another name stands."""
        charge = {"id": f"ch_{session_id}", "object": "charge", "created": int(self._clock().timestamp())}
        charge |= {"payment_method_details": {"type": "ideal", "ideal": {}}}
        charge |= {"disputed": False, "refunds": {"object": "list", "data": [], "has_more": False}}
        self.drawer.sessions[session_id] |= {
            "status": "complete",
            "payment_status": "paid",
            "url": None,
            "customer_details": {"name": mark(VICTIM, "card"), "email": f"{mark(VICTIM, 'card')}@example.nl"},
            "payment_intent": {
                "id": f"pi_{session_id}",
                "object": "payment_intent",
                "status": "succeeded",
                "latest_charge": charge,
            },
        }

    def pay_later(self, session_id: str) -> None:
        """Choose a method whose money is on its way."""
        self.pay(session_id)
        self.drawer.sessions[session_id]["payment_status"] = "unpaid"
        self.drawer.sessions[session_id]["payment_intent"]["status"] = "processing"

    def _answer(self, call: Call) -> tuple[int, Given, bool]:
        path = urlsplit(call.url).path
        found = ONE_SESSION.fullmatch(path)
        if path == SESSIONS and call.method == "post":
            return self._create(call)
        if path == SESSIONS:
            return 200, {"object": "list", "data": list(self.drawer.sessions.values()), "has_more": False}, False
        if found is None or found[1] not in self.drawer.sessions:
            return *_refusal("resource_missing", 404, "No such object."), False
        session = self._current(found[1])
        if call.method == "post" and session["status"] != "open":
            return *_refusal("", 400, "Only open sessions can be expired."), False
        if call.method == "post":
            session |= {"status": "expired", "url": None}
        return 200, session, False

    def _create(self, call: Call) -> tuple[int, Given, bool]:
        given, key = dict(call.parameters), call.headers.get("Idempotency-Key", "")
        if self.drawer.refusals:
            self.drawer.refusals -= 1
            # Stripe repeats in its words what it does not like
            return *_refusal("email_invalid", 400, f"Invalid email address: {given['customer_email']}"), False
        if key in self.drawer.keys:
            first, session_id = self.drawer.keys[key]
            if first != call.parameters:
                return *_refusal("", 400, "Keys for idempotent requests.", kind="idempotency_error"), False
            return 200, self._current(session_id), True
        session_id = f"cs_test_{len(self.drawer.sessions) + 1}"
        self.drawer.keys[key] = (call.parameters, session_id)
        lines = {name.split("]")[0] for name in given if name.startswith("line_items[")}
        self.drawer.sessions[session_id] = {
            "id": session_id,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "url": f"{CHECKOUT}/c/pay/{session_id}",
            "client_reference_id": given.get("client_reference_id"),
            "customer_email": given.get("customer_email"),
            "metadata": {name[9:-1]: value for name, value in given.items() if name.startswith("metadata[")},
            "currency": given.get(f"{min(lines)}][price_data][currency]"),
            "amount_total": sum(
                int(given[f"{line}][quantity]"]) * int(given[f"{line}][price_data][unit_amount]"]) for line in lines
            ),
            "payment_intent": None,
            "expires_at": int(given["expires_at"]),
            "created": int(self._clock().timestamp()),
        }
        return 200, self.drawer.sessions[session_id], False

    def _current(self, session_id: str) -> Given:
        session = self.drawer.sessions[session_id]
        if session["status"] == "open" and session["expires_at"] <= self._clock().timestamp():
            session |= {"status": "expired", "url": None}
        return session


def _refusal(code: str, status: int, message: str, *, kind: str = "invalid_request_error") -> tuple[int, Given]:
    return status, {"error": {"type": kind, "code": code, "message": message}}
