"""A checkout session: the payment page that Stripe keeps open for one order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.dispute import DisputeNews
from chalicelib.domain.refund import RefundNews


class Outcome(StrEnum):
    """What has become of a checkout session, as the payment service says."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutSession:
    """A checkout session as fetched from the payment service.

    `attempt` is the order's number for it; `charged_at` is when the buyer paid, None until he did; then `charge_id` is
    how the service's books name his payment, and `refunds` and `disputes` are all that became of it.
    """

    id: str
    order_id: str
    attempt: int
    outcome: Outcome
    url: str
    amount_cents: int
    currency: str
    payment_id: str
    method: str
    charged_at: datetime | None
    charge_id: str = ""
    refunds: tuple[RefundNews, ...] = ()
    disputes: tuple[DisputeNews, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutLine:
    """One line as the payment page shows it."""

    name: str
    description: str
    quantity: int
    unit_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutRequest:
    """All that is sent to open a checkout session; made of stored facts only, so that a repeat is the same bytes."""

    order_id: str
    attempt: int
    code: str
    language: str
    email: str
    currency: str
    lines: tuple[CheckoutLine, ...]
    expires_at: datetime
    success_url: str
    cancel_url: str
