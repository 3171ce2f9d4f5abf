"""Stripe's webhook: whether a message is really Stripe's, ours and fresh, and which session it speaks of."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta

import msgspec
import stripe

from chalicelib.adapters.stripe_gateway import API_VERSION, Desk
from chalicelib.domain.error import WebhookRefused

log = logging.getLogger(__name__)

# The events that can change an order; a webhook endpoint subscribes to exactly these.
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
)
TOLERANCE = timedelta(minutes=5)


class _Object(msgspec.Struct):
    """The session, as far as a webhook is believed: its id and whose it is."""

    id: str
    metadata: dict[str, str] | None = None


class _Data(msgspec.Struct):
    """What Stripe wraps the session in."""

    object: _Object


class _Event(msgspec.Struct):
    """One event, as far as it is read."""

    id: str
    type: str
    livemode: bool
    data: _Data
    api_version: str | None = None


class StripeWebhook:
    """Reads signed messages; `live` tells whether our key is a live one."""

    def __init__(self, *, secret: str, desk: Desk, live: bool) -> None:
        self._secret, self._desk, self._live = secret, desk, live

    def session_of(self, body: bytes, *, signature: str, now: datetime) -> str | None:
        """The session to look at; None for a genuine message that is not for us. Raises WebhookRefused."""
        self._verify(body, signature=signature, now=now)
        try:
            event = msgspec.json.decode(body, type=_Event)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise WebhookRefused(type(error).__name__) from error
        if event.livemode is not self._live:
            raise WebhookRefused("livemode differs from our key's")
        if event.api_version != API_VERSION:
            # harmless, since the session is fetched afresh in our version; but the endpoint should be set right
            log.warning("webhook_other_version event_id=%s version=%s", event.id, event.api_version)
        metadata = event.data.object.metadata or {}
        ours = (metadata.get("app"), metadata.get("stage")) == (self._desk.app, self._desk.stage)
        if event.type not in EVENTS or not ours:
            log.info("webhook_not_for_us event_id=%s type=%s", event.id, event.type)
            return None
        return event.data.object.id

    def _verify(self, body: bytes, *, signature: str, now: datetime) -> None:
        try:
            # without its tolerance: the SDK lets the future pass, so the age is checked here, both ways
            stripe.WebhookSignature.verify_header(body, signature, self._secret, tolerance=None)
        except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
            raise WebhookRefused(type(error).__name__) from error
        # the first stamp in its plain spelling: that is the signed one, and a second one would lend it youth
        stamp = re.match(r"t=(\d{1,12}),", signature)
        if stamp is None or abs(now.timestamp() - int(stamp[1])) > TOLERANCE.total_seconds():
            raise WebhookRefused("stale or from the future")
