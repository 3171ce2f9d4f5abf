"""What is in the zip, and what is not."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.wheels import MACHINES
from tests.package.conftest import PROJECT, Package, Packages

OURS = {"app.py", "chalicelib", "templates", "assets"}
# Its import in email-validator is never reached: see infra/trim.py.
LEFT_OUT = {"dnspython"}
MEGABYTE = 1_000_000


def _shipped(package: Package) -> dict[str, bytes]:
    with ZipFile(package.archive) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def shipped(package: Package) -> dict[str, bytes]:
    return _shipped(package)


def test_our_own_files_are_there_as_they_are_here(shipped: dict[str, bytes]) -> None:
    here = {
        path.relative_to(PROJECT).as_posix(): path.read_bytes()
        for part in OURS
        for path in [PROJECT / part, *(PROJECT / part).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }
    there = {
        name: content
        for name, content in shipped.items()
        if name.split("/")[0] in OURS and "__pycache__" not in name.split("/")
    }
    assert there.keys() == here.keys()
    assert [name for name in here if here[name] != there[name]] == []


def test_of_chalice_only_its_runtime_is_there(shipped: dict[str, bytes]) -> None:
    found = {name for name in shipped if name.startswith("chalice/") and "__pycache__" not in name}
    assert found == {"chalice/__init__.py", "chalice/app.py"}


def test_the_libraries_are_those_of_the_requirements_and_no_others(shipped: dict[str, bytes]) -> None:
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)$", (PROJECT / "requirements.txt").read_text(), re.MULTILINE))
    wanted = {(_normal(name), version) for name, version in pinned.items() if _normal(name) not in LEFT_OUT}
    found = {re.fullmatch(r"(.+)-([^-]+)\.dist-info/METADATA", name) for name in shipped}
    assert {(_normal(each[1]), each[2]) for each in found if each} == wanted


def test_nothing_of_the_workshop_is_there(shipped: dict[str, bytes]) -> None:
    tops = {name.split("/")[0] for name in shipped}
    assert tops.isdisjoint({"devstack", "tests", "infra", "bench", "docs", "vendor", ".chalice", "requirements.txt"})
    assert tops.isdisjoint(
        {"pip", "setuptools", "wheel", "inquirer", "click", "yaml", "flask", "moto", "pytest", "dns"}
    )


def test_there_is_no_door_for_developers(package: Package) -> None:
    assert [route for route in package.template.routes if re.search(r"dev|stand|test|debug|_", route)] == []


def test_machine_code_is_for_this_architecture(package: Package, shipped: dict[str, bytes]) -> None:
    machine, _ = MACHINES[package.architecture]
    code = [name for name in shipped if name.endswith(".so")]
    assert code
    assert [name for name in code if not name.endswith((f".cpython-313-{machine}-linux-gnu.so", ".abi3.so"))] == []
    tags = [line for name in shipped if name.endswith("/WHEEL") for line in shipped[name].decode().splitlines()]
    platforms = {tag.rpartition("-")[2] for tag in tags if tag.startswith("Tag:")}
    assert {each for each in platforms if each != "any" and not re.fullmatch(rf"manylinux\w+_{machine}", each)} == set()


def test_each_module_has_its_byte_code_and_there_is_no_other(shipped: dict[str, bytes]) -> None:
    sources = {name for name in shipped if name.endswith(".py")}
    byte_code = {name for name in shipped if "__pycache__" in name.split("/")}
    assert byte_code == {cache_from_source(name) for name in sources}
    # the magic number of Python 3.13; hashed, not checked; the hash of exactly this source
    unchecked = MAGIC_NUMBER + (1).to_bytes(4, "little")
    stale = [
        name
        for name in sources
        if not shipped[cache_from_source(name)].startswith(unchecked + source_hash(shipped[name]))
    ]
    assert stale == []


def test_the_zip_stays_small(package: Package, shipped: dict[str, bytes]) -> None:
    assert package.archive.stat().st_size < 12 * MEGABYTE
    assert sum(map(len, shipped.values())) < 40 * MEGABYTE


def test_the_same_commit_gives_the_same_bytes(packages: Packages) -> None:
    """Two runs, even for two stages: a stage is in the template only."""
    twice = [packages[stage, "arm64"].archive.read_bytes() for stage in ("dev", "prod")]
    assert len({sha256(archive).hexdigest() for archive in twice}) == 1


def test_two_machines_differ_in_machine_code_and_in_nothing_else(packages: Packages) -> None:
    arm, intel = (
        {
            name.replace(MACHINES[each][0], "MACHINE"): content
            for name, content in _shipped(packages["dev", each]).items()
        }
        for each in ("arm64", "x86_64")
    )
    assert arm.keys() == intel.keys()
    different = {name for name in arm if arm[name] != intel[name]}
    assert different
    # a wheel also names the machine it is for
    assert {name for name in different if not name.endswith((".so", ".dist-info/WHEEL"))} == set()


def test_the_template_points_at_the_zip_beside_it(package: Package) -> None:
    for function in package.template.functions.values():
        assert (Path(package.template.path).parent / function["CodeUri"]).samefile(package.archive)
        assert function["Architectures"] == [package.architecture]
        assert function["Runtime"] == "python3.13"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
