"""The money of an order: which lines its page shows, what they come to, and how far the money got that goes back."""

from dataclasses import replace

import pytest

from chalicelib.domain.language import Language
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.state import State
from chalicelib.rendering.money_view import Back, MoneyView, money_view
from tests.looks.books import Story
from tests.looks.cast import ALONE, CONGRESS, PAID_AT, ordered

LATE, SECOND, REVIEW, STAFF = RefundReason.LATE, RefundReason.SECOND, RefundReason.REVIEW, RefundReason.STAFF
PRICE = 39_900


def order(state: State = State.PAID) -> Story:
    return Story(made=ordered(CONGRESS, ALONE, language=Language.NL, state=state))


def seen(story: Story) -> MoneyView:
    return money_view(story.told().order, ledger=story.ledger)


def lines(view: MoneyView) -> list[tuple[str, int]]:
    return [(line.kind, line.amount_cents) for line in view.lines]


def test_that_it_was_paid_is_told_without_lines() -> None:
    view = seen(order().paid())
    assert (view.lines, view.total_cents, view.back) == ((), PRICE, Back.NONE)


def test_an_order_that_was_never_paid_has_no_money() -> None:
    view = seen(order(State.EXPIRED))
    assert (view.lines, view.total_cents, view.back) == ((), 0, Back.NONE)


def test_another_amount_than_was_asked_is_told() -> None:
    assert lines(seen(order(State.REVIEW).paid(1250))) == [("payment", 1250)]


def test_a_refund_is_on_its_way_until_it_has_gone() -> None:
    asked = order().paid().asked(STAFF, 5000, days=2)
    view = seen(asked)
    assert lines(view) == [("payment", PRICE), ("underway", -5000)]
    assert (view.total_cents, view.back, view.back_cents) == (PRICE - 5000, Back.UNDERWAY, 5000)
    gone = seen(asked.went(days=3))
    assert lines(gone) == [("payment", PRICE), ("refund", -5000)]
    assert (gone.total_cents, gone.back, gone.back_cents) == (PRICE - 5000, Back.DONE, 5000)
    assert gone.lines[1].at
    assert (gone.lines[1].at - PAID_AT).days == 3


def test_money_that_left_is_one_line_while_the_bank_still_has_it() -> None:
    pending = order().paid().asked(STAFF, 5000).pending(days=1)
    view = seen(pending)
    assert lines(view) == [("payment", PRICE), ("refund", -5000)]
    assert (view.back, view.back_cents) == (Back.UNDERWAY, 5000)


def test_a_refund_that_the_bank_sent_back_is_told_whole() -> None:
    view = seen(order(State.REFUND_DUE).paid().asked(LATE).returned(days=1, until=9))
    assert lines(view) == [("payment", PRICE), ("refund", -PRICE), ("refund_returned", PRICE)]
    assert (view.total_cents, view.back, view.back_cents) == (PRICE, Back.FAILED, PRICE)


def test_a_refund_that_was_made_after_one_that_failed_counts() -> None:
    again = order(State.REFUND_DUE).paid().asked(LATE).refused().asked(STAFF, days=4)
    assert (seen(again).back, seen(again).back_cents) == (Back.UNDERWAY, PRICE)
    assert (seen(again.went(days=5)).back, seen(again.went(days=5)).back_cents) == (Back.DONE, PRICE)


def test_a_second_payment_that_goes_back_leaves_the_first() -> None:
    view = seen(order().paid().paid(days=1).asked(SECOND, days=1).went(days=1))
    assert lines(view) == [("payment", PRICE), ("payment", PRICE), ("refund", -PRICE)]
    assert (view.total_cents, view.back_cents, view.twice) == (PRICE, PRICE, True)


@pytest.mark.parametrize(("reason", "late"), [(LATE, True), (REVIEW, False)])
def test_why_all_goes_back_is_told(reason: RefundReason, late: bool) -> None:
    assert seen(order(State.REFUND_DUE).paid().asked(reason)).late is late


def test_a_late_payment_that_was_refunded_elsewhere_meanwhile_is_done() -> None:
    """Our own command fails then, because there is nothing left to refund."""
    story = order(State.REFUND_DUE).paid().asked(LATE).made_elsewhere(days=1)
    failed = replace(
        story, ledger=story.ledger.with_refund(story.ledger.refunds[0].failed(trouble="already refunded", now=PAID_AT))
    )
    assert (seen(failed).back, seen(failed).back_cents) == (Back.DONE, PRICE)


def test_what_a_bank_took_is_no_refund_of_ours() -> None:
    taken = order(State.REFUND_DUE).paid().asked(LATE).refused().taken(days=4)
    assert lines(seen(taken)) == [("payment", PRICE), ("dispute", -PRICE)]
    assert (seen(taken).back, seen(taken).back_cents) == (Back.TAKEN, PRICE)
    assert seen(order().paid().taken(days=4)).back is Back.NONE, "what becomes of a confirmed order is not decided yet"
    won = seen(order().paid().taken(days=4, won=40))
    assert lines(won) == [("payment", PRICE), ("dispute", -PRICE), ("dispute_won", PRICE)]


def test_an_order_from_before_there_were_ledgers_has_its_totals() -> None:
    paid = order().paid().told().order
    assert money_view(paid, ledger=Ledger()).lines == ()
    partly = replace(paid, refunded_cents=100, disputed_cents=200)
    view = money_view(partly, ledger=Ledger())
    assert lines(view) == [("payment", PRICE), ("refund", -100), ("dispute", -200)]
    assert [line.at for line in view.lines] == [PAID_AT, None, None]
    due = money_view(replace(paid, state=State.REFUND_DUE), ledger=Ledger())
    assert (due.back, due.back_cents) == (Back.UNDERWAY, PRICE)
