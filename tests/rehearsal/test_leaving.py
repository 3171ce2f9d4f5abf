"""Another secret, everything out, and the desk taken away: with its data kept, and with its data gone."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra import deploy, destroy, export, rotate, setup
from infra.parameters import Parameters
from infra.resources import table_name
from infra.stack import Stack
from tests.rehearsal.cloud import STAGE, Cloud, leave_a_failed_stack
from tests.rehearsal.conftest import Deployed, deploy_to

DELETE = "delete all data of loket-dev"


@pytest.fixture
def desk(empty_cloud: Cloud, package: Path, tmp_path: Path) -> Deployed:
    return deploy_to(empty_cloud, package=package, folder=tmp_path)


def answer(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """What the person at the keyboard types, in this order."""
    left = iter(words)
    monkeypatch.setattr("builtins.input", lambda _: next(left))


def endpoints(desk: Deployed) -> list[str]:
    return [each["id"] for each in desk.cloud.endpoints()]


def test_a_secret_is_rotated_without_a_deploy(desk: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = Parameters(desk.where.client("ssm"), stage=STAGE)
    before, (endpoint,) = parameters.secrets(), endpoints(desk)
    functions = desk.stack.resources("AWS::Lambda::Function").values()
    assert rotate.main(["--stage", STAGE, "STRIPE_WEBHOOK_SECRET"]) == 0
    after = parameters.secrets()
    assert after["STRIPE_WEBHOOK_SECRET"] != before["STRIPE_WEBHOOK_SECRET"]
    assert after["LOKET_SECRET_KEY"] == before["LOKET_SECRET_KEY"]
    (made,) = endpoints(desk)
    assert made != endpoint
    client = desk.where.client("lambda")
    told = {client.get_function_configuration(FunctionName=name)["Description"] for name in functions}
    assert len(told) == 1
    for name in functions:
        text = json.dumps(client.get_function_configuration(FunctionName=name), default=str)
        assert not any(secret in text for secret in [*before.values(), *after.values()])

    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_expired")
    assert rotate.main(["--stage", STAGE, "STRIPE_SECRET_KEY"]) == 1
    assert parameters.secrets() == after
    # the desk goes on, and a webhook signed with the new secret is taken
    assert deploy.main(["--stage", STAGE, "--package", str(desk.folder), "--yes"]) == 0


def test_everything_comes_out_as_json_and_csv(desk: Deployed, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dynamodb, table = desk.where.client("dynamodb"), table_name(stage=STAGE)
    row = json.loads(Path("tests/adapters/golden/buyer-3.json").read_text(encoding="utf-8"))
    dynamodb.put_item(TableName=table, Item=row)
    assert export.main(["--stage", STAGE, "--out", str(out)]) == 0
    lines = [json.loads(line) for line in (out / "table.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted(json.dumps(line, sort_keys=True) for line in lines) == sorted(
        json.dumps(item, sort_keys=True) for item in dynamodb.scan(TableName=table)["Items"]
    )
    (buyer,) = json.loads((out / "buyer.json").read_text(encoding="utf-8"))
    assert buyer["order_id"] == row["order_id"]["S"]
    with (out / "buyer.csv").open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file, delimiter=";")
    assert line["order_id"] == row["order_id"]["S"]
    assert len(list((out / "offer.csv").open(encoding="utf-8-sig"))) > 3
    for path in out.iterdir():
        assert path.stat().st_mode & 0o077 == 0, "only the one who exported may read it"


def test_a_desk_that_is_taken_away_keeps_its_data_and_gets_it_back(
    desk: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    row = json.loads(Path("tests/adapters/golden/buyer-3.json").read_text(encoding="utf-8"))
    dynamodb, table = desk.where.client("dynamodb"), table_name(stage=STAGE)
    dynamodb.put_item(TableName=table, Item=row)
    secrets = Parameters(desk.where.client("ssm"), stage=STAGE).secrets()
    bucket = desk.stack.resources("AWS::S3::Bucket")["Exports"]
    desk.where.client("s3").put_object(Bucket=bucket, Key="exports/x", Body=b"x")

    answer(monkeypatch, "loket-prod")
    assert destroy.main(["--stage", STAGE]) == 1
    assert desk.stack.state() == "CREATE_COMPLETE"
    answer(monkeypatch, "loket-dev")
    assert destroy.main(["--stage", STAGE]) == 0
    assert desk.stack.state() == ""
    assert endpoints(desk) == []
    key = {name: row[name] for name in ("pk", "sk")}
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == row

    assert deploy.main(["--stage", STAGE, "--package", str(desk.folder), "--yes"]) == 0
    assert "it is taken in, with what is in it" in capsys.readouterr().out
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == row
    assert (
        Parameters(desk.where.client("ssm"), stage=STAGE).secrets()["LOKET_SECRET_KEY"] == secrets["LOKET_SECRET_KEY"]
    )


def test_data_goes_only_when_it_is_said_twice(desk: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "loket-dev", "yes")
    assert destroy.main(["--stage", STAGE, "--data"]) == 1
    assert desk.stack.state() == "CREATE_COMPLETE"
    answer(monkeypatch, "loket-dev", DELETE)
    assert destroy.main(["--stage", STAGE, "--data"]) == 0
    assert desk.stack.state() == ""
    assert desk.where.client("dynamodb").list_tables()["TableNames"] == []
    assert desk.where.client("ssm").describe_parameters()["Parameters"] == []
    assert desk.where.client("s3").list_buckets()["Buckets"] == []
    # once more does no harm
    answer(monkeypatch, "loket-dev", DELETE)
    assert destroy.main(["--stage", STAGE, "--data"]) == 0


def test_what_a_failed_first_deploy_left_goes_too(
    empty_cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert setup.main(["--stage", STAGE, "--answers", str(empty_cloud.answers(tmp_path))]) == 0
    leave_a_failed_stack(empty_cloud)
    answer(monkeypatch, "loket-dev")
    assert destroy.main(["--stage", STAGE]) == 0
    assert empty_cloud.client("cloudformation").describe_stacks()["Stacks"] == []


def test_of_a_failed_deploy_only_what_is_there_is_looked_for() -> None:
    client: Any = boto3.client(
        "cloudformation", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    kind, when = "AWS::S3::Bucket", datetime(2027, 1, 1, tzinfo=UTC)
    common = {"ResourceType": kind, "LastUpdatedTimestamp": when}
    listed = [
        {**common, "LogicalResourceId": "There", "PhysicalResourceId": "a", "ResourceStatus": "CREATE_COMPLETE"},
        {**common, "LogicalResourceId": "Gone", "PhysicalResourceId": "b", "ResourceStatus": "DELETE_COMPLETE"},
        {**common, "LogicalResourceId": "Never", "ResourceStatus": "CREATE_FAILED"},
    ]
    with Stubber(client) as stub:
        stub.add_response("list_stack_resources", {"StackResourceSummaries": listed})
        assert Stack(client, name="x").resources(kind) == {"There": "a"}
