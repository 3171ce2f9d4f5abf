"""The template as CloudFormation carries it out: what two linters of others say of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.conftest import PROJECT, Deployed

CHECKOV = PROJECT / ".venv-checks" / "bin" / "checkov"
EXCEPTIONS = PROJECT / "infra" / "checkov.toml"


@pytest.fixture(scope="module")
def expanded(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    client = deployed.where.client("cloudformation")
    body = client.get_template(StackName=deployed.stack.name, TemplateStage="Processed")["TemplateBody"]
    for function in body["Resources"].values():
        if function["Type"] == "AWS::Lambda::Function":
            # what leads a function to the stand-ins, which Lambda itself would not let anybody set
            for name in deployed.cloud.variables:
                del function["Properties"]["Environment"]["Variables"][name]
    path = tmp_path_factory.mktemp("expanded") / "template.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_there_is_one_stage_and_it_is_throttled(expanded: Path) -> None:
    """SAM makes another one by itself, which Chalice's users meet as the stage "Stage"."""
    resources = json.loads(expanded.read_text(encoding="utf-8"))["Resources"].values()
    stages = [each["Properties"] for each in resources if each["Type"] == "AWS::ApiGateway::Stage"]
    assert [stage["StageName"] for stage in stages] == ["api"]
    assert stages[0]["MethodSettings"][0]["ThrottlingRateLimit"] == 100
    deployments = [each["Properties"] for each in resources if each["Type"] == "AWS::ApiGateway::Deployment"]
    assert len(deployments) == 1
    assert "StageName" not in deployments[0]


def test_cloudformation_lint_finds_no_error(expanded: Path) -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    # what SAM itself writes is warned of, such as a DependsOn too many
    words = ["--regions", "eu-west-1", "--ignore-checks", "W", "--template", str(expanded)]
    done = subprocess.run([linter, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_checkov_finds_what_is_explained_and_nothing_else(expanded: Path) -> None:
    words = ["--file", str(expanded), "--framework", "cloudformation", "--compact", "--quiet", "--output", "json"]
    done = subprocess.run([CHECKOV, *words], capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["summary"]["passed"] > 80
    assert report["summary"]["parsing_errors"] == 0
    found: dict[str, set[str]] = defaultdict(set)
    for check in report["results"]["failed_checks"]:
        found[check["check_id"]].add(check["resource"].rpartition(".")[2])
    explained = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))
    assert all(len(each["why"]) > 60 for each in explained.values())
    assert {check: set(each["where"]) for check, each in explained.items()} == found
