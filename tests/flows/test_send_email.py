"""Send an email: claimed by one, sent once, and never forgotten."""

import pytest

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.email import LEASE, Delivery, Email, Letter, MailNews
from chalicelib.domain.error import MailPostponed, MailRejected, MailUnknown, StorageUnavailable
from chalicelib.flows.record_delivery import record_delivery
from tests.desk import Desk


@pytest.fixture
def email_id(desk: Desk) -> str:
    """The confirmation of a paid order, waiting in the outbox; its companion is taken out of the way."""
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.payments.put(order.session_id)
    desk.emails.down = True
    desk.work()
    desk.emails.down = False
    send(desk, f"welcome-{order.id}")
    desk.sender.sent.clear()
    return f"confirmation-{order.id}"


def send(desk: Desk, email_id: str) -> None:
    desk.send(email_id)


def stored(desk: Desk, email_id: str) -> Email:
    email = desk.store.unit_of_work().emails.get(email_id)
    assert email is not None
    return email


def test_it_says_what_was_ordered_paid_and_where_to_look(desk: Desk, email_id: str) -> None:
    send(desk, email_id)
    ((_, letter),) = desk.sender.sent
    order = desk.order(email_id.removeprefix("confirmation-"))
    assert letter.to == "ada@voorbeeldstad.nl"
    assert order.code in letter.subject
    for part in (letter.html, letter.text):
        assert order.code in part
        assert "€\u00a0500,00" in part
        assert desk.application.links.order(order.id, order.language) in part
        assert "Ada de Vries" in part


def test_it_is_sent_once_however_often_it_is_asked(desk: Desk, email_id: str) -> None:
    for _ in range(3):
        send(desk, email_id)
    assert desk.sender.ids() == [email_id]
    assert stored(desk, email_id).delivery is Delivery.SENT


def test_an_unknown_email_is_nobodys(desk: Desk, email_id: str) -> None:
    send(desk, "confirmation-of-nothing")
    assert desk.sender.sent == []


def test_a_definite_no_is_tried_again_after_a_pause(desk: Desk, email_id: str) -> None:
    desk.sender.failures.append(MailPostponed("TooManyRequestsException"))
    send(desk, email_id)
    assert (stored(desk, email_id).delivery, stored(desk, email_id).reason) == (
        Delivery.QUEUED,
        "TooManyRequestsException",
    )
    send(desk, email_id)
    assert desk.sender.sent == []
    desk.clock.advance(minutes=2)
    desk.sweep()
    desk.work()
    assert desk.sender.ids() == [email_id]


