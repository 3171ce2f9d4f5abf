"""Stripe's webhook: whether a message is really Stripe's, ours and fresh, and what it speaks of."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import stripe

from chalicelib.adapters.stripe_gateway import API_VERSION, Desk
from chalicelib.domain.error import WebhookRefused

log = logging.getLogger(__name__)

TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What to look at after an event: where its object says so, and whether that object always says whose it is."""

    where: Literal["id", "payment_intent"]
    marked: bool


_SESSION = _Subject("id", marked=True)
# a charge has the marks of its payment
_CHARGE = _Subject("payment_intent", marked=True)
# but what is made at Stripe or by a bank has none: whose the payment is has to be looked up
_MOVEMENT = _Subject("payment_intent", marked=False)

_SUBJECTS = {
    "checkout.session.completed": _SESSION,
    "checkout.session.async_payment_succeeded": _SESSION,
    "checkout.session.async_payment_failed": _SESSION,
    "checkout.session.expired": _SESSION,
    "charge.refunded": _CHARGE,
    "refund.created": _MOVEMENT,
    "refund.updated": _MOVEMENT,
    "refund.failed": _MOVEMENT,
    "charge.dispute.created": _MOVEMENT,
    "charge.dispute.updated": _MOVEMENT,
    "charge.dispute.closed": _MOVEMENT,
    "charge.dispute.funds_withdrawn": _MOVEMENT,
    "charge.dispute.funds_reinstated": _MOVEMENT,
}
# The events that can change an order; a webhook endpoint subscribes to exactly these.
EVENTS = tuple(_SUBJECTS)


class _Object(msgspec.Struct):
    """What an event is about, as far as a webhook is believed: which it is and whose."""

    id: str
    payment_intent: str | None = None
    metadata: dict[str, str] | None = None


class _Data(msgspec.Struct):
    """What Stripe wraps the object in."""

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

    def subject_of(self, body: bytes, *, signature: str, now: datetime) -> str | None:
        """The id of the session or of the payment to look at, whose it is being told by looking.

        None for a genuine message that is not for us. Raises WebhookRefused.
        """
        self._verify(body, signature=signature, now=now)
        try:
            event = msgspec.json.decode(body, type=_Event)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise WebhookRefused(type(error).__name__) from error
        if event.livemode is not self._live:
            raise WebhookRefused("livemode differs from our key's")
        if event.api_version != API_VERSION:
            # harmless, since what it speaks of is fetched afresh in our version; but the endpoint should be set right
            log.warning("webhook_other_version event_id=%s version=%s", event.id, event.api_version)
        subject = self._subject(event)
        if not subject:
            log.info("webhook_not_for_us event_id=%s type=%s", event.id, event.type)
        return subject

    def _subject(self, event: _Event) -> str | None:
        told, known = event.data.object, _SUBJECTS.get(event.type)
        if known is None:
            return None
        says_whose = known.marked or "app" in (told.metadata or {})
        if says_whose and not self._desk.owns(told.metadata):
            return None
        return told.id if known.where == "id" else told.payment_intent

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
