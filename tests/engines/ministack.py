"""DynamoDB as the emulator ministack plays it, on a free port."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from devstack.emulator import HOST, start_emulator

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@contextmanager
def ministack() -> Iterator[str]:
    """The address of an emulator that is stopped afterwards."""
    emulator = start_emulator(port=_free_port())
    try:
        yield emulator.url
    finally:
        emulator.stop()


def ministack_client(url: str, **settings: Any) -> "DynamoDBClient":
    settings = {"retries": {"mode": "standard", "total_max_attempts": 1}, "max_pool_connections": 64, **settings}
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="eu-central-1",
        aws_access_key_id="ministack",
        aws_secret_access_key="ministack",
        config=Config(**settings),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
