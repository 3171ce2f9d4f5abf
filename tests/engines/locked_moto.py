"""DynamoDB as moto plays it, in process; one lock, because moto by itself loses writes that happen together."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from moto.dynamodb.responses import DynamoHandler

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@contextmanager
def locked_moto(**settings: Any) -> "Iterator[DynamoDBClient]":
    """A client of an empty moto; the settings are botocore's Config."""
    with mock_aws(), _one_call_at_a_time():
        # whatever endpoint the environment names, moto answers in process
        own = {"ignore_configured_endpoint_urls": True, "max_pool_connections": 64}
        settings = {"retries": {"mode": "standard", "total_max_attempts": 1}, **own, **settings}
        yield boto3.client("dynamodb", region_name="eu-central-1", config=Config(**settings))


@contextmanager
def _one_call_at_a_time() -> Iterator[None]:
    gate, unguarded = RLock(), DynamoHandler.call_action

    def guarded(handler: DynamoHandler) -> Any:
        with gate:
            return unguarded(handler)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoHandler, "call_action", guarded)
        yield
