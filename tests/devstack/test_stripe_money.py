"""Whatever happens, the stand-in's balance is what was paid less what went back, was disputed, charged and paid out."""

from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import stripe
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from devstack.stripe.books import NotPossible
from devstack.stripe.stand_in import DisputeAction, RefundAction
from devstack.stripe.terms import Terms
from devstack.stripe.wire import Refused
from tests.devstack.stripe_world import quiet_world

DELAY, DISPUTE_FEE = 30, 2_000
CENTS = st.integers(50, 100_000)
# Few things, often met again; and parts of what is left that are a little, half, too much, and all of it.
PLACE = st.integers(0, 2)
PART = st.sampled_from([0.1, 0.2, 0.4, 1.01, None])
BECOMES: dict[tuple[str, DisputeAction], str] = {
    ("needs_response", "respond"): "under_review",
    ("needs_response", "won"): "won",
    ("needs_response", "lost"): "lost",
    ("under_review", "won"): "won",
    ("under_review", "lost"): "lost",
    ("warning_needs_response", "respond"): "warning_under_review",
    ("warning_needs_response", "escalate"): "needs_response",
    ("warning_needs_response", "warning-closed"): "warning_closed",
    ("warning_under_review", "escalate"): "needs_response",
    ("warning_under_review", "warning-closed"): "warning_closed",
}
CHARGED_BACK = {"needs_response", "under_review", "lost"}


@dataclass
class Sale:
    """One payment, as somebody outside Stripe would write it down: what of it is given back, and how it is disputed."""

    charge: str
    cents: int
    method: str
    came: bool
    here_at: float
    given_back: Counter[str] = field(default_factory=Counter)
    disputes: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """What can still be given back or disputed."""
        return self.cents - self.given_back.total()

    def part(self, part: float | None) -> int | None:
        """Return so much of what is left, and never nothing; without a part no amount is named."""
        return None if part is None else ceil(self.left * part) or 1

    @property
    def charged_back(self) -> bool:
        """Whether the buyer's bank took the money."""
        return bool(CHARGED_BACK & set(self.disputes.values()))


