"""Buyers: all the ways in which people pay, or do not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from devstack.stripe.shelves import NotPossible
from devstack.stripe.wire import Refused
from tests.ledgers.fair import MEMBERSHIP, Visit

if TYPE_CHECKING:
    from tests.ledgers.season import Season

METHODS = ("ideal", "ideal", "ideal", "card", "card", "bancontact")


class Buyers:
    """Each way is what somebody does with the address to pay at that he was led to."""

    def __init__(self, season: Season) -> None:
        self.season, self.chance = season, season.chance
        self._ways: dict[Callable[[Visit, str], None], int] = {
            self.pays: 50,
            self.fails_and_pays: 4,
            self.pays_later: 9,
            self.pays_later_in_vain: 4,
            self.walks_away: 9,
            self.lets_go: 2,
            self.pays_too_late: 9,
            self.pays_twice: 4,
            self.pays_another_amount: 5,
            self.changes_his_mind: 4,
        }

    def come_along(self) -> bool:
        """Somebody comes along; whether he ordered anything."""
        season = self.season
        visit = season.crowd.somebody()
        session_id = season.people.visit(visit.path, visit.form)
        season.world.live()
        if session_id:
            way = self.chance.choices(list(self._ways), list(self._ways.values()))[0]
            season.count(way.__name__.replace("_", " "))
            way(visit, session_id)
            return True
        order_id = season.order_id(visit)
        if season.order(order_id) is None:
            season.count("found no seat")
            return False
        season.count("came for free")
        season.aftermath.of_free(order_id)
        return True

    # The ways.

    def pays(self, visit: Visit, session_id: str) -> None:
        self._in(minutes=self.chance.choice([1, 2, 5, 20]), act=lambda: self._pay(visit, session_id))

    def fails_and_pays(self, visit: Visit, session_id: str) -> None:
        self._possibly(lambda: self.season.world.stripe.act("fail", session_id))
        self._in(minutes=3, act=lambda: self._pay(visit, session_id))

    def pays_later(self, visit: Visit, session_id: str) -> None:
        self._promise(visit, session_id, settled="settle")

    def pays_later_in_vain(self, visit: Visit, session_id: str) -> None:
        self._promise(visit, session_id, settled="settle-failed")

    def walks_away(self, visit: Visit, session_id: str) -> None:
        """The hold runs out."""

    def lets_go(self, visit: Visit, session_id: str) -> None:
        order = self.season.order(self.season.order_id(visit))
        if order is not None:
            self.season.people.press(order, "release")

    def pays_too_late(self, visit: Visit, session_id: str) -> None:
        """There is money for a session that is closed, an hour or days after."""
        self._in(
            minutes=self.chance.choice([45, 60, 600, 3 * 24 * 60]),
            act=lambda: self._pay(visit, session_id, anyway=True),
        )

    def pays_twice(self, visit: Visit, session_id: str) -> None:
        """By some fault there are two sessions that can be paid, or could be."""
        stripe = self.season.world.stripe
        asked = copy.deepcopy(stripe.books.session(session_id).asked)
        asked["metadata"]["attempt"] = asked["payment_intent_data"]["metadata"]["attempt"] = "7"
        other = stripe.books.open_session(asked, now=stripe.now(), public_url=stripe.public_url)
        ids = [session_id, other.id]
        self.chance.shuffle(ids)
        self._in(minutes=1, act=lambda: self._pay(visit, ids[0]))
        again = self.chance.choice([2, 20, 300])
        self._in(minutes=again, act=lambda: self._pay(visit, ids[1], anyway=True))

    def pays_another_amount(self, visit: Visit, session_id: str) -> None:
        amount = self.chance.choice([1, 1_000, 12_346, 99_999])
        self._in(minutes=2, act=lambda: self._pay(visit, session_id, amount=amount))

    def changes_his_mind(self, visit: Visit, session_id: str) -> None:
        """Before he pays; and now and then he pays what he had before, which is closed."""
        changed, order_id = visit.changed(), self.season.order_id(visit)
        form = changed.form | {"do": "replace", "replaces": order_id}
        other_id = self.season.people.visit(changed.path, form)
        if other_id:
            self._in(minutes=2, act=lambda: self._pay(visit, other_id))
            if self.chance.random() < 0.2:
                self._in(minutes=50, act=lambda: self._pay(visit, session_id, anyway=True))

    # What they do it with.

    def _pay(self, visit: Visit, session_id: str, *, anyway: bool = False, amount: int | None = None) -> None:
        stripe, method = self.season.world.stripe, self.chance.choice(METHODS)
        stripe.lapse()
        closed = anyway and stripe.books.session(session_id).status == "expired"
        action = "pay-anyway" if closed else "pay"
        if not self._possibly(lambda: stripe.act(action, session_id, method=method, amount=amount)):  # type: ignore[arg-type]  # one of two
            return
        if self.chance.random() < 0.6:
            self.season.people.come_back(session_id)
        self._paid(visit, session_id)

    def _promise(self, visit: Visit, session_id: str, *, settled: str) -> None:
        stripe = self.season.world.stripe

        def settle() -> None:
            if self._possibly(lambda: stripe.act(settled, session_id)) and settled == "settle":  # type: ignore[arg-type]  # one of two
                self._paid(visit, session_id)

        def promise() -> None:
            if self._possibly(lambda: stripe.act("later", session_id, method="sepa_debit")):
                self.season.people.come_back(session_id)
                self._in(minutes=self.chance.randint(20, 8 * 24 * 60), act=settle)

        self._in(minutes=2, act=promise)

    def _paid(self, visit: Visit, session_id: str) -> None:
        self.season.world.live()
        if visit.offer_id == MEMBERSHIP:
            self.season.crowd.member_domains.append(visit.answers.email.partition("@")[2])
        self.season.aftermath.of_payment(session_id)

    def _in(self, *, minutes: float, act: Callable[[], object]) -> None:
        self.season.plan(timedelta(minutes=minutes), act)

    def _possibly(self, act: Callable[[], object]) -> bool:
        """Stripe does what can be done at that moment; whether it did."""
        try:
            act()
        except (NotPossible, Refused):
            self.season.count("not possible at Stripe")
            return False
        return True
