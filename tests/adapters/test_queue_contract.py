"""The contract of the queue, for the fake and for SQS on the emulator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import boto3
import pytest

from chalicelib.adapters.sqs_queue import SqsQueue, sqs_client
from chalicelib.domain.error import QueueUnavailable
from chalicelib.ports import Queue
from tests.adapters.conftest import NOWHERE
from tests.fakes.queue import FakeQueue

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_names = (f"loket-{number}" for number in itertools.count())


class Belt(Protocol):
    """A queue, its far end, and how to cut it."""

    @property
    def queue(self) -> Queue: ...

    def take(self) -> list[str]:
        """All messages that are in it."""

    def cut(self) -> None:
        """From now on nobody answers."""


@dataclass(frozen=True)
class FakeBelt:
    """The fake."""

    queue: FakeQueue

    def take(self) -> list[str]:
        return self.queue.take()

    def cut(self) -> None:
        self.queue.down = True


@dataclass(frozen=True)
class SqsBelt:
    """The real adapter, its own client and all."""

    queue: SqsQueue
    url: str
    client: SQSClient
    monkeypatch: pytest.MonkeyPatch

    def take(self) -> list[str]:
        taken: list[str] = []
        while messages := self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                taken.append(message["Body"])
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def cut(self) -> None:
        """Before the first message, since the adapter makes its client then."""
        self.monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", NOWHERE)


@pytest.fixture
def sqs(ministack_url: str, monkeypatch: pytest.MonkeyPatch, surroundings: None) -> Iterator[SqsBelt]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", ministack_url)
    client = boto3.client("sqs")
    url = client.create_queue(QueueName=next(_names))["QueueUrl"]
    yield SqsBelt(SqsQueue(url), url, client, monkeypatch)
    client.delete_queue(QueueUrl=url)


@pytest.fixture(params=["fake", "sqs"])
def belt(request: pytest.FixtureRequest) -> Belt:
    if request.param == "fake":
        return FakeBelt(FakeQueue())
    belt: Belt = request.getfixturevalue("sqs")
    return belt


def test_an_empty_queue_gives_nothing(belt: Belt) -> None:
    assert belt.take() == []


def test_every_message_comes_out_as_it_went_in(belt: Belt) -> None:
    messages = [f"confirmation-{number}" for number in range(12)]
    messages += ["Zoë van ’t Hof 👩🏽‍🌾", '{"quoted": "<b>&amp;</b>"}', " spaces \n and\tlines ", "x" * 200_000]
    for message in messages:
        belt.queue.put(message)
    assert sorted(belt.take()) == sorted(messages)
    assert belt.take() == []


def test_the_same_message_twice_is_two_messages(belt: Belt) -> None:
    for _ in range(2):
        belt.queue.put("confirmation-1")
    assert belt.take() == ["confirmation-1"] * 2


def test_a_queue_that_is_down_says_so(belt: Belt) -> None:
    belt.cut()
    with pytest.raises(QueueUnavailable):
        belt.queue.put("confirmation-1")


def test_a_queue_that_is_not_there_is_unavailable(sqs: SqsBelt) -> None:
    gone = urlunsplit(urlsplit(sqs.url)._replace(path="/000000000000/nobody"))
    with pytest.raises(QueueUnavailable):
        SqsQueue(gone).put("confirmation-1")


def test_too_large_a_message_is_unavailable_too(sqs: SqsBelt) -> None:
    with pytest.raises(QueueUnavailable):
        sqs.queue.put("x" * 2_000_000)
    assert sqs.take() == []


def test_the_queue_costs_a_visitor_a_few_seconds_at_most(sqs: SqsBelt) -> None:
    config: Any = sqs_client().meta.config
    attempts = config.retries["total_max_attempts"]
    assert (config.connect_timeout + config.read_timeout) * attempts < 10
