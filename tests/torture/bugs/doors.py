"""Bugs in the doors: what Stripe and the queues bring, and what the sweep finds to do each minute."""

from __future__ import annotations

from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.adapters.stripe_gateway import Desk, StripeGateway
from chalicelib.adapters.stripe_webhook import StripeWebhook
from chalicelib.entrypoints import schedules, webhooks, workers
from chalicelib.flows import settle_payment
from tests.torture.bugs.bug import bug
from tests.torture.bugs.change import Cut

_WEBHOOK = "tests/entrypoints/test_webhook.py"
_ADAPTER = "tests/adapters/test_stripe_webhook.py"

DOORS = (
    bug(
        "webhook-unsigned",
        "whoever sends news is believed to be Stripe",
        Cut(
            StripeWebhook._verify,
            ("raise WebhookRefused(type(error).__name__) from error", "pass"),
        ),
        elsewhere="tests/adapters/test_stripe_webhook.py::test_what_is_not_signed_with_our_secret_is_refused",
    ),
    bug(
        "webhook-of-long-ago",
        "signed news may be as old as it likes",
        Cut(StripeWebhook._verify, ("abs(now.timestamp() - int(stamp[1]))", "(int(stamp[1]) - now.timestamp())")),
        elsewhere="tests/adapters/test_stripe_webhook.py::test_a_stale_message_and_one_from_the_future_are_refused",
    ),
    bug(
        "webhook-of-the-future",
        "signed news may come from the future",
        Cut(StripeWebhook._verify, ("abs(now.timestamp() - int(stamp[1]))", "(now.timestamp() - int(stamp[1]))")),
        elsewhere="tests/adapters/test_stripe_webhook.py::test_a_stale_message_and_one_from_the_future_are_refused",
    ),
    bug(
        "webhook-of-another-mode",
        "news of test payments counts for a live desk",
        Cut(StripeWebhook.subject_of, ("if event.livemode is not self._live:", "if False:")),
        elsewhere="tests/adapters/test_stripe_webhook.py::test_a_message_of_the_other_mode_is_refused",
    ),
    bug(
        "webhook-of-another-app",
        "news of other applications at the same account is acted upon",
        Cut(StripeWebhook._subject, ("if says_whose and not self._desk.owns(told.metadata):", "if False:")),
        elsewhere="tests/adapters/test_stripe_webhook.py::test_money_that_is_said_to_be_anothers_is_passed_over",
    ),
    bug(
        "desk-owns-everything",
        "what another application has at the same account counts as ours",
        Cut(
            Desk.owns,
            (
                "metadata is not None and all(name in metadata and metadata[name] == ours[name] for name in ours)",
                "metadata is not None",
            ),
        ),
        elsewhere="tests/adapters/test_stripe_gateway.py::test_the_session_of_another_application_is_none_of_ours",
    ),
    bug(
        "webhook-thanked-unqueued",
        "Stripe is thanked for news that is not in the queue",
        Cut(
            webhooks.stripe,
            ('return reply.data({"error": "try again"}, status=503)', 'return reply.data({"received": True})'),
        ),
        stories="membership",
        at="queue.SendMessage",
        elsewhere="tests/entrypoints/test_webhook.py::test_queue_down_makes_stripe_come_again",
    ),
    bug(
        "message-thanked-unworked",
        "a message that a worker failed at does not come again",
        Cut(workers._each, ('failed.append({"itemIdentifier": record["messageId"]})', "pass")),
        stories="membership",
        at="table stripe",
        elsewhere="tests/adapters/test_dead_letters_journey.py::test_a_payment_that_kept_failing_is_explained_offered_again_and_then_done",
    ),
    bug(
        "batch-stops-at-the-first",
        "a message that a worker fails at takes the rest of its batch along",
        Cut(
            workers._each,
            (
                'failed.append({"itemIdentifier": record["messageId"]})',
                'failed.append({"itemIdentifier": record["messageId"]})\n            break',
            ),
        ),
        stories="membership",
        at="table stripe",
        judgement="redundant: what is not reached is swept, or its message comes again; it only takes longer",
    ),
    bug(
        "news-believed-as-it-was",
        "news of a payment is taken for news of a session",
        Cut(
            settle_payment.settle_news,
            (
                "gateway.find(news_id) if news_id.startswith(PAYMENT_ID) else gateway.fetch(news_id)",
                "gateway.fetch(news_id)",
            ),
        ),
        stories="dispute lost",
    ),
    bug(
        "sweep-without-refunds",
        "the sweep makes no refunds",
        Cut(schedules.sweep, ('_each(refunds, refund, kind="refund", until=now + 2 * EMAIL_PATIENCE)', "pass")),
        stories="late money without seats",
    ),
    bug(
        "sweep-without-orders",
        "the sweep looks after no orders",
        Cut(schedules.sweep, ('_each(orders, look, kind="order", until=now + PATIENCE)', "pass")),
        stories="expired hold",
    ),
    bug(
        "sweep-without-mails",
        "the sweep sees to no mails",
        Cut(
            schedules.sweep,
            ('_each(overdue, mailroom.send, kind="email", until=now + EMAIL_PATIENCE)', "pass"),
            ('_each(emails, mailroom.see_to, kind="email", until=now + EMAIL_PATIENCE)', "pass"),
        ),
        stories="queue dead; membership",
        at="queue.SendMessage mail.SendEmail",
    ),
    bug(
        "sweep-needs-the-queue",
        "the sweep only offers mails to their queue, for ever, and sends none itself",
        Cut(schedules.sweep, ('_each(overdue, mailroom.send, kind="email", until=now + EMAIL_PATIENCE)', "pass")),
        stories="queue dead",
    ),
    bug(
        "sweep-waits-for-a-refusing-queue",
        "the sweep sends no mail itself when the queue refuses it at once",
        Cut(schedules._Mailroom.see_to, ("if self._refused:\n        self.send(email_id)", "pass")),
        stories="membership",
        at="queue.SendMessage",
        judgement=(
            "redundant: what its queue has not taken for ten minutes is sent by the sweep all the same, only later"
        ),
    ),
    bug(
        "sweep-stops-at-the-first",
        "one record that cannot be seen to stops the whole sweep",
        Cut(schedules._each, ("failed += 1", "raise")),
        stories="expired hold; late money without seats",
        at="table stripe",
        elsewhere="tests/flows/test_sweep.py::test_one_unreadable_record_stops_nothing_else",
    ),
    bug(
        "sweep-goes-on-while-busy",
        "the sweep does not give way when Stripe is busy",
        Cut(schedules._each, ("break  # visitors go first", "pass")),
        stories="expired hold; late money without seats",
        at="stripe",
        elsewhere="tests/flows/test_sweep_pages.py::test_a_busy_stripe_is_left_alone_until_the_next_run",
    ),
    bug(
        "reads-of-a-moment-ago",
        "an order's money and attendees are read as some copy has them, not as they are",
        Cut(TableStore.ledger, (", consistent=True)", ")")),
        elsewhere="tests/adapters/test_store_contract.py::test_a_noun_is_read_as_it_is_now",
    ),
    bug(
        "refund-found-not-as-it-is",
        "a refund that Stripe repeats from its memory is taken for how it is now",
        Cut(StripeGateway.refund, ("if not _replayed(refund):", "if True:")),
        stories="late money without seats",
        at="stripe.refunds.create",
        elsewhere="tests/adapters/test_stripe_refunds.py::test_a_refund_whose_answer_was_lost_is_found_by_the_same_request",
    ),
)
