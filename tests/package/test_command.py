"""The settings of a deployed desk, as its functions tell them."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra import command
from infra.command import NoDesk, desk_variables


def function(name: str, **variables: str) -> dict[str, Any]:
    return {"FunctionName": name, "Environment": {"Variables": variables}}


DEV = {"LOKET_STAGE": "dev", "LOKET_BASE_URL": "https://dev.example.nl", "LOKET_TABLE": "loket-dev"}
PROD = {"LOKET_STAGE": "prod", "LOKET_BASE_URL": "https://example.nl", "LOKET_TABLE": "loket-prod"}


def variables(*pages: list[dict[str, Any]], stage: str) -> dict[str, str]:
    client = boto3.client("lambda", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        for number, page in enumerate(pages):
            more = {} if number == len(pages) - 1 else {"NextMarker": str(number)}
            stub.add_response("list_functions", {"Functions": page, **more})
        return desk_variables(client, stage=stage)


def test_the_functions_of_a_stage_tell_its_settings() -> None:
    other = {"FunctionName": "somebody-elses"}
    pages = [[other, function("web", **DEV)], [function("web", **PROD), function("worker", **PROD)]]
    assert variables(*pages, stage="prod") == PROD
    assert variables(*pages, stage="dev") == DEV


def test_no_desk_or_two_of_them_is_none() -> None:
    with pytest.raises(NoDesk, match="0 desks"):
        variables([function("web", **DEV)], stage="prod")
    twin = PROD | {"LOKET_BASE_URL": "https://another.example.nl"}
    with pytest.raises(NoDesk, match="2 desks"):
        variables([function("web", **PROD), function("other", **twin)], stage="prod")


def test_without_an_account_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert command.main(["--stage", "prod", "chalicelib.entrypoints.import_members", "members.csv"]) == 1
    assert "The settings of stage prod cannot be read: You must specify a region" in capsys.readouterr().err