class Money(RuleBasedStateMachine):
    """Buyers pay and dispute, the shop refunds, banks decide, time goes by; a ledger of our own is kept beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = quiet_world(terms=Terms(balance_delay=DELAY, available_after=3_600))
        self.sales: list[Sale] = []
        # What each thing must have done to the balance by now.
        self.ledger: Counter[str] = Counter()
        # How things stand with each refund: its status, and whether the money left.
        self.refunds: dict[str, tuple[Sale, str, bool]] = {}
        self.disputed: dict[str, tuple[Sale, int]] = {}
        self.payouts: dict[str, str] = {}

    @initialize(cents=st.lists(CENTS, min_size=3, max_size=3))
    def begins(self, cents: list[int]) -> None:
        for each, method in zip(cents, ("ideal", "card", "sepa_debit"), strict=True):
            self.pays(cents=each, method=method, came=True)

    @rule(cents=CENTS, method=st.sampled_from(["ideal", "card", "sepa_debit"]), came=st.booleans())
    def pays(self, cents: int, method: str, came: bool) -> None:
        session = self.world.create(amount=cents)
        if method == "sepa_debit":
            self.world.stand_in.act("later", session.id)
            self.world.clock.move(days=2)
            self.world.stand_in.act("settle" if came else "settle-failed", session.id)
        else:
            self.world.stand_in.act("pay", session.id, method=method)
        charge = self.world.books.charge_of(session.id)
        here_at = self.world.clock().timestamp() + DELAY
        came = came or method != "sepa_debit"
        self.sales.append(Sale(charge=charge.id, cents=cents, method=method, came=came, here_at=here_at))

    @rule(place=PLACE, part=PART, by=st.sampled_from(["api", "api, waits", "dashboard"]))
    def gives_back(self, place: int, part: float | None, by: str) -> None:
        sale = self._sale(place)
        cents = sale.part(part)
        asked = sale.left if cents is None else cents
        may = sale.came and not sale.charged_back and 0 < asked <= sale.left
        try:
            refund_id = self._refund(sale, cents, by=by)
        except (stripe.InvalidRequestError, Refused):
            assert not may
            return
        assert may
        waits = by == "api, waits"
        sale.given_back[refund_id] = asked
        self.refunds[refund_id] = sale, "succeeded" if sale.method == "card" and not waits else "pending", not waits
        self.ledger[refund_id] -= 0 if waits else asked

    @rule(place=PLACE, action=st.sampled_from(["settle", "fail", "cancel"]))
    def refund_ends(self, place: int, action: RefundAction) -> None:
        if not self.refunds:
            return
        refund_id = self._any(list(self.refunds), place)
        sale, status, left = self.refunds[refund_id]
        may = status == "pending" or (status == "succeeded" and action == "fail")
        try:
            self.world.stand_in.act_on_refund(action, refund_id)
        except NotPossible:
            assert not may
            return
        assert may
        if action == "settle":
            self.ledger[refund_id] = -sale.given_back[refund_id]
            self.refunds[refund_id] = sale, "succeeded", True
        else:
            self.ledger[refund_id] = 0
            del sale.given_back[refund_id]
            self.refunds[refund_id] = sale, "ended", left

    @rule(place=PLACE, part=PART, inquiry=st.booleans())
    def disputes(self, place: int, part: float | None, inquiry: bool) -> None:
        sale = self._sale(place)
        cents = sale.part(part)
        amount = sale.left if cents is None else cents
        idle = set(sale.disputes.values()) <= {"won", "warning_closed"}
        may = sale.came and idle and 0 < amount <= sale.left
        status: Literal["needs_response", "warning_needs_response"]
        status = "warning_needs_response" if inquiry else "needs_response"
        try:
            dispute, _ = self.world.stand_in.open_dispute(sale.charge, amount=cents, status=status)
        except NotPossible:
            assert not may
            return
        assert may
        sale.disputes[dispute.id] = status
        self.disputed[dispute.id] = sale, amount
        if not inquiry:
            self.ledger[dispute.id] -= amount + DISPUTE_FEE

    @rule(place=PLACE, action=st.sampled_from(["respond", "escalate", "won", "lost", "warning-closed"]))
    def dispute_goes_on(self, place: int, action: DisputeAction) -> None:
        if not self.disputed:
            return
        dispute_id = self._any(list(self.disputed), place)
        sale, amount = self.disputed[dispute_id]
        becomes = BECOMES.get((sale.disputes[dispute_id], action))
        if action == "escalate" and sale.left == 0:
            becomes = None
        try:
            self.world.stand_in.act_on_dispute(action, dispute_id)
        except NotPossible:
            assert becomes is None
            return
        assert becomes is not None
        sale.disputes[dispute_id] = becomes
        if action == "escalate":
            amount = min(amount, sale.left)
            self.disputed[dispute_id] = sale, amount
            self.ledger[dispute_id] -= amount + DISPUTE_FEE
        elif action == "won":
            self.ledger[dispute_id] += amount

    @rule(failed=st.booleans())
    def pays_out(self, failed: bool) -> None:
        available = self._balance()[0]
        try:
            [payout], _ = self.world.stand_in.pay_out(status="failed" if failed else "paid")
        except NotPossible:
            assert available <= 0
            return
        assert payout.amount == available
        self.payouts[payout.id] = "failed" if failed else "paid"
        self.ledger[payout.id] = 0 if failed else -payout.amount

    @rule(place=PLACE)
    def payout_comes_back(self, place: int) -> None:
        if not self.payouts:
            return
        payout_id = self._any(list(self.payouts), place)
        try:
            self.world.stand_in.fail_payout(payout_id)
        except NotPossible:
            assert self.payouts[payout_id] == "failed"
            return
        self.payouts[payout_id], self.ledger[payout_id] = "failed", 0

    @rule(seconds=st.integers(1, 7_200))
    def time_goes_by(self, seconds: int) -> None:
        self.world.clock.move(seconds=seconds)

    @invariant()
    def every_movement_is_accounted_for(self) -> None:
        self.world.stand_in.lapse()
        moved: Counter[str] = Counter()
        for movement in self.world.books.balance_transactions():
            assert movement.net == movement.amount - movement.fee
            moved[movement.source] += movement.net
        expected = self.ledger.copy()
        for sale in self.sales:
            if sale.came and sale.here_at <= self.world.clock().timestamp():
                expected[sale.charge] = sale.cents - _fee(sale)
        assert {name: cents for name, cents in moved.items() if cents} == {
            name: cents for name, cents in expected.items() if cents
        }

    @invariant()
    def the_balance_is_the_sum_of_its_movements(self) -> None:
        assert sum(self._balance()) == sum(each.net for each in self.world.books.balance_transactions())

    @invariant()
    def a_charge_knows_what_became_of_it(self) -> None:
        for sale in self.sales:
            charge = self.world.books.charge(sale.charge)
            assert charge.refunded_cents == sale.given_back.total()
            gone = sum(self.disputed[each][1] for each, status in sale.disputes.items() if status in CHARGED_BACK)
            assert charge.refunded_cents + gone <= charge.amount
            assert charge.disputed is bool(sale.disputes)

    @invariant()
    def a_payout_is_the_sum_of_its_parts(self) -> None:
        parts: Counter[str] = Counter()
        for movement in self.world.books.balance_transactions():
            if movement.payout:
                parts[movement.payout] += movement.net
        assert set(parts.values()) <= {0}

    def teardown(self) -> None:
        """Read it all once more through the SDK, page by page."""
        api, balance = self.world.api, self.world.api.balance.retrieve()
        assert (balance.available[0].amount, balance.pending[0].amount) == self._balance()
        movements = list(api.balance_transactions.list({"limit": 7, "expand": ["data.source"]}).auto_paging_iter())
        assert len(movements) == len(self.world.books.balance_transactions())
        assert len(list(api.refunds.list({"limit": 3}).auto_paging_iter())) == len(self.refunds)
        assert len(list(api.disputes.list({"limit": 3}).auto_paging_iter())) == len(self.disputed)
        assert {each.id: each.status for each in api.payouts.list({"limit": 100}).data} == self.payouts

    def _refund(self, sale: Sale, cents: int | None, *, by: str) -> str:
        if by == "dashboard":
            return self.world.stand_in.give_back(sale.charge, amount=cents)[0].id
        if by == "api, waits":
            self.world.plan("refunds.create", "refund_waits_for_balance")
        params: stripe.params.RefundCreateParams = {"charge": sale.charge}
        if cents is not None:
            params["amount"] = cents
        try:
            return self.world.api.refunds.create(params).id
        finally:
            self.world.stand_in.faults.forget()

    def _balance(self) -> tuple[int, int]:
        """What is available, and what is on its way."""
        told = self.world.books.balance(now=self.world.stand_in.now())
        return told["available"][0]["amount"], told["pending"][0]["amount"]

    def _sale(self, place: int) -> Sale:
        return self.sales[place % len(self.sales)]

    @staticmethod
    def _any(ids: list[str], place: int) -> str:
        return ids[place % len(ids)]


def _fee(sale: Sale) -> int:
    by_hand = {"ideal": 29, "sepa_debit": 35, "card": 25 + (sale.cents * 3 + 100) // 200}
    return by_hand[sale.method]


Money.TestCase.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestMoney = Money.TestCase
