"""A library that cannot run on Lambda stops the build, with its name and what to do; Chalice alone would go on."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.wheels import complaints
from tests.package.conftest import PROJECT

SETUP = """
from setuptools import Extension, setup
setup(name="only-as-source", version="1.0", ext_modules=[Extension("only_as_source", ["only_as_source.c"])])
"""
C_CODE = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "only_as_source", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_only_as_source(void) { return PyModule_Create(&module); }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, whose requirements a test may spoil."""
    folder = tmp_path / "project"
    for part in (".chalice", "chalicelib", "infra", "templates", "assets", "vendor"):
        shutil.copytree(PROJECT / part, folder / part, symlinks=True)
    shutil.copyfile(PROJECT / "app.py", folder / "app.py")
    return folder


@pytest.fixture
def only_as_source(tmp_path: Path) -> Path:
    """A library in C of which there is no wheel."""
    path = tmp_path / "only_as_source-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in (("setup.py", SETUP), ("only_as_source.c", C_CODE)):
            member = tarfile.TarInfo(f"only_as_source-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def _fail(project: Path, *, requirement: str, architecture: str) -> str:
    """The one line that the build ends with."""
    (project / "requirements.txt").write_text(f"{requirement}\n", encoding="utf-8")
    out = project / "build"
    out.mkdir()
    (out / "deployment.zip").write_bytes(b"of an earlier run")
    words = ["--stage", "dev", "--architecture", architecture, "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "infra.package", *words], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    assert list(out.iterdir()) == [], "a build that failed leaves nothing that could be deployed"
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_library_without_a_wheel(project: Path, only_as_source: Path, architecture: str) -> None:
    said = _fail(project, requirement=str(only_as_source), architecture=architecture)
    # Chalice compiles it for the machine it stands on, and leaves it out for the other one
    reasons = (
        "no wheel that runs on Lambda for only-as-source==1.0",
        "only_as_source 1.0 was compiled on this machine",
    )
    assert any(reason in said for reason in reasons)
    assert "Pin a version in requirements.txt that has a wheel" in said


def test_a_library_that_is_nowhere(project: Path) -> None:
    said = _fail(project, requirement="no-such-library==1.0 --no-index", architecture="arm64")
    assert said.startswith("Packaging failed: chalice package stopped: ")


ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00"
ARM, INTEL = ELF + (183).to_bytes(2, "little"), ELF + (62).to_bytes(2, "little")


@pytest.mark.parametrize(
    ("path", "content", "complaint"),
    [
        ("a-1.dist-info/WHEEL", b"Tag: cp313-cp313-linux_aarch64\n", "a 1 was compiled on this machine"),
        (
            "a-1.dist-info/WHEEL",
            b"Tag: cp313-cp313-manylinux_2_17_x86_64\n",
            "a 1 is a wheel for manylinux_2_17_x86_64",
        ),
        ("a/b.cpython-313-aarch64-linux-gnu.so", INTEL, "is machine code for something else than aarch64"),
        ("a.libs/libb.so.1", INTEL, "is machine code for something else than aarch64"),
        ("a/b.so", b"\xcf\xfa\xed\xfe", "is no machine code for Linux"),
        ("a-1.dist-info/WHEEL", b"Tag: py3-none-any\n", ""),
        (
            "a-1.dist-info/WHEEL",
            b"Tag: cp313-cp313-manylinux_2_17_aarch64\nTag: cp313-cp313-manylinux2014_aarch64\n",
            "",
        ),
        ("a/b.so", ARM, ""),
        ("a/b.py", b"x = 1", ""),
    ],
)
def test_what_does_not_fit_on_arm64(path: str, content: bytes, complaint: str) -> None:
    with ZipFile(io.BytesIO(), "w") as archive:
        archive.writestr(path, content)
        found = complaints(archive, architecture="arm64")
    assert len(found) == bool(complaint)
    assert all(complaint in each for each in found)
