"""An account, a package for this machine, and a desk that is deployed from one to the other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra import deploy, setup
from infra.account import Account, account
from infra.resources import stack_name
from infra.stack import Stack
from tests.rehearsal.cloud import STAGE, Cloud, Places, cloud, places

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A desk that is there, and the account it is in."""

    cloud: Cloud
    where: Account
    folder: Path

    @property
    def stack(self) -> Stack:
        return Stack(self.where.client("cloudformation"), name=stack_name(stage=STAGE))


@pytest.fixture(scope="package")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What make package makes, for the machine that runs it here."""
    out = tmp_path_factory.mktemp("package")
    words = ["--stage", STAGE, "--architecture", "x86_64", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "infra.package", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="package")
def ground() -> Iterator[Places]:
    """Where one account comes after the other."""
    with places() as there:
        yield there


@pytest.fixture
def empty_cloud(ground: Places) -> Iterator[Cloud]:
    """An account in which nothing is yet."""
    with cloud(ground) as there:
        yield there


@pytest.fixture(scope="package")
def deployed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A desk deployed by the commands; whoever breaks something mends it again."""
    with places() as own, cloud(own) as there:
        yield deploy_to(there, package=package, folder=tmp_path_factory.mktemp("deployed"))


def deploy_to(there: Cloud, *, package: Path, folder: Path) -> Deployed:
    """Set up, prove the mail domain, and deploy."""
    assert setup.main(["--stage", STAGE, "--answers", str(there.answers(folder))]) == 0
    there.prove()
    packed = there.packed(package, folder)
    assert deploy.main(["--stage", STAGE, "--package", str(packed), "--yes"]) == 0
    return Deployed(cloud=there, where=account(), folder=packed)
