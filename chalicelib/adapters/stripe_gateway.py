"""The payment service: Stripe's hosted Checkout."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import requests
import stripe

from chalicelib.adapters.stripe_session import EXPANDED, SessionReader, refund_news
from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession
from chalicelib.domain.error import PaymentBusy, PaymentRefused, PaymentUnavailable, PaymentUnknown, SessionNotOpen
from chalicelib.domain.refund import RefundNews, RefundRequest

if TYPE_CHECKING:
    from stripe.checkout import Session
    from stripe.params.checkout import SessionCreateParams

log = logging.getLogger(__name__)
# The SDK's INFO lines repeat Stripe's messages, and those an address.
logging.getLogger("stripe").setLevel(logging.WARNING)

API_VERSION = "2026-10-28.endive"
# Connect and read, tried twice by the SDK: 12.5 s at most, of the 29 s that API Gateway gives.
TIMEOUT = (1, 5)
RETRIES = 1
# Opening a session has tries of its own: for how many seconds it is begun again, and how long each wait is.
PATIENCE = 5.0
PAUSE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What marks our objects at Stripe, where other applications may use the same account."""

    app: str
    stage: str

    def owns(self, metadata: stripe.StripeObject | Mapping[str, str] | None) -> bool:
        """Whether an object with this metadata is one of ours."""
        ours = {"app": self.app, "stage": self.stage}
        return metadata is not None and all(name in metadata and metadata[name] == ours[name] for name in ours)


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
    """Checkout sessions and refunds at Stripe, turned into our own words."""

    def __init__(self, client: stripe.StripeClient, *, desk: Desk) -> None:
        self._sessions, self._refunds = client.v1.checkout.sessions, client.v1.refunds
        self._reader = SessionReader(client)
        self._desk = desk

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        key = f"{self._desk.app}-{self._desk.stage}-{request.order_id}-{request.attempt}"
        with translated():
            session = self._create(self._parameters(request), key=key)
            if not _replayed(session):
                return self._reader.read(session)
        # Stripe repeats its first answer to the letter, "open" included, whatever became of the session since
        found = self.fetch(session.id)
        if found is None:
            raise PaymentUnavailable("a replayed session cannot be found")
        return found

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
        with looking():
            try:
                session = self._sessions.retrieve(session_id, {"expand": [EXPANDED]})
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return None
                raise
            return self._reader.read(session) if self._desk.owns(session.metadata) else None

    def find(self, payment_id: str) -> CheckoutSession | None:
        with looking():
            try:
                page = self._sessions.list({"payment_intent": payment_id, "expand": [f"data.{EXPANDED}"]})
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing":
                    return None
                raise
            ours = [each for each in page.data if self._desk.owns(each.metadata)]
            return self._reader.read(ours[0]) if ours else None

    def close(self, session_id: str) -> CheckoutSession:
        try:
            with translated():
                return self._reader.read(self._sessions.expire(session_id))
        except PaymentRefused as refusal:
            raise SessionNotOpen(session_id) from refusal

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        with looking():
            page = self._sessions.list(
                {"created": {"gte": int(since.timestamp())}, "limit": 25, "expand": [f"data.{EXPANDED}"]}
            )
            return [
                self._reader.read(each)
                for each in page.auto_paging_iter()
                if each.client_reference_id == order_id and self._desk.owns(each.metadata)
            ]

    def refund(self, request: RefundRequest) -> RefundNews:
        key = f"{self._desk.app}-{self._desk.stage}-refund-{request.id}-{request.attempt}"
        metadata = {
            "app": self._desk.app,
            "stage": self._desk.stage,
            "order": request.order_id,
            "refund": request.id,
        }
        with translated():
            refund = self._refunds.create(
                {"payment_intent": request.payment_id, "amount": request.amount_cents, "metadata": metadata},
                {"idempotency_key": key},
            )
        if not _replayed(refund):
            return refund_news(refund)
        with looking():  # as with a session: what is repeated tells how it was, not how it is
            return refund_news(self._refunds.retrieve(refund.id))

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


def _replayed(answer: Session | stripe.Refund) -> bool:
    """Whether Stripe gave the answer that it saved under this key."""
    return answer.last_response is not None and "Idempotent-Replayed" in answer.last_response.headers


@contextmanager
def translated() -> Iterator[None]:
    """Stripe's errors in our words; only kind and code are logged, since messages may repeat an address."""
    try:
        yield
    except stripe.StripeError as error:
        kind, status, code = type(error).__name__, error.http_status, error.code
        log.warning("stripe_failed kind=%s status=%s code=%s request=%s", kind, status, code, error.request_id)
        # without its cause: a traceback would print Stripe's message
        raise _translate(error) from None


@contextmanager
def looking() -> Iterator[None]:
    """As translated, where nothing is to be executed: that a look failed tells nothing of what was asked for before."""
    try:
        with translated():
            yield
    except (PaymentRefused, PaymentUnknown) as failure:
        raise PaymentUnavailable(f"looking: {failure}") from None


def _translate(error: stripe.StripeError) -> PaymentUnavailable:
    match error:
        case stripe.IdempotencyError():
            # the key was used for other bytes, so a session may be there
            return PaymentUnknown("idempotency")
        case stripe.RateLimitError() if not _is_locked(error):
            return PaymentBusy("rate_limit")
        case stripe.InvalidRequestError():
            return PaymentRefused(error.code or "invalid_request")
        case stripe.APIError() if (error.http_status or 0) >= 500:
            return PaymentUnknown(f"status {error.http_status}")
        case _:
            return PaymentUnavailable(type(error).__name__)


def _is_locked(error: stripe.RateLimitError) -> bool:
    """A 429 as well, but about one object that somebody else is working on: the next one may be asked for."""
    return error.error is not None and error.error.code == "lock_timeout"
