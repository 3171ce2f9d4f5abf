"""The packages under test: built once, by the command that everybody uses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.wheels import MACHINES
from tests.package.template import Template
from tests.package.world import World, world

PROJECT = Path(__file__).parents[2]
# stage and architecture; the first can run on most machines, the others show that the stage is not in the zip
BUILDS = (("dev", "x86_64"), ("dev", "arm64"), ("prod", "arm64"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What one run of infra.package made."""

    stage: str
    architecture: str
    archive: Path
    template: Template


type Packages = dict[tuple[str, str], Package]


@pytest.fixture(scope="package")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    folder = tmp_path_factory.mktemp("packages")
    with ThreadPoolExecutor(max_workers=2) as pool:
        built = pool.map(lambda build: _build(*build, folder=folder), BUILDS)
        return {(package.stage, package.architecture): package for package in built}


@pytest.fixture(scope="package", params=sorted(MACHINES))
def package(request: pytest.FixtureRequest, packages: Packages) -> Package:
    """The package of stage dev, for each architecture."""
    return packages["dev", request.param]


@pytest.fixture(scope="package", params=["dev", "prod"])
def template(request: pytest.FixtureRequest, packages: Packages) -> Template:
    """The template of each stage."""
    return packages[request.param, "arm64"].template


@pytest.fixture(scope="package")
def task(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip that this machine can run, unpacked to a folder that is otherwise empty."""
    folder = tmp_path_factory.mktemp("task")
    with ZipFile(packages["dev", "x86_64"].archive) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="package")
def around() -> Iterator[World]:
    """The emulator and the stand-ins."""
    with world() as everything:
        yield everything


def _build(stage: str, architecture: str, *, folder: Path) -> Package:
    out = folder / f"{stage}-{architecture}"
    words = ["--stage", stage, "--architecture", architecture, "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "infra.package", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Package(
        stage=stage,
        architecture=architecture,
        archive=out / "deployment.zip",
        template=Template(out / "sam.json"),
    )
