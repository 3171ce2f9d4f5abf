"""A release: the zip and its template, laid in a bucket of the stage where CloudFormation finds them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.account import Account
from infra.resources import stack_name

CLOSED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
GOOD = "good.json"
# The address of a function's code, wherever the template names it.
PACKED = "deployment.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The template, and where it lies."""

    template: dict[str, Any]
    template_url: str


def bucket_name(account: Account, *, stage: str) -> str:
    return f"{stack_name(stage=stage)}-artifacts-{account.number}-{account.region}"


def publish(account: Account, *, folder: Path, stage: str) -> Release:
    """Lay what make package made in the bucket, which is made when it is not there."""
    bucket = bucket_name(account, stage=stage)
    _make_bucket(account, bucket=bucket)
    archive = (folder / PACKED).read_bytes()
    key = f"{sha256(archive).hexdigest()[:32]}.zip"
    template = pointed((folder / "sam.json").read_text(encoding="utf-8"), at=f"s3://{bucket}/{key}")
    account.client("s3").put_object(Bucket=bucket, Key=key, Body=archive, **_ours(account))
    return publish_template(account, template=template, stage=stage)


def publish_template(account: Account, *, template: dict[str, Any], stage: str) -> Release:
    """Lay a template there: it is longer than CloudFormation takes in a request."""
    bucket, s3 = bucket_name(account, stage=stage), account.client("s3")
    text = json.dumps(template, indent=1)
    mark = sha256(text.encode()).hexdigest()[:32]
    s3.put_object(Bucket=bucket, Key=f"{mark}.json", Body=text.encode(), **_ours(account))
    # with its region in it: by the name that all regions share, S3 may send a reader elsewhere
    return Release(template=template, template_url=f"{s3.meta.endpoint_url}/{bucket}/{mark}.json")


def keep_good(account: Account, *, release: Release, parameters: Mapping[str, str], stage: str) -> None:
    """Write down that this one works, so that a later one that does not can give way to it."""
    text = json.dumps({"template": release.template, "parameters": dict(parameters)})
    bucket = bucket_name(account, stage=stage)
    account.client("s3").put_object(Bucket=bucket, Key=GOOD, Body=text.encode(), **_ours(account))


def good(account: Account, *, stage: str) -> tuple[dict[str, Any], dict[str, str]] | None:
    """The template and the parameters of the last one that worked."""
    s3 = account.client("s3")
    try:
        body = s3.get_object(Bucket=bucket_name(account, stage=stage), Key=GOOD, **_ours(account))["Body"].read()
    except ClientError as error:
        if error.response["Error"].get("Code") != "NoSuchKey":
            raise
        return None
    found = json.loads(body)
    return found["template"], found["parameters"]


def pointed(text: str, *, at: str) -> dict[str, Any]:
    """The template of make package, with the code where it now lies."""
    template: dict[str, Any] = json.loads(text)
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = at
    return template


def _make_bucket(account: Account, *, bucket: str) -> None:
    s3 = account.client("s3")
    try:
        s3.head_bucket(Bucket=bucket, **_ours(account))
    except ClientError as error:
        if error.response["Error"].get("Code") != "404":
            raise
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": account.region})
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=CLOSED, **_ours(account))


def _ours(account: Account) -> dict[str, str]:
    """Its name can be guessed, so that somebody else could have it."""
    return {"ExpectedBucketOwner": account.number}
