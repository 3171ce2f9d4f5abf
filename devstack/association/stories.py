"""Stories: what people do after they have sent a form, and what the secretariat and the banks make of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from chalicelib.domain.order import Order
from chalicelib.domain.state import Action
from chalicelib.flows.add_note import add_note
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.give_back import give_back
from chalicelib.flows.refund_order import refund_order
from chalicelib.flows.review_order import review_order
from devstack.association.history import METHODS, SECRETARY, History
from devstack.association.visits import Fate, Post, Visit, Way

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_NOTES = (
    "Gebeld: de factuur moet op naam van de gemeente, niet van de afdeling.",
    "Wil graag bij collega's aan tafel zitten.",
    "Vraagt om een factuur met inkoopnummer; toegezegd.",
    "Komt alleen de tweede dag.",
    "Let op: naam met accent, staat zo ook op de badge.",
    "Heeft per e-mail gevraagd of de hotelkamer er ook bij zit. Nee, uitgelegd.",
)


class Stories:
    """Each visit is a story of its own in one history."""

    def __init__(self, history: History) -> None:
        self.history, self.chance = history, history.chance
        self._ways: dict[Way, Callable[[Visit, Order, str], None]] = {
            Way.PAYS: self._pays,
            Way.WALKS_AWAY: self._walks_away,
            Way.PROMISES: partial(self._promises, kept=True),
            Way.PROMISES_IN_VAIN: partial(self._promises, kept=False),
            Way.STILL_PROMISES: partial(self._promises, kept=None),
            Way.LINGERS: lambda *_: None,
            Way.TOO_LATE: self._pays_too_late,
            Way.TOO_LATE_FOR_A_SEAT: self._pays_too_late_for_a_seat,
            Way.TWICE: self._pays_twice,
            Way.OTHER_AMOUNT: self._pays_other_amount,
        }
        self._fates: dict[Fate, Callable[[str, str], None]] = {
            Fate.STAYS: lambda *_: None,
            Fate.PART_BACK: self._part_back,
            Fate.PART_BY_DASHBOARD: self._part_by_dashboard,
            Fate.CANCELLED: partial(self._cancelled, share=1),
            Fate.CANCELLED_FOR_HALF: partial(self._cancelled, share=2),
            Fate.CANCELLED_WITHOUT_REFUND: partial(self._cancelled, share=0),
            Fate.REFUND_FAILED: partial(self._refund_failed, again=False),
            Fate.REFUND_MADE_AGAIN: partial(self._refund_failed, again=True),
            Fate.DISPUTED: partial(self._disputed, decided=""),
            Fate.DISPUTE_WON: partial(self._disputed, decided="won"),
            Fate.DISPUTE_LOST: partial(self._disputed, decided="lost"),
            Fate.ACCEPTED: partial(self._reviewed, action=Action.ACCEPT),
            Fate.RETURNED: partial(self._reviewed, action=Action.RETURN),
        }

    def begin(self, visit: Visit, *, number: int) -> None:
        """Somebody sends a form."""
        history = self.history
        order = history.register(visit, number=number)
        if visit.post is Post.REJECTED:
            history.postman.rejected.add(f"confirmation-{order.id}")
        if number % 23 == 0:
            self._in(3 * _HOUR, partial(self._note, order.id, _NOTES[number % len(_NOTES)]))
        if not order.total_cents:
            self._in(5 * _DAY, partial(self._fates[visit.fate], order.id, ""))
            return
        self._ways[visit.way](visit, order, history.checkout(order))

    # How they pay.

    def _pays(self, visit: Visit, order: Order, session_id: str) -> None:
        self._in(self.chance.uniform(1, 20) * _MINUTE, partial(self._pay, visit, order.id, session_id))

    def _walks_away(self, _: Visit, order: Order, _session_id: str) -> None:
        self.history.at(order.hold_until + 2 * _MINUTE, partial(self.history.look_after, order.id))

    def _promises(self, visit: Visit, order: Order, session_id: str, *, kept: bool | None) -> None:
        def promise() -> None:
            self.history.stripe.act("later", session_id, method="sepa_debit")
            self.history.settle(session_id)
            if kept is not None:
                self._in(self.chance.uniform(1, 5) * _DAY, hear)

        def hear() -> None:
            self.history.stripe.act("settle" if kept else "settle-failed", session_id)
            self.history.settle(session_id)
            if kept:
                self._paid(visit, order.id, session_id)

        self._in(4 * _MINUTE, promise)

    def _pays_too_late(self, visit: Visit, order: Order, session_id: str) -> None:
        self._walks_away(visit, order, session_id)
        late = self.chance.uniform(2, 60) * _HOUR
        self._in(late, partial(self._pay, visit, order.id, session_id, anyway=True))

    def _pays_too_late_for_a_seat(self, visit: Visit, order: Order, session_id: str) -> None:
        """The room turned out smaller, and it is full."""
        self._walks_away(visit, order, session_id)

        def shrink() -> None:
            unit, offer = self.history.notebook.unit_of_work(), self.history.offer(visit.offer_id)
            assert offer.event is not None
            taken = self.history.notebook.seats(offer.id)[offer.id].taken
            unit.offers.update(replace(offer, event=replace(offer.event, capacity=taken)))
            unit.commit()
            self._pay(visit, order.id, session_id, anyway=True)
            self._in(_MINUTE, partial(self._carry_out, order.id))

        closes_at = self.history.offer(visit.offer_id).closes_at
        assert closes_at is not None
        self.history.at(closes_at - _HOUR, shrink)

    def _pays_twice(self, visit: Visit, order: Order, session_id: str) -> None:
        """By some fault there are two sessions; the second payment goes back by itself."""
        stripe = self.history.stripe
        asked = copy.deepcopy(stripe.books.session(session_id).asked)
        asked["metadata"]["attempt"] = asked["payment_intent_data"]["metadata"]["attempt"] = "2"
        other = stripe.books.open_session(asked, now=stripe.now(), public_url=stripe.public_url)
        self._pays(visit, order, session_id)

        def again() -> None:
            stripe.act("pay", other.id, method="ideal")
            self.history.settle(other.id)
            self._in(_MINUTE, partial(self._carry_out, order.id))

        self._in(25 * _MINUTE, again)

    def _pays_other_amount(self, visit: Visit, order: Order, session_id: str) -> None:
        amount = order.total_cents - self.chance.choice((10_000, 15_000))
        self._in(5 * _MINUTE, partial(self._pay, visit, order.id, session_id, amount=amount))

    def _pay(
        self, visit: Visit, order_id: str, session_id: str, *, anyway: bool = False, amount: int | None = None
    ) -> None:
        history = self.history
        action = "pay-anyway" if anyway else "pay"
        history.stripe.act(action, session_id, method=self.chance.choice(METHODS), amount=amount)  # type: ignore[arg-type]  # one of two
        history.settle(session_id)
        self._paid(visit, order_id, session_id)

    def _paid(self, visit: Visit, order_id: str, session_id: str) -> None:
        days = self.chance.uniform(3, 9)
        self._in(days * _DAY, partial(self._fates[visit.fate], order_id, session_id))

    # The secretariat.

    def _part_back(self, order_id: str, _: str) -> None:
        order, key = self.history.order(order_id), f"deel-{order_id[:8]}"
        cents = order.kept_cents // 4
        refund_order(order_id, amount_cents=cents, key=key, by=SECRETARY, **self.history.wires)
        self._in(_MINUTE, partial(self._carry_out, order_id))

    def _cancelled(self, order_id: str, _: str, *, share: int) -> None:
        order, key = self.history.order(order_id), f"annulering-{order_id[:8]}"
        cents = order.kept_cents // share if share else 0
        cancel_order(order_id, refund_cents=cents, key=key, by=SECRETARY, **self.history.wires)
        if cents:
            self._in(_MINUTE, partial(self._carry_out, order_id))

    def _reviewed(self, order_id: str, _: str, *, action: Action) -> None:
        key = f"oordeel-{order_id[:8]}"
        review_order(order_id, action=action, key=key, by=SECRETARY, **self.history.wires)
        self._in(_MINUTE, partial(self._carry_out, order_id))

    def _carry_out(self, order_id: str, *, arrives: bool = True) -> None:
        """The sweep has the refunds made; days later they have arrived."""
        history = self.history
        for refund in history.notebook.ledger(order_id).refunds:
            if refund.due is not None:
                give_back(refund.key, gateway=history.gateway, **history.wires)
                if arrives:
                    self._in(self.chance.uniform(1, 4) * _DAY, partial(self._arrive, order_id, refund.id))

    def _arrive(self, order_id: str, refund_id: str) -> None:
        """What is paid by card has gone back at once."""
        history = self.history
        refund = history.notebook.ledger(order_id).refund(refund_id)
        assert refund is not None
        if history.stripe.books.refund(refund.service_id).status == "pending":
            history.stripe.act_on_refund("settle", refund.service_id)
            history.settle(self._session_of(order_id, refund.payment_id))

    def _session_of(self, order_id: str, payment_id: str) -> str:
        payment = self.history.notebook.ledger(order_id).payment(payment_id)
        assert payment is not None
        return payment.session_id

    # The banks, and Stripe's own pages.

    def _refund_failed(self, order_id: str, session_id: str, *, again: bool) -> None:
        """The buyer's account is closed; the money is made over once more, or that is still to be done."""
        history = self.history
        self._cancelled(order_id, session_id, share=0)
        order, key = history.order(order_id), f"terug-{order_id[:8]}"
        refund_order(order_id, amount_cents=order.kept_cents, key=key, by=SECRETARY, **history.wires)
        self._carry_out(order_id, arrives=False)

        def fail() -> None:
            [refund] = history.notebook.ledger(order_id).refunds
            history.stripe.act_on_refund("fail", refund.service_id, reason="expired_or_canceled_card")
            history.settle(session_id)
            if again:
                self._in(_DAY, once_more)

        def once_more() -> None:
            cents = history.order(order_id).kept_cents
            refund_order(order_id, amount_cents=cents, key=f"nogmaals-{order_id[:8]}", by=SECRETARY, **history.wires)
            self._carry_out(order_id)

        self._in(4 * _DAY, fail)

    def _part_by_dashboard(self, _: str, session_id: str) -> None:
        refund, _events = self.history.stripe.give_back(session_id, amount=5_000)
        self.history.settle(session_id)

        def arrive() -> None:
            if self.history.stripe.books.refund(refund.id).status == "pending":
                self.history.stripe.act_on_refund("settle", refund.id)
                self.history.settle(session_id)

        self._in(3 * _DAY, arrive)

    def _disputed(self, order_id: str, session_id: str, *, decided: str) -> None:
        dispute, _events = self.history.stripe.open_dispute(session_id, reason="product_not_received")
        self.history.settle(session_id)

        def decide() -> None:
            self.history.stripe.act_on_dispute(decided, dispute.id)  # type: ignore[arg-type]  # one of two
            self.history.settle(session_id)
            if decided == "lost":
                self._cancelled(order_id, session_id, share=0)

        if decided:
            self._in(12 * _DAY, decide)

    # What is written down of it.

    def _note(self, order_id: str, text: str) -> None:
        key, history = f"notitie-{order_id[:8]}", self.history
        add_note(order_id, text, key=key, by=SECRETARY, store=history.notebook, now=history.moment)

    def _in(self, span: timedelta, act: Callable[[], object]) -> None:
        self.history.after(span, act)
