"""A dispute: a buyer asks his bank for the money back, and somebody else decides."""

from dataclasses import dataclass
from typing import Literal

from devstack.stripe.wire import Json

type Status = Literal[
    "needs_response",
    "under_review",
    "won",
    "lost",
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
]
type Opening = Literal["needs_response", "warning_needs_response"]

CLOSED: frozenset[Status] = frozenset(("won", "lost", "warning_closed"))
# While one of these holds, Stripe gives nothing back on the charge: the bank already did.
CHARGED_BACK: frozenset[Status] = frozenset(("needs_response", "under_review", "lost"))
REASONS = (
    *("bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated", "debit_not_authorized"),
    *("duplicate", "fraudulent", "general", "incorrect_account_details", "insufficient_funds", "noncompliant"),
    *("product_not_received", "product_unacceptable", "subscription_canceled", "unrecognized"),
)
_A_WEEK = 7 * 24 * 60 * 60
_EVIDENCE = (
    *("access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure"),
    *("cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name"),
    *("customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation"),
    *("duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure"),
    *("refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier"),
    *("shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file"),
    "uncategorized_text",
)


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """One dispute, with the movements of money it caused: none, one, or two."""

    id: str
    created: int
    charge: str
    payment_intent: str
    method: str
    amount: int
    currency: str
    reason: str
    status: Status
    balance_transactions: tuple[str, ...] = ()

    def as_json(self, *, movements: list[Json]) -> Json:
        """Return the object as the API tells it."""
        answered = self.status in ("under_review", "warning_under_review")
        return {
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": movements,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": None if self.status in CLOSED else self.created + _A_WEEK,
                "enhanced_eligibility": {},
                "has_evidence": answered,
                "past_due": False,
                "submission_count": int(answered),
                "submission_method": "manual" if answered else "not_submitted",
            },
            "is_charge_refundable": self.status not in CHARGED_BACK,
            "livemode": False,
            "metadata": {},
            "payment_intent": self.payment_intent,
            "payment_method_details": self._method_details(),
            "reason": self.reason,
            "status": self.status,
        }

    def _method_details(self) -> Json | None:
        if self.method != "card":
            return None
        inquiry = self.status.startswith("warning")
        card = {"brand": "visa", "case_type": "inquiry" if inquiry else "chargeback", "network": "visa"}
        return {"card": {**card, "network_reason_code": "10.4"}, "type": "card"}
