"""Deploy a stage: show what would change, change it, try it out, and go back when it does not work.

    python -m infra.deploy --stage prod

Needs a login at AWS (the SDK's own variables) and what make setup keeps. It looks first whether all of that is in
order; packages; lets CloudFormation say what would change, and asks; follows the change; then registers somebody who
does not exist for something that costs nothing, and erases that. When this fails it puts the release before in its
place.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.error import LoketError
from chalicelib.flows.find_offer import seed_offers
from infra.account import Account, account
from infra.functions import start_anew
from infra.mail_domain import allowance, domains, look_up
from infra.package import PROJECT, PackagingFailed, package, stages
from infra.parameters import Parameters
from infra.progress import agrees, tell
from infra.questions import ALARM_EMAIL, complaints
from infra.release import Release, good, keep_good, publish, publish_template
from infra.resources import table_name
from infra.setup import SIGNING_KEY, STRIPE_KEY, checked_endpoints, keep_endpoint, told
from infra.smoke import Desk, smoke
from infra.stack import Proposal, Stack, stack_of
from infra.table import shape_differs, table_is_there
from infra.trouble import Trouble, guarded, in_words
from infra.webhook_endpoint import WebhookEndpoints

# AWS keeps so many function runs unreserved; three are reserved, one for each schedule.
SPARE = 100
RESERVED = 3
type Before = tuple[dict[str, Any], dict[str, str]]

OF_API_GATEWAY = re.compile(r"https://[a-z0-9]+\.execute-api\.")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="make deploy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    parser.add_argument("--yes", action="store_true", help="do not ask before changing anything")
    parser.add_argument("--package", type=Path, help="a folder that make package made, instead of packaging anew")
    given = parser.parse_args(arguments)
    return guarded(lambda: deploy(stage=given.stage, folder=given.package, asked=given.yes))


def deploy(*, stage: str, folder: Path | None, asked: bool) -> int:
    """The exit code. Raises Trouble before anything is changed, or after going back."""
    where = account()
    tell(f"AWS account {where.number}, region {where.region}, stage {stage}")
    parameters = Parameters(where.client("ssm"), stage=stage)
    stack = stack_of(where, stage=stage)
    settings, endpoints = _ready(where, stack=stack, parameters=parameters, stage=stage)

    release = publish(where, folder=folder or _packaged(stage), stage=stage)
    before = good(where, stage=stage) or _running(stack)
    given = _parameters(where, settings, reserved=stack.parameters().get("ReserveConcurrency") == "yes")
    if not _adopt_table(where, stack=stack, release=release, given=given, stage=stage, asked=asked):
        print("Nothing was changed.")
        return 1
    taken_in = stack.state() == "IMPORT_COMPLETE"
    proposal = _propose(stack, release, given, stage=stage)
    if proposal is None:
        tell("nothing of the stack changes")
    else:
        print(listed(proposal), flush=True)
        if not (asked or agrees("Change this?")):
            stack.discard(proposal)
            print("Nothing else was changed." if taken_in else "Nothing was changed.")
            return 1
        stack.carry_out(proposal, tell=tell)

    try:
        base_url = _try_out(where, stack, parameters, endpoints, stage=stage)
    except (Trouble, LoketError, ClientError, BotoCoreError, KeyboardInterrupt) as failure:
        # whatever it was: what was not tried out does not stay
        raise Trouble(
            f"{in_words(failure).rstrip('.')}. {_back(where, stack, release, before, stage=stage)}"
        ) from failure
    keep_good(where, release=release, parameters=given, stage=stage)
    tell(f"deployed: {base_url}/nl; look at all of it with make doctor STAGE={stage}")
    return 0


def _try_out(where: Account, stack: Stack, parameters: Parameters, endpoints: WebhookEndpoints, *, stage: str) -> str:
    """Let Stripe find the desk, put the offers there, and register somebody; where the desk is reached."""
    base_url = base_url_of(stack, parameters)
    keep_endpoint(endpoints, parameters, base_url=base_url)
    # even when nothing changed: a run before this may have been stopped just before
    start_anew(where, stack=stack)
    desk = Desk(base_url=base_url, dynamodb=where.client("dynamodb"), table=table_name(stage=stage))
    seed_offers(store=desk.store, seeds=seed_files)
    smoke(desk)
    return base_url


def _ready(
    where: Account, *, stack: Stack, parameters: Parameters, stage: str
) -> tuple[dict[str, str], WebhookEndpoints]:
    """What is kept, once all that a deploy needs is in order. Raises Trouble."""
    stack.check()
    settings, secrets = parameters.settings(), parameters.secrets()
    missing = [name for name in (SIGNING_KEY, STRIPE_KEY) if name not in secrets]
    wrong = complaints(settings | secrets, stage=stage) + [f"{name} is missing" for name in missing]
    if not settings.get(ALARM_EMAIL):
        wrong.append(f"{ALARM_EMAIL} is missing")
    if wrong:
        raise Trouble(f"{'; '.join(wrong)}. Run make setup STAGE={stage} first.")
    endpoints = checked_endpoints(where, secrets[STRIPE_KEY], settings, stage=stage)
    domain, *others = (look_up(where.client("sesv2"), domain=each, region=where.region) for each in domains(settings))
    for other in others:
        if not other.verified:
            tell(f"SES has no proof yet that {other.name} is yours: no newsletter could leave; make doctor says more")
    if not domain.verified:
        raise Trouble(
            f"SES has no proof yet that {domain.name} is yours, so that no mail could leave. Add these records to its "
            f"DNS and wait until make doctor is green:\n{told(domain)}"
        )
    if allowance(where.client("sesv2")).sandbox:
        tell("SES still has this account in its sandbox: only verified addresses get mail")
    return settings, endpoints


def _packaged(stage: str) -> Path:
    folder = PROJECT / "build" / stage
    try:
        package(stage=stage, architecture=None, out=folder)
    except PackagingFailed as failure:
        raise Trouble(f"packaging failed: {failure}") from failure
    return folder


def _parameters(where: Account, settings: Mapping[str, str], *, reserved: bool) -> dict[str, str]:
    """What the stack must be told; whether it has `reserved` runs for its schedules already."""
    limits = where.client("lambda").get_account_settings()["AccountLimit"]
    ours = RESERVED if reserved else 0
    room = limits["UnreservedConcurrentExecutions"] + ours >= SPARE + RESERVED
    if not room:
        tell("this account may run few functions at once (ask AWS for 1,000): none are reserved for the schedules")
    return {
        "MailFrom": settings["LOKET_MAIL_FROM"],
        "BulkMailFrom": settings.get("LOKET_BULK_MAIL_FROM") or settings["LOKET_MAIL_FROM"],
        "AlarmEmail": settings[ALARM_EMAIL],
        "ReserveConcurrency": "yes" if room else "no",
    }


def _running(stack: Stack) -> Before | None:
    """What runs now, tried out or not; a table that was taken in and nothing more is nothing."""
    if stack.state() in ("", "REVIEW_IN_PROGRESS"):
        return None
    template = stack.template()
    return (template, stack.parameters()) if len(template["Resources"]) > 1 else None


def _propose(stack: Stack, release: Release, given: Mapping[str, str], *, stage: str) -> Proposal | None:
    tags = {"application": "loket", "stage": stage}
    return stack.propose(template_url=release.template_url, parameters=given, tags=tags)


def _adopt_table(
    where: Account, *, stack: Stack, release: Release, given: Mapping[str, str], stage: str, asked: bool
) -> bool:
    """A table that outlived its stack becomes the new one's, before anything else; False when somebody says no."""
    if stack.state() not in ("", "REVIEW_IN_PROGRESS") or not table_is_there(where, stage=stage):
        return True
    tell(f"table {table_name(stage=stage)} is still there from before: it is taken in, with what is in it")
    differs = shape_differs(where, release.template["Resources"]["Table"]["Properties"], stage=stage)
    if differs:
        raise Trouble(
            f"it has another shape than in this version ({', '.join(differs)}), which would stay so for ever. Deploy "
            "the version that it is from first (git log tells), and then this one."
        )
    if not (asked or agrees("Take it in?")):
        return False
    alone = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": release.template["Parameters"],
        "Resources": {"Table": release.template["Resources"]["Table"]},
    }
    shell = publish_template(where, template=alone, stage=stage)
    table = {
        "ResourceType": "AWS::DynamoDB::Table",
        "LogicalResourceId": "Table",
        "ResourceIdentifier": {"TableName": table_name(stage=stage)},
    }
    proposal = stack.propose(
        template_url=shell.template_url,
        parameters=given,
        # taking in changes nothing, tags neither; the change after it sets them
        tags={},
        adopt=[table],
    )
    if proposal:
        stack.carry_out(proposal, tell=tell)
    return True


