"""What the functions ask of AWS in all tests, held against their roles: nothing refused, nothing allowed in vain."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from botocore.client import BaseClient

type Grant = tuple[str, str, str]  # a function, an action of IAM, and a resource by its name in the template

POLICIES = Path(__file__).parent.parent / ".chalice"
# What was asked in this process, and in the end in all of them.
ASKED: set[Grant] = set()

# Doors that are the same for all of their calls; of the others each function of the module is one.
OF_THE_WEB = tuple(f"chalicelib.entrypoints.{room}" for room in ("public", "beheer", "webhooks"))
BY_NAME = ("chalicelib.entrypoints.workers", "chalicelib.entrypoints.schedules")
NAMES = {"retain": "retention"}

# Each part of a transaction is an action of its own.
WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}

# What no code of ours asks, and by whom it is asked.
ASKED_BY_OTHERS = {
    "sqs:ReceiveMessage": "Lambda, which reads the queues for the workers",
    "sqs:DeleteMessage": "Lambda, for what a worker did not name as failed",
    "sqs:GetQueueAttributes": "Lambda, to see how many messages wait",
    "logs:CreateLogStream": "Lambda, for what a function says",
    "logs:PutLogEvents": "Lambda, the same",
    "s3:GetObject": "a browser, by the address that we sign for it",
    "ses:SendRawEmail": "SES, which looks at this one when the content is raw (its list of actions; not seen yet)",
}


def watch(client: BaseClient | Any, *, table: str) -> None:
    """Write down what a function asks through this client of DynamoDB; what no door asks is nobody's."""

    def hear(*, params: Mapping[str, Any], model: Any, **_: object) -> None:
        if params.get("TableName", table) == table:
            note(params, service="dynamodb", operation=model.name)

    client.meta.events.register("provide-client-params.dynamodb", hear)


def note(params: Mapping[str, Any], *, service: str, operation: str) -> None:
    """Write down one call, if a function makes it."""
    if not (function := _function(sys._getframe(1))):
        return
    match service:
        case "sqs":
            name, dead, _ = params["QueueUrl"].rpartition("/")[2].partition("-dead")
            needs = {(f"sqs:{operation}", f"{name.title()}{'DeadLetter' if dead else ''}Queue")}
        case "sesv2" if operation == "GetAccount":
            needs = {("ses:GetAccount", "*")}
        case "sesv2":
            needs = {(f"ses:{operation}", "identity"), (f"ses:{operation}", "configuration-set")}
        case _:
            needs = _needs(params, operation=operation)
    ASKED.update((function, *need) for need in needs)


def _needs(params: Mapping[str, Any], *, operation: str) -> set[tuple[str, str]]:
    kinds = {kind for item in params.get("TransactItems", []) for kind in item}
    resource = f"Table/index/{params['IndexName']}" if "IndexName" in params else "Table"
    needs = {(f"dynamodb:{action}", resource) for action in ([WRITES[kind] for kind in kinds] or [operation])}
    # the roles deny this whatever else they allow
    changed = [
        params,
        *(item.get(kind, {}) for item in params.get("TransactItems", []) for kind in ("Update", "Delete")),
    ]
    if any(str(each.get("Key", {}).get("pk", "")).find("AUDIT#") >= 0 for each in changed if operation != "GetItem"):
        needs.add(("dynamodb:UpdateItem", "a row of the log"))
    return needs


def _function(frame: FrameType | None) -> str:
    """The function of the template whose door is nearest on the way to here: a test's clock may open one in another."""
    while frame:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if module.startswith(OF_THE_WEB):
            return "api_handler"
        if module in BY_NAME and (NAMES.get(name, name) in FUNCTIONS):
            return NAMES.get(name, name)
        frame = frame.f_back
    return ""


def granted() -> set[Grant]:
    """What the roles allow."""
    return {
        (function, action, resource_name(resource))
        for function in FUNCTIONS
        for statement in _policy(function)
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    }


def resource_name(resource: Mapping[str, Any] | str) -> str:
    """Which resource a policy means, as short as it is still one."""
    if isinstance(resource, str):
        return resource
    if "Fn::GetAtt" in resource:
        return str(resource["Fn::GetAtt"][0])
    text = str(resource["Fn::Sub"]).replace("AWS::StackName", "StackName")
    if text.startswith("${Table.Arn}/index/"):
        return text.replace("${Table.Arn}", "Table")
    if text == "${Exports.Arn}/exports/*":
        return "Exports/exports"
    return text.rpartition(":")[2].partition("/")[0]


def complaints(*, everything: bool) -> list[str]:
    """What a role refuses; and when all tests ran, what it allows though nobody asks for it."""
    allowed = granted()
    refused = [f"{function} may not {action} on {resource}" for function, action, resource in ASKED - allowed]
    idle = [
        f"{function} may {action} on {resource}, which no test asks for"
        for function, action, resource in allowed - ASKED
        if action not in ASKED_BY_OTHERS
    ]
    return sorted(refused) + sorted(idle if everything else [])


def _policy(function: str) -> list[dict[str, Any]]:
    text = (POLICIES / f"policy-{function}.json").read_text(encoding="utf-8")
    statements: list[dict[str, Any]] = json.loads(text)["Statement"]
    return statements


FUNCTIONS = tuple(sorted(path.stem.removeprefix("policy-") for path in POLICIES.glob("policy-*.json")))
