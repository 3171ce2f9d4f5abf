"""The people of a story: a visitor, a buyer, the bank, the secretariat; each goes on as in life."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, cast
from urllib.parse import urlsplit

from chalicelib.domain.answers import Answers
from chalicelib.domain.error import ActionRefused, RegistrationRefused, SeatsTaken
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.state import Action
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.decide import Submission
from chalicelib.flows.find_offer import find_offer
from chalicelib.flows.open_checkout import open_checkout
from chalicelib.flows.refund_order import refund_order
from chalicelib.flows.register import register
from chalicelib.flows.review_order import review_order
from devstack.stripe.shelves import NotPossible
from tests.desk import BASE_URL, CONSENT_TEXT
from tests.torture.world import CHECKOUT, PATIENCE, World

SECRETARY = "secretariat"


def deed[**Given, Answer](
    method: Callable[Concatenate[People, Given], Answer],
) -> Callable[Concatenate[People, Given], Answer]:
    """Something that is done or looked at in a story: with a memory it is remembered, or not done but recalled."""

    @functools.wraps(method)
    def done(people: People, *given: Given.args, **named: Given.kwargs) -> Answer:
        memory = people.memory
        if memory is None or people.busy:
            return method(people, *given, **named)
        if memory.recalls():
            answer: Answer = memory.recall()
            return answer
        people.busy = True
        try:
            memory.before(people.world)
            return memory.remembered(method(people, *given, **named))
        finally:
            people.busy = False

    return cast("Callable[Concatenate[People, Given], Answer]", done)  # the first one may be named otherwise


class Memory:
    """What came of each deed of a story so far; the first `known` of them have been done and are recalled."""

    def __init__(
        self, answers: Sequence[Any] = (), *, before: Callable[[World, Sequence[Any]], None] | None = None
    ) -> None:
        self._answers, self._next, self._known = [*answers], 0, len(answers)
        self._before = before

    def recalls(self) -> bool:
        return self._next < self._known

    def recall(self) -> Any:
        self._next += 1
        return self._answers[self._next - 1]

    def before(self, world: World) -> None:
        if self._before:
            self._before(world, self._answers)

    def remembered[Answer](self, answer: Answer) -> Answer:
        self._answers.append(answer)
        return answer


class People:
    """Everybody in one world. A story does and sees everything through them: only so can it be begun in the middle."""

    def __init__(self, world: World, *, memory: Memory | None = None) -> None:
        self.world, self.memory, self.busy = world, memory, False

    # Time.

    @deed
    def live(self) -> None:
        self.world.live()

    @deed
    def wait(self, *minutes: float) -> None:
        self.world.wait(*minutes)

    @deed
    def compare(self) -> None:
        self.world.compare()

    @deed
    def was_disturbed(self) -> bool:
        return self.world.disturbed

    @deed
    def hours_without_stripe(self, *, ended: bool) -> None:
        """Nobody there answers any more; or ten minutes later everybody does again."""
        self.world.stripe_down = not ended
        if ended:
            self.world.time.advance(minutes=10)

    # The visitor.

    @deed
    def visit(self, path: str, form: Mapping[str, str]) -> str:
        """He sends a form until it leads somewhere: the session to pay, or nothing when there is none."""
        world = self.world
        for press in range(PATIENCE if world.habits.retries else 1):
            world.time.advance(seconds=10 * press)
            answer = world.attempt(lambda: world.post(path, form))
            place = answer.headers.get("Location", "") if answer else ""
            if place.startswith(CHECKOUT):
                world.arrived = True
                return place.rpartition("/")[2]
            if place.startswith(BASE_URL) and "?from=" not in place:
                world.arrived = True
                return ""
        return ""

    @deed
    def press(self, order: Order, wish: str) -> str:
        """A button on the page of an order."""
        return self.visit(self.page(order), {"do": wish})

    @deed
    def come_back(self, session_id: str) -> None:
        """Stripe's page sends him back to ours, which looks a few times; whoever gave up has closed it."""
        if not session_id or not self.world.habits.retries:
            return
        url = urlsplit(self.world.stripe.books.session(session_id).asked["success_url"])
        for look in range(2):
            self.world.attempt(lambda look=look: self.world.get(f"{url.path}?from=payment&look={look}"))  # type: ignore[misc]

    def page(self, order: Order) -> str:
        links = self.world.application.links
        return urlsplit(links.order(order.id, order.language)).path

    # The buyer at Stripe, and his bank.

    @deed
    def pay(self, session_id: str, *, method: str = "ideal", amount: int | None = None) -> None:
        """He pays, is told of it, and so are we."""
        if session_id:
            self.world.stripe.act("pay", session_id, method=method, amount=amount)
            self._look_for_another(session_id)
            self.come_back(session_id)
            self.world.live()

    def _look_for_another(self, session_id: str) -> None:
        """Whoever has paid has nothing in front of him that he could pay again."""
        books = self.world.stripe.books
        order_id = books.session(session_id).asked["client_reference_id"]
        ours = [each for each in books.sessions() if each.asked["client_reference_id"] == order_id]
        if any(each.status == "open" for each in ours):
            self.world.complaints.append("another session of the order can be paid too")

    @deed
    def promise(self, session_id: str) -> None:
        """He chooses a method whose money comes later."""
        if session_id:
            self.world.stripe.act("later", session_id, method="sepa_debit")
            self._look_for_another(session_id)
            self.come_back(session_id)
            self.world.live()

    @deed
    def settle(self, session_id: str, *, succeeded: bool) -> None:
        """The money of a delayed method comes, or will not."""
        if session_id:
            self.world.stripe.act("settle" if succeeded else "settle-failed", session_id)
            self.world.live()

    @deed
    def pay_anyway(self, session_id: str) -> None:
        """Money arrives for a session that is closed; when it is not yet, he pays it as any other."""
        if not session_id:
            return
        self.world.stripe.lapse()
        try:
            self.world.stripe.act("pay-anyway", session_id)
        except NotPossible:
            self.world.stripe.act("pay", session_id)
        self.world.live()

    @deed
    def another_session(self, session_id: str) -> str:
        """A session of the same order of which nobody here knows, as if somebody had opened it by hand."""
        if not session_id:
            return ""
        stripe = self.world.stripe
        asked = copy.deepcopy(stripe.books.session(session_id).asked)
        asked["metadata"]["attempt"] = asked["payment_intent_data"]["metadata"]["attempt"] = "7"
        asked["expires_at"] = stripe.now() + 24 * 3600
        return stripe.books.open_session(asked, now=stripe.now(), public_url=stripe.public_url).id

    @deed
    def pay_another(self, session_id: str) -> None:
        """He pays once more, in a session of which nobody here knows."""
        if session_id:
            self.world.stripe.act("pay", self.another_session(session_id))
            self.world.live()
            self.world.wait(5)

    @deed
    def pay_silently(self, session_id: str, *, method: str = "card") -> None:
        """He pays, and nobody has told us yet."""
        if session_id:
            self.world.stripe.act("pay", session_id, method=method)

    # In Stripe's own pages, and at the bank.

    @deed
    def give_back(self, session_id: str, *, amount: int | None) -> None:
        if session_id:
            self.world.stripe.give_back(session_id, amount=amount)
            self.world.live()

    @deed
    def made_refunds(self) -> int:
        """How many there are at Stripe."""
        return len(self.world.stripe.books.refunds())

    @deed
    def refunds_fail(self) -> None:
        """The buyer's bank sends everything back."""
        for refund in self.world.stripe.books.refunds():
            self.world.stripe.act_on_refund("fail", refund.id)
        self.world.live()

    @deed
    def dispute(self, session_id: str) -> str:
        """The buyer disputes his payment, if there is anything to dispute."""
        if not session_id:
            return ""
        try:
            dispute, _ = self.world.stripe.open_dispute(session_id)
        except NotPossible:
            return ""
        return dispute.id

    @deed
    def decide_dispute(self, dispute_id: str, *, won: bool) -> None:
        if dispute_id:
            self.world.stripe.act_on_dispute("won" if won else "lost", dispute_id)
            self.world.live()

    # Somebody else.

    @deed
    def other(self, answers: Answers, *, offer_id: str, pays: bool) -> None:
        """Somebody else takes seats, and nothing goes wrong with that."""
        world, app = self.world, self.world.application
        with world.gate.resting():
            offer = find_offer(offer_id, store=app.store, seeds=app.seeds)
            assert offer is not None
            submission = Submission(
                form_key="the-key-of-somebody-else",
                offer=offer,
                answers=answers,
                language=Language.NL,
                source=f"{BASE_URL}/nl/{offer_id}",
                consent_text=CONSENT_TEXT,
            )
            try:
                order = register(
                    submission, store=app.store, identity=app.identity, emails=app.emails, now=world.time()
                ).order
            except RegistrationRefused as refusal:
                world.complaints.append(f"the seats did not come back: {refusal!r}")
                return
            world.others.add(order.id)
            checkout = open_checkout(
                order, store=app.store, gateway=app.gateway, emails=app.emails, links=app.links, now=world.time()
            )
            if pays:
                world.stripe.act("pay", checkout.url.rpartition("/")[2])
                world.live()

    # The secretariat.

    @deed
    def orders(self) -> list[Order]:
        """The visitor's orders, the first one first."""
        found = [order for order in self.world.books().orders if order.id not in self.world.others]
        return sorted(found, key=lambda order: (order.generation, order.created_at, order.id))

    @deed
    def refund(self, order: Order, cents: int, *, key: str) -> None:
        self.decide(lambda: refund_order(order.id, amount_cents=cents, key=key, by=SECRETARY, **self._wires()))

    @deed
    def cancel(self, order: Order, cents: int, *, key: str = "cancel") -> None:
        self.decide(lambda: cancel_order(order.id, refund_cents=cents, key=key, by=SECRETARY, **self._wires()))

    @deed
    def review(self, order: Order, action: Action) -> None:
        self.decide(lambda: review_order(order.id, action=action, key=action.value, by=SECRETARY, **self._wires()))

    def decide(self, act: Callable[[], Order]) -> Order | None:
        """The secretariat does something, and again when nobody knows whether it was done."""
        world = self.world
        for _ in range(PATIENCE if world.habits.retries else 1):
            try:
                done = world.attempt(act)
            except (ActionRefused, SeatsTaken):
                break
            if done is not None:
                world.live()
                return done
            world.time.advance(seconds=20)
        world.live()
        return None

    def _wires(self) -> dict[str, Any]:
        app = self.world.application
        return {"store": app.store, "emails": app.emails, "now": self.world.time()}
