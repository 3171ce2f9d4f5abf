"""Chromium for the tests: found on this machine, else installed from the system's packages."""

import os
import sys
from functools import cache

from tests.program import Program, ProgramMissing, is_root, present

__all__ = ["CHROMIUM", "FLAGS", "chromium_path", "is_root"]

CHROMIUM = Program(
    title="Chromium",
    or_else="Google Chrome",
    kind="browser",
    variable="CHROMIUM",
    names=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"),
    # Without a real font a page has no widths to measure.
    packages=("chromium", "fonts-liberation"),
)
# A browser that only draws our own pages, with no traffic of its own.
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


@cache
def chromium_path() -> str:
    """Where Chromium is; it is installed when it is nowhere. Raises ProgramMissing."""
    [path] = present([CHROMIUM], os.environ, root=is_root())
    return path


def main() -> int:
    """Say where Chromium is; for `make chromium`."""
    try:
        print(f"Chromium: {chromium_path()}")
    except ProgramMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
