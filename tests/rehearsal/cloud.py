"""An AWS account to rehearse in: the emulator, and beside it SES and Stripe as the commands and the desk call them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer

from chalicelib.adapters.stripe_gateway import API_VERSION
from devstack import environment
from devstack.emulator import ACCESS_KEY
from devstack.serve import HOST, serve
from devstack.ses import PostOffice, mailbox_app
from devstack.stripe import Books, close, stripe_app
from infra.resources import stack_name
from infra.stack import Stack
from tests.engines.ministack import ministack

STAGE = "dev"
MAIL_DOMAIN = environment.MAIL_FROM.rpartition("@")[2]
_OF_ONE_CONNECTION = ("content-encoding", "content-length", "transfer-encoding", "connection", "date", "server")
ADMIN = "beheer@lpb.example.nl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """What is there, and where."""

    emulator: str
    mailbox: str
    stripe: str
    edge: str
    variables: dict[str, str]

    def client(self, service: str) -> Any:
        return boto3.client(service)  # type: ignore[call-overload]  # whichever a test needs

    def answers(self, folder: Path, **more: str) -> Path:
        """A file for make setup."""
        path = folder / "answers.json"
        path.write_text(json.dumps(self.settings() | more), encoding="utf-8")
        return path

    def settings(self) -> dict[str, str]:
        return {
            "LOKET_ASSOCIATION_NAME": "Landelijk Platform Buurt- en wijkgericht werken",
            "LOKET_ASSOCIATION_SHORT_NAME": "LPB",
            "LOKET_ASSOCIATION_WEBSITE": "https://lpb.example.nl",
            "LOKET_ASSOCIATION_EMAIL": "info@lpb.example.nl",
            "LOKET_MAIL_FROM": environment.MAIL_FROM,
            "LOKET_BEHEERDER": ADMIN,
            "ALARM_EMAIL": ADMIN,
            "LOKET_ALLOWED_ORIGINS": "https://lpb.example.nl",
            "STRIPE_SECRET_KEY": environment.STRIPE_KEY,
            # Stripe's own, but for its stand-in
            "STRIPE_API_BASE": self.stripe,
            "LOKET_CHECKOUT_ORIGIN": self.stripe,
            "LOKET_BASE_URL": f"{self.edge}/api",
        }

    def prove(self, domain: str = MAIL_DOMAIN, *, verified: bool = True) -> None:
        """Let the records of the mail domain appear in DNS."""
        answer = requests.put(f"{self.mailbox}/_stand-in/identities/{domain}", json={"verified": verified}, timeout=5)
        answer.raise_for_status()

    def put_account(self, **how: bool) -> None:
        """Let SES think of this account as it is told."""
        requests.put(f"{self.mailbox}/_stand-in/account", json=how, timeout=5).raise_for_status()

    def deny(self, *operations: str) -> None:
        """Let the Stripe key lack the rights to these operations, and have all others."""
        requests.put(f"{self.stripe}/_stand-in/denied", json=operations, timeout=5).raise_for_status()

    def endpoints(self, **made: str) -> list[dict[str, Any]]:
        """The webhook endpoints at Stripe, after one was made of these fields, if any."""
        if made:
            self._ask_stripe("POST", "", made)
        found: list[dict[str, Any]] = self._ask_stripe("GET", "", {})["data"]
        return found

    def change_endpoint(self, endpoint_id: str, **changes: str) -> None:
        self._ask_stripe("POST", f"/{endpoint_id}", changes)

    def _ask_stripe(self, method: str, path: str, fields: dict[str, str]) -> Any:
        headers = {"Authorization": f"Bearer {environment.STRIPE_KEY}", "Stripe-Version": API_VERSION}
        url = f"{self.stripe}/v1/webhook_endpoints{path}"
        answer = requests.request(method, url, data=fields or None, headers=headers, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def mails(self) -> list[dict[str, Any]]:
        mails: list[dict[str, Any]] = requests.get(f"{self.mailbox}/api/messages", timeout=5).json()
        return mails

    def packed(self, package: Path, folder: Path) -> Path:
        """A package whose functions find the stand-ins; nothing else of it is changed."""
        target = folder / "packed"
        shutil.copytree(package, target)
        template = json.loads((target / "sam.json").read_text(encoding="utf-8"))
        template["Globals"]["Function"]["Environment"]["Variables"] |= self.variables
        (target / "sam.json").write_text(json.dumps(template), encoding="utf-8")
        return target


def leave_a_failed_stack(there: Cloud) -> None:
    """A stack whose first deploy failed, as CloudFormation keeps it."""
    cloudformation, name = there.client("cloudformation"), stack_name(stage=STAGE)
    template = {"Resources": {"Broken": impossible_role()}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    stack = Stack(cloudformation, name=name)
    while stack.state().endswith("_IN_PROGRESS"):
        time.sleep(0.05)  # the emulator makes stacks in the background, as AWS does


def impossible_role() -> dict[str, Any]:
    """A resource that IAM refuses when it is to be made: whom a role trusts may not be named by who is not meant."""
    nobody = {"Effect": "Allow", "NotPrincipal": {"Service": "x"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [nobody]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The emulator and the servers in which one account comes after the other: they are slow to start and to stop."""

    emulator: str
    mail: BaseWSGIServer
    stripe: BaseWSGIServer
    edge: BaseWSGIServer


