"""The account: what moves in it besides our orders, and what leaves it for the bank."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from devstack.stripe.shelves import NotPossible

if TYPE_CHECKING:
    from tests.ledgers.season import Season

# Another application in the same account, and this one on another stage.
STRANGERS = (
    {"app": "kamers", "order": "een-kamer"},
    {"app": "loket", "stage": "acc", "order": "proef", "attempt": "1"},
)


class Account:
    """Everything at Stripe that is no order's."""

    def __init__(self, season: Season) -> None:
        self.season, self.chance = season, season.chance

    def strange_payment(self) -> None:
        """Somebody else's customer pays, and has some of it back, or disputes it."""
        stripe, marks = self.season.world.stripe, self.chance.choice(STRANGERS)
        cents = self.chance.randint(1_000, 30_000)
        price = {"currency": "eur", "unit_amount": cents, "product_data": {"name": "Iets anders"}}
        asked: dict[str, Any] = {
            "line_items": [{"quantity": 1, "price_data": price}],
            "metadata": marks,
            "payment_intent_data": {"metadata": marks},
            "client_reference_id": marks["order"],
            "success_url": "https://kamers.example.nl",
        }
        session = stripe.books.open_session(asked, now=stripe.now(), public_url=stripe.public_url)
        stripe.act("pay", session.id, method=self.chance.choice(["card", "ideal"]))
        self.season.count("strange payment")
        drawn = self.chance.random()
        if drawn < 0.2:
            self.season.plan(timedelta(days=2), lambda: stripe.give_back(session.id, amount=cents // 2))
        elif drawn < 0.3:
            self.season.plan(timedelta(days=3), lambda: stripe.open_dispute(session.id))

    def fee(self) -> None:
        """Stripe bills something of its own, with no source."""
        books, now = self.season.world.stripe.books, self.season.world.stripe.now()
        books._move(now=now, amount=-1_250, currency="eur", kind="stripe_fee", category="fee", source=None)  # type: ignore[arg-type]  # so at Stripe
        self.season.count("fee of Stripe's own")

    def pay_out(self) -> None:
        """All that is available; now and then the bank sends it back."""
        stripe = self.season.world.stripe
        try:
            payouts, _ = stripe.pay_out()
        except NotPossible:
            return
        self.season.count("payout")
        if self.chance.random() < 0.1:
            self.season.count("payout: failed")
            self.season.plan(timedelta(days=2), lambda: stripe.fail_payout(payouts[0].id))
