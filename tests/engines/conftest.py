"""The engines that the tests of this room compare."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.engines.calls import TABLE
from tests.engines.locked_moto import locked_moto
from tests.engines.memory import MemoryDynamoDB
from tests.engines.ministack import ministack, ministack_client

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="package")
def ministack_url() -> Iterator[str]:
    with ministack() as url:
        yield url


@pytest.fixture
def memory() -> MemoryDynamoDB:
    memory = MemoryDynamoDB()
    memory.client().create_table(**TABLE)
    return memory


@pytest.fixture(params=["moto", "ministack"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine that is not ours."""
    name: str = request.param
    return name


@pytest.fixture
def peer(engine: str, request: pytest.FixtureRequest) -> "Iterator[DynamoDBClient]":
    """A client of that engine, with an empty table."""
    with opened(engine, request) as client:
        yield client


@pytest.fixture(params=["memory", "moto", "ministack"])
def name(request: pytest.FixtureRequest) -> str:
    """The name of any engine."""
    name: str = request.param
    return name


@pytest.fixture
def client(name: str, request: pytest.FixtureRequest) -> "Iterator[DynamoDBClient]":
    """A client of that engine, with an empty table."""
    with opened(name, request) as client:
        yield client


@contextmanager
def opened(engine: str, request: pytest.FixtureRequest) -> "Iterator[DynamoDBClient]":
    match engine:
        case "memory":
            memory: MemoryDynamoDB = request.getfixturevalue("memory")
            yield memory.client()
        case "moto":
            with locked_moto() as client:
                client.create_table(**TABLE)
                yield client
        case _:
            client = ministack_client(request.getfixturevalue("ministack_url"))
            client.create_table(**TABLE)
            yield client
            client.delete_table(TableName=TABLE["TableName"])
