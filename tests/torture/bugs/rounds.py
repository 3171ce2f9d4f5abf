"""Bugs in reconciliation: what its rounds look at, where they go on, and what they may put right or take away."""

from __future__ import annotations

from chalicelib.domain import reconciliation
from chalicelib.domain.reconciliation import Round
from chalicelib.flows import compare_books
from chalicelib.flows.reconcile import Reconciliation
from chalicelib.flows.report_differences import Differences
from tests.torture.bugs.bug import bug
from tests.torture.bugs.change import Cut

_TEST = "tests/flows/test_reconcile.py"
_CREATE = "stripe.checkout.sessions.create"

ROUNDS = (
    bug(
        "stray-session-left-open",
        "a session that no order waits for is left open by reconciliation",
        Cut(Reconciliation._close_stray, ("if session.outcome is not Outcome.OPEN or waits:", "if True:")),
        stories="membership; order replaced",
        at=_CREATE,
        elsewhere="tests/flows/test_reconcile.py::test_a_session_that_nobody_may_pay_is_closed",
    ),
    bug(
        "stray-session-that-waits",
        "a session that an order waits for is closed by reconciliation",
        Cut(
            Reconciliation._close_stray,
            (
                "waits = order is not None and order.state is State.PENDING and session.attempt == order.attempt",
                "waits = False",
            ),
        ),
        elsewhere="tests/flows/test_reconcile.py::test_an_open_order_is_left_alone",
    ),
    bug(
        "stray-session-that-was-paid",
        "a stray session that turns out to be paid when it is closed is not settled",
        Cut(Reconciliation._close_stray, ("if fetched:", "if False:")),
        judgement=("redundant: the next round finds it paid and settles it; only a race between two calls needs it"),
    ),
    bug(
        "round-settles-nothing",
        "reconciliation does not settle the sessions that Stripe has",
        Cut(Reconciliation._see, ("order = self._settle(session)", "order = before")),
        stories="reconciliation alone",
        elsewhere="tests/flows/test_reconcile.py::test_what_no_webhook_brought_is_applied",
    ),
    bug(
        "round-without-movements",
        "reconciliation does not ask for refunds and disputes of payments made before its window",
        Cut(Reconciliation._ask, ("if session is None:", "if True:")),
        stories="reconciliation alone",
        judgement="redundant once money has moved: the transactions of the balance lead to the same payments",
    ),
    bug(
        "round-without-orders",
        "reconciliation does not look after the orders of its window",
        Cut(
            Reconciliation._orders,
            ("for order_id in dict.fromkeys((*listed, *page.items))", "for order_id in dict.fromkeys(listed)"),
        ),
        stories="reconciliation alone",
        elsewhere="tests/flows/test_reconcile.py::test_what_is_planted_is_reported_and_nothing_else",
    ),
    bug(
        "round-ends-with-its-first-page",
        "of each phase of a round only the first page is looked at",
        Cut(Round.looked, ("return after if seen.rest else replace", "return replace")),
        elsewhere="tests/flows/test_reconcile.py::test_when_everything_agrees_nothing_is_found_or_changed",
    ),
    bug(
        "round-written-down-first",
        "a round goes on to the next page before what it found on this one is kept",
        Cut(
            Reconciliation.reconcile,
            (
                "seen = self._look(current, differences)\n        current = self._kept(current.looked(seen))",
                "seen = self._look(current, differences)\n        current = current.looked(seen)",
            ),
        ),
        elsewhere="tests/flows/test_reconcile.py::test_it_goes_on_where_it_stopped",
    ),
    bug(
        "windows-side-by-side",
        "a window reaches back no further than the time between its rounds",
        Cut(reconciliation.new_round, ("since=until - REACH[window]", "since=until - EVERY[window]")),
        elsewhere="tests/flows/test_reconcile.py::test_a_payment_that_takes_longer_than_any_bank",
    ),
    bug(
        "window-until-now",
        "a round looks at what is being made at this moment",
        Cut(reconciliation.new_round, ("until = now - timedelta(minutes=2)", "until = now")),
        judgement=(
            "untested: it keeps a round from seeing half of what is just being made; what is settled twice is harmless"
        ),
    ),
    bug(
        "differences-taken-away-unchecked",
        "a difference is taken away although it was not looked for",
        Cut(Differences.report, ("for kind in checked:", "for kind in type(next(iter(checked))):")),
        elsewhere="tests/flows/test_reconcile.py::test_what_is_planted_is_reported_and_nothing_else",
    ),
    bug(
        "differences-stay",
        "a difference that is found no more stays",
        Cut(Differences.report, ("elif known:", "elif False:")),
        elsewhere="tests/flows/test_reconcile.py::test_a_difference_that_is_put_right_is_gone",
    ),
    bug(
        "transaction-trusted",
        "a transaction that is booked with another amount is not reported",
        Cut(
            compare_books.match_transaction,
            (
                "elif (entry.amount_cents, entry.currency) != (transaction.amount_cents, transaction.currency):",
                "elif False:",
            ),
        ),
        elsewhere="tests/flows/test_reconcile.py::test_what_is_planted_is_reported_and_nothing_else",
    ),
)
