"""Plays Lambda's runtime, in a process of its own: loads one handler from a folder, and calls it once per line.

    python -I -S -B runtime.py FOLDER HANDLER

Events come as lines on standard input, answers go as lines to standard output; an answer also tells which calls the AWS
SDK was asked for, and which modules came from neither the folder nor the standard library.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(aws_request_id="00000000-0000-0000-0000-000000000000", function_name="packaged")


def main() -> None:
    folder, handler = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the handler prints is its log
    sys.path.insert(0, folder)
    calls = _listen()
    module, _, name = handler.partition(".")
    function = getattr(importlib.import_module(module), name)
    for line in sys.stdin:
        try:
            outcome = {"answer": function(json.loads(line), CONTEXT)}
        except BaseException:  # noqa: BLE001  # whatever it is, the test must hear of it
            outcome = {"error": traceback.format_exc()}
        print(json.dumps(outcome | {"calls": calls, "foreign": _foreign(Path(folder))}), file=answers, flush=True)
        calls.clear()


def _listen() -> list[dict[str, Any]]:
    """The calls of the AWS SDK, as they come."""
    import boto3

    calls: list[dict[str, Any]] = []

    def note(*, params: dict[str, Any], model: Any, **_: object) -> None:
        calls.append(
            {
                "service": model.service_model.service_name,
                "operation": model.name,
                "index": params.get("IndexName", ""),
                "queue": params.get("QueueUrl", ""),
                "writes": sorted({kind for item in params.get("TransactItems", []) for kind in item}),
            }
        )

    boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    session.events.register("provide-client-params", note)
    return calls


def _foreign(folder: Path) -> list[str]:
    own = {folder, Path(os.__file__).parent}
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())} - {None, __file__}
    return sorted(file for file in files if file and own.isdisjoint(Path(file).parents))


if __name__ == "__main__":
    main()
