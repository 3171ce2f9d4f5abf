"""A message's way through the workers to its dead-letter queue and back, on the emulator's own queues."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import boto3
import pytest

import app
from chalicelib import bootstrap
from chalicelib.adapters.sqs_dead_letters import Addresses, SqsDeadLetters
from chalicelib.adapters.sqs_queue import SqsQueue
from chalicelib.domain.dead_letter import DeadLetter, Explained, Matter, Redriven, WorkerQueue
from chalicelib.domain.state import State
from chalicelib.flows.explain_dead_letter import explain_dead_letter
from chalicelib.flows.look_at_dead_letters import look_at_dead_letters
from chalicelib.flows.redrive_dead_letters import redrive_dead_letters
from devstack.environment import create_queues
from devstack.lambda_ import start_workers
from infra.resources import TRIES
from tests.crash.saboteur import Crash
from tests.desk import Desk

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

PAYMENTS, EMAILS, DELIVERIES = WorkerQueue
# Five tries of a second each, and a machine that may be busy with something else.
PATIENCE = 60
HOLD = timedelta(seconds=1)


class Line:
    """A desk whose workers run, on real queues of which a message is tried again after a second."""

    def __init__(self, desk: Desk, client: SQSClient) -> None:
        self.desk, self.client = desk, client
        self.urls = create_queues(visibility_timeout=1)
        self.addresses = {
            queue: Addresses(work=self.urls[queue], dead=f"{self.urls[queue]}-dead") for queue in WorkerQueue
        }
        desk.application.emails = SqsQueue(self.urls["emails"])
        desk.application.payments = SqsQueue(self.urls["payments"])
        self.letters = SqsDeadLetters(self.addresses, hold=HOLD)

    @property
    def explain(self) -> Callable[[DeadLetter], Explained]:
        desk, application = self.desk, self.desk.application
        return partial(
            explain_dead_letter,
            store=desk.store,
            gateway=desk.gateway,
            read_news=application.read_mail_event,
            now=desk.clock(),
        )

    def put(self, queue: WorkerQueue, body: str) -> str:
        return self.client.send_message(QueueUrl=self.urls[queue], MessageBody=body)["MessageId"]

    def dead(self, queue: WorkerQueue, *, count: int = 1) -> list[Explained]:
        """So many letters, as soon as they lie there."""
        wait_until(lambda: self.letters.count(queue) >= count)
        return list(look_at_dead_letters(queue, dead_letters=self.letters, explain=self.explain))

    def redrive(self, queue: WorkerQueue, *only: str, letters: SqsDeadLetters | None = None) -> list[Redriven]:
        return list(redrive_dead_letters(queue, dead_letters=letters or self.letters, explain=self.explain, only=only))


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def line(desk: Desk, ministack_url: str, monkeypatch: pytest.MonkeyPatch, surroundings: None) -> Iterator[Line]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", ministack_url)
    with closing(boto3.client("sqs")) as client:
        line, stopping = Line(desk, client), Event()
        bootstrap.use(desk.application)
        start_workers(app, queues=line.urls, stopping=stopping)
        yield line
        stopping.set()
        for address in line.addresses.values():
            client.delete_queue(QueueUrl=address.work)
            client.delete_queue(QueueUrl=address.dead)


def test_a_payment_that_kept_failing_is_explained_offered_again_and_then_done(line: Line) -> None:
    desk = line.desk
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.gateway.silent(TRIES)
    message_id = line.put(PAYMENTS, order.session_id)

    (found,) = line.dead(PAYMENTS)
    assert desk.gateway.failures == [], "it was tried as often as was promised"
    # the log names the message by the same id
    assert (found.letter.id, found.letter.body) == (message_id, order.session_id)
    assert found.letter.handed_out == TRIES + 1
    assert (found.matter, found.becomes) == (Matter.ORDER_BEHIND, State.PAID)
    assert found.order is not None
    assert found.order.code == order.code

    (done,) = line.redrive(PAYMENTS)
    assert (done.offered, line.letters.count(PAYMENTS)) == (True, 0)
    wait_until(lambda: desk.order(order.id).state is State.PAID)
    wait_until(lambda: len(desk.sender.sent) == 2)
    # as it would have been shown if somebody else had brought the news
    assert line.explain(found.letter).matter is Matter.ORDER_UP_TO_DATE


def test_a_poisoned_message_is_left_until_it_is_named_and_then_comes_back(line: Line) -> None:
    poison = json.dumps({"eventType": 7, "mail": {"destination": ["ada@voorbeeldstad.nl"]}})
    first = line.put(DELIVERIES, poison)
    (found,) = line.dead(DELIVERIES)
    assert (found.letter.id, found.matter) == (first, Matter.UNREADABLE)
    assert [each.offered for each in line.redrive(DELIVERIES)] == [False]
    assert line.letters.count(DELIVERIES) == 1
    assert [each.offered for each in line.redrive(DELIVERIES, first)] == [True]
    (again,) = line.dead(DELIVERIES)
    assert (again.letter.body, again.letter.id != first) == (poison, True)


class Dying(SqsDeadLetters):
    """The process ends between offering again and deleting, and does nothing after that."""

    def delete(self, letter: DeadLetter) -> None:
        raise Crash

    def give_back(self, letters: Sequence[DeadLetter]) -> None:
        raise Crash


def test_a_stop_between_offering_and_deleting_loses_nothing(line: Line) -> None:
    desk = line.desk
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.gateway.silent(TRIES)
    line.put(PAYMENTS, order.session_id)
    (found,) = line.dead(PAYMENTS)

    with pytest.raises(Crash):
        line.redrive(PAYMENTS, letters=Dying(line.addresses, hold=HOLD))
    # the worker has it, and it lies here too
    wait_until(lambda: len(desk.sender.sent) == 2)
    (still,) = line.dead(PAYMENTS)
    assert (still.letter.id, still.matter) == (found.letter.id, Matter.ORDER_UP_TO_DATE)

    before = desk.items()
    assert [each.offered for each in line.redrive(PAYMENTS)] == [True]

    def idle() -> bool:
        counts = line.client.get_queue_attributes(QueueUrl=line.urls[PAYMENTS], AttributeNames=["All"])["Attributes"]
        return counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"

    wait_until(idle)
    assert (desk.items(), len(desk.sender.sent), line.letters.count(PAYMENTS)) == (before, 2, 0)
