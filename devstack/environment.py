"""The environment of the desk on a developer's machine: settings and SDK variables, and what is in the emulated AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import boto3

from devstack.emulator import ACCESS_KEY, HOST
from infra.resources import QUEUES, TRIES, VISIBILITY_TIMEOUT, queue_name, table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

STAGE = "dev"
TABLE = "loket-dev"
EXPORT_BUCKET = "loket-dev-exports"
REGION: Final = "eu-west-1"
# What CreateTable takes; backups and deletion protection have no meaning in an emulator that forgets everything.
CREATE_TABLE = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")

STRIPE_KEY = "sk_test_stand_in"
WEBHOOK_SECRET = "whsec_stand_in"
# Who may come behind the desk of a developer's machine.
BEHEERDER = "beheer@lpb.example.nl"
MAIL_FROM = "aanmelden@notify.lpb.example.nl"
BULK_MAIL_FROM = "nieuwsbrief@nieuws.lpb.example.nl"


# Of limits only those that a suite of tests from one address does not meet, and every mail at once.
LIMITS = {
    "LOKET_LIMIT_ADDRESS": "5000/10",
    "LOKET_LIMIT_RECIPIENT": "1000/60",
    "LOKET_LIMIT_FORM": "5000/10",
    "LOKET_LIMIT_LOOKUP": "5000/10",
    "LOKET_HOLDS_ADDRESS": "2000",
    "LOKET_HOLDS_RECIPIENT": "500",
    "LOKET_MAIL_PAUSE": "0",
}


def aws_variables(*, emulator: str, mailbox: str) -> dict[str, str]:
    """The variables by which the AWS SDK finds the emulator and the SES stand-in."""
    return {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_ENDPOINT_URL_DYNAMODB": emulator,
        "AWS_ENDPOINT_URL_SQS": emulator,
        "AWS_ENDPOINT_URL_S3": emulator,
        "AWS_ENDPOINT_URL_SSM": emulator,
        "AWS_ENDPOINT_URL_SESV2": mailbox,
        # no wait for a metadata service that is not here
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def desk_variables(
    *, base_url: str, website: str, stripe: str, queues: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """The desk's settings; with the developer's own Stripe keys `given`, the real Stripe is used.

    Limits that are given go before ours, and so does whether clicks are counted.
    """
    real = given.get("STRIPE_SECRET_KEY", "") and given.get("STRIPE_WEBHOOK_SECRET", "")
    payment = (
        {name: given[name] for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")}
        if real
        else {
            "STRIPE_SECRET_KEY": STRIPE_KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_BASE": stripe,
            "LOKET_CHECKOUT_ORIGIN": stripe,
        }
    )
    limits = LIMITS | {name: given[name] for name in LIMITS if given.get(name)}
    return (
        payment
        | limits
        | {
            "LOKET_STAGE": STAGE,
            "LOKET_BASE_URL": base_url,
            "LOKET_TABLE": TABLE,
            "LOKET_EMAIL_QUEUE_URL": queues["emails"],
            "LOKET_PAYMENT_QUEUE_URL": queues["payments"],
            "LOKET_DELIVERY_QUEUE_URL": queues["deliveries"],
            # an address ends with the name of its queue
            "LOKET_EMAIL_DEAD_LETTERS_URL": f"{queues['emails']}-dead",
            "LOKET_PAYMENT_DEAD_LETTERS_URL": f"{queues['payments']}-dead",
            "LOKET_DELIVERY_DEAD_LETTERS_URL": f"{queues['deliveries']}-dead",
            "LOKET_EXPORT_BUCKET": EXPORT_BUCKET,
            "LOKET_EXPORT_ORIGIN": _origin(queues["emails"]),
            "LOKET_SECRET_KEY": "only-for-a-developers-machine-0123456789",
            # for a browser localhost and its number are two sites: the second shows what a stranger may do
            "LOKET_ALLOWED_ORIGINS": f"{website} {website.replace('localhost', '127.0.0.1')}",
            "LOKET_MAIL_FROM": MAIL_FROM,
            "LOKET_BEHEERDER": BEHEERDER,
            "LOKET_CONFIGURATION_SET": "loket-dev-transactional",
            "LOKET_BULK_MAIL_FROM": BULK_MAIL_FROM,
            "LOKET_BULK_CONFIGURATION_SET": "loket-dev-bulk",
            "LOKET_NEWSLETTER_CLICKS": given.get("LOKET_NEWSLETTER_CLICKS", "no"),
            "LOKET_ASSOCIATION_NAME": "Landelijk Platform Buurt- en wijkgericht werken",
            "LOKET_ASSOCIATION_SHORT_NAME": "LPB",
            "LOKET_ASSOCIATION_WEBSITE": website,
            "LOKET_ASSOCIATION_EMAIL": "info@lpb.example.nl",
            "LOKET_TERMS_URL": f"{website}/voorwaarden",
            "LOKET_PRIVACY_URL": f"{website}/privacy",
        }
    )


def _origin(queue_url: str) -> str:
    """The bucket is where the queues are; the emulator calls itself localhost, the SDK calls it by its number."""
    address = urlsplit(queue_url.replace("localhost", HOST))
    return f"{address.scheme}://{address.netloc}"


def create_table(client: DynamoDBClient, *, name: str) -> None:
    """The same table as in the packaged template, as far as an emulator has use for it."""
    properties = table()
    client.create_table(TableName=name, **{key: properties[key] for key in CREATE_TABLE})


def create_queues(*, visibility_timeout: int = VISIBILITY_TIMEOUT) -> dict[str, str]:
    """The queues of the desk, each with its dead-letter queue; their addresses by name."""
    client = boto3.client("sqs")
    urls = {}
    for queue in QUEUES:
        dead = client.create_queue(QueueName=f"{queue_name(queue, stage=STAGE)}-dead")["QueueUrl"]
        arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": TRIES})
        urls[queue] = client.create_queue(
            QueueName=queue_name(queue, stage=STAGE),
            Attributes={"VisibilityTimeout": str(visibility_timeout), "RedrivePolicy": redrive},
        )["QueueUrl"]
    return urls


def create_bucket() -> None:
    """The bucket that exports lie in."""
    boto3.client("s3").create_bucket(Bucket=EXPORT_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
