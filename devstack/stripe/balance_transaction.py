"""A balance transaction: one movement of the money that Stripe holds for the account."""

from dataclasses import dataclass

from devstack.stripe.wire import Json


@dataclass(frozen=True, kw_only=True)
class BalanceTransaction:
    """One movement; what it adds to the balance is its amount less its fee."""

    id: str
    created: int
    available_on: int
    amount: int
    currency: str
    type: str
    category: str
    source: str
    description: str | None = None
    fee: int = 0
    fee_description: str = "Stripe processing fees"
    payout: str | None = None

    @property
    def net(self) -> int:
        """What the balance grew by."""
        return self.amount - self.fee

    def as_json(self, *, now: int) -> Json:
        """Return the object as the API tells it."""
        detail = {
            "amount": self.fee,
            "application": None,
            "currency": self.currency,
            "description": self.fee_description,
            "type": "stripe_fee",
        }
        return {
            "id": self.id,
            "object": "balance_transaction",
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "exchange_rate": None,
            "fee": self.fee,
            "fee_details": [detail] if self.fee else [],
            "net": self.net,
            "reporting_category": self.category,
            "source": self.source,
            "status": "available" if self.available_on <= now else "pending",
            "type": self.type,
        }
