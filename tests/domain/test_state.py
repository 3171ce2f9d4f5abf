"""The whole table of states and news, and that of states and actions, each written out a second time."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.order import Order, Verdict
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import ACTIONS, SEATING, TABLE, Action, Cell, Effect, News, State
from tests.domain.order_samples import HEARD, NOW, PAID_STATES, STARTS, event_order, in_state, order

# What each state makes of each news: the next state, what is written beside it, and `!` who has to come.
# Reading it a second time is how a change is noticed.
EXPECTED = {
    State.PENDING: """
        open: pending
        processing: processing
        paid: paid book confirm
        paid_other_amount: review book !payment_amount_differs
        failed: expired tell_failed
        expired: expired
    """,
    State.PROCESSING: """
        processing: processing
        paid: paid book confirm
        paid_other_amount: review book !payment_amount_differs
        paid_without_seat: refund_due book give_back
        failed: expired tell_failed
    """,
    State.PAID: """
        known_payment: paid
        second_payment: paid book give_back
    """,
    State.CONFIRMED: "",
    State.INVOICED: "",
    State.EXPIRED: """
        processing: processing
        paid: paid book confirm
        paid_other_amount: review book !payment_amount_differs
        paid_without_seat: refund_due book give_back
        failed: expired
        expired: expired
    """,
    State.REFUND_DUE: """
        known_payment: refund_due
        second_payment: refund_due book give_back
    """,
    State.CANCELLED: """
        known_payment: cancelled
        second_payment: cancelled book give_back
    """,
    State.REVIEW: """
        known_payment: review
        second_payment: review book give_back
    """,
}
# And what it refuses, so that no news is left unthought of.
OF_PAID = "stale open processing paid paid_other_amount paid_without_seat failed expired"
REFUSED = {
    State.PENDING: "stale known_payment second_payment paid_without_seat",
    State.PROCESSING: "stale known_payment second_payment open expired",
    State.PAID: OF_PAID,
    State.CONFIRMED: " ".join(News),
    State.INVOICED: " ".join(News),
    State.EXPIRED: "stale known_payment second_payment open",
    State.REFUND_DUE: OF_PAID,
    State.CANCELLED: OF_PAID,
    State.REVIEW: OF_PAID,
}
# The same for what the secretariat does.
EXPECTED_ACTIONS = {
    State.PENDING: "",
    State.PROCESSING: "",
    State.PAID: """
        refund: paid
        cancel: cancelled undo
    """,
    State.CONFIRMED: "cancel: cancelled undo",
    State.INVOICED: "",
    State.EXPIRED: "",
    State.REFUND_DUE: "refund: refund_due",
    State.CANCELLED: "refund: cancelled",
    State.REVIEW: """
        refund: review
        accept: paid confirm
        return: refund_due give_back
    """,
}
REFUSED_ACTIONS = {
    State.PENDING: " ".join(Action),
    State.PROCESSING: " ".join(Action),
    State.PAID: "accept return",
    State.CONFIRMED: "refund accept return",
    State.INVOICED: " ".join(Action),
    State.EXPIRED: " ".join(Action),
    State.REFUND_DUE: "cancel accept return",
    State.CANCELLED: "cancel accept return",
    State.REVIEW: "cancel",
}


def _told(cell: Cell) -> str:
    return " ".join([cell.state.value, *cell.effects, *([f"!{cell.alarm}"] if cell.alarm else [])])


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip()}


@pytest.mark.parametrize("state", State)
def test_the_table_is_as_agreed(state: State) -> None:
    cells = {f"{news.value}: {_told(TABLE[state, news])}" for news in News if (state, news) in TABLE}
    assert cells == _lines(EXPECTED[state])
    assert {news for news in News if (state, news) not in TABLE} == set(REFUSED[state].split())


@pytest.mark.parametrize("state", State)
def test_the_actions_are_as_agreed(state: State) -> None:
    cells = {f"{action.value}: {_told(ACTIONS[state, action])}" for action in Action if (state, action) in ACTIONS}
    assert cells == _lines(EXPECTED_ACTIONS[state])
    assert {action for action in Action if (state, action) not in ACTIONS} == set(REFUSED_ACTIONS[state].split())


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("state", "news"), list(itertools.product(State, News)))
def test_every_cell_does_what_it_says_and_every_other_refuses(state: State, news: News, start: str) -> None:
    before = in_state(state, STARTS[start])
    verdict = HEARD[news].by(before)
    assert verdict.news is not None
    cell = TABLE.get((state, verdict.news))
    if cell is None:
        assert verdict == Verdict(news=verdict.news, order=before, changed=False)
        return
    assert (verdict.order.state, verdict.effects, verdict.alarm) == (cell.state, cell.effects, cell.alarm)
    assert verdict.changed is (verdict.order != before or bool(cell.effects))
    if Effect.BOOK in cell.effects:
        assert verdict.order.payment_id == (before.payment_id or HEARD[news].session.payment_id)
        assert verdict.order.paid_at is not None
    else:
        assert (verdict.order.payment_id, verdict.order.paid_at) == (before.payment_id, before.paid_at)
    # whoever waits for nothing is not looked after
    assert (verdict.order.due is None) is (verdict.order.state not in (State.PENDING, State.PROCESSING))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("state", "action"), list(itertools.product(State, Action)))
def test_every_action_does_what_it_says_and_every_other_is_refused(state: State, action: Action, start: str) -> None:
    before = replace(in_state(state, STARTS[start]), due=NOW)
    verdict, cell = before.act(action), ACTIONS.get((state, action))
    if cell is None:
        assert verdict is None
        return
    assert verdict is not None
    assert (verdict.news, verdict.effects, verdict.alarm) == (None, cell.effects, cell.alarm)
    assert (verdict.order.state, verdict.order.due) == (cell.state, None)
    assert (verdict.order.payment_id, verdict.order.paid_at) == (before.payment_id, before.paid_at)
    assert _seated_rightly(verdict.order, before=before)


def test_every_cell_is_reached_by_some_session() -> None:
    reached = {
        (state, heard.by(in_state(state, start)).news)
        for state, heard, start in itertools.product(State, HEARD.values(), STARTS.values())
    }
    # a bank's late promise about an order whose seats are gone
    late = replace(in_state(State.PROCESSING, STARTS["event"]), seating=Seating.RELEASED)
    reached |= {(late.state, heard.by(late).news) for heard in HEARD.values()}
    assert set(TABLE) <= reached


def test_what_waits_for_an_invoice_hears_and_does_nothing_yet() -> None:
    """Reserved: nothing leads there, and whatever is said or asked changes nothing."""
    assert State.INVOICED not in {cell.state for cell in (*TABLE.values(), *ACTIONS.values())}
    assert not [key for key in (*TABLE, *ACTIONS) if State.INVOICED in key]
    for start in STARTS.values():
        invoiced = in_state(State.INVOICED, start)
        assert invoiced.confirmed
        for heard in HEARD.values():
            assert (heard.by(invoiced).order, heard.by(invoiced).changed) == (invoiced, False)


def test_what_costs_nothing_refuses_whatever_a_payment_service_may_say() -> None:
    free = event_order("vuur", cents=0)
    assert free.state is State.CONFIRMED
    for heard, amount in itertools.product(HEARD.values(), (0, 1, 50_000)):
        verdict = replace(heard, session=replace(heard.session, amount_cents=amount)).by(free)
        assert (verdict.order, verdict.changed, verdict.effects) == (free, False, ())


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_repeat_of_any_news_changes_nothing(start: Order) -> None:
    for state, heard in itertools.product(State, HEARD.values()):
        first = heard.by(in_state(state, start))
        again = replace(heard, booked=heard.booked or Effect.BOOK in first.effects)
        assert not again.by(first.order, now=NOW + timedelta(minutes=1)).changed, f"{state} heard {heard} twice"


# Seats


def _seated_rightly(order: Order, *, before: Order, seats_gone: bool = False) -> bool:
    if before.seating is Seating.NONE:
        return order.seating is Seating.NONE
    if order.state is State.REVIEW:
        return order.seating is before.seating
    if order.state is State.PROCESSING and seats_gone:
        return order.seating is Seating.RELEASED
    return order.seating is SEATING[order.state]


@pytest.mark.parametrize("seats_gone", [False, True])
@pytest.mark.parametrize("start", STARTS)
def test_no_news_leads_to_a_state_with_its_seats_elsewhere(start: str, seats_gone: bool) -> None:
    for state, news in itertools.product(State, News):
        for seating in {Seating.NONE: [Seating.NONE]}.get(STARTS[start].seating, [Seating.HELD, Seating.RELEASED]):
            before = in_state(state, STARTS[start])
            if state in (State.PROCESSING, State.REVIEW):  # these can be with their seats and without
                before = replace(before, seating=seating)
            verdict = replace(HEARD[news], seats_gone=seats_gone).by(before)
            gone = seats_gone and before.seating is Seating.RELEASED
            assert not verdict.changed or _seated_rightly(verdict.order, before=before, seats_gone=gone), (state, news)
            if gone:
                assert not [move for move in verdict.order.seat_moves(before) if move.taken > 0], (state, news)


def test_every_state_but_review_says_where_the_seats_are() -> None:
    assert set(State) - set(SEATING) == {State.REVIEW}
    for state in State:
        assert order().turned(state).seating is Seating.NONE
        assert event_order("vuur").turned(state).seating is SEATING.get(state, Seating.HELD)


def test_whoever_is_confirmed_has_his_seats_and_whoever_gets_his_money_back_has_none() -> None:
    confirmed = {state for state in State if in_state(state, STARTS["event"]).confirmed}
    assert confirmed == {state for state, seating in SEATING.items() if seating is Seating.SOLD}
    assert {state for state, seating in SEATING.items() if seating is Seating.RELEASED} == {
        *(State.EXPIRED, State.REFUND_DUE, State.CANCELLED)
    }


def test_only_what_is_not_paid_counts_among_the_unpaid() -> None:
    start = replace(STARTS["event"], holders=("address-1",))
    for state, heard in itertools.product((State.PENDING, *PAID_STATES), HEARD.values()):
        before = in_state(state, start)
        after = heard.by(before).order
        assert after.holders == (("address-1",) if after.state is State.PENDING else ())


def test_an_accepted_order_takes_the_seats_that_it_let_go() -> None:
    held, released = (
        replace(in_state(State.REVIEW, STARTS["event"]), seating=seating)
        for seating in (Seating.HELD, Seating.RELEASED)
    )
    for before, taken in ((held, 0), (released, 2)):
        verdict = before.act(Action.ACCEPT)
        assert verdict is not None
        assert verdict.order.seating is Seating.SOLD
        moves = {move.counter: move.taken for move in verdict.order.seat_moves(before)}
        assert moves["zomerschool"] == taken


def test_late_money_is_heard_in_the_same_way_whatever_was_refunded_before() -> None:
    """The ledger's totals stand beside the state and decide nothing of it."""
    for state, heard in itertools.product(State, HEARD.values()):
        before = in_state(state, STARTS["event"])
        other = replace(before, paid_cents=1, refunded_cents=2, disputed_cents=3, disputed=True)
        assert heard.by(before).order.state is heard.by(other).order.state
