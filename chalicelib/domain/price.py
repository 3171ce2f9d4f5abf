"""A price: what one unit of an offer costs somebody at a moment, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.offer import Offer


class PriceRule(StrEnum):
    """Which rule made a price."""

    LIST = "list_price"
    MEMBER = "member_price"
    EARLY = "early_price"
    EARLY_MEMBER = "early_member_price"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceReason:
    """Why a price is what it is: the rule, the membership that was recognised (empty: none), by which domain, when."""

    rule: PriceRule
    membership_id: str
    mail_domain: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one unit costs, in cents."""

    cents: int
    reason: PriceReason


def price_of(offer: Offer, *, membership_id: str, mail_domain: str, now: datetime) -> Price:
    """The price for somebody whose mail domain was, or was not, recognised as a running membership's."""
    prices = offer.prices_at(now)
    early = prices is not offer.prices
    if membership_id and prices.member_cents is not None:
        cents, rule = prices.member_cents, PriceRule.EARLY_MEMBER if early else PriceRule.MEMBER
    else:
        cents, rule = prices.list_cents, PriceRule.EARLY if early else PriceRule.LIST
    reason = PriceReason(rule=rule, membership_id=membership_id, mail_domain=mail_domain, decided_at=now)
    return Price(cents=cents, reason=reason)
