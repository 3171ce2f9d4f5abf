"""A program that tests need and Python does not bring: found on this machine, else installed from its packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class ProgramMissing(Exception):
    """A program is not there and cannot be installed; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What people call it, the commands it may be found by, and the Debian packages that bring it."""

    title: str
    variable: str
    names: tuple[str, ...]
    packages: tuple[str, ...]
    kind: str = "program"
    # asked this, it says something and ends well
    question: str = "--version"
    or_else: str = ""

    @property
    def advice(self) -> str:
        what = f"{self.title} or {self.or_else}" if self.or_else else self.title
        return f"Install {what}, or set {self.variable}=/path/to/it, and try again."

    def find(self, environment: Mapping[str, str]) -> str | None:
        """The one that its variable names, or the first on the PATH that runs."""
        named = environment.get(self.variable)
        if named:
            path = shutil.which(named, path=environment.get("PATH", ""))
            if path is None or not self._runs(path, environment):
                raise ProgramMissing(f"{self.variable}={named} is not a {self.kind} that runs. {self.advice}")
            return path
        found = (shutil.which(name, path=environment.get("PATH", "")) for name in self.names)
        # some systems put a script in its place that only tells how to install the real one
        return next((path for path in found if path and self._runs(path, environment)), None)

    def _runs(self, path: str, environment: Mapping[str, str]) -> bool:
        try:
            asked = subprocess.run(
                [path, self.question],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=30,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return asked.returncode == 0 and bool((asked.stdout or asked.stderr).strip())


def present(programs: Sequence[Program], environment: Mapping[str, str], *, root: bool) -> list[str]:
    """Where they are; those that are nowhere are installed, all at once. Raises ProgramMissing."""
    missing = [program for program in programs if program.find(environment) is None]
    if missing:
        install(missing, environment, root=root)
    return [program.find(environment) or "" for program in programs]


def install(programs: Sequence[Program], environment: Mapping[str, str], *, root: bool) -> None:
    """Install them with apt-get, which must not ask anything."""
    titles = " and ".join(program.title for program in programs)
    advice = " ".join(program.advice for program in programs)
    apt_get = shutil.which("apt-get", path=environment.get("PATH", ""))
    sudo = shutil.which("sudo", path=environment.get("PATH", ""))
    if apt_get is None or (sudo is None and not root):
        raise ProgramMissing(f"There is no {titles} here. {advice}")
    print(f"Installing {titles} from the system's packages (once) …", file=sys.stderr, flush=True)
    before = [] if root or sudo is None else [sudo, "-n"]
    packages = [package for program in programs for package in program.packages]
    for command in ("update",), ("install", "-y", "--no-install-recommends", *packages):
        done = subprocess.run(
            [*before, apt_get, "-q", *command],
            env={**environment, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise ProgramMissing(f"{titles} could not be installed ({' '.join(said)}). {advice}")
    for program in programs:
        if program.find(environment) is None:
            raise ProgramMissing(f"{program.title} was installed, but does not run. {program.advice}")


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
