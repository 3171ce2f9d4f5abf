"""The queues to the workers, on SQS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.error import QueueUnavailable

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


def sqs_client() -> SQSClient:
    """A client that does not keep a visitor waiting for long."""
    return boto3.client(
        "sqs",
        config=Config(
            connect_timeout=1,
            read_timeout=3,
            retries={"mode": "standard", "total_max_attempts": 2},
            user_agent="loket/1",
        ),
    )


class SqsQueue:
    """One queue, by its address; the client is made when the first message goes out."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: SQSClient | None = None

    def put(self, message: str) -> None:
        self._client = self._client or sqs_client()
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=message)
        except (ClientError, BotoCoreError) as error:
            raise QueueUnavailable(type(error).__name__) from error
