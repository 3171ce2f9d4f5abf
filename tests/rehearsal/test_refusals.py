"""What is not in order is told in one sentence with its remedy, before anything is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from devstack.environment import CREATE_TABLE, create_table
from infra import deploy, destroy, doctor, export, rotate, setup
from infra.resources import stack_name, table, table_name
from infra.trouble import guarded
from tests.rehearsal.cloud import STAGE, Cloud, leave_a_failed_stack

COMMANDS: dict[str, Callable[[], int]] = {
    "setup": lambda: setup.main(["--stage", STAGE, "--answers", "/dev/null"]),
    "deploy": lambda: deploy.main(["--stage", STAGE, "--yes", "--package", "nowhere"]),
    "doctor": lambda: doctor.main(["--stage", STAGE]),
    "rotate": lambda: rotate.main(["--stage", STAGE, "STRIPE_SECRET_KEY"]),
    "export": lambda: export.main(["--stage", STAGE, "--out", "nowhere"]),
    "destroy": lambda: destroy.main(["--stage", STAGE]),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account with what a test put there, and what a command said."""

    cloud: Cloud
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def set_up(self, **changes: str) -> int:
        return setup.main(["--stage", STAGE, "--answers", str(self.cloud.answers(self.folder, **changes))])

    def deploy(self) -> int:
        return deploy.main(["--stage", STAGE, "--yes", "--package", "nowhere"])

    def said(self) -> str:
        """The one sentence; a traceback would be more."""
        error = self.capsys.readouterr().err
        assert error.startswith("Stopped: "), error
        assert "Traceback" not in error
        return error.removeprefix("Stopped: ")

    def kept(self) -> list[tuple[str, str]]:
        """All that could have been changed."""
        parameters = self.cloud.client("ssm").describe_parameters()["Parameters"]
        stacks = self.cloud.client("cloudformation").describe_stacks()["Stacks"]
        buckets = self.cloud.client("s3").list_buckets()["Buckets"]
        return (
            [(each["Name"], str(each["Version"])) for each in parameters]
            + [(each["StackName"], each["StackStatus"]) for each in stacks]
            + [(each["Name"], "") for each in buckets]
        )


