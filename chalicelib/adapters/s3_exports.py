"""The files of exports, in a bucket of S3 that nobody reads but by an address that runs out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.error import ExportUnavailable
from chalicelib.domain.export import ExportKind

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

FOLDER = "exports"
LIFE = timedelta(minutes=5)
# It stands between quotes in a header, and in an address.
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")


def s3_client() -> S3Client:
    """A client that does not keep somebody waiting for long."""
    return boto3.client(
        "s3",
        config=Config(
            connect_timeout=1,
            read_timeout=5,
            retries={"mode": "standard", "total_max_attempts": 2},
            user_agent="loket/1",
            signature_version="s3v4",
            # otherwise an address names no region: S3 redirects that of a young bucket, and its signature is wrong then
            s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        ),
    )


class S3Exports:
    """One bucket, by its name; the client is made when the first file is laid ready."""

    def __init__(self, bucket: str, *, new_token: Callable[[], str]) -> None:
        self._bucket, self._new_token = bucket, new_token
        self._client: S3Client | None = None

    def put(self, content: bytes, *, name: str, kind: ExportKind) -> str:
        assert _NAME.fullmatch(name), name
        key = f"{FOLDER}/{self._new_token()}/{name}"
        asked = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{name}"',
            "ResponseContentType": kind.content_type,
            "ResponseCacheControl": "no-store",
        }
        try:
            self._client = self._client or s3_client()
            self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=kind.content_type)
            return self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=int(LIFE.total_seconds()))
        except (ClientError, BotoCoreError) as error:
            raise ExportUnavailable(type(error).__name__) from error
