"""The door for Stripe: verify, queue durably, thank; the work comes later and asks Stripe for the truth."""

from __future__ import annotations

import logging

from chalice.app import Blueprint, Response

from chalicelib.bootstrap import application
from chalicelib.domain.error import QueueUnavailable, WebhookRefused
from chalicelib.web import reply
from chalicelib.web.request import body_of

log = logging.getLogger(__name__)

webhooks = Blueprint(__name__)

LARGEST_BODY = 1024 * 1024


@webhooks.route("/webhooks/stripe", methods=["POST"], content_types=["application/json"])
def stripe() -> Response:
    """2xx only when the news is in the queue: anything else makes Stripe send it again."""
    app, request = application(), webhooks.current_request
    body = body_of(request)
    if len(body) > LARGEST_BODY:
        return reply.data({"error": "too large"}, status=413)
    try:
        subject = app.webhook.subject_of(body, signature=request.headers.get("stripe-signature", ""), now=app.now())
    except WebhookRefused as refusal:
        log.warning("webhook_refused reason=%s", refusal)
        return reply.data({"error": "not a fresh message of Stripe to this desk"}, status=400)
    if subject is None:
        return reply.data({"received": True, "for_us": False})
    try:
        app.payments.put(subject)
    except QueueUnavailable as error:
        log.exception("webhook_not_queued subject=%s", subject, exc_info=error)
        return reply.data({"error": "try again"}, status=503)
    return reply.data({"received": True})
