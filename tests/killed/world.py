"""The world around a process that is killed once: everybody goes on as in life, and asks again."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import stripe

from chalicelib.adapters import stripe_webhook
from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Order
from chalicelib.domain.reconciliation import Window, new_round
from devstack.environment import TABLE, WEBHOOK_SECRET
from devstack.stripe.event import Event
from devstack.stripe.wire import written
from tests.killed.places import Invocation, Place
from tests.killed.servers import Servers
from tests.killed.table import Books, read_books

# However often somebody asks again, one who was killed once is soon answered.
PATIENCE = 4
# Each mail is told of twice: that it went, and that it arrived.
NEWS_PER_MAIL = 2
PUT = "sqs.SendMessage"
BATCHES = {"payments": 3, "deliveries": 10, "emails": 5}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class World:
    """One case: fresh servers, a clock that can be set ahead, and at most one process that dies.

    `tells_of_mail`: whether what the mail service tells arrives; without it, only a lease ends what nobody knows.
    `bug` is one that was put in on purpose.
    """

    def __init__(
        self, servers: Servers, *, place: Place | None = None, tells_of_mail: bool = True, bug: str = ""
    ) -> None:
        self.place, self.tells_of_mail, self._bug = place, tells_of_mail, bug
        self.ahead = timedelta()
        self._news: list[str] = []
        self.around = servers.fresh(clock=self.now, tell_of_mail=self._news.append)
        self.stripe, self.mailbox = self.around.stripe, self.around.mailbox
        self._process, self._sqs = servers.process, servers.sqs
        self._dynamodb = servers.dynamodb
        self.store = TableStore(self._dynamodb, table=TABLE, new_token=lambda: uuid4().hex)
        self.played: list[Invocation] = []
        self.killed = 0
        self.complaints: list[str] = []
        # no webhook ever comes
        self.deaf = False
        # the orders that are not the visitor's
        self.others: set[str] = set()
        self._counts = False
        self._told_of, self._mails_told_of = 0, 0
        self._untold: list[Event] = []
        # asking an empty queue takes as long as work does
        self._queues_may_hold = True

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def begin(self) -> None:
        """From here on a process may die; what was before it is not the story."""
        self._counts = True

    def end(self) -> None:
        self._counts = False

    # Invocations.

    def invoke(self, name: str, act: str, **given: Any) -> Any:
        """What it answers; None when it was killed, or could not."""
        dies = None
        if self._counts:
            number = len(self.played) + 1
            if self.place is not None and self.place.invocation == number and not self.killed:
                dies = (self.place.call, self.place.side)
        report = self._process.invoke(
            {
                "act": act,
                "given": given,
                "environment": self.around.environment,
                "ahead": self.ahead.total_seconds(),
                "dies": dies,
                "bug": self._bug,
                "rehearsal": self.place is None,
            }
        )
        calls = report.get("calls", (PUT,))
        self._queues_may_hold |= PUT in calls
        if self._counts:
            self.played.append(Invocation(name=name, calls=tuple(calls)))
        if report["killed"]:
            self.killed += 1
            return None
        self.complaints += report["unexpected"]
        if report["failed"]:
            self.complaints.append(f"{name}: {report['failed']}")
            return None
        return report["answer"]

    # The visitor, and the buyer at Stripe.

    def visit(self, path: str, form: Mapping[str, str]) -> str:
        """He presses until it leads somewhere: the session to pay."""
        for _ in range(PATIENCE):
            answer = self.invoke("visitor", "post", path=path, headers=_FORM, body=urlencode(dict(form)))
            place = answer["location"] if answer else ""
            if place.startswith(self.stripe.public_url):
                return str(place.rpartition("/")[2])
        self.complaints.append("the visitor got nowhere")
        return ""

    def come_back(self, session_id: str) -> None:
        """Stripe's page leads him to ours, which he loads again when nothing comes."""
        url = urlsplit(self.stripe.books.session(session_id).asked["success_url"])
        for _ in range(PATIENCE):
            if self.invoke("return page", "get", path=f"{url.path}?{url.query}"):
                return

    def cancel(self, order: Order, *, refund_cents: int) -> None:
        """The secretariat cancels, and presses again when nothing comes."""
        for _ in range(PATIENCE):
            if self.invoke("cancel", "cancel", order_id=order.id, refund_cents=refund_cents, key="a-key-of-staff"):
                return

    # Stripe, the queues, the mail service and the clock.

    def live(self) -> None:
        """Everything that is on its way arrives, until nothing is."""
        moved = 1
        while moved:
            moved = self._bring_webhooks() + self._hand_on_news()
            if self._queues_may_hold:
                self._queues_may_hold = False
                moved += sum(self._work(queue) for queue in BATCHES)

    def wait(self, *minutes: float) -> None:
        """Time goes by, with a sweep after each while; one that was killed is followed by that of the next minute."""
        for duration in minutes:
            self.ahead += timedelta(minutes=duration)
            if not self._wake("sweep"):
                self.ahead += timedelta(minutes=1)
                self._wake("sweep")
            self.live()

    def compare(self) -> None:
        """The schedule that compares with Stripe; one that was killed is followed by that of ten minutes later."""
        if not self._wake("reconcile"):
            self.ahead += timedelta(minutes=10)
            self._wake("reconcile")
        self.live()

    def ahead_by(self, minutes: float) -> None:
        """Time goes by, and nobody wakes."""
        self.ahead += timedelta(minutes=minutes)

    def go_home(self) -> None:
        """The queues get empty, leases end, and everything is compared once more."""
        self.live()
        self.wait(16.5, 20.5)
        self.compare()
        self.wait(1)

    def _wake(self, schedule: str) -> bool:
        before = self.killed
        self.invoke(schedule, "wake", schedule=schedule, event=_SCHEDULED)
        return self.killed == before

    def _bring_webhooks(self) -> int:
        if self.deaf:
            return 0
        self.stripe.lapse()
        fresh = self.stripe.books.events_since(self._told_of)
        self._told_of += len(fresh)
        news = self._untold + [event for event in fresh if event.type in stripe_webhook.EVENTS]
        self._untold = [event for event in news if not self._tell(event)]
        return len(news)

    def _tell(self, event: Event) -> bool:
        body = written(event.as_json())
        signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, self.stripe.now())
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        answer = self.invoke("webhook", "post", path="/webhooks/stripe", headers=headers, body=body)
        return bool(answer and answer["status"] == 200)

    def _hand_on_news(self) -> int:
        """What the mail service tells goes into the queue, if it arrives."""
        mails = len(self.mailbox.messages())
        deadline = time.monotonic() + 5
        while len(self._news) < NEWS_PER_MAIL * (mails - self._mails_told_of):
            assert time.monotonic() < deadline, "the mail service says nothing"
            time.sleep(0.001)
        news, self._news[:] = list(self._news), []
        self._mails_told_of = mails
        if not self.tells_of_mail:
            return 0
        for text in news:
            self._sqs.send_message(QueueUrl=self.around.queues["deliveries"], MessageBody=text)
            self._queues_may_hold = True
        return len(news)

    def _work(self, queue: str) -> int:
        """A worker takes a batch: what it did is deleted; what it did not, or nobody knows of, comes again."""
        url = self.around.queues[queue]
        found = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=BATCHES[queue], WaitTimeSeconds=0)
        messages = found.get("Messages", [])
        if not messages:
            return 0
        records = [
            {"messageId": each["MessageId"], "receiptHandle": "", "body": each["Body"], "eventSource": "aws:sqs"}
            for each in messages
        ]
        answer = self.invoke(f"worker {queue}", "work", queue=queue, event={"Records": records})
        # there may be more, and what failed is back
        self._queues_may_hold = True
        again = {each["itemIdentifier"] for each in answer["batchItemFailures"]} if answer else None
        for each in messages:
            if again is not None and each["MessageId"] not in again:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            else:
                self._sqs.change_message_visibility(
                    QueueUrl=url, ReceiptHandle=each["ReceiptHandle"], VisibilityTimeout=0
                )
        return len(messages)

    # What is prepared, and what is looked at.

    def put_offer(self, offer: Offer) -> None:
        """Put an offer in the table, as the secretariat would."""
        unit = self.store.unit_of_work()
        unit.offers.add(offer)
        unit.commit()

    def has_compared(self) -> None:
        """A desk that has been at work: all was compared with Stripe a moment ago."""
        unit = self.store.unit_of_work()
        for window in Window:
            begun = new_round(window, now=self.now(), version=1)
            unit.rounds.add(replace(begun, phase=None, finished_at=self.now()))
        unit.commit()

    def books(self) -> Books:
        """All that lies in the table."""
        return read_books(self._dynamodb)

    def mails(self) -> Counter[str]:
        """How often each email was sent, by its id."""
        return Counter(dict(message.tags)["email"] for message in self.mailbox.messages())

    def order(self) -> Order:
        """The visitor's order."""
        [order] = [each for each in self.books().orders if each.id not in self.others]
        return order


_SCHEDULED: dict[str, Any] = json.loads(
    '{"version": "0", "account": "", "region": "", "detail": {}, "detail-type": "", "source": "", "time": "",'
    ' "id": "", "resources": []}'
)
