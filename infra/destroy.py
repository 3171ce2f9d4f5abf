"""Take a stage away from the account; what people entrusted to it stays, unless you say so twice.

    python -m infra.destroy --stage dev
    python -m infra.destroy --stage dev --data

Without --data the table, the settings and the secrets stay: make deploy takes them in again. With --data they go too,
after a second question, and nothing brings them back but what make export wrote.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from botocore.exceptions import ClientError

from infra.account import Account, account
from infra.package import stages
from infra.parameters import Parameters
from infra.progress import agrees, tell
from infra.release import bucket_name
from infra.resources import stack_name, table_name
from infra.setup import STRIPE_KEY
from infra.stack import stack_of
from infra.table import delete_table
from infra.trouble import Trouble, guarded
from infra.webhook_endpoint import WebhookEndpoints


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make destroy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    parser.add_argument("--data", action="store_true", help="the table, the settings and the secrets too")
    given = parser.parse_args(arguments)
    return guarded(lambda: destroy(stage=given.stage, data=given.data))


def destroy(*, stage: str, data: bool) -> int:
    """The exit code. Raises Trouble."""
    where, name = account(), stack_name(stage=stage)
    tell(f"AWS account {where.number}, region {where.region}, stage {stage}")
    if not agrees(f"The desk {name} will answer nobody any more.", word=name):
        print("Nothing was taken away.")
        return 1
    # the second time: before anything is done, so that nothing is half done when the answer is no
    wish = f"delete all data of {name}"
    if data and not agrees(f"Every registration, payment and mail of {name} is lost for ever.", word=wish):
        print("Nothing was taken away.")
        return 1
    parameters = Parameters(where.client("ssm"), stage=stage)
    _silence_stripe(parameters, stage=stage, home=where.home)
    stack = stack_of(where, stage=stage)
    if stack.state():
        for bucket in stack.resources("AWS::S3::Bucket").values():
            tell(f"{empty(where, bucket=bucket)} files go from {bucket}")
        stack.delete(tell=tell)
    if not data:
        tell(f"gone; table {table_name(stage=stage)} and what setup keeps are still there")
        return 0
    if delete_table(where, stage=stage):
        tell(f"table {table_name(stage=stage)} is gone")
    parameters.forget()
    _delete_bucket(where, bucket=bucket_name(where, stage=stage))
    tell("gone, with all data; the domain at SES stays, others may send from it")
    return 0


def _silence_stripe(parameters: Parameters, *, stage: str, home: str) -> None:
    """Let Stripe call nobody. A key that it does not take any more keeps nothing else from going."""
    key = parameters.secrets().get(STRIPE_KEY)
    if not key:
        return
    base = parameters.settings().get("STRIPE_API_BASE", "")
    try:
        WebhookEndpoints(key, stage=stage, home=home, api_base=base).remove_others(kept="")
    except Trouble as trouble:
        tell(f"the webhook endpoint stays: {trouble}")


def empty(where: Account, *, bucket: str) -> int:
    """Delete every file of a bucket, since one that holds any cannot go; how many there were."""
    s3, count = where.client("s3"), 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys = [{"Key": each["Key"]} for each in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
        count += len(keys)
    return count


def _delete_bucket(where: Account, *, bucket: str) -> None:
    s3, ours = where.client("s3"), {"ExpectedBucketOwner": where.number}
    try:
        s3.head_bucket(Bucket=bucket, **ours)
    except ClientError as error:
        if error.response["Error"].get("Code") != "404":
            raise
        return
    empty(where, bucket=bucket)
    s3.delete_bucket(Bucket=bucket, **ours)


if __name__ == "__main__":
    sys.exit(main())
