"""What npm and apt bring: pinned, from wherever this machine gets its packages, and never silently missed."""

import json
from pathlib import Path

import pytest

from tests.elsewhere.installation import HERE, ROOT, wordpress
from tests.program import ProgramMissing

LOCKED = (HERE, ROOT / "bench" / "lighthouse")


def put(path: Path, name: str, does: str) -> None:
    program = path / name
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)


@pytest.mark.parametrize("folder", LOCKED, ids=lambda folder: folder.name)
def test_lockfile_is_exact_and_names_no_place(folder: Path) -> None:
    """After `npm install`, take out what it adds: the addresses of those who would like a gift (`funding`)."""
    asked = json.loads((folder / "package.json").read_text())["dependencies"]
    lock = (folder / "package-lock.json").read_text()
    assert "://" not in lock
    packages = json.loads(lock)["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all("integrity" in package for name, package in packages.items() if name)
    assert "omit-lockfile-registry-resolved=true" in (folder / ".npmrc").read_text().splitlines()


def test_wordpress_is_unpacked_and_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    put(programs, "apt-cache", "exit 100")
    put(programs, "sudo", 'shift; exec "$@"')
    put(
        programs, "apt-get", f'echo "$*" >> {tmp_path}/calls; case "$*" in *download*) touch wordpress_1_all.deb;; esac'
    )
    put(
        programs,
        "dpkg-deb",
        "mkdir -p unpacked/usr/share/wordpress; touch unpacked/usr/share/wordpress/wp-settings.php",
    )
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    folder = wordpress(tmp_path / "build" / "wordpress")
    assert [path.name for path in folder.iterdir()] == ["wp-settings.php"]
    assert wordpress(folder) == folder
    assert (tmp_path / "calls").read_text().splitlines() == ["-q update", "-q download wordpress"]


@pytest.mark.parametrize("does", ["", "echo 'E: Unable to locate package wordpress' >&2; exit 100"])
def test_missing_wordpress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    if does:
        put(programs, "apt-get", does)
        put(programs, "sudo", 'shift; exec "$@"')
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(ProgramMissing, match=r"could not be fetched .* Unpack it in .*wordpress, and try again\."):
        wordpress(tmp_path / "build" / "wordpress")
