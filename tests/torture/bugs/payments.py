"""Bugs in how money that comes is heard of and booked: the tables of states, the ledger, and what settles both."""

from __future__ import annotations

from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import Order
from chalicelib.domain.state import ACTIONS, TABLE, Action, Effect, News, State
from chalicelib.domain.state import Cell as Next
from chalicelib.flows import confirm_order, settle_payment
from tests.torture.bugs.bug import bug
from tests.torture.bugs.change import Cell, Cut
from tests.torture.bugs.commit import earlier, later

_WRITES = "table.TransactWriteItems"
_PAID = Next(State.PAID, (Effect.BOOK, Effect.CONFIRM))

PAYMENTS = (
    bug(
        "any-amount-confirms",
        "an order is confirmed by whatever amount was paid",
        Cut(
            Order.news,
            ("right = (session.amount_cents, session.currency) == (self.total_cents, self.currency)", "right = True"),
        ),
        stories="another amount returned",
    ),
    bug(
        "other-amount-confirms",
        "the table confirms an order that was paid with another amount, instead of having a person look",
        Cell(TABLE, (State.PENDING, News.PAID_OTHER_AMOUNT), _PAID),
        stories="another amount returned",
    ),
    bug(
        "second-payment-unseen",
        "a second payment is not told from the first",
        Cut(Order.news, ("if self.payment_id:\n            return News.SECOND_PAYMENT", "pass")),
        stories="second payment",
    ),
    bug(
        "second-payment-kept",
        "a second payment is booked, and does not go back",
        Cell(TABLE, (State.PAID, News.SECOND_PAYMENT), Next(State.PAID, (Effect.BOOK,))),
        stories="second payment",
    ),
    bug(
        "second-payment-after-refund-due",
        "a second payment for an order that is being refunded is not heard",
        Cell(TABLE, (State.REFUND_DUE, News.SECOND_PAYMENT), None),
        stories="second payment, too late",
    ),
    bug(
        "second-payment-after-cancelling",
        "a second payment for an order that was cancelled is not heard",
        Cell(TABLE, (State.CANCELLED, News.SECOND_PAYMENT), None),
        stories="second payment, cancelled",
    ),
    bug(
        "second-payment-in-review",
        "a second payment for an order that a person has to look at is not heard",
        Cell(TABLE, (State.REVIEW, News.SECOND_PAYMENT), None),
        stories="second payment, in review",
    ),
    bug(
        "booked-payment-is-second",
        "a payment that is in the ledger already is heard as another one",
        Cut(
            Order.news,
            ("if booked or session.payment_id == self.payment_id:", "if session.payment_id == self.payment_id:"),
        ),
        stories="second payment",
        elsewhere="tests/domain/test_order.py::test_the_first_payment_stays_the_orders_own_whatever_comes_after_it",
    ),
    bug(
        "own-payment-is-second",
        "the payment that confirmed an order is heard as another one when its news is repeated",
        Cut(Order.news, ("if booked or session.payment_id == self.payment_id:", "if False:")),
        stories="membership",
    ),
    bug(
        "stale-news-counts",
        "news of a session of an earlier attempt counts for the order as it is now",
        Cut(Order.news, ("if session.attempt != self.attempt:\n        return News.STALE", "pass")),
        stories="session renewed; order replaced",
        elsewhere="tests/domain/test_order.py::test_news_of_an_older_attempt_counts_only_when_it_is_paid",
    ),
    bug(
        "late-money-unheard",
        "money for an order that was let go is not heard",
        Cell(TABLE, (State.EXPIRED, News.PAID), None),
        stories="late money with seats",
    ),
    bug(
        "late-money-without-seats-unheard",
        "money for an order whose seats are gone is not heard",
        Cell(TABLE, (State.EXPIRED, News.PAID_WITHOUT_SEAT), None),
        stories="late money without seats",
    ),
    bug(
        "late-money-without-seats-kept",
        "money for an order whose seats are gone is booked, and does not go back",
        Cell(TABLE, (State.EXPIRED, News.PAID_WITHOUT_SEAT), Next(State.REFUND_DUE, (Effect.BOOK,))),
        stories="late money without seats",
    ),
    bug(
        "late-other-amount-unheard",
        "another amount for an order that was let go is not heard",
        Cell(TABLE, (State.EXPIRED, News.PAID_OTHER_AMOUNT), None),
        elsewhere="tests/domain/test_state.py::test_the_table_is_as_agreed",
    ),
    bug(
        "late-promise-unheard",
        "that money is on its way is not heard by an order that was let go",
        Cell(TABLE, (State.EXPIRED, News.PROCESSING), None),
        elsewhere="tests/domain/test_order.py::test_a_late_promise_of_a_bank_is_heard_without_seats_too",
    ),
    bug(
        "delayed-without-seats-unheard",
        "delayed money for an order whose seats are gone is not heard",
        Cell(TABLE, (State.PROCESSING, News.PAID_WITHOUT_SEAT), None),
        elsewhere="tests/domain/test_order.py::test_late_money_without_a_seat_is_booked_and_goes_back_by_itself",
    ),
    bug(
        "delayed-failure-unheard",
        "that delayed money will not come is not heard",
        Cell(TABLE, (State.PROCESSING, News.FAILED), None),
        stories="delayed money fails",
    ),
    bug(
        "delayed-failure-untold",
        "nobody is told that his delayed money did not come",
        Cell(TABLE, (State.PROCESSING, News.FAILED), Next(State.EXPIRED)),
        stories="delayed money fails",
    ),
    bug(
        "failure-told-twice",
        "a failure is told again, although the mail that tells it is there",
        Cut(settle_payment._tell_failed, ("if unit.emails.get(email.id) is not None:\n        return []", "pass")),
        stories="delayed money fails",
        elsewhere="tests/flows/test_settle_money.py::test_late_news_that_the_bank_is_at_work_does_not_keep_an_order_waiting_for_ever",
    ),
    bug(
        "review-may-be-cancelled",
        "an order that a person has to look at may be cancelled, and keeps its money",
        Cell(ACTIONS, (State.REVIEW, Action.CANCEL), Next(State.CANCELLED, (Effect.UNDO,))),
        elsewhere="tests/domain/test_state.py::test_the_actions_are_as_agreed",
    ),
    bug(
        "review-returns-nothing",
        "an order that is sent back by hand does not give its money back",
        Cell(ACTIONS, (State.REVIEW, Action.RETURN), Next(State.REFUND_DUE)),
        stories="another amount returned",
    ),
    bug(
        "seats-gone-for-ever",
        "whoever missed a seat at first goes on missing it, although another has taken it for his order meanwhile",
        Cut(Order.hear, ("seats_gone = seats_gone and self.seating is Seating.RELEASED", "pass")),
        stories="late money with seats",
        elsewhere="tests/domain/test_order.py::test_seats_that_somebody_else_took_again_meanwhile_are_not_gone",
    ),
    bug(
        "seats-gone-is-trouble",
        "that the seats of late money are gone is taken for a commit that somebody else was faster with",
        Cut(settle_payment.settle_payment, ("seats_gone = True", "pass")),
        stories="late money without seats",
    ),
    bug(
        "only-states-are-heard",
        "what became of a payment is heard only while the order changes",
        Cut(settle_payment.settle_payment, ("if not verdict.changed and heard == ledger:", "if not verdict.changed:")),
        stories="dashboard refund of a part; dispute lost",
    ),
    bug(
        "first-writer-unseen",
        "whoever settles does not look again when somebody was faster",
        Cut(
            settle_payment.settle_payment,
            (
                "except (Changed, AlreadyExists):\n            continue",
                "except (Changed, AlreadyExists):\n            return order",
            ),
        ),
        elsewhere="tests/flows/test_settle_payment.py::test_two_who_hear_it_at_the_same_moment_see_the_same_order",
    ),
    bug(
        "refund-command-after-the-order",
        "the command to refund is written in a commit of its own, after the order's",
        later("LEDGER#REFUND#"),
        stories="late money without seats; second payment",
        at=_WRITES,
    ),
    bug(
        "payment-after-the-order",
        "a payment and its entry are written in a commit of their own, after the order's",
        later("LEDGER#PAYMENT#", "LEDGER#ENTRY#"),
        stories="membership",
        at=_WRITES,
    ),
    bug(
        "payment-before-the-order",
        "a payment and its entry are written in a commit of their own, before the order's",
        earlier("LEDGER#PAYMENT#", "LEDGER#ENTRY#"),
        stories="membership",
        at=_WRITES,
    ),
    bug(
        "totals-as-they-were",
        "the totals of an order do not follow its ledger",
        Cut(
            settle_payment._write,
            ("verdict.order.with_totals(heard) if heard != ledger else verdict.order", "verdict.order"),
        ),
        stories="membership",
    ),
    bug(
        "entered-again",
        "what moved is entered again each time it is heard of",
        Cut(Ledger._entered, ("if any(each.id == entry.id for each in self.entries):\n        return self", "pass")),
        stories="membership; dashboard refund of a part",
    ),
    bug(
        "late-dispute-news-counts",
        "a dispute that is decided is open again by news of before",
        Cut(Ledger._disputed, ("stale = before is not None and before.closed and not dispute.closed", "stale = False")),
        stories="dispute lost",
        elsewhere="tests/domain/test_dispute.py::test_late_news_of_before_the_decision_undoes_nothing",
    ),
    bug(
        "disputed-money-goes-back-too",
        "what a dispute took can be refunded as well",
        Cut(Ledger.refundable, (" + sum(each.amount_cents for each in disputed)", "")),
        stories="refund after dispute",
    ),
    bug(
        "confirmed-without-membership",
        "the membership that was paid for does not begin",
        Cut(
            confirm_order.confirm_order,
            (
                "unit.memberships.add(start_membership(order=order, line=line, buyer=buyer, paid_at=order.paid_at))",
                "pass",
            ),
        ),
        stories="membership",
    ),
    bug(
        "confirmation-after-the-order",
        "mails come into the outbox in a commit of their own, after the order's",
        later("EMAIL#"),
        stories="membership",
        at=_WRITES,
    ),
    bug(
        "tickets-after-the-order",
        "tickets come into the outbox in a commit of their own, after the order's",
        later("EMAIL#ticket"),
        stories="free meeting; congress for three",
        at=_WRITES,
    ),
)
