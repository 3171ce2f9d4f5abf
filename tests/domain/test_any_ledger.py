"""Any ledger: payments, commands, refunds and disputes as they may come, and news of them in any order and twice."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.dispute import DisputeNews
from chalicelib.domain.ledger import EntryKind, Ledger
from chalicelib.domain.refund import RefundNews, RefundReason, RefundState
from tests.domain.money_samples import disputed, moved, paid, went_back
from tests.domain.order_samples import NOW

CENTS = st.integers(1, 60_000)
CHOICE = st.integers(0, 10**6)
PAYMENTS = 3
OPEN = ("needs_response", "under_review")
RANKS = {state: rank for rank, state in enumerate(RefundState)}


class Service(RuleBasedStateMachine):
    """The payment service as it is, and a desk that hears of it what comes through."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, CheckoutSession] = {}
        self.told: list[CheckoutSession] = []  # what any news of it said, at any moment
        self.ledger = Ledger()
        self.numbers = 0

    # What happens there.

    @initialize(cents=CENTS)
    def pay_first(self, cents: int) -> None:
        self.pay(cents=cents)

    @precondition(lambda self: len(self.sessions) < PAYMENTS)
    @rule(cents=CENTS)
    def pay(self, cents: int) -> None:
        self._tell(paid(len(self.sessions) + 1, cents))

    @rule(choice=CHOICE, cents=CENTS, slow=st.booleans())
    def refund_there(self, choice: int, cents: int, slow: bool) -> None:
        """By hand, in its own pages."""
        session = self._one(choice)
        if cents <= _left(session):
            self._refund(session, cents=cents, command="", slow=slow)

    @rule(choice=CHOICE)
    def settle(self, choice: int) -> None:
        """A refund that took its time has come to the buyer."""
        self._change_refund(choice, RefundState.PENDING, RefundState.SUCCEEDED)

    @rule(choice=CHOICE, was=st.sampled_from([RefundState.PENDING, RefundState.SUCCEEDED]))
    def send_back(self, choice: int, was: RefundState) -> None:
        """A bank sends the money back, be it weeks after it had it."""
        self._change_refund(choice, was, RefundState.FAILED)

    @rule(choice=CHOICE, cents=CENTS, inquiry=st.booleans())
    def dispute(self, choice: int, cents: int, inquiry: bool) -> None:
        session = self._one(choice)
        if cents <= session.amount_cents - sum(each.amount_cents for each in session.disputes):
            status = "warning_needs_response" if inquiry else "needs_response"
            self._dispute(session, disputed(cents, status=status, name=self._name("dp")))

    @rule(choice=CHOICE, status=st.sampled_from(["needs_response", "under_review", "won", "lost", "warning_closed"]))
    def decide(self, choice: int, status: str) -> None:
        session = self._one(choice)
        for news in session.disputes:
            inquiry = news.status.startswith("warning")
            if news.closed or inquiry is not (status == "warning_closed" or (inquiry and status == "needs_response")):
                continue
            movements = news.movements
            if inquiry and status == "needs_response":
                movements = (moved(f"txn_{news.id}", -news.amount_cents, fee_cents=2_000),)
            if status == "won":
                movements = (*movements, moved(f"txn_{news.id}_back", news.amount_cents))
            closed = status in ("won", "lost", "warning_closed")
            return self._dispute(session, replace(news, status=status, closed=closed, movements=movements))
        return None

    # What the desk does.

    @rule(choice=CHOICE, cents=CENTS)
    def command(self, choice: int, cents: int) -> None:
        payments = self.ledger.payments
        if not payments:
            return
        payment_id = payments[choice % len(payments)].id
        if cents > self.ledger.refundable(payment_id):
            return
        before = self.ledger.refundable(payment_id)
        name = self._name("key")
        self.ledger = self.ledger.requested(
            payment_id, refund_id=name, amount_cents=cents, reason=RefundReason.STAFF, by="tessa", now=NOW
        )
        assert self.ledger.refundable(payment_id) == before - cents

    @rule(choice=CHOICE, slow=st.booleans(), gives_up=st.booleans(), hears=st.booleans())
    def carry_out(self, choice: int, slow: bool, gives_up: bool, hears: bool) -> None:
        """A command is carried out, unless it was or there is too little; its answer may never come."""
        asked = [each for each in self.ledger.refunds if each.state is RefundState.REQUESTED]
        if not asked:
            return
        refund = asked[choice % len(asked)]
        session = next(each for each in self.sessions.values() if each.payment_id == refund.payment_id)
        done = any(each.command == refund.id for each in session.refunds)
        if not done and refund.amount_cents > _left(session):
            self._keep(self.ledger.with_refund(refund.failed(trouble="invalid_request", now=NOW)))
            return
        if not done:
            session = self._refund(session, cents=refund.amount_cents, command=refund.id, slow=slow)
        if hears:
            self._hear(session)
        elif gives_up:
            self._keep(self.ledger.with_refund(refund.failed(trouble="PaymentUnavailable", now=NOW)))

    @rule(choice=CHOICE)
    def hear(self, choice: int) -> None:
        """Any news, of now or of long ago, once more or for the first time."""
        self._hear(self.told[choice % len(self.told)])

    # What must hold.

    @invariant()
    def each_row_is_booked_once(self) -> None:
        rows = [(entry.kind, entry.source_id) for entry in self.ledger.entries]
        assert len(set(rows)) == len(rows)
        for nouns in (self.ledger.payments, self.ledger.refunds, self.ledger.disputes, self.ledger.entries):
            assert len({each.id for each in nouns}) == len(nouns)
        services = [each.service_id for each in self.ledger.refunds if each.service_id]
        assert len(set(services)) == len(services)

    @invariant()
    def the_totals_are_those_of_the_rows_and_of_what_they_tell_of(self) -> None:
        ledger = self.ledger
        assert ledger.paid_cents == sum(payment.amount_cents for payment in ledger.payments)
        kept = ledger.paid_cents - ledger.refunded_cents - ledger.disputed_cents
        assert kept == sum(entry.amount_cents for entry in ledger.entries)
        left = {each.source_id for each in ledger.entries if each.kind is EntryKind.REFUND}
        came = {each.source_id for each in ledger.entries if each.kind is EntryKind.REFUND_RETURNED}
        back = [each for each in ledger.refunds if each.service_id in left - came]
        assert ledger.refunded_cents == sum(each.amount_cents for each in back)

    @invariant()
    def never_more_can_go_back_than_is_there(self) -> None:
        for payment in self.ledger.payments:
            assert 0 <= self.ledger.refundable(payment.id) <= payment.amount_cents
        if self.ledger.payments:
            ledger = self._heard(self.sessions.values())
            for session in self.sessions.values():
                assert ledger.refundable(session.payment_id) <= max(0, _left(session) + _taken(session))

    @invariant()
    def whatever_was_heard_before_the_end_is_the_same(self) -> None:
        """All that is so now, heard in one order and in another, after all that was heard until now."""
        finals = list(self.sessions.values())
        one, other = self._heard(finals), self._heard(random.Random(self.numbers).sample(finals, len(finals)))
        assert _facts(one) == _facts(other)
        assert _facts(one, of_service=True) == _facts(_first_heard(finals), of_service=True)
        truth = [each for session in finals for each in session.refunds]
        assert one.paid_cents == sum(session.amount_cents for session in finals)
        assert one.refunded_cents == sum(each.amount_cents for each in truth if each.state is not RefundState.FAILED)
        assert one.disputed_cents == -sum(_taken(session) for session in finals)
        assert one.disputed is any(not each.closed for session in finals for each in session.disputes)

    def _heard(self, told: Iterable[CheckoutSession]) -> Ledger:
        ledger = self.ledger
        for session in told:
            ledger = _hear(ledger, session)
        return ledger

    def _hear(self, session: CheckoutSession) -> None:
        after = _hear(self.ledger, session)
        assert _hear(after, session) == after, "a repeat changes nothing"
        self._keep(after)

    def _keep(self, after: Ledger) -> None:
        """Nothing goes backwards, and no row goes away or changes."""
        assert set(self.ledger.entries) <= set(after.entries)
        for before in self.ledger.refunds:
            refund = after.refund(before.id)
            assert refund is not None
            given_up = before.state is RefundState.FAILED and not before.service_id
            assert given_up or RANKS[refund.state] >= RANKS[before.state]
            assert not before.service_id or refund.service_id == before.service_id
        for dispute in self.ledger.disputes:
            assert not dispute.closed or dispute in after.disputes
        self.ledger = after

    def _one(self, choice: int) -> CheckoutSession:
        return list(self.sessions.values())[choice % len(self.sessions)]

    def _name(self, prefix: str) -> str:
        self.numbers += 1
        return f"{prefix}_{self.numbers}"

    def _tell(self, session: CheckoutSession) -> CheckoutSession:
        self.sessions[session.id] = session
        self.told.append(session)
        return session

    def _refund(self, session: CheckoutSession, *, cents: int, command: str, slow: bool) -> CheckoutSession:
        state = RefundState.PENDING if slow else RefundState.SUCCEEDED
        news = went_back(self._name("re"), cents, state, command=command)
        return self._tell(replace(session, refunds=(news, *session.refunds)))

    def _change_refund(self, choice: int, was: RefundState, state: RefundState) -> None:
        session = self._one(choice)
        for news in session.refunds:
            if news.state is was:
                changed: RefundNews = went_back(news.id, news.amount_cents, state, command=news.command)
                others = [changed if each.id == news.id else each for each in session.refunds]
                self._tell(replace(session, refunds=tuple(others)))
                return

    def _dispute(self, session: CheckoutSession, news: DisputeNews) -> None:
        others = tuple(each for each in session.disputes if each.id != news.id)
        self._tell(replace(session, disputes=(news, *others)))


def _hear(ledger: Ledger, session: CheckoutSession) -> Ledger:
    return ledger.heard(session, books=ledger.payment(session.payment_id) is None, now=NOW)


def _first_heard(told: Iterable[CheckoutSession]) -> Ledger:
    ledger = Ledger()
    for session in told:
        ledger = _hear(ledger, session)
    return ledger


def _left(session: CheckoutSession) -> int:
    """What the service still lets go of a payment."""
    gone = sum(each.amount_cents for each in session.refunds if each.state is not RefundState.FAILED)
    return session.amount_cents - gone


def _taken(session: CheckoutSession) -> int:
    return sum(movement.amount_cents for dispute in session.disputes for movement in dispute.movements)


def _facts(ledger: Ledger, *, of_service: bool = False) -> list[object]:
    """All that a ledger says, in whatever order; `of_service`: but for what only the desk itself knows of."""
    refunds: set[object] = set(ledger.refunds)
    if of_service:
        refunds = {(each.service_id, each.state, each.amount_cents) for each in ledger.refunds if each.service_id}
    return [set(ledger.payments), refunds, set(ledger.disputes), set(ledger.entries)]


TestService = Service.TestCase
TestService.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)
