"""A Checkout Session: what was asked, how far the buyer got, and how Stripe tells it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from devstack.stripe.wire import Json, metadata_of

_ALWAYS_NULL = (
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "discounts",
    "integration_identifier",
    "invoice",
    "invoice_creation",
    "managed_payments",
    "optional_items",
    "origin_context",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "presentment_details",
    "recovered_from",
    "redirect_on_completion",
    "return_url",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
)
_TOLD_AS_ASKED = (
    "allowed_payment_method_types",
    "billing_address_collection",
    "branding_settings",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "excluded_payment_method_types",
    "locale",
    "name_collection",
    "submit_type",
    "success_url",
    "tax_id_collection",
)


@dataclass(frozen=True, kw_only=True)
class LineItem:
    """One line of the bill."""

    name: str
    description: str | None
    quantity: int
    unit_amount: int

    @property
    def amount(self) -> int:
        """The line's total in cents."""
        return self.quantity * self.unit_amount


@dataclass(frozen=True, kw_only=True)
class CheckoutSession:
    """One hosted checkout; a change makes a new one, so that a reader never sees half of it."""

    id: str
    created: int
    expires_at: int
    url: str
    asked: Json
    status: Literal["open", "complete", "expired"] = "open"
    payment_status: Literal["unpaid", "paid"] = "unpaid"
    payment_intent: str | None = None
    paid_otherwise: tuple[int, str] | None = None

    @property
    def lines(self) -> Iterator[LineItem]:
        """The lines of the bill."""
        for line in self.asked["line_items"]:
            price, product = line["price_data"], line["price_data"]["product_data"]
            yield LineItem(
                name=product["name"],
                description=product.get("description"),
                quantity=line["quantity"],
                unit_amount=price["unit_amount"],
            )

    @property
    def amount(self) -> int:
        """What the buyer pays, in cents; or what he paid, if that came out otherwise."""
        if self.paid_otherwise:
            return self.paid_otherwise[0]
        return sum(line.amount for line in self.lines)

    @property
    def currency(self) -> str:
        """The currency of every line, or of what was paid otherwise."""
        if self.paid_otherwise:
            return self.paid_otherwise[1]
        currency: str = self.asked["line_items"][0]["price_data"]["currency"]
        return currency

    @property
    def email(self) -> str | None:
        """The buyer's address, if the shop gave it."""
        return self.asked.get("customer_email")

    @property
    def reference(self) -> str | None:
        """The shop's own name for what is paid."""
        return self.asked.get("client_reference_id")

    @property
    def after_payment(self) -> str:
        """Where the buyer goes when done; only the literal placeholder is filled in, as at Stripe."""
        address: str = self.asked["success_url"]
        return address.replace("{CHECKOUT_SESSION_ID}", self.id)

    @property
    def after_cancelling(self) -> str | None:
        """Where the buyer goes who gives up, if the shop named a place."""
        address: str | None = self.asked.get("cancel_url")
        return address and address.replace("{CHECKOUT_SESSION_ID}", self.id)

    def as_json(self) -> Json:
        """Return the object as the API tells it."""
        return {
            "id": self.id,
            "object": "checkout.session",
            **dict.fromkeys(_ALWAYS_NULL),
            **{name: self.asked.get(name) for name in _TOLD_AS_ASKED},
            "amount_subtotal": self.amount,
            "amount_total": self.amount,
            "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
            "created": self.created,
            "currency": self.currency,
            "custom_fields": [],
            "custom_text": {
                **dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
                **self.asked.get("custom_text", {}),
            },
            "customer_creation": self.asked.get("customer_creation", "if_required"),
            "customer_details": _customer(self.email) if self.email else None,
            "expires_at": self.expires_at,
            "livemode": False,
            "metadata": metadata_of(self.asked),
            "mode": "payment",
            "payment_intent": self.payment_intent,
            "payment_method_collection": "if_required",
            "payment_method_options": self.asked.get("payment_method_options", {}),
            "payment_method_types": ["card", "ideal", "bancontact", "sepa_debit"],
            "payment_status": self.payment_status,
            "phone_number_collection": self.asked.get("phone_number_collection", {"enabled": False}),
            "shipping_options": [],
            "status": self.status,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
            "url": self.url if self.status == "open" else None,
        }


def _customer(email: str) -> Json:
    return {
        **dict.fromkeys(("address", "business_name", "individual_name", "name", "phone")),
        "email": email,
        "tax_exempt": "none",
        "tax_ids": [],
    }
