"""The dead letters of the workers' queues, on SQS."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import batched
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.dead_letter import DeadLetter, WorkerQueue
from chalicelib.domain.error import QueueUnavailable

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

log = logging.getLogger(__name__)

# How long a letter that was taken is hidden from others, when nobody gives it back.
HOLD = timedelta(minutes=1)
# What SQS hands out at most, and takes back at most, in one call.
PAGE = 10
# Without a wait SQS asks only some of its servers, and an empty answer says nothing.
WAIT_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a worker takes its messages from, and where those go that it failed at."""

    work: str
    dead: str


class SqsDeadLetters:
    """All dead-letter queues of the desk; it remembers the receipts of the letters that were taken."""

    def __init__(self, queues: Mapping[WorkerQueue, Addresses], *, hold: timedelta = HOLD) -> None:
        self._queues, self._hold = queues, hold
        self._receipts: dict[str, str] = {}

    def count(self, queue: WorkerQueue) -> int:
        with _translated():
            counts = self._client.get_queue_attributes(
                QueueUrl=self._queues[queue].dead,
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])

    def take(self, queue: WorkerQueue) -> Sequence[DeadLetter]:
        with _translated():
            answer = self._client.receive_message(
                QueueUrl=self._queues[queue].dead,
                MaxNumberOfMessages=PAGE,
                VisibilityTimeout=int(self._hold.total_seconds()),
                WaitTimeSeconds=WAIT_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
        messages = answer.get("Messages", [])
        self._receipts |= {each["MessageId"]: each["ReceiptHandle"] for each in messages}
        return [_letter(each, queue) for each in messages]

    def give_back(self, letters: Sequence[DeadLetter]) -> None:
        for queue in WorkerQueue:
            mine = [each.id for each in letters if each.queue is queue and each.id in self._receipts]
            for ids in batched(mine, PAGE, strict=False):
                self._show_again(queue, ids)

    def _show_again(self, queue: WorkerQueue, ids: Sequence[str]) -> None:
        try:
            self._client.change_message_visibility_batch(
                QueueUrl=self._queues[queue].dead,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": self._receipts.pop(each), "VisibilityTimeout": 0}
                    for number, each in enumerate(ids)
                ],
            )
        except (ClientError, BotoCoreError) as error:
            # they come back by themselves when the hold is over
            log.warning("dead_letters_not_given_back queue=%s error=%s", queue.value, type(error).__name__)

    def offer_again(self, letter: DeadLetter) -> None:
        with _translated():
            self._client.send_message(QueueUrl=self._queues[letter.queue].work, MessageBody=letter.body)

    def delete(self, letter: DeadLetter) -> None:
        with _translated():
            self._client.delete_message(
                QueueUrl=self._queues[letter.queue].dead, ReceiptHandle=self._receipts[letter.id]
            )
        del self._receipts[letter.id]

    @cached_property
    def _client(self) -> SQSClient:
        return boto3.client(
            "sqs",
            config=Config(
                connect_timeout=3,
                read_timeout=WAIT_SECONDS + 5,
                retries={"mode": "standard", "total_max_attempts": 3},
                user_agent="loket/1",
            ),
        )


def _letter(message: MessageTypeDef, queue: WorkerQueue) -> DeadLetter:
    attributes = message["Attributes"]
    return DeadLetter(
        id=message["MessageId"],
        queue=queue,
        body=message["Body"],
        put_at=datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC),
        handed_out=int(attributes["ApproximateReceiveCount"]),
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise QueueUnavailable(type(error).__name__) from error
