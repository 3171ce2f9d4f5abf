"""Bugs in how money goes back: reserved, commanded, looked up, asked for, heard of, and asked for again."""

from __future__ import annotations

from chalicelib.adapters.dynamodb.shelves import AttendanceTableShelf
from chalicelib.adapters.stripe_gateway import StripeGateway
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.refund import FOLLOWS, Refund, RefundState
from chalicelib.flows import cancel_order, compose_email, give_back, keep_ledger, refund_order
from tests.torture.bugs.bug import bug
from tests.torture.bugs.change import Cell, Constant, Cut
from tests.torture.bugs.commit import later

_CREATE = "stripe.refunds.create"
_WRITES = "table.TransactWriteItems"
_UPDATE = "changed = unit.orders.update(order)"

REFUNDS = (
    bug(
        "refund-not-looked-up",
        "a refund is asked for without looking whether it was made before",
        Cut(
            give_back._told,
            (
                "return any(news.command == refund.id or news.id not in known for news in session.refunds)",
                "return False",
            ),
        ),
        stories="refund in a deaf world",
        at=_CREATE,
    ),
    bug(
        "refund-key-of-the-moment",
        "each call that makes a refund has an idempotency key of its own",
        Cut(StripeGateway.refund, ('{request.attempt}"', '{request.attempt}-{time.monotonic()}"')),
        stories="late money without seats; refund in parts",
        at=_CREATE,
        elsewhere="tests/adapters/test_stripe_refunds.py::test_a_refund_is_asked_for_with_exactly_this",
    ),
    bug(
        "refund-key-without-attempt",
        "a refund is asked for again under the same key, whatever was answered",
        Cut(StripeGateway.refund, ('-{request.attempt}"', '"')),
        stories="late money without seats; refund in parts",
        at=_CREATE,
    ),
    bug(
        "refund-unknown-same-key",
        "after an answer that tells nothing, a refund is asked for again under the same key",
        Cut(give_back.give_back, ("anew = isinstance(error, PaymentUnknown)", "anew = False")),
        stories="late money without seats; refund in parts",
        at=_CREATE,
    ),
    bug(
        "refund-refused-same-key",
        "after a refusal for want of balance, a refund is asked for again under the same key",
        Cut(give_back.give_back, ("trouble=code, anew=True)", "trouble=code)")),
        stories="late money without seats; refund in parts",
        at=_CREATE,
    ),
    bug(
        "refund-refused-for-good",
        "an empty balance is taken for a refusal for good",
        Constant(give_back, "PASSING", frozenset()),
        stories="late money without seats; refund in parts",
        at=_CREATE,
    ),
    bug(
        "refund-refused-passes",
        "every refusal is taken for one that passes",
        Cut(give_back.give_back, ("passing = code in PASSING", "passing = True")),
        stories="refund meets dispute",
    ),
    bug(
        "refund-without-command",
        "a refund does not carry the command that it carries out",
        Cut(StripeGateway.refund, ('"refund": request.id,', "")),
        stories="late money without seats; refund in parts",
    ),
    bug(
        "refund-of-everything",
        "the amount of a refund is not sent",
        Cut(StripeGateway.refund, ('"amount": request.amount_cents, ', "")),
        stories="refund in parts",
    ),
    bug(
        "refund-tried-once",
        "a refund that could not be made is not tried again",
        Cut(Refund.postponed, ("due=now + pause", "due=None")),
        stories="late money without seats; refund in parts",
        at=_CREATE,
    ),
    bug(
        "refund-result-over-anothers",
        "what came of a try is written over what somebody else wrote meanwhile",
        Cut(give_back._write_down, ("if current != before:", "if False:")),
        stories="refund in parts",
        elsewhere="tests/flows/test_give_back.py::test_a_try_that_came_to_nothing_does_not_undo_one_that_did",
    ),
    bug(
        "refund-result-unguarded",
        "what came of a try is written without the version of the order",
        Cut(give_back._write_down, ("unit.orders.update(order)", "pass")),
        stories="refund in parts",
        elsewhere="tests/flows/test_give_back.py::test_a_try_that_came_to_nothing_does_not_undo_one_that_did",
    ),
    bug(
        "refund-not-told-from-index",
        "a command is carried out as the index says, whatever became of it since",
        Cut(give_back.give_back, ("refund.due is None or refund.due > now", "False")),
        stories="refund in parts",
        elsewhere="tests/flows/test_give_back.py::test_it_is_made_once_however_often_it_is_tried",
    ),
    bug(
        "refund-reserves-nothing",
        "an amount counts as refunded only when it has gone",
        Cut(Ledger.refundable, ("and each.counts", "and each.state is RefundState.SUCCEEDED")),
        stories="refund too much",
    ),
    bug(
        "refund-failed-keeps-its-amount",
        "an amount that came back cannot be refunded again",
        Cut(Ledger.refundable, ("and each.counts", "")),
        stories="refund fails",
    ),
    bug(
        "refund-failure-unheard",
        "that a bank sent a refund back is not heard once it has succeeded",
        Cell(FOLLOWS, RefundState.FAILED, frozenset({RefundState.REQUESTED, RefundState.PENDING})),
        stories="refund fails",
    ),
    bug(
        "refund-late-news-counts",
        "a refund that has failed has succeeded again by news of before",
        Cell(FOLLOWS, RefundState.SUCCEEDED, frozenset(RefundState)),
        stories="refund fails",
        elsewhere="tests/domain/test_refund.py::test_news_moves_a_refund_forward_only",
    ),
    bug(
        "refund-given-up-stays-so",
        "a refund that was given up, and was made all the same, is not heard of",
        Cut(Refund.heard, (" and not given_up", "")),
        stories="late money without seats",
        at=_CREATE,
        elsewhere="tests/domain/test_refund.py::test_one_that_was_given_up_and_turns_out_to_be_made_is_believed",
    ),
    bug(
        "refund-elsewhere-unheard",
        "a refund that was made in Stripe's own pages is not heard",
        Cut(
            Ledger._refunded,
            (
                "replace(self, refunds=(*self.refunds, _made_elsewhere(news, payment=payment, now=now)))",
                "self",
            ),
        ),
        stories="refund after dashboard",
    ),
    bug(
        "refund-return-unheard",
        "money of a refund that came back is not entered",
        Cut(Ledger._refunded, ("if news.returned_at:", "if False:")),
        stories="refund fails",
    ),
    bug(
        "refund-asked-twice",
        "the same form sent again asks for another refund",
        Cut(refund_order.was_asked, ("refund.id == _id(key, payment_id=refund.payment_id)", "False")),
        stories="refund too much",
        at=_WRITES,
        elsewhere="tests/flows/test_refund_order.py::test_the_same_form_twice_is_one_refund",
    ),
    bug(
        "refund-form-of-the-moment",
        "each press on refund is a command of its own",
        Cut(
            refund_order._id,
            ('f"{key}-{payment_id}"', "f\"{key}-{payment_id}-{__import__('time').monotonic():.0f}\""),
        ),
        stories="refund too much",
        at=_WRITES,
    ),
    bug(
        "refund-beyond-what-is-left",
        "more may be asked back than is left",
        Cut(
            refund_order.stage_refunds,
            ("if not 0 < amount_cents <= refundable_of(ledger):", "if False:"),
            ("part = min(left, ledger.refundable(payment.id))", "part = left"),
        ),
        Cut(Ledger.requested, ("assert 0 < amount_cents <= self.refundable(payment_id)", "assert True")),
        stories="refund too much",
    ),
    bug(
        "refund-command-unguarded",
        "a command to refund is written without the version of the order",
        Cut(refund_order.refund_order, (_UPDATE, "changed = order")),
        stories="two secretaries",
        elsewhere="tests/flows/test_refund_order.py::test_a_part_is_reserved_commanded_and_told_in_one_commit",
    ),
    bug(
        "refund-of-any-state",
        "an order may be refunded by hand whatever its state",
        Cut(refund_order.refund_order, ("if order.act(Action.REFUND) is None:", "if False:")),
        stories="refund in parts",
        elsewhere="tests/flows/test_refund_order.py::test_only_what_was_paid_can_go_back",
    ),
    bug(
        "refund-in-full-again",
        "all of a payment is commanded back again each time it is heard of",
        Cut(keep_ledger.refund_in_full, ("if not amount_cents or ledger.refund(refund_id):", "if False:")),
        stories="second payment; late money without seats",
        elsewhere="tests/flows/test_settle_money.py::test_money_that_went_back_elsewhere_before_we_heard_of_it_is_not_sent_twice",
    ),
    bug(
        "refund-mail-after-the-order",
        "the mail that tells of a refund is written in a commit of its own, after the order's",
        later("EMAIL#refund"),
        stories="refund in parts; late money without seats",
        at=_WRITES,
    ),
    bug(
        "cancelled-keeps-its-seats",
        "an order that is cancelled keeps its seats",
        Cut(
            cancel_order.cancel_order,
            ("stage_seats(cancelled, before=order, offer=None, unit=unit, astray=astray)", "pass"),
        ),
        stories="cancelled for half",
    ),
    bug(
        "cancelled-still-comes",
        "whoever had a seat by an order that is cancelled still comes",
        Cut(cancel_order._undo, ("unit.attendances.remove(attendance)", "pass")),
        stories="cancelled for half",
    ),
    bug(
        "cancelled-sends-others-away",
        "cancelling takes away the seat that somebody else has given an attendee meanwhile",
        Cut(cancel_order._undo, ("if attendance.order_id == order.id:", "if attendance:")),
        stories="a seat by two orders",
    ),
    bug(
        "cancelled-sends-others-away-later",
        "whose seat it is, is not looked at again when it is taken away",
        Cut(
            AttendanceTableShelf.remove,
            (
                '"ConditionExpression": OF_ORDER,',
                "\"ConditionExpression\": 'attribute_exists(#order_id) OR ' + OF_ORDER,",
            ),
        ),
        stories="cancelled for half",
        elsewhere="tests/adapters/test_store_passing.py::test_a_seat_that_another_order_gave_him_is_not_taken_from_him",
    ),
    bug(
        "cancelled-membership-goes-on",
        "the membership of an order that is cancelled goes on",
        Cut(cancel_order._undo, ("if membership is not None:", "if False:")),
        stories="second payment, cancelled",
    ),
    bug(
        "cancelled-twice",
        "cancelling again is not told from cancelling",
        Cut(cancel_order.cancel_order, ("if order.state is State.CANCELLED:", "if False:")),
        stories="cancelled for half",
        at=_WRITES,
        elsewhere="tests/flows/test_cancel_order.py::test_a_second_press_does_nothing",
    ),
    bug(
        "cancelled-and-still-confirmed-by-mail",
        "a confirmation that was not sent yet is sent although its order is cancelled",
        Cut(compose_email.is_true, ("order.confirmed or email.kind not in OF_CONFIRMED", "True")),
        stories="cancelled for half",
        elsewhere="tests/flows/test_cancel_order.py::test_what_was_not_yet_told_is_not_told_any_more",
    ),
    bug(
        "cancelled-untold",
        "nobody is told that his order is cancelled",
        Cut(cancel_order._tell, ("for each in outbox:\n        unit.emails.add(each)", "outbox.clear()")),
        stories="cancelled for half",
    ),
)
