"""One of the desk's commands, in the environment of a running `make run`.

python -m devstack.command --port 8000 chalicelib.entrypoints.import_members docs/members-example.csv
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

import boto3

from devstack import environment
from devstack.emulator import HOST, taken
from infra.resources import QUEUES, queue_name


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    if not taken(given.port + 4):
        print(f"No `make run` is running at port {given.port}: start it, or name its PORT.", file=sys.stderr)
        return 1
    _set_environment(given.port)
    code: int = importlib.import_module(given.module).main(given.arguments)
    return code


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m devstack.command", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="the first port of make run (default: 8000)")
    parser.add_argument("module", help="a module with main(arguments)")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what it is given")
    return parser.parse_args(arguments)


def _set_environment(port: int) -> None:
    """The same that devstack/__main__.py sets for the desk; both know the order of the ports."""
    desk, website, stripe = (f"http://localhost:{port + offset}" for offset in range(3))
    os.environ |= {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
    os.environ.pop("AWS_PROFILE", None)
    os.environ |= environment.aws_variables(emulator=f"http://{HOST}:{port + 4}", mailbox=f"http://{HOST}:{port + 3}")
    sqs = boto3.client("sqs")
    queues = {
        name: sqs.get_queue_url(QueueName=queue_name(name, stage=environment.STAGE))["QueueUrl"] for name in QUEUES
    }
    os.environ |= environment.desk_variables(
        base_url=desk, website=website, stripe=stripe, queues=queues, given=os.environ
    )


if __name__ == "__main__":
    sys.exit(main())
