"""An update from the release before, with all that earlier versions ever wrote in the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra import deploy, setup
from infra.account import account
from infra.release import publish
from infra.resources import stack_name, table, table_name
from infra.stack import Stack
from tests.rehearsal.cloud import STAGE, Cloud

# The template of the release before this one; whoever makes a release puts its sam.json here (CONTRIBUTING.md).
PREVIOUS = Path(__file__).with_name("previous.json")
GOLDEN = Path(__file__).parents[1] / "adapters" / "golden"
GIVEN = {
    "BaseUrl": "https://loket.example.nl",
    "MailFrom": "aanmelden@notify.lpb.example.nl",
    "SecretKey": "of-the-release-before-0123456789-0123456789",
    "StripeSecretKey": "sk_test_0123",
    "StripeWebhookSecret": "whsec_0123",
}


def test_the_release_before_becomes_this_one_and_every_row_stays(
    empty_cloud: Cloud, package: Path, tmp_path: Path
) -> None:
    there = empty_cloud
    answers = there.answers(tmp_path, LOKET_SECRET_KEY=GIVEN["SecretKey"])
    assert setup.main(["--stage", STAGE, "--answers", str(answers)]) == 0
    there.prove()
    packed = there.packed(package, tmp_path)
    _deploy_previous(there, packed=packed, folder=tmp_path)
    before = Stack(there.client("cloudformation"), name=stack_name(stage=STAGE))
    rows = _put_golden(there)
    _check_nothing_is_replaced(before, packed)

    assert deploy.main(["--stage", STAGE, "--package", str(packed), "--yes"]) == 0
    assert before.state() == "UPDATE_COMPLETE"
    now = {_key(item): item for item in _scan(there)}
    for key, row in rows.items():
        # the sum of an offer's own seats, and an offer, may have been read; none is written over
        assert now[key] == row, key
    assert before.parameters().keys() == {"MailFrom", "BulkMailFrom", "AlarmEmail", "ReserveConcurrency"}


def _deploy_previous(there: Cloud, *, packed: Path, folder: Path) -> None:
    previous = folder / "previous"
    previous.mkdir()
    (previous / "sam.json").write_bytes(PREVIOUS.read_bytes())
    (previous / "deployment.zip").symlink_to(packed / "deployment.zip")
    release = publish(account(), folder=previous, stage=STAGE)
    stack = Stack(there.client("cloudformation"), name=stack_name(stage=STAGE))
    proposal = stack.propose(template_url=release.template_url, parameters=GIVEN, tags={})
    assert proposal
    stack.carry_out(proposal, tell=lambda _: None)


def _check_nothing_is_replaced(stack: Stack, packed: Path) -> None:
    """What CloudFormation says beforehand: the table, the queues and the address in every link stay what they are."""
    release = publish(account(), folder=packed, stage=STAGE)
    given = {
        "MailFrom": GIVEN["MailFrom"],
        "BulkMailFrom": GIVEN["MailFrom"],
        "AlarmEmail": "a@example.nl",
        "ReserveConcurrency": "yes",
    }
    proposal = stack.propose(template_url=release.template_url, parameters=given, tags={})
    assert proposal
    # a deployment of the API is one picture of it, and each release makes its own
    lasting = [change for change in proposal.changes if change.kind != "AWS::ApiGateway::Deployment"]
    assert len(lasting) > 30
    assert [change for change in lasting if change.replaced or change.action == "Remove"] == []
    stack.discard(proposal)


def _put_golden(there: Cloud) -> dict[tuple[str, str], dict[str, Any]]:
    """One row of every kind in every format; what two formats put in one place is there in the last of them."""
    rows = {_key(row): row for row in map(_golden, sorted(GOLDEN.glob("*.json")))}
    assert len(rows) > 30
    for row in rows.values():
        there.client("dynamodb").put_item(TableName=table_name(stage=STAGE), Item=row)
    return rows


def _golden(path: Path) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return row


def _scan(there: Cloud) -> list[dict[str, Any]]:
    return list(there.client("dynamodb").scan(TableName=table_name(stage=STAGE), ConsistentRead=True)["Items"])


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["pk"]["S"], row["sk"]["S"]


def test_an_update_asks_no_more_of_the_indexes_than_dynamodb_gives_at_once() -> None:
    """One index is made or taken away in one update, and none changes under its name; the emulator takes anything."""
    template = json.loads(PREVIOUS.read_text(encoding="utf-8"))
    before = _indexes(template["Resources"]["Table"]["Properties"])
    after = _indexes(table())
    assert {name for name in before.keys() & after.keys() if before[name] != after[name]} == set()
    assert len(before.keys() ^ after.keys()) <= 1


def _indexes(properties: dict[str, Any]) -> dict[str, Any]:
    return {each["IndexName"]: each for each in properties["GlobalSecondaryIndexes"]}
