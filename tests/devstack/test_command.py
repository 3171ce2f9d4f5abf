"""A command of the desk at a running `make run`, and how make calls it."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.browser.stack import ROOT, free_block, running_stack

HEADING = "organisatie;kvk;domeinen;contactpersoon;e-mail;geldig tot"
MODULE = "chalicelib.entrypoints.import_members"


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_members_are_imported_at_the_desk_of_make_run(tmp_path: Path) -> None:
    until, file = datetime.now(UTC).date() + timedelta(days=100), tmp_path / "leden.csv"
    lines = [f"Gemeente Voorbeeld {number};;voorbeeld{number}.nl;;;{until}" for number in range(120)]
    file.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    with running_stack(log=tmp_path / "log.txt") as stack:
        command = ["-m", "devstack.command", "--port", str(stack.ports[0]), MODULE, str(file)]
        there = len(stack.items("membership"))
        code, said = run(*command)
        assert (code, "120 to add, 0 to change" in said) == (0, True), said
        assert len(stack.items("membership")) == there
        code, said = run(*command, "--apply")
        assert (code, "120 added, 0 changed" in said) == (0, True), said
        assert {item["domain"] for item in stack.items("domain")} >= {f"voorbeeld{number}.nl" for number in range(120)}
        code, said = run(*command, "--apply")
        assert (code, "120 the same" in said) == (0, True), said
        assert len(stack.items("membership")) == there + 120


def test_where_nothing_runs_it_says_so() -> None:
    code, said = run("-m", "devstack.command", "--port", str(free_block()), MODULE, "leden.csv")
    assert code == 1
    assert said.startswith("No `make run` is running at port ")


@pytest.mark.parametrize(
    ("given", "command"),
    [
        (["FILE=a b.csv"], f'devstack.command --port 8000 {MODULE} "a b.csv"'),
        (["FILE=a.csv", "PORT=9000", "APPLY=yes"], f'devstack.command --port 9000 {MODULE} "a.csv" --apply'),
        (["FILE=a.csv", "APPLY=no"], f'devstack.command --port 8000 {MODULE} "a.csv"'),
        (["FILE=a.csv", "STAGE=prod", "APPLY=yes"], f'infra.command --stage prod {MODULE} "a.csv" --apply'),
        (["FILE=a.csv", "STAGE=dev"], f'infra.command --stage dev {MODULE} "a.csv"'),
    ],
)
def test_a_stage_that_is_named_is_on_aws_and_nothing_is_written_without_a_yes(given: list[str], command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"STAGE", "PORT", "FILE", "APPLY"}}
    shown = subprocess.run(
        ["make", "--no-print-directory", "-n", "-o", ".venv/ready", "import-members", *given],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1].strip() == f".venv/bin/python -m {command}"