def base_url_of(stack: Stack, parameters: Parameters) -> str:
    """Where the desk is reached: as it was set, or else the address of API Gateway, which is kept from now on."""
    settings = parameters.settings()
    chosen = settings.get("LOKET_BASE_URL", "")
    if chosen and not OF_API_GATEWAY.match(chosen):
        return chosen
    # a new stack has a new one
    address = stack.outputs()["EndpointURL"].rstrip("/")
    if address != chosen:
        parameters.keep_settings({**settings, "LOKET_BASE_URL": address})
    return address


def _back(where: Account, stack: Stack, release: Release, before: Before | None, *, stage: str) -> str:
    """Put the release before in its place; what became of that, in words."""
    if before is None:
        return "This was the first release, so there is nothing to go back to: mend it and deploy again."
    template, given = before
    if template == release.template:
        return "The release is the one that worked before, so that going back changes nothing: look at make doctor."
    tell("going back to the release before")
    proposal = _propose(stack, publish_template(where, template=template, stage=stage), given, stage=stage)
    if proposal:
        stack.carry_out(proposal, tell=tell)
    return "The release before is back in its place."


def listed(proposal: Proposal) -> str:
    """What would change, one resource on each line."""
    lines = [
        f"  {change.action:7} {change.resource:28} {change.kind}{'  REPLACED' if change.replaced else ''}"
        for change in sorted(proposal.changes, key=lambda each: (each.action, each.kind, each.resource))
    ]
    return "\n".join(lines or ["  nothing but tags or outputs"])


if __name__ == "__main__":
    sys.exit(main())
