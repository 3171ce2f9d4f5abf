"""One of the desk's commands, on this machine, with the settings of a desk that is deployed on AWS.

    python -m infra.command --stage prod chalicelib.entrypoints.import_members members.csv

Account and region are those of the AWS SDK's own variables. What the stack tells its functions is read from the
functions themselves, and the rest from the parameter store, as they do; it stays in the memory of this process. It
needs lambda:ListFunctions and ssm:GetParameters, and whatever the command itself does.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.package import stages

type Variables = dict[str, str]


class NoDesk(Exception):
    """There is not exactly one desk of that stage in the account and region."""


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    try:
        os.environ |= desk_variables(boto3.client("lambda"), stage=given.stage)
    except (NoDesk, BotoCoreError, ClientError) as error:
        print(f"The settings of stage {given.stage} cannot be read: {error}", file=sys.stderr)
        return 1
    code: int = importlib.import_module(given.module).main(given.arguments)
    return code


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.command", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    parser.add_argument("module", help="a module with main(arguments)")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what it is given")
    return parser.parse_args(arguments)


def desk_variables(client: Any, *, stage: str) -> Variables:
    """The environment that the functions of this stage share. Raises NoDesk."""
    desks: dict[str, Variables] = {}
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            variables: Variables = function.get("Environment", {}).get("Variables", {})
            if variables.get("LOKET_STAGE") == stage:
                desks[variables.get("LOKET_BASE_URL", "")] = variables
    if len(desks) != 1:
        raise NoDesk(f"{len(desks)} desks of that stage are in this account and region")
    return next(iter(desks.values()))


if __name__ == "__main__":
    sys.exit(main())
