"""A key of Stripe: whether Stripe takes it, and whether it may do all that a desk does with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stripe

from chalicelib.adapters.stripe_gateway import stripe_client
from infra.trouble import Trouble
from infra.webhook_endpoint import KEYS, in_words

# Each right with a request that needs it and does nothing: what is asked for is incomplete, is not there, or is a list.
RIGHTS: dict[str, Callable[[Any], object]] = {
    "Checkout Sessions: write": lambda v1: v1.checkout.sessions.create({}),
    "Refunds: write": lambda v1: v1.refunds.create({}),
    "Payment Intents: read": lambda v1: v1.payment_intents.retrieve("pi_none"),
    "Disputes: read": lambda v1: v1.disputes.list({"limit": 1}),
    "Balance transactions: read": lambda v1: v1.balance_transactions.list({"limit": 1}),
    "Payouts: read": lambda v1: v1.payouts.list({"limit": 1}),
    "Webhook Endpoints: write": lambda v1: v1.webhook_endpoints.update("we_none", {"description": "none"}),
}


def check_key(secret_key: str, *, api_base: str) -> None:
    """Raises Trouble when Stripe does not take the key, or when it lacks a right."""
    missing = missing_rights(secret_key, api_base=api_base)
    if missing:
        raise Trouble(f"the Stripe key lacks {'; '.join(missing)}. Give it these rights at {KEYS}.")


def missing_rights(secret_key: str, *, api_base: str) -> list[str]:
    """What it may not do. Raises Trouble when Stripe does not take it at all."""
    v1: Any = stripe_client(secret_key=secret_key, api_base=api_base).v1
    missing = []
    for right, ask in RIGHTS.items():
        try:
            ask(v1)
        except stripe.PermissionError:
            missing.append(right)
        except stripe.InvalidRequestError:
            # it may ask; that there is nothing to do was meant
            continue
        except stripe.StripeError as error:
            raise Trouble(in_words(error)) from error
    return missing
