"""A release that does not work is taken back, whoever finds out: CloudFormation or the smoke test."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from chalicelib.domain.seed import read_offer
from infra import deploy
from infra.parameters import Parameters
from infra.release import publish
from infra.resources import table_name
from infra.smoke import OFFER, Desk, smoke
from tests.rehearsal.cloud import STAGE, Places, cloud, impossible_role
from tests.rehearsal.conftest import Deployed, deploy_to


@pytest.fixture(scope="module")
def desk(ground: Places, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One for all of these, since each of them ends where it began."""
    with cloud(ground) as there:
        yield deploy_to(there, package=package, folder=tmp_path_factory.mktemp("desk"))


def spoilt(desk: Deployed, name: str, change: Any) -> Path:
    """The same package with something wrong in its template."""
    folder = desk.folder.parent / name
    shutil.copytree(desk.folder, folder)
    template = json.loads((folder / "sam.json").read_text(encoding="utf-8"))
    change(template)
    (folder / "sam.json").write_text(json.dumps(template), encoding="utf-8")
    return folder


def variables(desk: Deployed) -> dict[str, str]:
    function = desk.stack.resources("AWS::Lambda::Function")["APIHandler"]
    found = desk.where.client("lambda").get_function_configuration(FunctionName=function)
    return dict(found["Environment"]["Variables"])


def test_what_fails_the_smoke_test_is_put_back(desk: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    before = variables(desk)
    rows = _rows(desk)

    def wrong_setting(template: Any) -> None:
        template["Globals"]["Function"]["Environment"]["Variables"]["LOKET_TERMS_URL"] = "no address"

    assert deploy.main(["--stage", STAGE, "--package", str(spoilt(desk, "wrong", wrong_setting)), "--yes"]) == 1
    said = capsys.readouterr()
    assert "answers 500. The log of the function api_handler says why" in said.err
    assert "The release before is back in its place" in said.err
    assert "going back to the release before" in said.out
    assert variables(desk) == before
    assert requests.get(f"{desk.cloud.edge}/api/nl", timeout=30).status_code == 200
    # nothing of either smoke test is left
    assert _rows(desk) == rows


def test_what_cloudformation_takes_back_is_told_with_its_reason(
    desk: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    before = variables(desk)

    def impossible(template: Any) -> None:
        template["Resources"]["Extra"] = impossible_role()

    assert deploy.main(["--stage", STAGE, "--package", str(spoilt(desk, "broken", impossible)), "--yes"]) == 1
    said = capsys.readouterr().err
    assert "Stopped: CloudFormation" in said
    assert "NotPrincipal" in said
    assert variables(desk) == before
    assert desk.stack.state() in ("CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
    assert requests.get(f"{desk.cloud.edge}/api/nl", timeout=30).status_code == 200


def test_who_says_no_changes_nothing(
    desk: Deployed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, state = variables(desk), desk.stack.state()

    def more_memory(template: Any) -> None:
        template["Resources"]["Sweep"]["Properties"]["MemorySize"] = 2048

    monkeypatch.setattr("builtins.input", lambda _: "no")
    assert deploy.main(["--stage", STAGE, "--package", str(spoilt(desk, "more", more_memory))]) == 1
    said = capsys.readouterr().out
    assert "Modify  Sweep " in said
    assert said.endswith("Nothing was changed.\n")
    assert (variables(desk), desk.stack.state()) == (before, state)
    function = desk.stack.resources("AWS::Lambda::Function")["Sweep"]
    assert desk.where.client("lambda").get_function_configuration(FunctionName=function)["MemorySize"] == 1024


def test_the_same_again_changes_nothing_and_still_tries_it_out(
    desk: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["--stage", STAGE, "--package", str(desk.folder), "--yes"]) == 0
    said = capsys.readouterr().out
    assert "nothing of the stack changes" in said
    assert "its mails were sent" in said


def _rows(desk: Deployed) -> set[tuple[str, str]]:
    """All rows but the counters of limits, which go by themselves."""
    items = desk.where.client("dynamodb").scan(TableName=desk.stack.name, ConsistentRead=True)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]) for item in items if item["sk"]["S"] != "LIMIT"}


def test_what_a_smoke_test_left_that_was_stopped_goes_with_the_next(desk: Deployed) -> None:
    rows = _rows(desk)
    there = Desk(
        base_url=f"{desk.cloud.edge}/api", dynamodb=desk.where.client("dynamodb"), table=table_name(stage=STAGE)
    )
    drawn = read_offer(tomllib.loads(OFFER.read_text(encoding="utf-8")), source=OFFER.name)
    unit = there.store.unit_of_work()
    unit.offers.add(replace(drawn, id="smoke-test-0123456789ab"))
    # somebody's own, however much it is like ours
    unit.offers.add(replace(drawn, id="smoke-test-of-september"))
    unit.commit()
    smoke(there)
    assert _rows(desk) - rows == {("OFFERS", "OFFER#smoke-test-of-september")}


def test_what_fails_before_the_smoke_test_is_put_back_too(desk: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    """Stripe refuses what the new release asks of it, after the stack has changed."""
    before = variables(desk)
    parameters = Parameters(desk.where.client("ssm"), stage=STAGE)
    secret, source = parameters.secrets()["STRIPE_WEBHOOK_SECRET"], parameters.source("STRIPE_WEBHOOK_SECRET")

    def harmless(template: Any) -> None:
        template["Globals"]["Function"]["Environment"]["Variables"]["LOKET_TERMS_URL"] = "https://lpb.example.nl/new"

    # its secret is lost, so that a new endpoint must be made, which the key may not
    parameters.keep_secret("STRIPE_WEBHOOK_SECRET", secret, source="we_gone")
    desk.cloud.deny("webhook_endpoints.create")
    try:
        assert deploy.main(["--stage", STAGE, "--package", str(spoilt(desk, "new", harmless)), "--yes"]) == 1
    finally:
        desk.cloud.deny()
        parameters.keep_secret("STRIPE_WEBHOOK_SECRET", secret, source=source)
    said = capsys.readouterr().err
    assert "may not keep webhook endpoints" in said
    assert "The release before is back in its place." in said
    assert variables(desk) == before


def test_the_last_that_worked_is_known_even_when_the_one_after_was_never_tried_out(
    desk: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    before = variables(desk)

    def wrong_setting(template: Any) -> None:
        template["Globals"]["Function"]["Environment"]["Variables"]["LOKET_TERMS_URL"] = "no address"

    wrong = spoilt(desk, "stopped", wrong_setting)
    # a deploy that was stopped by force between the change and the trial
    release = publish(desk.where, folder=wrong, stage=STAGE)
    proposal = desk.stack.propose(template_url=release.template_url, parameters=desk.stack.parameters(), tags={})
    assert proposal
    desk.stack.carry_out(proposal, tell=lambda _: None)
    assert variables(desk) != before
    assert deploy.main(["--stage", STAGE, "--package", str(wrong), "--yes"]) == 1
    assert "The release before is back in its place." in capsys.readouterr().err
    assert variables(desk) == before
