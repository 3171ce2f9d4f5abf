"""What Lambda and EventBridge do on AWS: hand messages of the queues to the workers, and wake the schedules."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types import ModuleType

    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

log = logging.getLogger(__name__)

type Handler = Callable[[dict[str, Any], object], dict[str, Any] | None]


def start_workers(module: ModuleType, *, queues: Mapping[str, str], stopping: Event) -> None:
    """One thread per queue, feeding the handler of the same name in app.py."""
    for queue, url in queues.items():
        handler = getattr(module, queue)
        Thread(target=_poll, args=(handler, url, stopping), name=f"worker-{queue}", daemon=True).start()


def start_schedule(name: str, module: ModuleType, *, every_seconds: float, stopping: Event) -> None:
    """A schedule of app.py, as often as EventBridge would."""
    handler: Handler = getattr(module, name)

    def run() -> None:
        while not stopping.wait(every_seconds):
            _guarded(name, lambda: handler(_SCHEDULED, None))

    Thread(target=run, name=f"schedule-{name}", daemon=True).start()


def _poll(handler: Handler, url: str, stopping: Event) -> None:
    client = boto3.client("sqs")
    while not stopping.is_set():
        try:
            messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=5, WaitTimeSeconds=1).get(
                "Messages", []
            )
        except (BotoCoreError, ClientError):
            stopping.wait(0.5)  # the emulator is going down, or not up yet
            continue
        if messages:
            _guarded(url.rpartition("/")[2], lambda messages=messages: _hand_over(messages, handler, client, url))  # type: ignore[misc]


def _hand_over(messages: list[MessageTypeDef], handler: Handler, client: SQSClient, url: str) -> None:
    answer = handler({"Records": [_record(message) for message in messages]}, None) or {}
    failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
    for message in messages:
        if message["MessageId"] not in failed:
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _record(message: MessageTypeDef) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }


def _guarded(name: str, work: Callable[[], object]) -> None:
    """A function that fails on Lambda is tried again and takes nothing else down; so here."""
    try:
        work()
    except Exception:
        log.exception("function_failed name=%s", name)


_SCHEDULED: dict[str, Any] = {
    "version": "0",
    "account": "000000000000",
    "region": "eu-west-1",
    "detail": {},
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "time": "1970-01-01T00:00:00Z",
    "id": "developer",
    "resources": [],
}
