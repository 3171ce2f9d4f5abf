"""The AWS account and region that a command works in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from infra.trouble import Trouble

# Personal data of people in the Netherlands stays in the European Union; others of its regions must be asked for.
REGIONS = ("eu-west-1", "eu-central-1", "eu-west-3", "eu-north-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose it is and where; `client` opens a client of one of its services."""

    number: str
    region: str
    client: Callable[[str], Any]

    @property
    def home(self) -> str:
        """What tells a desk of this account and region from one elsewhere."""
        return f"{self.number}/{self.region}"


def account() -> Account:
    """The account that the AWS SDK's own variables lead to. Raises Trouble, and what the SDK raises."""
    session: Any = boto3.Session()
    number = session.client("sts").get_caller_identity()["Account"]
    region = session.region_name or ""
    if region not in REGIONS:
        raise Trouble(
            f"region {region} lies outside the European Union, where personal data must stay. "
            f"Set AWS_DEFAULT_REGION to one of {', '.join(REGIONS)}."
        )
    clients: dict[str, Any] = {}

    def client(name: str) -> Any:
        if name not in clients:
            clients[name] = session.client(name)
        return clients[name]

    return Account(number=number, region=region, client=client)