@pytest.fixture
def there(empty_cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Account:
    return Account(cloud=empty_cloud, folder=tmp_path, capsys=capsys)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_region_outside_the_union_is_refused(there: Account, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert COMMANDS[command]() == 1
    said = there.said()
    assert "region us-east-1 lies outside the European Union" in said
    assert "Set AWS_DEFAULT_REGION to one of eu-west-1" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_region_it_says_how_to_choose_one(
    there: Account, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert COMMANDS[command]() == 1
    assert "no region is chosen. Set AWS_DEFAULT_REGION" in there.said()


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_login_it_says_how_to_log_in(there: Account, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    assert COMMANDS[command]() == 1
    assert "AWS does not know who you are. Log in to AWS" in there.said()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredTokenException", "your login at AWS has expired. Log in to AWS"),
        ("InvalidClientTokenId", "AWS does not know your key. Log in to AWS"),
        ("AccessDenied", "your login at AWS may not do GetCallerIdentity: no. Use a role that may deploy."),
        ("Throttling", "AWS refused GetCallerIdentity: no (Throttling)."),
    ],
)
def test_what_aws_refuses_is_told_as_a_person_would(code: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    client = boto3.client("sts", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        stub.add_client_error("get_caller_identity", service_error_code=code, service_message="no")

        def ask() -> None:
            client.get_caller_identity()

        assert guarded(ask) == 1
    assert words in capsys.readouterr().err


def test_a_setting_that_is_missing_or_wrong_is_named_and_nothing_is_kept(there: Account) -> None:
    before = there.kept()
    assert there.set_up(LOKET_ASSOCIATION_NAME="", LOKET_LOGO_URL="logo.png", ALARM_EMAIL="") == 1
    said = there.said()
    for name in ("LOKET_ASSOCIATION_NAME is missing", "LOKET_LOGO_URL does not look right", "ALARM_EMAIL is missing"):
        assert name in said
    assert "nothing was changed" in said
    assert there.kept() == before


@pytest.mark.parametrize(
    ("text", "words"), [("{", "cannot be read as JSON"), ("[]", "one JSON object"), ('{"A": 1}', "one JSON object")]
)
def test_answers_that_are_no_answers_are_refused(there: Account, text: str, words: str) -> None:
    path = there.folder / "answers.json"
    path.write_text(text, encoding="utf-8")
    assert setup.main(["--stage", STAGE, "--answers", str(path)]) == 1
    assert words in there.said()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("sk_test_expired", "the Stripe key has expired"),
        ("sk_test_of_nobody", "the Stripe key is not one that Stripe knows"),
        ("pk_test_public", "STRIPE_SECRET_KEY does not look right"),
        ("sk_live_in_a_stage_for_trying", "STRIPE_SECRET_KEY does not look right"),
    ],
)
def test_a_stripe_key_that_does_not_do_is_refused_and_not_told(there: Account, key: str, words: str) -> None:
    before = there.kept()
    assert there.set_up(STRIPE_SECRET_KEY=key) == 1
    said = there.said()
    assert words in said
    assert key not in said
    assert there.kept() == before


def test_deploy_wants_setup_first(there: Account) -> None:
    assert there.deploy() == 1
    said = there.said()
    assert "LOKET_MAIL_FROM is missing" in said
    assert "LOKET_SECRET_KEY is missing" in said
    assert "Run make setup STAGE=dev first" in said


def test_deploy_wants_proof_of_the_sender(there: Account) -> None:
    assert there.set_up() == 0
    before = there.kept()
    assert there.deploy() == 1
    said = there.said()
    assert "SES has no proof yet that notify.lpb.example.nl is yours" in said
    assert "_domainkey.notify.lpb.example.nl" in said
    assert there.kept() == before


def test_deploy_looks_at_the_stripe_key_again(there: Account) -> None:
    assert there.set_up() == 0
    there.cloud.prove()
    name = f"/{stack_name(stage=STAGE)}/STRIPE_SECRET_KEY"
    there.cloud.client("ssm").put_parameter(Name=name, Value="sk_test_expired", Type="SecureString", Overwrite=True)
    before = there.kept()
    assert there.deploy() == 1
    assert "the Stripe key has expired" in there.said()
    assert there.kept() == before


def test_deploy_does_not_touch_what_a_failed_one_left(there: Account) -> None:
    assert there.set_up() == 0
    there.cloud.prove()
    leave_a_failed_stack(there.cloud)
    before = there.kept()
    assert there.deploy() == 1
    said = there.said()
    assert "is left over from a first deploy that failed (ROLLBACK_COMPLETE)" in said
    assert "take it away with make destroy" in said
    assert there.kept() == before


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("UPDATE_IN_PROGRESS", "is being changed"),
        ("DELETE_FAILED", "run make destroy again"),
        ("IMPORT_ROLLBACK_COMPLETE", "left over from a first deploy"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name loket-dev"),
    ],
)
def test_a_stack_from_which_nothing_can_be_changed_is_told(
    state: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client: Any = boto3.client(
        "cloudformation", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    from infra.stack import Stack

    with Stubber(client) as stub:
        found = {"StackName": "loket-dev", "StackStatus": state, "CreationTime": 0}
        stub.add_response("describe_stacks", {"Stacks": [found]})
        assert guarded(Stack(client, name="loket-dev").check) == 1
    assert words in capsys.readouterr().err


def test_export_does_not_write_where_something_is(there: Account) -> None:
    assert export.main(["--stage", STAGE, "--out", str(there.folder)]) == 1
    assert "is there already. Name a folder that is not." in there.said()


def test_rotate_wants_something_to_rotate(there: Account) -> None:
    assert rotate.main(["--stage", STAGE, "STRIPE_WEBHOOK_SECRET"]) == 1
    assert "nothing to rotate yet. Run make setup STAGE=dev first" in there.said()


def test_settings_that_somebody_spoilt_are_named_without_what_they_are(there: Account) -> None:
    name = f"/{stack_name(stage=STAGE)}/settings"
    there.cloud.client("ssm").put_parameter(Name=name, Value=json.dumps({"a": 1}), Type="String")
    assert there.deploy() == 1
    assert f"{name} is no JSON object of texts" in there.said()


@pytest.mark.parametrize(
    ("operation", "right"),
    [
        ("checkout.sessions.create", "Checkout Sessions: write"),
        ("refunds.create", "Refunds: write"),
        ("payment_intents.retrieve", "Payment Intents: read"),
        ("disputes.list", "Disputes: read"),
        ("balance_transactions.list", "Balance transactions: read"),
        ("payouts.list", "Payouts: read"),
        ("webhook_endpoints.update", "Webhook Endpoints: write"),
    ],
)
def test_a_key_that_lacks_a_right_is_refused_before_anything_is_kept(
    there: Account, operation: str, right: str
) -> None:
    before = there.kept()
    there.cloud.deny(operation)
    assert there.set_up() == 1
    assert f"the Stripe key lacks {right}. Give it these rights at" in there.said()
    assert there.kept() == before


OTHERS = {
    "url": "https://elsewhere.example/webhooks/stripe",
    "enabled_events[0]": "charge.refunded",
    "metadata[app]": "loket",
    "metadata[stage]": STAGE,
    "metadata[home]": "999999999999/eu-central-1",
}


def test_a_desk_of_the_same_stage_elsewhere_is_not_touched(there: Account) -> None:
    found = there.cloud.endpoints(**OTHERS)
    before = there.kept()
    assert there.set_up() == 1
    said = there.said()
    assert "a desk of stage dev in another AWS account or region (999999999999/eu-central-1) uses" in said
    assert "delete its endpoint at https://dashboard.stripe.com/webhooks" in said
    assert (there.kept(), there.cloud.endpoints()) == (before, found)


def test_a_name_that_is_no_setting_is_refused_and_no_secret_gets_among_the_settings(there: Account) -> None:
    before = there.kept()
    assert there.set_up(STRIPE_WEBHOOK_SECRET="whsec_1", LOKET_ASSOCIATION_NAM="x", LOKET_TABLE="t") == 1
    said = there.said()
    assert "has LOKET_ASSOCIATION_NAM, LOKET_TABLE, STRIPE_WEBHOOK_SECRET, of which docs/settings.md knows" in said
    assert "whsec_1" not in said
    assert there.kept() == before


def test_more_than_the_store_takes_is_told_before_anything_is_kept(there: Account) -> None:
    before = there.kept()
    assert there.set_up(LOKET_ASSOCIATION_ADDRESS="é" * 2000) == 1
    assert "all settings together are" in there.said()
    assert there.kept() == before


def test_a_lost_signing_key_is_not_made_anew_while_its_links_are_out_there(there: Account) -> None:
    create_table(there.cloud.client("dynamodb"), name=table_name(stage=STAGE))
    before = there.kept()
    assert there.set_up() == 1
    assert "table loket-dev is there, but not the key that its links are signed with" in there.said()
    assert there.kept() == before
    key = "of-the-desk-that-was-here-0123456789-0123456789"
    assert there.set_up(LOKET_SECRET_KEY=key) == 0
    kept = there.cloud.client("ssm").get_parameter(Name="/loket-dev/LOKET_SECRET_KEY", WithDecryption=True)
    assert kept["Parameter"]["Value"] == key


def test_a_table_of_another_shape_is_not_taken_in(there: Account, package: Path) -> None:
    assert there.set_up() == 0
    there.cloud.prove()
    dynamodb = there.cloud.client("dynamodb")
    shape = {name: table()[name] for name in CREATE_TABLE}
    fewer = [each for each in shape["GlobalSecondaryIndexes"] if each["IndexName"] != "list"]
    other = [
        {**each, "Projection": {"ProjectionType": "KEYS_ONLY"}} if each["IndexName"] == "edition" else each
        for each in fewer
    ]
    used = {key["AttributeName"] for each in other for key in each["KeySchema"]} | {"pk", "sk"}
    names = [each for each in shape["AttributeDefinitions"] if each["AttributeName"] in used]
    changed = {**shape, "GlobalSecondaryIndexes": other, "AttributeDefinitions": names}
    dynamodb.create_table(TableName=table_name(stage=STAGE), **changed)
    packed = there.cloud.packed(package, there.folder)
    assert deploy.main(["--stage", STAGE, "--yes", "--package", str(packed)]) == 1
    assert "it has another shape than in this version (index edition, index list)" in there.said()
    assert there.cloud.client("cloudformation").describe_stacks()["Stacks"] == []
