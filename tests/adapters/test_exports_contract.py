"""The contract of exports, for the fake and for S3 as moto and the emulator play it; and what only S3 shows."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests

from chalicelib.adapters.s3_exports import LIFE, S3Exports, s3_client
from chalicelib.domain.error import ExportUnavailable
from chalicelib.domain.export import ExportKind
from chalicelib.ports import Exports
from devstack.environment import EXPORT_BUCKET, create_bucket
from tests.adapters.conftest import NOWHERE
from tests.fakes.exports import FakeExports

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CONTENT = b"PK\x03\x04 \x00\xff \xe2\x82\xac"
NAME = "aanmeldingen-congres-2027-2026-11-26.xlsx"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a browser gets."""

    content: bytes
    name: str
    content_type: str


class Counter(Protocol):
    """A place for exports, how to fetch from it, and how to close it."""

    @property
    def exports(self) -> Exports: ...

    def fetch(self, address: str) -> Fetched: ...

    def close(self) -> None:
        """From now on nobody answers."""


@dataclass(frozen=True)
class FakeCounter:
    """The fake."""

    exports: FakeExports = field(default_factory=FakeExports)

    def fetch(self, address: str) -> Fetched:
        file = self.exports.files[address]
        return Fetched(content=file.content, name=file.name, content_type=file.content_type)

    def close(self) -> None:
        self.exports.down = True


@dataclass(frozen=True)
class S3Counter:
    """The real adapter, its own client and all."""

    exports: S3Exports
    client: S3Client
    monkeypatch: pytest.MonkeyPatch

    def fetch(self, address: str) -> Fetched:
        answer = requests.get(address, timeout=5)
        answer.raise_for_status()
        told, _, name = answer.headers["Content-Disposition"].partition("; filename=")
        assert told == "attachment"
        assert answer.headers["Cache-Control"] == "no-store"
        return Fetched(content=answer.content, name=name.strip('"'), content_type=answer.headers["Content-Type"])

    def lying(self) -> list[str]:
        listed = self.client.list_objects_v2(Bucket=EXPORT_BUCKET).get("Contents", [])
        return sorted(each["Key"] for each in listed)

    def close(self) -> None:
        """Before the first file, since the adapter makes its client then."""
        self.monkeypatch.setenv("AWS_ENDPOINT_URL_S3", NOWHERE)


def _counter(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Counter]:
    # the SDK's common session remembers the first keys, and an address is signed with them
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    create_bucket()
    tokens = itertools.count()
    client = boto3.client("s3")
    counter = S3Counter(
        S3Exports(EXPORT_BUCKET, new_token=lambda: f"token{next(tokens)}"), client=client, monkeypatch=monkeypatch
    )
    yield counter
    for key in counter.lying():
        client.delete_object(Bucket=EXPORT_BUCKET, Key=key)
    client.delete_bucket(Bucket=EXPORT_BUCKET)


@pytest.fixture
def moto_counter(running_moto: None, surroundings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Counter]:
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    yield from _counter(monkeypatch)


@pytest.fixture
def ministack_counter(ministack_url: str, surroundings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Counter]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", ministack_url)
    yield from _counter(monkeypatch)


@pytest.fixture(params=["fake", "moto_counter", "ministack_counter"])
def counter(request: pytest.FixtureRequest) -> Counter:
    if request.param == "fake":
        return FakeCounter()
    counter: Counter = request.getfixturevalue(request.param)
    return counter


@pytest.mark.parametrize("kind", ExportKind)
def test_a_file_is_fetched_as_it_was_laid_ready(counter: Counter, kind: ExportKind) -> None:
    address = counter.exports.put(CONTENT, name=NAME, kind=kind)
    assert counter.fetch(address) == Fetched(content=CONTENT, name=NAME, content_type=kind.content_type)


def test_the_same_name_twice_is_two_files(counter: Counter) -> None:
    addresses = [counter.exports.put(content, name=NAME, kind=ExportKind.XLSX) for content in (b"one", b"two")]
    assert [counter.fetch(each).content for each in addresses] == [b"one", b"two"]


