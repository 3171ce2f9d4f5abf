"""The payment service: Stripe's hosted Checkout."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import requests
import stripe

from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession, Outcome
from chalicelib.domain.error import PaymentRefused, PaymentUnavailable, PaymentUnknown, SessionNotOpen

if TYPE_CHECKING:
    from stripe.checkout import Session
    from stripe.params.checkout import SessionCreateParams

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
# Connect and read, tried twice by the SDK: 12.5 s at most, of the 29 s that API Gateway gives.
TIMEOUT = (1, 5)
RETRIES = 1
# Opening a session has tries of its own: for how many seconds it is begun again, and how long each wait is.
PATIENCE = 5.0
PAUSE = 0.5
# What the payment intent behind a completed but unpaid session says when its delayed payment has failed.
_FAILED = frozenset({"requires_payment_method", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What marks our objects at Stripe, where other applications may use the same account."""

    app: str
    stage: str


def stripe_client(*, secret_key: str, api_base: str) -> stripe.StripeClient:
    """A client with explicit version, time-outs and retries; an empty base means Stripe itself."""
    session = requests.Session()
    session.trust_env = False  # skips looking for a proxy at every call
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT, session=session),
        base_addresses={"api": api_base} if api_base else None,
    )


class StripeGateway:
    """Checkout sessions at Stripe, turned into our own words."""

    def __init__(self, client: stripe.StripeClient, *, desk: Desk) -> None:
        self._sessions = client.v1.checkout.sessions
        self._desk = desk

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        key = f"{self._desk.app}-{self._desk.stage}-{request.order_id}-{request.attempt}"
        with _translated():
            session = self._create(self._parameters(request), key=key)
        replayed = session.last_response is not None and "Idempotent-Replayed" in session.last_response.headers
        if replayed:
            # Stripe repeats its first answer to the letter, "open" included, whatever became of the session since
            found = self.fetch(session.id)
            if found is None:
                raise PaymentUnavailable("a replayed session cannot be found")
            return found
        return _ours(session)

    def _create(self, parameters: SessionCreateParams, *, key: str) -> Session:
        """Create, and ask again while nobody answers or the same request is still under way.

        An impatient visitor presses the button again; each answer must be that of the first press.
        """
        until, broken = time.monotonic() + PATIENCE, 0
        while True:
            try:
                return self._sessions.create(parameters, {"idempotency_key": key, "max_network_retries": 0})
            except (stripe.APIConnectionError, stripe.APIError) as error:
                status = error.http_status or 0
                broken += status >= 500
                # a 5xx may be saved under the key, and is then the answer for ever: once more, not again and again
                once_more = status == 409 or (status >= 500 and broken == 1)
                passing = isinstance(error, stripe.APIConnectionError) or once_more
                if not passing or time.monotonic() > until:
                    raise
                time.sleep(PAUSE)

    def fetch(self, session_id: str) -> CheckoutSession | None:
        try:
            with _translated():
                session = self._sessions.retrieve(
                    session_id, {"expand": ["payment_intent", "payment_intent.latest_charge"]}
                )
        except PaymentRefused as refusal:
            if str(refusal) == "resource_missing":
                return None
            raise
        return _ours(session) if self._is_ours(session) else None

    def close(self, session_id: str) -> CheckoutSession:
        try:
            with _translated():
                return _ours(self._sessions.expire(session_id))
        except PaymentRefused as refusal:
            raise SessionNotOpen(session_id) from refusal

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        with _translated():
            page = self._sessions.list(
                {
                    "created": {"gte": int(since.timestamp())},
                    "limit": 100,
                    "expand": ["data.payment_intent", "data.payment_intent.latest_charge"],
                }
            )
            return [
                _ours(each)
                for each in page.auto_paging_iter()
                if each.client_reference_id == order_id and self._is_ours(each)
            ]

    def _is_ours(self, session: Session) -> bool:
        metadata = session.metadata
        if metadata is None or "app" not in metadata or "stage" not in metadata:
            return False
        return (metadata["app"], metadata["stage"]) == (self._desk.app, self._desk.stage)

    def _parameters(self, request: CheckoutRequest) -> SessionCreateParams:
        metadata = {
            "app": self._desk.app,
            "stage": self._desk.stage,
            "order": request.order_id,
            "attempt": str(request.attempt),
        }
        # No list of payment methods: Stripe offers what the association switched on in its dashboard.
        return {
            "mode": "payment",
            "client_reference_id": request.order_id,
            "customer_email": request.email,
            "locale": request.language,
            "line_items": [
                {
                    "quantity": line.quantity,
                    "price_data": {
                        "currency": request.currency.lower(),
                        "unit_amount": line.unit_cents,
                        "product_data": {"name": line.name, "description": line.description},
                    },
                }
                for line in request.lines
            ],
            "metadata": metadata,
            "payment_intent_data": {"description": request.code, "metadata": metadata},
            "expires_at": int(request.expires_at.timestamp()),
            "success_url": request.success_url,
            "cancel_url": request.cancel_url,
        }


def _ours(session: Session) -> CheckoutSession:
    metadata, intent = session.metadata, session.payment_intent
    assert metadata is not None, "we set metadata on every session"
    paid_by = intent if isinstance(intent, stripe.PaymentIntent) else None
    charge = _charge(paid_by)
    return CheckoutSession(
        id=session.id,
        order_id=session.client_reference_id or "",
        attempt=int(metadata["attempt"]),
        outcome=_outcome(session, paid_by),
        url=session.url or "",
        amount_cents=session.amount_total or 0,
        currency=(session.currency or "").upper(),
        payment_id=paid_by.id if paid_by else (intent if isinstance(intent, str) else ""),
        method=_method(charge),
        charged_at=datetime.fromtimestamp(charge.created, UTC) if charge else None,
    )


def _outcome(session: Session, intent: stripe.PaymentIntent | None) -> Outcome:
    if session.status == "open":
        return Outcome.OPEN
    if session.status == "expired":
        return Outcome.EXPIRED
    if session.payment_status != "unpaid":
        return Outcome.PAID
    return Outcome.FAILED if intent and intent.status in _FAILED else Outcome.PROCESSING


def _charge(intent: stripe.PaymentIntent | None) -> stripe.Charge | None:
    charge = intent.latest_charge if intent else None
    return charge if isinstance(charge, stripe.Charge) else None


def _method(charge: stripe.Charge | None) -> str:
    """Free text: new methods appear at Stripe by a switch in its dashboard."""
    details = charge.payment_method_details if charge else None
    return details.type if details else ""


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's errors in our words; only kind and code are logged, since messages may repeat an address."""
    try:
        yield
    except stripe.StripeError as error:
        kind, status, code = type(error).__name__, error.http_status, error.code
        log.warning("stripe_failed kind=%s status=%s code=%s request=%s", kind, status, code, error.request_id)
        # without its cause: a traceback would print Stripe's message
        raise _translate(error) from None


def _translate(error: stripe.StripeError) -> PaymentUnavailable:
    match error:
        case stripe.IdempotencyError():
            # the key was used for other bytes, so a session may be there
            return PaymentUnknown("idempotency")
        case stripe.InvalidRequestError():
            return PaymentRefused(error.code or "invalid_request")
        case stripe.APIError() if (error.http_status or 0) >= 500:
            return PaymentUnknown(f"status {error.http_status}")
        case _:
            return PaymentUnavailable(type(error).__name__)