def test_a_refusal_for_good_is_shown_and_not_repeated(
    desk: Desk, email_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.sender.failures.append(MailRejected("MessageRejected"))
    send(desk, email_id)
    desk.clock.advance(days=1)
    desk.sweep()
    desk.work()
    assert desk.sender.sent == []
    assert stored(desk, email_id).delivery is Delivery.FAILED
    assert "email_failed" in caplog.text


def test_it_is_given_up_after_the_last_pause_and_says_so(desk: Desk, email_id: str) -> None:
    desk.sender.failures += [MailPostponed("AccountSuspendedException")] * 99
    for _ in range(99):
        desk.clock.advance(hours=5)
        desk.sweep()
        desk.work()
    assert stored(desk, email_id).delivery is Delivery.FAILED
    assert len(desk.sender.failures) == 93


def test_after_an_unknown_result_the_services_own_news_settles_it(desk: Desk, email_id: str) -> None:
    desk.sender.failures_after.append(MailUnknown("ReadTimeoutError"))
    send(desk, email_id)
    assert stored(desk, email_id).delivery is Delivery.SENDING
    news = MailNews(email_id=email_id, delivery=Delivery.SENT, message_id="m-1", reason="")
    record_delivery(news, store=desk.store, identity=desk.application.identity, now=desk.clock())
    desk.clock.advance(minutes=20)
    desk.sweep()
    desk.work()
    assert desk.sender.ids() == [email_id]
    assert stored(desk, email_id).message_id == "m-1"


def test_after_an_unknown_result_without_news_it_is_sent_again_when_the_lease_ends(desk: Desk, email_id: str) -> None:
    desk.sender.failures.append(MailUnknown("ReadTimeoutError"))
    send(desk, email_id)
    desk.clock.advance(seconds=LEASE.total_seconds() - 1)
    desk.sweep()
    desk.work()
    assert desk.sender.sent == []
    desk.clock.advance(minutes=1)
    desk.sweep()
    desk.work()
    assert desk.sender.ids() == [email_id]


def test_two_workers_with_the_same_message_send_it_once(desk: Desk, email_id: str) -> None:
    """The second one begins while the first is still sending."""

    class SlowSender:
        """Lets another worker try in the middle of sending."""

        def send(self, letter: object, *, email_id: str) -> str:
            send(desk, email_id)
            return "m-first"

    desk.send(email_id, sender=SlowSender())
    assert desk.sender.sent == []
    assert stored(desk, email_id).message_id == "m-first"


def test_repeated_late_and_unknown_news_changes_nothing(desk: Desk, email_id: str) -> None:
    send(desk, email_id)
    delivered = MailNews(email_id=email_id, delivery=Delivery.DELIVERED, message_id="m", reason="")
    record_delivery(delivered, store=desk.store, identity=desk.application.identity, now=desk.clock())
    before = desk.items()
    record_delivery(delivered, store=desk.store, identity=desk.application.identity, now=desk.clock())
    record_delivery(
        MailNews(email_id=email_id, delivery=Delivery.SENT, message_id="m", reason=""),
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    record_delivery(
        MailNews(email_id="nothing", delivery=Delivery.SENT, message_id="m", reason=""),
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    assert desk.items() == before
    record_delivery(
        MailNews(email_id=email_id, delivery=Delivery.BOUNCED, message_id="m", reason="Permanent General"),
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    assert stored(desk, email_id).delivery is Delivery.BOUNCED


def test_a_letter_that_cannot_be_composed_is_given_up_in_the_end(desk: Desk, email_id: str) -> None:
    class BrokenComposer:
        """A template with a fault in it."""

        def compose(self, *_: object, **__: object) -> Letter:
            raise KeyError("mail.confirmation.subject")

    desk.application.composer = BrokenComposer()
    messages = 0
    for _ in range(120):
        desk.clock.advance(minutes=2)
        desk.sweep()
        messages += len(desk.emails.messages)
        desk.work()
    assert stored(desk, email_id).delivery is Delivery.FAILED
    assert messages < 10, "it must not fill the dead-letter queue"


def test_a_result_that_stays_unknown_is_given_up_in_the_end(desk: Desk, email_id: str) -> None:
    desk.sender.failures_after += [MailUnknown("ReadTimeoutError")] * 99
    for _ in range(99):
        desk.clock.advance(minutes=16)
        desk.sweep()
        desk.work()
    assert stored(desk, email_id).delivery is Delivery.FAILED
    assert len(desk.sender.sent) == 6


def test_one_that_was_given_up_and_arrived_all_the_same_is_delivered(desk: Desk, email_id: str) -> None:
    desk.sender.failures_after += [MailUnknown("ReadTimeoutError")] * 9
    for _ in range(9):
        desk.clock.advance(minutes=16)
        desk.sweep()
        desk.work()
    assert stored(desk, email_id).delivery is Delivery.FAILED
    record_delivery(
        MailNews(email_id=email_id, delivery=Delivery.DELIVERED, message_id="m", reason=""),
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    assert stored(desk, email_id).delivery is Delivery.DELIVERED


def test_news_that_stopped_before_the_list_was_made_makes_it_when_it_comes_again(desk: Desk, email_id: str) -> None:
    send(desk, email_id)
    news = MailNews(email_id=email_id, delivery=Delivery.BOUNCED, message_id="m", reason="Permanent NoEmail")

    def away(**_: object) -> None:
        raise StorageUnavailable("away for a moment")

    desk.client.meta.events.register_first("before-call.dynamodb.Query", away)
    with pytest.raises(StorageUnavailable):
        record_delivery(news, store=desk.store, identity=desk.application.identity, now=desk.clock())
    desk.client.meta.events.unregister("before-call.dynamodb.Query", away)
    assert desk.store.differences() == []
    record_delivery(news, store=desk.store, identity=desk.application.identity, now=desk.clock())
    assert [each.kind for each in desk.store.differences()] == [DifferenceKind.EMAIL_FAILED]