def test_large_and_empty_files_are_files(counter: Counter) -> None:
    for content in (b"", bytes(range(256)) * 20_000):
        address = counter.exports.put(content, name="leden.csv", kind=ExportKind.CSV)
        assert counter.fetch(address).content == content


def test_while_nobody_answers_it_says_so(counter: Counter) -> None:
    counter.close()
    with pytest.raises(ExportUnavailable):
        counter.exports.put(CONTENT, name=NAME, kind=ExportKind.XLSX)


@pytest.mark.parametrize("name", ["", 'a".csv', "a/b.csv", "a\nb.csv", "é.csv", "A.csv", ".csv", "x" * 101])
def test_a_name_that_would_be_something_else_in_a_header_is_a_mistake_of_ours(name: str) -> None:
    with pytest.raises(AssertionError):
        S3Exports(EXPORT_BUCKET, new_token=str).put(b"", name=name, kind=ExportKind.CSV)


def test_a_bucket_that_is_not_there_is_unavailable(ministack_counter: S3Counter) -> None:
    with pytest.raises(ExportUnavailable):
        S3Exports("loket-nobody", new_token=str).put(CONTENT, name=NAME, kind=ExportKind.XLSX)


def test_each_file_lies_under_a_token_of_its_own(ministack_counter: S3Counter) -> None:
    for _ in range(2):
        ministack_counter.exports.put(CONTENT, name=NAME, kind=ExportKind.XLSX)
    assert ministack_counter.lying() == [f"exports/token0/{NAME}", f"exports/token1/{NAME}"]


def test_an_address_leads_to_one_file_as_it_is_for_five_minutes(ministack_counter: S3Counter) -> None:
    exports = ministack_counter.exports
    address, other = (exports.put(CONTENT, name=NAME, kind=ExportKind.XLSX) for _ in range(2))
    assert parse_qs(urlsplit(address).query)["X-Amz-Expires"] == [str(int(LIFE.total_seconds()))] == ["300"]
    changed = {
        "another file": address.replace("token0", "token1"),
        "another name": address.replace("attachment", "inline"),
        "a longer life": address.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"),
        "another's signature": f"{address.rpartition('=')[0]}={other.rpartition('=')[2]}",
    }
    assert {what: requests.get(each, timeout=5).status_code for what, each in changed.items()} == dict.fromkeys(
        changed, 403
    )
    assert requests.get(address, timeout=5).status_code == 200
    # it reads, and does nothing else
    assert requests.put(address, data=b"x", timeout=5).status_code == 403
    assert requests.delete(address, timeout=5).status_code == 403


def test_an_address_that_has_run_out_leads_nowhere(ministack_counter: S3Counter) -> None:
    ministack_counter.exports.put(CONTENT, name=NAME, kind=ExportKind.XLSX)
    asked = {"Bucket": EXPORT_BUCKET, "Key": f"exports/token0/{NAME}"}
    address = s3_client().generate_presigned_url("get_object", Params=asked, ExpiresIn=1)
    assert requests.get(address, timeout=5).status_code == 200
    deadline = time.monotonic() + 10
    while requests.get(address, timeout=5).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    answer = requests.get(address, timeout=5)
    assert (answer.status_code, CONTENT in answer.content) == (403, False)


@pytest.mark.parametrize("region", ["eu-west-1", "eu-central-1", "us-east-1"])
def test_an_address_is_at_the_origin_that_the_template_names(
    monkeypatch: pytest.MonkeyPatch, surroundings: None, region: str
) -> None:
    """As CloudFormation's RegionalDomainName; another host would be refused by our own pages."""
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    asked = {"Bucket": "loket-prod-exports-1a2b", "Key": "exports/x/y.csv"}
    address = urlsplit(s3_client().generate_presigned_url("get_object", Params=asked, ExpiresIn=300))
    assert (address.scheme, address.netloc) == ("https", f"loket-prod-exports-1a2b.s3.{region}.amazonaws.com")
    assert parse_qs(address.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_a_file_costs_a_visitor_some_seconds_at_most() -> None:
    config: Any = s3_client().meta.config
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] <= 12
