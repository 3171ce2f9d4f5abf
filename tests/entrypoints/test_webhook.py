"""Stripe's door: only a fresh, genuine message about our own session gets into the queue."""

from __future__ import annotations

import hashlib
import hmac
import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from stripe import WebhookSignature

from chalicelib.adapters.stripe_gateway import API_VERSION
from chalicelib.adapters.stripe_gateway import Desk as Mark
from chalicelib.adapters.stripe_webhook import EVENTS, StripeWebhook
from devstack.environment import WEBHOOK_SECRET
from tests.desk import WEBSITE, Desk
from tests.entrypoints.witness import orders, untouched

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "api_version": API_VERSION,
    "created": 1_764_072_000,
    "type": "checkout.session.completed",
    "livemode": False,
    "pending_webhooks": 1,
    "request": {"id": None, "idempotency_key": None},
    "data": {
        "object": {
            "id": "cs_test_1",
            "object": "checkout.session",
            "client_reference_id": "order-1",
            "metadata": {"app": "loket", "stage": "dev", "order_id": "order-1", "attempt": "1"},
            "payment_intent": "pi_1",
            "payment_status": "paid",
        }
    },
}


def changed(path: str, value: object) -> str:
    """The event with one thing in it changed; `...` takes it away."""
    event = deepcopy(EVENT)
    *way, last = path.split(".")
    part = event
    for step in way:
        part = part[step]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return json.dumps(event)


def seal(body: bytes, *, at: int, secret: str = WEBHOOK_SECRET) -> str:
    """A rightful signature, also over bytes that the SDK would not sign."""
    return hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()


def deliver(desk: Desk, body: str | bytes = "", *, signature: str | None = None, **headers: str) -> HTTPResponse:
    """Bring a message, signed now unless it is said otherwise."""
    content = body.encode() if isinstance(body, str) else body
    if signature is None:
        at = int(desk.clock().timestamp())
        signature = f"t={at},v1={seal(content, at=at)}"
    sent = {"content_type": "application/json; charset=utf-8", "stripe_signature": signature} | headers
    return desk.post("/webhooks/stripe", content, **sent)


def refused(desk: Desk, answer: HTTPResponse) -> None:
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json_body["error"]
    assert desk.payments.messages == []
    assert not orders(desk)


GOOD = json.dumps(EVENT)


@pytest.mark.parametrize("kind", EVENTS)
def test_good_message_is_queued_once(desk: Desk, kind: str) -> None:
    body = changed("type", kind)
    signature = WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, int(desk.clock().timestamp()))
    answer = deliver(desk, body, signature=signature)
    assert (answer.status_code, answer.json_body) == (200, {"received": True})
    assert desk.payments.messages == ["cs_test_1" if kind.startswith("checkout.session.") else "pi_1"]
    assert not orders(desk), "the work comes later"


@pytest.mark.parametrize("content_type", ["application/json", "application/json;charset=UTF-8"])
def test_content_types_of_json(desk: Desk, content_type: str) -> None:
    assert deliver(desk, GOOD, content_type=content_type).status_code == 200
    assert desk.payments.messages == ["cs_test_1"]


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"])
def test_other_content_type(desk: Desk, content_type: str) -> None:
    assert deliver(desk, GOOD, content_type=content_type).status_code == 415
    assert desk.payments.messages == []


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_clocks_may_differ_a_little(desk: Desk, seconds: int) -> None:
    at = int(desk.clock().timestamp()) + seconds
    assert deliver(desk, GOOD, signature=f"t={at},v1={seal(GOOD.encode(), at=at)}").status_code == 200


@pytest.mark.parametrize("seconds", [-301, -3600, -86400 * 365, 301, 3600, 86400 * 365 * 900])
def test_stale_or_from_the_future(desk: Desk, seconds: int) -> None:
    at = int(desk.clock().timestamp()) + seconds
    refused(desk, deliver(desk, GOOD, signature=f"t={at},v1={seal(GOOD.encode(), at=at)}"))


def test_same_message_goes_stale(desk: Desk) -> None:
    at = int(desk.clock().timestamp())
    signature = f"t={at},v1={seal(GOOD.encode(), at=at)}"
    desk.clock.advance(minutes=5, seconds=1)
    refused(desk, deliver(desk, GOOD, signature=signature))


