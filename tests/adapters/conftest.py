"""The engines and stand-ins on which the contracts run; one of each per session, emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.serving import BaseWSGIServer

from chalicelib.adapters.ses_sender import SesSender
from devstack.environment import aws_variables
from tests.adapters import mail_desk
from tests.adapters import till as tills
from tests.adapters.bench import Bench, memory_bench, served_bench
from tests.adapters.mail_desk import SesMailDesk
from tests.engines.locked_moto import locked_moto
from tests.engines.ministack import ministack

# A port of this machine where nobody answers.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="package")
def ministack_url() -> Iterator[str]:
    with ministack() as url:
        yield url


@pytest.fixture(scope="module")
def running_moto() -> Iterator[None]:
    """Per module, since it bends every HTTP call of the process; starting it makes boto3 read its models anew."""
    with locked_moto():
        yield


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Lambda sets for the SDKs, but for endpoints that lead nowhere until a test says otherwise."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "localhost,127.0.0.1")
    for name, value in aws_variables(emulator=NOWHERE, mailbox=NOWHERE).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def memory(surroundings: None) -> Iterator[Bench]:
    with memory_bench() as bench:
        yield bench


@pytest.fixture
def moto(running_moto: None, surroundings: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    # moto stands in for AWS itself, and is passed by when an endpoint is set
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    with served_bench() as bench:
        yield bench


@pytest.fixture
def ministack_table(surroundings: None, monkeypatch: pytest.MonkeyPatch, ministack_url: str) -> Iterator[Bench]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", ministack_url)
    with served_bench() as bench:
        yield bench


@pytest.fixture(params=["memory", "moto", "ministack_table"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """An empty table, of each engine in turn."""
    bench: Bench = request.getfixturevalue(request.param)
    return bench


@pytest.fixture(params=["memory", "ministack_table"])
def bench_with_tokens(request: pytest.FixtureRequest) -> Bench:
    """An empty table of each engine that remembers request tokens; moto ignores them."""
    bench: Bench = request.getfixturevalue(request.param)
    return bench


@pytest.fixture(scope="package")
def stripe_server() -> Iterator[BaseWSGIServer]:
    with tills.running_tills() as server:
        yield server


@pytest.fixture
def stripe_till(stripe_server: BaseWSGIServer) -> Iterator[tills.StripeTill]:
    with tills.stripe_till(stripe_server) as one:
        yield one


@pytest.fixture(params=[tills.FakeTill, tills.quiet_till], ids=["fake", "stripe"])
def till(request: pytest.FixtureRequest) -> tills.Till:
    """The fake, and the real adapters with the Stripe stand-in behind them, in process."""
    made: tills.Till = request.param()
    return made


@pytest.fixture(scope="package")
def ses_server() -> Iterator[BaseWSGIServer]:
    with mail_desk.running_mail_desks() as server:
        yield server


@pytest.fixture
def ses(ses_server: BaseWSGIServer, monkeypatch: pytest.MonkeyPatch, surroundings: None) -> Iterator[SesMailDesk]:
    with mail_desk.post_office_at(ses_server) as (url, post_office, events):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", url)
        sender = SesSender(mail_desk.SENDERS, client=mail_desk.hasty_client())
        yield SesMailDesk(url=url, post_office=post_office, events=events, sender=sender)
