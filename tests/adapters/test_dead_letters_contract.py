"""The contract of the dead letters, for the fake and for SQS on the emulator."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import boto3
import pytest

from chalicelib.adapters.sqs_dead_letters import Addresses, SqsDeadLetters
from chalicelib.domain.dead_letter import KEPT, DeadLetter, WorkerQueue
from chalicelib.domain.error import QueueUnavailable
from chalicelib.flows.look_at_dead_letters import take_each
from chalicelib.ports import DeadLetters
from infra.resources import FOURTEEN_DAYS, QUEUES
from tests.adapters.conftest import NOWHERE
from tests.fakes.clock import Clock
from tests.fakes.dead_letters import FakeDeadLetters

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_names = (f"pile-{number}" for number in itertools.count())
# longer than a few calls take, of which each waits a second where nothing is to be had
HOLD = timedelta(seconds=4)
PAYMENTS, EMAILS, DELIVERIES = WorkerQueue


class Pile(Protocol):
    """Dead letters, and what is around them."""

    @property
    def letters(self) -> DeadLetters: ...

    def lay(self, queue: WorkerQueue, body: str) -> str:
        """A letter is laid aside; its id."""

    def offered(self, queue: WorkerQueue) -> list[str]:
        """What is in the queue of the worker."""

    def now(self) -> datetime: ...

    def pass_hold(self) -> None:
        """So long that what is hidden shows itself again."""

    def cut(self) -> None:
        """From now on nobody answers."""


@dataclass(frozen=True)
class FakePile:
    """The fake."""

    letters: FakeDeadLetters
    clock: Clock

    def lay(self, queue: WorkerQueue, body: str) -> str:
        return self.letters.lay(queue, body)

    def offered(self, queue: WorkerQueue) -> list[str]:
        return [body for each, body in self.letters.offered if each is queue]

    def now(self) -> datetime:
        return self.clock()

    def pass_hold(self) -> None:
        self.clock.moment += HOLD

    def cut(self) -> None:
        self.letters.down = True


@dataclass(frozen=True)
class SqsPile:
    """The real adapter, its own client and all."""

    letters: SqsDeadLetters
    queues: dict[WorkerQueue, Addresses]
    client: SQSClient
    monkeypatch: pytest.MonkeyPatch

    def lay(self, queue: WorkerQueue, body: str) -> str:
        return self.client.send_message(QueueUrl=self.queues[queue].dead, MessageBody=body)["MessageId"]

    def offered(self, queue: WorkerQueue) -> list[str]:
        answer = self.client.receive_message(QueueUrl=self.queues[queue].work, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", [])]

    def now(self) -> datetime:
        return datetime.now(UTC)

    def pass_hold(self) -> None:
        until = time.monotonic() + HOLD.total_seconds() + 0.2
        while time.monotonic() < until:
            time.sleep(0.1)

    def cut(self) -> None:
        """Before the first call, since the adapter makes its client then."""
        self.monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", NOWHERE)


@pytest.fixture
def sqs(ministack_url: str, monkeypatch: pytest.MonkeyPatch, surroundings: None) -> Iterator[SqsPile]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", ministack_url)
    client = boto3.client("sqs")

    def made() -> str:
        return client.create_queue(QueueName=next(_names))["QueueUrl"]

    queues = {queue: Addresses(work=made(), dead=made()) for queue in WorkerQueue}
    yield SqsPile(SqsDeadLetters(queues, hold=HOLD), queues, client, monkeypatch)
    for each in queues.values():
        for url in (each.work, each.dead):
            client.delete_queue(QueueUrl=url)


@pytest.fixture(params=["fake", "sqs"])
def pile(request: pytest.FixtureRequest) -> Pile:
    if request.param == "fake":
        clock = Clock()
        return FakePile(FakeDeadLetters(clock=clock, hold=HOLD), clock)
    pile: Pile = request.getfixturevalue("sqs")
    return pile


def all_of(pile: Pile, queue: WorkerQueue) -> list[DeadLetter]:
    """Every letter, given back in the end."""
    return list(take_each(queue, dead_letters=pile.letters))


def test_where_nothing_lies_there_is_nothing(pile: Pile) -> None:
    for queue in WorkerQueue:
        assert (pile.letters.count(queue), list(pile.letters.take(queue))) == (0, [])


def test_a_letter_is_told_as_it_is_and_stays(pile: Pile) -> None:
    body = '{"Zoë": "van ’t Hof 👩🏽‍🌾"}\n\t<b>&amp;</b>'
    letter_id = pile.lay(DELIVERIES, body)
    for times in (1, 2, 3):
        (letter,) = all_of(pile, DELIVERIES)
        assert (letter.id, letter.queue, letter.body, letter.handed_out) == (letter_id, DELIVERIES, body, times)
        assert abs(letter.put_at - pile.now()) < timedelta(seconds=30)
        assert letter.kept_until - letter.put_at == KEPT
    assert pile.letters.count(DELIVERIES) == 1
    assert pile.letters.count(PAYMENTS) == pile.letters.count(EMAILS) == 0


def test_what_is_taken_is_hidden_but_counted_until_it_is_given_back(pile: Pile) -> None:
    pile.lay(EMAILS, "confirmation-1")
    taken = pile.letters.take(EMAILS)
    assert len(taken) == 1
    assert not pile.letters.take(EMAILS)
    assert pile.letters.count(EMAILS) == 1
    pile.letters.give_back(taken)
    assert [each.id for each in pile.letters.take(EMAILS)] == [taken[0].id]


def test_what_nobody_gives_back_comes_back_by_itself(pile: Pile) -> None:
    pile.lay(EMAILS, "confirmation-1")
    assert pile.letters.take(EMAILS)
    assert not pile.letters.take(EMAILS)
    pile.pass_hold()
    assert pile.letters.take(EMAILS)


def test_more_than_a_page_is_each_once_and_all_of_it_stays(pile: Pile) -> None:
    ids = sorted(pile.lay(PAYMENTS, f"cs_{number}") for number in range(37))
    for _ in range(2):
        assert sorted(each.id for each in all_of(pile, PAYMENTS)) == ids
    assert pile.letters.count(PAYMENTS) == 37


def test_what_is_offered_again_is_in_both_until_it_is_deleted(pile: Pile) -> None:
    pile.lay(PAYMENTS, "cs_1")
    pile.lay(EMAILS, "confirmation-1")
    (letter,) = pile.letters.take(PAYMENTS)
    pile.letters.offer_again(letter)
    assert pile.letters.count(PAYMENTS) == 1
    pile.letters.delete(letter)
    assert pile.letters.count(PAYMENTS) == 0
    assert pile.offered(PAYMENTS) == ["cs_1"]
    assert pile.offered(EMAILS) == []
    assert pile.letters.count(EMAILS) == 1


def test_giving_back_forgets_what_was_deleted(pile: Pile) -> None:
    kept = {pile.lay(PAYMENTS, f"cs_{number}") for number in range(3)}
    taken = pile.letters.take(PAYMENTS)
    pile.letters.delete(taken[0])
    pile.letters.give_back(taken)
    assert {each.id for each in all_of(pile, PAYMENTS)} == kept - {taken[0].id}


def test_where_nobody_answers_it_says_so(pile: Pile) -> None:
    pile.cut()
    letter = DeadLetter(id="x", queue=PAYMENTS, body="cs_1", put_at=pile.now(), handed_out=1)
    for call in (lambda: pile.letters.count(PAYMENTS), lambda: pile.letters.take(PAYMENTS)):
        with pytest.raises(QueueUnavailable):
            call()
    with pytest.raises(QueueUnavailable):
        pile.letters.offer_again(letter)
    pile.letters.give_back([letter])


def test_giving_back_where_nobody_answers_is_no_harm(sqs: SqsPile) -> None:
    url = sqs.client.create_queue(QueueName=next(_names))["QueueUrl"]
    letters = SqsDeadLetters({PAYMENTS: Addresses(work=url, dead=url)})
    sqs.client.send_message(QueueUrl=url, MessageBody="cs_1")
    taken = letters.take(PAYMENTS)
    sqs.client.delete_queue(QueueUrl=url)
    with pytest.raises(QueueUnavailable):
        letters.delete(taken[0])
    letters.give_back(taken)


def test_every_queue_of_the_desk_has_its_dead_letters_and_they_are_kept_as_long_as_we_say() -> None:
    names: Sequence[str] = QUEUES
    assert list(WorkerQueue) == list(names)
    assert timedelta(seconds=FOURTEEN_DAYS) == KEPT