@contextmanager
def places() -> Iterator[Places]:
    with ExitStack() as stack:
        emulator = stack.enter_context(ministack())
        servers = [serve(Flask(name), port=0) for name in ("mail", "stripe", "edge")]
        for server in servers:
            stack.callback(server.shutdown)
        mail, stripe, edge = servers
        edge.app = _edge(emulator)
        yield Places(emulator=emulator, mail=mail, stripe=stripe, edge=edge)


@contextmanager
def cloud(where: Places) -> Iterator[Cloud]:
    """An account with nothing in it."""
    requests.post(f"{where.emulator}/_ministack/reset", timeout=30).raise_for_status()
    mailbox, stripe_url, edge = (f"http://{HOST}:{each.port}" for each in (where.mail, where.stripe, where.edge))
    variables = {
        "AWS_DEFAULT_REGION": environment.REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_ENDPOINT_URL": where.emulator,
        "AWS_ENDPOINT_URL_SESV2": mailbox,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.delenv("AWS_PROFILE", raising=False)
        sns = boto3.client("sns")
        post_office = PostOffice(
            verified=frozenset(), clock=_now, publish=lambda text: _tell(sns, text), delivery_seconds=0.03
        )
        stack.callback(post_office.close)
        where.mail.app = mailbox_app(post_office=post_office)
        where.stripe.app = stand_in = stripe_app(
            books=Books(),
            webhook_url="",
            webhook_secret="",
            api_key=environment.STRIPE_KEY,
            public_url=stripe_url,
            clock=_now,
            webhook_delay=0.05,
        )
        stack.callback(close, stand_in)
        yield Cloud(emulator=where.emulator, mailbox=mailbox, stripe=stripe_url, edge=edge, variables=variables)


def _edge(emulator: str) -> Flask:
    """What stands between a visitor and API Gateway: an address of ours for the one that the emulator has for it.

    Beside the path of its stage it knows nothing, as API Gateway: what is asked elsewhere is not the desk's.
    """
    app = Flask("edge", static_folder=None)
    gateway = cache(lambda: boto3.client("apigateway"))

    @app.route("/<path:path>", methods=["GET", "POST", "OPTIONS"])
    def forward(path: str) -> Response:
        stage, _, rest = path.partition("/")
        apis = [api["id"] for api in gateway().get_rest_apis()["items"]]
        if stage != "api" or not apis:
            return Response('{"message":"Forbidden"}', status=403)
        answer = requests.request(
            request.method,
            f"{emulator}/restapis/{apis[0]}/{stage}/_user_request_/{rest}",
            params=request.query_string,
            data=request.get_data(),
            headers={name: value for name, value in request.headers if name not in ("Host", "Content-Length")},
            allow_redirects=False,
            timeout=60,
        )
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OF_ONE_CONNECTION]
        return Response(answer.content, status=answer.status_code, headers=kept)

    return app


def _tell(sns: Any, text: str) -> None:
    """The event destination of the configuration set."""
    for topic in sns.list_topics()["Topics"]:
        if f":{stack_name(stage=STAGE)}-MailNewsTopic" in topic["TopicArn"]:
            sns.publish(TopicArn=topic["TopicArn"], Message=text)


def _now() -> datetime:
    return datetime.now(UTC)