# {t} is now, {old} an hour ago; {v} signs now, {o} the hour ago, {w} with another secret
SIGNATURES = {
    "missing": None,
    "empty": "",
    "blank": " ",
    "of another secret": "t={t},v1={w}",
    "of another moment": "t={t},v1={o}",
    "made up": "t={t},v1=" + "0" * 64,
    "cut short": "t={t},v1={v:.63}",
    "with a tail": "t={t},v1={v}0",
    "capitals": "t={t},v1={V}",
    "v0 only": "t={t},v0={v}",
    "v2 only": "t={t},v2={v}",
    "not ASCII": "t={t},v1=é{v}",
    "only not ASCII": "t={t},v1=日本",
    "without t": "v1={v}",
    "empty t": "t=,v1={v}",
    "words for t": "t=now,v1={v}",
    "t with a fraction": "t={t}.5,v1={v}",
    "negative t": "t=-{t},v1={v}",
    "endless t": "t=" + "9" * 5000 + ",v1={v}",
    "empty v1": "t={t},v1=",
    "without equals": "t{t}v1{v}",
    "two t, the first old": "t={old},t={t},v1={o}",
    "two t, the first old, signed now": "t={old},t={t},v1={v}",
    "two t, the second signed": "t={t},t={old},v1={o}",
    # the SDK reads the first t as int() does, so an old one in another spelling must not get its age from the second
    "two t, the old with a sign": "t=+{old},t={t},v1={o}",
    "two t, the old with a tail": "t={old}=,t={t},v1={o}",
    "two t, the old with a space": "t= {old},t={t},v1={o}",
    "two t, the old with an underscore": "t=0_{old},t={t},v1={o}",
    "two t, the old behind the signature": "v1={o},t=+{old},t={t}",
    "JSON": '{{"t": {t}, "v1": "{v}"}}',
    "commas": ",,,,,",
    "long": "t={t}," + "v1=0," * 5000,
}


@pytest.mark.parametrize("pattern", SIGNATURES.values(), ids=SIGNATURES)
def test_forged_signature(desk: Desk, pattern: str | None) -> None:
    body, at = GOOD.encode(), int(desk.clock().timestamp())
    good = seal(body, at=at)
    values = {
        "t": at,
        "old": at - 3600,
        "v": good,
        "V": good.upper(),
        "o": seal(body, at=at - 3600),
        "w": seal(body, at=at, secret="whsec_of_somebody_else"),
    }
    if pattern is None:
        answer = desk.post("/webhooks/stripe", body, content_type="application/json")
    else:
        answer = deliver(desk, body, signature=pattern.format(**values))
    refused(desk, answer)


def test_several_signatures_while_the_secret_is_rolled(desk: Desk) -> None:
    at = int(desk.clock().timestamp())
    signature = f"t={at},v1={'0' * 64},v1={seal(GOOD.encode(), at=at)},v0={'1' * 64}"
    assert deliver(desk, GOOD, signature=signature).status_code == 200


def test_every_byte_of_the_body_is_signed(desk: Desk) -> None:
    at = int(desk.clock().timestamp())
    signature = f"t={at},v1={seal(GOOD.encode(), at=at)}"
    for body in (json.dumps(EVENT, indent=1), json.dumps(EVENT, sort_keys=True), GOOD + " ", GOOD[:-1], "", "{}"):
        assert body != GOOD
        refused(desk, deliver(desk, body, signature=signature))


# Each of these is signed rightly.
NONSENSE = {
    "empty": b"",
    "blank": b"  ",
    "not UTF-8": GOOD.encode().replace(b"evt_1", b"evt_\xff\xfe"),
    "UTF-16": GOOD.encode("utf-16"),
    "byte order mark": GOOD.encode("utf-8-sig"),
    "no JSON": b"<html></html>",
    "form": b"type=checkout.session.completed",
    "half": GOOD.encode()[:-5],
    "twice": GOOD.encode() * 2,
    "list": b"[" + GOOD.encode() + b"]",
    "null": b"null",
    "number": b"1e999",
    "text": json.dumps(GOOD).encode(),
    "NaN": GOOD.encode().replace(b"1764072000", b"NaN"),
    "lone surrogate": GOOD.encode().replace(b"evt_1", b"\\ud800"),
    "only brackets": b"[" * 100_000,
    "closed brackets": b"[" * 100_000 + b"]" * 100_000,
    "brackets in an unread field": GOOD.encode()[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "empty object": b"{}",
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_signed_nonsense(desk: Desk, body: bytes) -> None:
    refused(desk, deliver(desk, body))


SHAPES: dict[str, list[Any]] = {
    "livemode": [True, "false", 0, None, ...],
    "type": [1, None, ...],
    "id": [1, None, ...],
    "data": [{}, [], None, "x", ...],
    "data.object": [{}, [], None, ...],
    "data.object.id": [1, None, {}, ...],
    "data.object.metadata": [[], "x", {"app": 1}],
    "api_version": [1],
}


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, values in SHAPES.items() for value in values])
def test_signed_message_of_another_shape(desk: Desk, path: str, value: object) -> None:
    refused(desk, deliver(desk, changed(path, value)))


