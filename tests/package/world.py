"""Everything around the packaged desk: table, queues, Stripe and the mail, each in its stand-in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest
import requests
from flask import Flask

from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.settings import SECRETS
from devstack import environment
from devstack.serve import HOST, serve
from devstack.ses import PostOffice, mailbox_app
from devstack.stripe import Books, close, stripe_app
from infra.parameters import Parameters
from infra.resources import configuration_set_name, stack_name, table_name
from tests.engines.ministack import ministack
from tests.package.function import Function, Json, sqs_event
from tests.package.stored import stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

DEV = "dev"
BASE_URL = "https://loket.example.nl"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What runs, as the tests see it."""

    aws: dict[str, str]
    queues: dict[str, str]
    stripe: str
    mailbox: str
    sqs: SQSClient
    dynamodb: DynamoDBClient

    @property
    def stack(self) -> dict[str, str]:
        """What the references in the template stand for here."""
        return {
            "Table": table_name(stage=DEV),
            **{f"{name.title()}Queue": url for name, url in self.queues.items()},
            **{f"{name.title()}DeadLetterQueue": f"{url}-dead" for name, url in self.queues.items()},
            "Exports": environment.EXPORT_BUCKET,
            "Exports.RegionalDomainName": f"{environment.EXPORT_BUCKET}.s3.eu-west-1.amazonaws.com",
            "ConfigurationSet": configuration_set_name("transactional", stage=DEV),
            "BulkConfigurationSet": configuration_set_name("bulk", stage=DEV),
            "AWS::StackName": stack_name(stage=DEV),
        }

    @property
    def endpoints(self) -> dict[str, str]:
        """What leads a function to the stand-ins."""
        return {**self.aws, "STRIPE_API_BASE": self.stripe, "LOKET_CHECKOUT_ORIGIN": self.stripe}

    def store(self) -> TableStore:
        """The table, to put something there that no function has put."""
        return TableStore(self.dynamodb, table=self.stack["Table"], new_token=lambda: uuid4().hex)

    def take(self, queue: str, *, least: int) -> list[Json]:
        """At least so many messages of a queue."""
        messages: list[Any] = []

        def enough() -> bool:
            answer = self.sqs.receive_message(QueueUrl=self.queues[queue], MaxNumberOfMessages=10)
            messages.extend(answer.get("Messages", []))
            return len(messages) >= least

        eventually(enough)
        return messages

    def hand_over(self, queue: str, worker: Function, *, least: int) -> Json:
        """Do what Lambda does with a queue: call its worker, and delete what did not fail."""
        messages = self.take(queue, least=least)
        answer: Json = worker.invoke(sqs_event(messages))
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for message in messages:
            if message["MessageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.queues[queue], ReceiptHandle=message["ReceiptHandle"])
        return answer

    def rows(self, sort_key: str) -> list[dict[str, Any]]:
        """All rows of one kind, or the one with this key."""
        items = self.dynamodb.scan(TableName=self.stack["Table"], ConsistentRead=True)["Items"]
        return [item for item in items if f"{item['sk']['S']}#".startswith(f"{sort_key}#")]

    def sessions(self) -> list[Json]:
        """The checkout sessions at Stripe, oldest first."""
        books = requests.get(f"{self.stripe}/_stand-in/books", timeout=5).json()
        sessions: list[Json] = books["sessions"]
        return sessions

    def pay(self, session_id: str) -> Json:
        """The buyer pays; the event, which nobody delivers."""
        address = f"{self.stripe}/_stand-in/sessions/{session_id}/pay"
        event: Json = requests.post(address, params={"webhook": "lost"}, timeout=5).json()["event"]
        return event

    def mails(self) -> list[Json]:
        mails: list[Json] = requests.get(f"{self.mailbox}/api/messages", timeout=5).json()
        return mails


def eventually(holds: Callable[[], bool], *, within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def world() -> Iterator[World]:
    """Start everything, and stop it afterwards."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        emulator = stack.enter_context(ministack())
        mail = serve(Flask("mail"), port=0)
        stack.callback(mail.shutdown)
        stripe = serve(Flask("stripe"), port=0)
        stack.callback(stripe.shutdown)
        aws = environment.aws_variables(emulator=emulator, mailbox=f"http://{HOST}:{mail.port}")
        for name, value in aws.items():
            patch.setenv(name, value)
        sqs, dynamodb = boto3.client("sqs"), boto3.client("dynamodb")
        environment.create_table(dynamodb, name=table_name(stage=DEV))
        queues = environment.create_queues()
        environment.create_bucket()
        _keep(stored(base_url=BASE_URL))
        post_office = PostOffice(
            verified=frozenset({environment.MAIL_FROM, environment.BULK_MAIL_FROM}),
            clock=_now,
            # the event destination, the topic and its subscription
            publish=lambda text: _publish(sqs, queues["deliveries"], text),
            delivery_seconds=0.03,
        )
        stack.callback(post_office.close)
        mail.app = mailbox_app(post_office=post_office)
        stripe_url = f"http://{HOST}:{stripe.port}"
        stripe.app = stand_in = stripe_app(
            books=Books(),
            webhook_url=BASE_URL,
            webhook_secret=environment.WEBHOOK_SECRET,
            api_key=environment.STRIPE_KEY,
            public_url=stripe_url,
            clock=_now,
        )
        stack.callback(close, stand_in)
        yield World(
            aws=aws,
            queues=queues,
            stripe=stripe_url,
            mailbox=aws["AWS_ENDPOINT_URL_SESV2"],
            sqs=sqs,
            dynamodb=dynamodb,
        )


def _keep(variables: dict[str, str]) -> None:
    parameters = Parameters(boto3.client("ssm"), stage=DEV)
    parameters.keep_settings({name: value for name, value in variables.items() if name not in SECRETS})
    for name in SECRETS:
        parameters.keep_secret(name, variables[name])


def _publish(sqs: SQSClient, queue_url: str, text: str) -> None:
    sqs.send_message(QueueUrl=queue_url, MessageBody=text)


def _now() -> datetime:
    return datetime.now(UTC)
