"""A PaymentIntent and its charge: the money side of a checkout."""

from dataclasses import dataclass, replace
from typing import Literal

from devstack.stripe.wire import Json, metadata_of, new_id

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
_CHARGE_ALWAYS_NULL = (
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "calculated_statement_descriptor",
    "customer",
    "failure_balance_transaction",
    "on_behalf_of",
    "payment_method",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
    "transfer_data",
    "transfer_group",
)
_ATTEMPT_FAILED = "The payment attempt failed: the buyer's bank did not approve it."


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One movement of money, tried or done."""

    id: str
    created: int
    method: str
    status: Literal["pending", "succeeded", "failed"]


@dataclass(frozen=True, kw_only=True)
class PaymentIntent:
    """The wish to collect an amount, made at the buyer's first attempt."""

    id: str
    created: int
    amount: int
    currency: str
    asked: Json
    status: Literal["requires_payment_method", "processing", "succeeded", "canceled"] = "requires_payment_method"
    charge: Charge | None = None
    failure: str | None = None
    canceled_at: int | None = None

    def attempt_failed(self) -> "PaymentIntent":
        """Return this intent after a refusal by the buyer's bank: another attempt may follow."""
        return replace(self, failure=_ATTEMPT_FAILED)

    def charged(self, *, method: str, now: int, pending: bool) -> "PaymentIntent":
        """Return this intent with its charge: done, or under way for a delayed method."""
        charge = Charge(id=new_id("ch"), created=now, method=method, status="pending" if pending else "succeeded")
        return replace(self, status="processing" if pending else "succeeded", charge=charge, failure=None)

    def settled(self, *, succeeded: bool) -> "PaymentIntent":
        """Return this intent after the delayed method brought the money, or did not."""
        assert self.charge is not None
        if succeeded:
            return replace(self, status="succeeded", charge=replace(self.charge, status="succeeded"))
        charge = replace(self.charge, status="failed")
        return replace(self, status="requires_payment_method", charge=charge, failure=_ATTEMPT_FAILED)

    def cancelled(self, *, now: int) -> "PaymentIntent":
        """Return this intent after its session expired."""
        return replace(self, status="canceled", canceled_at=now)

    def as_json(self, *, with_charge: bool = False) -> Json:
        """Return the object as the API tells it."""
        charge: Json | str | None = None
        if self.charge is not None:
            charge = self._charge_as_json(self.charge) if with_charge else self.charge.id
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
            "latest_charge": charge,
            "livemode": False,
            "metadata": metadata_of(self.asked),
            "payment_method_options": {},
            "payment_method_types": ["card", "ideal", "bancontact", "sepa_debit"],
            "receipt_email": self.asked.get("receipt_email"),
            "statement_descriptor": self.asked.get("statement_descriptor"),
            "statement_descriptor_suffix": self.asked.get("statement_descriptor_suffix"),
            "status": self.status,
        }

    def _charge_as_json(self, charge: Charge) -> Json:
        done = charge.status == "succeeded"
        return {
            "id": charge.id,
            "object": "charge",
            **dict.fromkeys(_CHARGE_ALWAYS_NULL),
            "amount": self.amount,
            "amount_captured": self.amount if done else 0,
            "amount_refunded": 0,
            "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
            "captured": done,
            "created": charge.created,
            "currency": self.currency,
            "description": self.asked.get("description"),
            "disputed": False,
            "failure_code": "payment_failed" if charge.status == "failed" else None,
            "failure_message": self.failure if charge.status == "failed" else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": metadata_of(self.asked),
            "outcome": None,
            "paid": charge.status != "failed",
            "payment_intent": self.id,
            "payment_method_details": {"type": charge.method, charge.method: {}},
            "radar_options": {},
            "receipt_email": self.asked.get("receipt_email"),
            "refunded": False,
            "statement_descriptor": self.asked.get("statement_descriptor"),
            "statement_descriptor_suffix": self.asked.get("statement_descriptor_suffix"),
            "status": charge.status,
        }
