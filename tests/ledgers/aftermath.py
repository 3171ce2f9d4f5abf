"""The aftermath: what becomes of money that came, by the secretariat, by Stripe's dashboard, by banks and buyers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.state import Action, State
from devstack.stripe.event import Event
from devstack.stripe.faults import Fault as Planned
from devstack.stripe.shelves import NotPossible
from devstack.stripe.wire import Refused

if TYPE_CHECKING:
    from tests.ledgers.season import Season

_HOUR, _DAY = 60, 24 * 60
# Somebody sees to nearly everything within a day; what nobody sees to stays on the list.
_SEEN_TO = 0.95
_CANCELLED_FOR_FREE = 0.06
_WAITS_FOR_BALANCE = 0.08


class Aftermath:
    """Each story begins some time after the money came; what cannot be done any more by then is not done."""

    def __init__(self, season: Season) -> None:
        self.season, self.chance = season, season.chance
        self._stories: dict[Callable[[str, str], None] | None, int] = {
            None: 800 - 40 * season.rarely,
            self.part_back: 70,
            self.cancelled: 60,
            self.part_by_dashboard: 40,
            self.all_by_dashboard: 30,
            self.disputed: 20 * season.rarely,
            self.inquired: 12 * season.rarely,
            self.refunded_and_disputed: 8 * season.rarely,
        }

    def of_payment(self, session_id: str) -> None:
        """What somebody does with the order, once there is money for it."""
        order_id = str(self.season.world.stripe.books.session(session_id).asked["client_reference_id"])
        self._in(self._days(0.1, 1), lambda: self.reviewed(order_id))
        story = self.chance.choices(list(self._stories), list(self._stories.values()))[0]
        if story is not None:
            self._in(self._days(0.1, 14), lambda: self._begin(story, order_id, session_id))

    def of_free(self, order_id: str) -> None:
        if self.chance.random() < _CANCELLED_FOR_FREE:
            self._in(self._days(1, 20), lambda: self._cancel(order_id, share=0))

    def _begin(self, story: Callable[[str, str], None], order_id: str, session_id: str) -> None:
        self.season.count(story.__name__.replace("_", " "))
        story(order_id, session_id)

    # The secretariat.

    def reviewed(self, order_id: str) -> None:
        order = self.season.order(order_id)
        if order is not None and order.state is State.REVIEW and self.chance.random() < _SEEN_TO:
            action = self.chance.choice([Action.ACCEPT, Action.RETURN])
            self.season.count(f"review: {action.value}")
            self.season.people.review(order, action)

    def part_back(self, order_id: str, session_id: str) -> None:
        """A part, and half of the time the rest as well."""
        self._refund(order_id, share=self.chance.choice([3, 4, 7]), key="part")
        if self.chance.random() < 0.5:
            self._in(self._days(1, 10), lambda: self._rest(order_id))

    def cancelled(self, order_id: str, session_id: str) -> None:
        self._cancel(order_id, share=self.chance.choice([0, 1, 1, 2]))

    def again(self, order_id: str, cents: int) -> None:
        """A refund came back, and goes once more; or, now and then, nobody sees to it."""
        order = self.season.order(order_id)
        if order is not None and order.kept_cents > 0 and self.chance.random() < _SEEN_TO:
            self.season.people.refund(order, min(cents, order.kept_cents), key=f"again-{self.chance.randrange(10**6)}")

    def _rest(self, order_id: str) -> None:
        self._refund(order_id, share=1, key="rest")
        self._perhaps_cancelled(order_id)

    def _refund(self, order_id: str, *, share: int, key: str) -> None:
        order = self.season.order(order_id)
        if order is None or order.kept_cents < share:
            return
        self._perhaps_no_balance()
        self.season.people.refund(order, max(1, order.kept_cents // share), key=key)

    def _cancel(self, order_id: str, *, share: int) -> None:
        order = self.season.order(order_id)
        if order is not None:
            self.season.people.cancel(order, order.kept_cents // share if share else 0)

    def _perhaps_no_balance(self) -> None:
        """Now and then Stripe makes a refund, and has no money yet to carry it out."""
        if self.chance.random() < _WAITS_FOR_BALANCE:
            self.season.count("refund waits for balance")
            self.season.world.stripe.faults.plan(Planned(operation="refunds.create", kind="refund_waits_for_balance"))

    # Stripe's dashboard.

    def part_by_dashboard(self, order_id: str, session_id: str) -> None:
        self._possibly(
            lambda: self.season.world.stripe.give_back(session_id, amount=self.chance.choice([1, 995, 5_000]))
        )

    def all_by_dashboard(self, order_id: str, session_id: str) -> None:
        """And then it is cancelled, or nobody thinks of that."""
        self._possibly(lambda: self.season.world.stripe.give_back(session_id))
        self._perhaps_cancelled(order_id)

    def _perhaps_cancelled(self, order_id: str) -> None:
        if self.chance.random() < _SEEN_TO:
            self._in(self._days(0.1, 1), lambda: self._cancel(order_id, share=0))

    # The buyer's bank.

    def disputed(self, order_id: str, session_id: str) -> None:
        self._dispute(order_id, session_id, inquiry=False)

    def inquired(self, order_id: str, session_id: str) -> None:
        self._dispute(order_id, session_id, inquiry=True)

    def refunded_and_disputed(self, order_id: str, session_id: str) -> None:
        """A part went back, and the rest is disputed."""
        self._refund(order_id, share=3, key="part")
        self._in(self._days(1, 3), lambda: self._dispute(order_id, session_id, inquiry=False))

    def _dispute(self, order_id: str, session_id: str, *, inquiry: bool) -> None:
        stripe = self.season.world.stripe
        status = "warning_needs_response" if inquiry else "needs_response"
        opened = self._possibly(lambda: stripe.open_dispute(session_id, status=status))  # type: ignore[arg-type]  # one of two
        if not opened:
            return
        dispute_id = stripe.books.disputes()[0].id
        decided = self.chance.choice([*4 * ["won", "lost"], "open"])
        if inquiry:
            ends = self.chance.choice(["warning-closed", "warning-closed", "escalate", "escalate", "open"])
            if ends != "escalate":
                decided = ends
            else:
                self._in(self._days(1, 3), lambda: self._decide("escalate", dispute_id, order_id))
        elif self.chance.random() < 0.5:
            self._in(self._days(1, 3), lambda: self._decide("respond", dispute_id, order_id))
        if decided != "open":
            self._in(self._days(3, 8), lambda: self._decide(decided, dispute_id, order_id))

    def _decide(self, decided: str, dispute_id: str, order_id: str) -> None:
        if self._possibly(lambda: self.season.world.stripe.act_on_dispute(decided, dispute_id)):  # type: ignore[arg-type]  # one of them
            self.season.count(f"dispute: {decided}")
            if decided == "lost":
                self._perhaps_cancelled(order_id)

    def hear(self, event: Event) -> None:
        """Each refund arrives after days, or comes back, perhaps weeks later."""
        if event.type != "refund.created":
            return
        refund_id = event.about
        drawn = self.chance.random()
        if drawn < 0.07:
            self._in(self._days(1, 15), lambda: self._bank("fail", refund_id))
        elif drawn < 0.09:
            self._in(self._days(0.1, 1), lambda: self._bank("cancel", refund_id))
        else:
            self._in(self._days(0.5, 6), lambda: self._bank("settle", refund_id))
            if drawn > 0.97:
                self._in(self._days(8, 20), lambda: self._bank("fail", refund_id))

    def _bank(self, action: str, refund_id: str) -> None:
        books = self.season.world.stripe.books
        if action == "settle" and books.refund(refund_id).status == "succeeded":
            return  # that of a card has left at once
        if not self._possibly(lambda: self.season.world.stripe.act_on_refund(action, refund_id)):  # type: ignore[arg-type]  # one of three
            return
        self.season.count(f"refund: {action}")
        if action != "settle":
            refund = books.refund(refund_id)
            metadata = books.charge(refund.charge).asked.get("metadata", {})
            if metadata.get("app") == "loket":
                self._in(self._days(0.1, 1), lambda: self.again(metadata["order"], refund.amount))

    # What they do it with.

    def _days(self, least: float, most: float) -> float:
        return self.chance.uniform(least, most) * _DAY

    def _in(self, minutes: float, act: Callable[[], object]) -> None:
        self.season.plan(timedelta(minutes=minutes), act)

    def _possibly(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except (NotPossible, Refused):
            self.season.count("not possible at Stripe")
            return False
        return True
