"""Chromium for the tests: found on this machine, else installed from the system's packages."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
# Without a real font a page has no widths to measure.
PACKAGES = ("chromium", "fonts-liberation")
ADVICE = "Install Chromium or Google Chrome, or set CHROMIUM=/path/to/it, and try again."
# A browser that only draws our own pages, with no traffic of its own.
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


class ChromiumMissing(Exception):
    """There is no Chromium and none can be installed; the message says what to do."""


@cache
def chromium_path() -> str:
    """Where Chromium is; it is installed when it is nowhere. Raises ChromiumMissing."""
    return find(os.environ) or install(os.environ, root=is_root())


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def find(environment: Mapping[str, str]) -> str | None:
    """The browser that CHROMIUM names, or the first on the PATH that runs."""
    named = environment.get("CHROMIUM")
    if named:
        path = shutil.which(named, path=environment.get("PATH", ""))
        if path is None or not _runs(path, environment):
            raise ChromiumMissing(f"CHROMIUM={named} is not a browser that runs. {ADVICE}")
        return path
    found = (shutil.which(name, path=environment.get("PATH", "")) for name in NAMES)
    # some systems put a script in its place that only tells how to install the real one
    return next((path for path in found if path and _runs(path, environment)), None)


def install(environment: Mapping[str, str], *, root: bool) -> str:
    """Install Chromium with apt-get, which must not ask anything."""
    apt_get = shutil.which("apt-get", path=environment.get("PATH", ""))
    sudo = shutil.which("sudo", path=environment.get("PATH", ""))
    if apt_get is None or (sudo is None and not root):
        raise ChromiumMissing(f"There is no Chromium here. {ADVICE}")
    print("Installing Chromium from the system's packages (once) …", file=sys.stderr, flush=True)
    before = [] if root or sudo is None else [sudo, "-n"]
    for command in ("update",), ("install", "-y", "--no-install-recommends", *PACKAGES):
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
            raise ChromiumMissing(f"Chromium could not be installed ({' '.join(said)}). {ADVICE}")
    path = find(environment)
    if path is None:
        raise ChromiumMissing(f"Chromium was installed, but does not run. {ADVICE}")
    return path


def _runs(path: str, environment: Mapping[str, str]) -> bool:
    try:
        asked = subprocess.run(
            [path, "--version"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and bool(asked.stdout.strip())


def main() -> int:
    """Say where Chromium is; for `make chromium`."""
    try:
        print(f"Chromium: {chromium_path()}")
    except ChromiumMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
