"""A sweep that finds much: page after page as long as it has time, each piece once, and visitors go first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.error import PaymentBusy, PaymentUnavailable
from chalicelib.domain.order import FAILED_CHECK, Order
from chalicelib.domain.state import State
from chalicelib.entrypoints import workers
from chalicelib.entrypoints.schedules import EMAIL_PATIENCE, FAST_PATH, MOST, PATIENCE
from tests.desk import Desk
from tests.fakes.queue import FakeQueue

MANY = 2 * MOST + 7


def overdue(desk: Desk, count: int = MANY) -> list[Order]:
    """Orders that nobody paid, a while after their hold."""
    orders = [desk.open_checkout(desk.register(key=f"a-form-key-number-{n}").order).order for n in range(count)]
    desk.clock.advance(minutes=37)
    return orders


def states(desk: Desk, orders: list[Order]) -> Counter[State]:
    return Counter(desk.order(order.id).state for order in orders)


def watch(desk: Desk, happens: Callable[[int], object] = lambda _: None) -> list[str]:
    """The sessions that Stripe is asked for, each with what happens at that call; the list grows."""
    asked: list[str] = []
    fetch = desk.gateway.fetch

    def watched(session_id: str) -> CheckoutSession | None:
        asked.append(session_id)
        happens(len(asked))
        return fetch(session_id)

    desk.gateway.fetch = watched  # type: ignore[method-assign]  # the same, and noted
    return asked


def test_one_sweep_does_all_there_is(desk: Desk) -> None:
    orders = overdue(desk)
    asked = watch(desk)
    desk.sweep()
    assert states(desk, orders) == {State.EXPIRED: MANY}
    assert sorted(asked) == sorted(order.session_id for order in orders)


def test_what_failed_is_not_looked_at_twice_in_one_run(desk: Desk) -> None:
    """It is still due, before all others: without memory the sweep would come to nothing else."""
    orders = overdue(desk)
    broken = {order.session_id for order in orders[: MOST + 1]}

    def fail(_count: int) -> None:
        if asked[-1] in broken:
            raise RuntimeError("a record that nobody can read")

    asked = watch(desk, fail)
    desk.sweep()
    assert len(asked) == len(set(asked)) == MANY
    assert states(desk, orders) == {State.PENDING: len(broken), State.EXPIRED: MANY - len(broken)}


def test_a_slow_stripe_ends_the_run_in_time_and_the_next_goes_on(desk: Desk) -> None:
    orders = overdue(desk)
    began = desk.clock()
    asked = watch(desk, lambda _: desk.clock.advance(seconds=0.5))
    desk.sweep()
    assert desk.clock() - began <= PATIENCE + timedelta(seconds=1)
    done = len(asked)
    assert states(desk, orders) == {State.EXPIRED: done, State.PENDING: MANY - done}
    desk.sweep()
    desk.sweep()
    assert states(desk, orders) == {State.EXPIRED: MANY}
    assert len(asked) == len(set(asked)) == MANY


def test_a_busy_stripe_is_left_alone_until_the_next_run(desk: Desk) -> None:
    """Nothing about the rest is changed: they are due as they were, not some minutes later."""
    orders = overdue(desk, 9)

    def refuse(count: int) -> None:
        if count == 4:
            raise PaymentBusy("rate_limit")

    asked = watch(desk, refuse)
    before = {order.id: desk.order(order.id) for order in orders}
    desk.sweep()
    assert len(asked) == 4
    assert states(desk, orders) == {State.EXPIRED: 3, State.PENDING: 6}
    assert all(desk.order(key) == order for key, order in before.items() if desk.order(key).state is State.PENDING)
    desk.sweep()
    assert states(desk, orders) == {State.EXPIRED: 9}


def test_a_stripe_that_does_not_answer_about_one_is_asked_about_the_next(desk: Desk) -> None:
    orders = overdue(desk, 9)

    def fail(count: int) -> None:
        if count == 4:
            raise PaymentUnavailable("silent")

    watch(desk, fail)
    desk.sweep()
    assert states(desk, orders) == {State.EXPIRED: 8, State.PENDING: 1}
    (left,) = [order for order in map(desk.order, [order.id for order in orders]) if order.state is State.PENDING]
    assert left.due == desk.clock() + FAILED_CHECK


def test_every_email_left_behind_is_offered_again(desk: Desk) -> None:
    left_behind(desk, MOST + 3)
    desk.sweep()
    assert len(desk.emails.messages) == len(set(desk.emails.messages)) == 2 * (MOST + 3)


def test_emails_leave_time_for_orders(desk: Desk) -> None:
    """As with a mail queue that hardly answers."""
    orders = overdue(desk, 3)
    left_behind(desk, MOST)
    slow = SlowQueue(lambda: desk.clock.advance(seconds=1))
    desk.application.emails = slow
    began = desk.clock()
    desk.sweep()
    assert 0 < len(slow.messages) <= EMAIL_PATIENCE.total_seconds() + 1 < 2 * MOST
    assert desk.clock() - began < PATIENCE
    assert states(desk, orders) == {State.EXPIRED: 3}


def test_the_gateway_of_a_schedule_is_paced(desk: Desk) -> None:
    slept: list[float] = []
    desk.application.sleep = slept.append
    overdue(desk, 5)
    desk.sweep()
    assert len(slept) == 4, "Stripe is asked about five orders: all but the first wait for their turn"


class SlowQueue(FakeQueue):
    """A queue that takes its time."""

    def __init__(self, happens: Callable[[], datetime]) -> None:
        super().__init__()
        self.happens = happens

    def put(self, message: str) -> None:
        self.happens()
        super().put(message)


def left_behind(desk: Desk, count: int) -> None:
    """Memberships paid for, whose emails never reached the queue."""
    for order in [desk.open_checkout(desk.register(key=f"a-paid-key-number-{n}").order).order for n in range(count)]:
        desk.gateway.pay(order.session_id)
        desk.payments.put(order.session_id)
    with desk.running():
        workers.payments([{"messageId": body, "body": body} for body in desk.payments.take()])
    desk.emails.messages.clear()
    desk.clock.advance(seconds=FAST_PATH.total_seconds() + 1)
