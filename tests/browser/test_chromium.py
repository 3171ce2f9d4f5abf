"""A browser is found or installed, and never silently missed; with scripts in place of the real programs."""

from pathlib import Path

import pytest

from tests.browser.chromium import CHROMIUM
from tests.program import Program, ProgramMissing, present

WORKS = "echo Chromium 1.0"
# What Ubuntu puts where the browser was.
HINT = "echo 'run snap install chromium' >&2; exit 1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH on which there is nothing yet."""
    return tmp_path


def put(path: Path, name: str, does: str) -> str:
    program = path / name
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    return str(program)


def environment(path: Path, **more: str) -> dict[str, str]:
    return {"PATH": str(path), **more}


def apt_get(path: Path, *, at_install: str) -> None:
    """Notes how it is called; the second call is the installation."""
    put(path, "apt-get", f'echo "$DEBIAN_FRONTEND $*" >> "{path}/calls"\ncase "$*" in *install*) {at_install};; esac')


def test_first_that_runs_is_taken(path: Path) -> None:
    put(path, "chromium-browser", HINT)
    chrome = put(path, "google-chrome", WORKS)
    assert CHROMIUM.find(environment(path)) == chrome


def test_variable_comes_before_the_path(path: Path) -> None:
    put(path, "chromium", WORKS)
    own = put(path, "my-chromium", WORKS)
    assert CHROMIUM.find(environment(path, CHROMIUM=own)) == own


@pytest.mark.parametrize("named", ["/nowhere/chromium", "broken"])
def test_variable_that_leads_nowhere_is_told(path: Path, named: str) -> None:
    put(path, "chromium", WORKS)
    put(path, "broken", HINT)
    with pytest.raises(ProgramMissing, match=rf"CHROMIUM={named} is not a browser that runs\. Install"):
        CHROMIUM.find(environment(path, CHROMIUM=named))


def test_nothing_there(path: Path) -> None:
    assert CHROMIUM.find(environment(path)) is None


@pytest.mark.parametrize("root", [True, False])
def test_missing_browser_is_installed_without_a_question(path: Path, root: bool) -> None:
    apt_get(path, at_install=f"printf '#!/bin/sh\\n{WORKS}\\n' > {path}/chromium; /bin/chmod +x {path}/chromium")
    put(path, "sudo", f'echo "sudo $1" >> "{path}/calls"; shift; exec "$@"')
    assert present([CHROMIUM], environment(path), root=root) == [str(path / "chromium")]
    asked = ["noninteractive -q update", "noninteractive -q install -y --no-install-recommends chromium"]
    calls = [line.removesuffix(" fonts-liberation") for line in (path / "calls").read_text().splitlines()]
    assert calls == asked if root else ["sudo -n", asked[0], "sudo -n", asked[1]]


def test_failed_installation_is_told_in_one_sentence_of_advice(path: Path) -> None:
    apt_get(path, at_install="echo 'E: Unable to locate package chromium' >&2; exit 100")
    with pytest.raises(ProgramMissing) as told:
        present([CHROMIUM], environment(path), root=True)
    assert (
        str(told.value) == f"Chromium could not be installed (E: Unable to locate package chromium). {CHROMIUM.advice}"
    )


def test_installation_that_brings_nothing_is_told(path: Path) -> None:
    apt_get(path, at_install=":")
    with pytest.raises(ProgramMissing, match=r"was installed, but does not run\. Install"):
        present([CHROMIUM], environment(path), root=True)


@pytest.mark.parametrize(("has_apt_get", "root"), [(False, True), (True, False)])
def test_where_nothing_can_be_installed_the_advice_is_given(path: Path, has_apt_get: bool, root: bool) -> None:
    if has_apt_get:
        apt_get(path, at_install=":")
    with pytest.raises(ProgramMissing, match=r"^There is no Chromium here\. Install"):
        present([CHROMIUM], environment(path), root=root)
    assert not (path / "calls").exists()


def test_several_are_installed_at_once_and_only_those_that_are_nowhere(path: Path) -> None:
    fox, owl, cat = (
        Program(title=name.title(), variable=name.upper(), names=(name,), packages=(f"{name}-esr",))
        for name in ("fox", "owl", "cat")
    )
    put(path, "owl", WORKS)
    bring = "; ".join(
        f"printf '#!/bin/sh\\n{WORKS}\\n' > {path}/{name}; /bin/chmod +x {path}/{name}" for name in ("fox", "cat")
    )
    apt_get(path, at_install=bring)
    assert present([fox, owl, cat], environment(path), root=True) == [
        str(path / name) for name in ("fox", "owl", "cat")
    ]
    assert (path / "calls").read_text().splitlines() == [
        "noninteractive -q update",
        "noninteractive -q install -y --no-install-recommends fox-esr cat-esr",
    ]
