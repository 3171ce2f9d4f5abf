"""A PaymentIntent: the wish to collect an amount, that ends in a charge."""

from dataclasses import dataclass, replace
from typing import Literal

from devstack.stripe.charge import ATTEMPT_FAILED, Charge
from devstack.stripe.wire import Json, metadata_of

_INTENT_ALWAYS_NULL = (
    "allowed_payment_method_types",
    "application",
    "application_fee_amount",
    "customer",
    "customer_account",
    "excluded_payment_method_types",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "payment_record",
    "processing",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "transfer_data",
    "transfer_group",
)


@dataclass(frozen=True, kw_only=True)
class PaymentIntent:
    """The wish to collect an amount, made at the buyer's first attempt."""

    id: str
    created: int
    amount: int
    currency: str
    asked: Json
    status: Literal["requires_payment_method", "processing", "succeeded", "canceled"] = "requires_payment_method"
    charge: str | None = None
    failure: str | None = None
    canceled_at: int | None = None

    def attempt_failed(self) -> "PaymentIntent":
        """Return this intent after a refusal by the buyer's bank: another attempt may follow."""
        return replace(self, failure=ATTEMPT_FAILED)

    def charged(self, charge: Charge) -> "PaymentIntent":
        """Return this intent with its charge: done, or under way for a delayed method."""
        status: Literal["processing", "succeeded"] = "processing" if charge.status == "pending" else "succeeded"
        return replace(
            self, status=status, charge=charge.id, failure=None, amount=charge.amount, currency=charge.currency
        )

    def settled(self, *, succeeded: bool) -> "PaymentIntent":
        """Return this intent after the delayed method brought the money, or did not."""
        if succeeded:
            return replace(self, status="succeeded")
        return replace(self, status="requires_payment_method", failure=ATTEMPT_FAILED)

    def cancelled(self, *, now: int) -> "PaymentIntent":
        """Return this intent after its session expired."""
        return replace(self, status="canceled", canceled_at=now)

    def as_json(self) -> Json:
        """Return the object as the API tells it."""
        return {
            "id": self.id,
            "object": "payment_intent",
            **dict.fromkeys(_INTENT_ALWAYS_NULL),
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": self.amount if self.status == "succeeded" else 0,
            "automatic_payment_methods": None,
            "canceled_at": self.canceled_at,
            "cancellation_reason": "expired" if self.status == "canceled" else None,
            "capture_method": self.asked.get("capture_method", "automatic_async"),
            "client_secret": f"{self.id}_secret_stand_in",
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "description": self.asked.get("description"),
            "last_payment_error": self.failure
            and {"type": "card_error", "code": "payment_intent_payment_attempt_failed", "message": self.failure},
            "latest_charge": self.charge,
            "livemode": False,
            "metadata": metadata_of(self.asked),
            "payment_method_options": {},
            "payment_method_types": ["card", "ideal", "bancontact", "sepa_debit"],
            "receipt_email": self.asked.get("receipt_email"),
            "statement_descriptor": self.asked.get("statement_descriptor"),
            "statement_descriptor_suffix": self.asked.get("statement_descriptor_suffix"),
            "status": self.status,
        }