def test_thin_event(desk: Desk) -> None:
    thin = {"id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered"}
    thin |= {"livemode": False, "related_object": {"id": "cs_test_1", "type": "checkout.session", "url": "/v1"}}  # type: ignore[dict-item]
    refused(desk, deliver(desk, json.dumps(thin)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("type", "checkout.session.created"),
        ("type", "charge.succeeded"),
        ("type", "Checkout.Session.Completed"),
        ("type", ""),
        ("data.object.metadata", {}),
        ("data.object.metadata", None),
        ("data.object.metadata", ...),
        ("data.object.metadata.app", "another"),
        ("data.object.metadata.app", ...),
        ("data.object.metadata.stage", "prod"),
        ("data.object.metadata.stage", ...),
    ],
)
def test_genuine_message_that_is_not_for_us_is_thanked_and_left(desk: Desk, path: str, value: object) -> None:
    with untouched(desk):
        answer = deliver(desk, changed(path, value))
    assert (answer.status_code, answer.json_body) == (200, {"received": True, "for_us": False})


@pytest.mark.parametrize("version", ["2020-08-27", None, ...])
def test_other_api_version_is_taken_since_the_session_is_fetched_anew(desk: Desk, version: object) -> None:
    assert deliver(desk, changed("api_version", version)).status_code == 200
    assert desk.payments.messages == ["cs_test_1"]


def test_live_desk_takes_live_messages_only(desk: Desk) -> None:
    ours = Mark(app="loket", stage="dev")
    desk.application.webhook = StripeWebhook(secret=WEBHOOK_SECRET, desk=ours, live=True)
    refused(desk, deliver(desk, GOOD))
    assert deliver(desk, changed("livemode", True)).status_code == 200


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 6 * 1024 * 1024])
def test_huge_body_is_not_even_verified(desk: Desk, size: int) -> None:
    body = GOOD.encode()
    with untouched(desk):
        answer = deliver(desk, body + b" " * (size - len(body)))
    assert answer.status_code == 413


def test_body_of_the_largest_size(desk: Desk) -> None:
    body = GOOD.encode()
    assert deliver(desk, body + b" " * (1024 * 1024 - len(body))).status_code == 200


def test_queue_down_makes_stripe_come_again(desk: Desk) -> None:
    desk.payments.down = True
    answer = deliver(desk, GOOD)
    assert (answer.status_code, answer.json_body) == (503, {"error": "try again"})
    assert desk.payments.messages == []
    desk.payments.down = False
    assert deliver(desk, GOOD).status_code == 200
    assert desk.payments.messages == ["cs_test_1"]


def test_refusals_show_nothing_of_what_was_expected(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    at = int(desk.clock().timestamp())
    answer = deliver(desk, GOOD, signature=f"t={at},v1=0")
    for secret in (WEBHOOK_SECRET, seal(GOOD.encode(), at=at)):
        assert secret not in caplog.text
        assert secret.encode() not in answer.body
    assert "webhook_refused" in caplog.text


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head"])
def test_wrong_method(desk: Desk, method: str) -> None:
    with untouched(desk), desk.running() as http:
        answer = getattr(http, method)("/webhooks/stripe", headers={"Origin": WEBSITE})
    assert answer.status_code == 405


def test_two_messages_about_one_payment_settle_it_once(desk: Desk) -> None:
    order = desk.register().order
    desk.open_checkout(order)
    session = desk.gateway.pay(desk.gateway.session_of(order.id).id)
    body = changed("data.object.id", session.id)
    for _ in range(2):
        assert deliver(desk, body).status_code == 200
        desk.work()
    assert deliver(desk, body).status_code == 200
    assert deliver(desk, body).status_code == 200
    desk.clock.advance(minutes=3)
    desk.work()
    assert orders(desk) == ["paid"]
    assert len(desk.items("payment")) == 1
    assert len(desk.sender.sent) == len(set(desk.sender.ids())) == 2
