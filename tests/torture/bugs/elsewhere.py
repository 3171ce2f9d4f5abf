"""The tests of other suites, run with a bug put in: in a process of its own, so that it stays in there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.torture.bugs.bug import Bug

ROOT = Path(__file__).parent.parent.parent.parent
# The engines that run elsewhere take long to start, and their tests say the same.
_SOME = ("-k", "not moto and not ministack")
_QUIET = ("-q", "-x", "--no-header", "-p", "no:cacheprovider")


def is_there(test: str) -> bool:
    """Whether there is such a test: <file>::<test>, or one case of it."""
    path, _, name = test.partition("::")
    file = ROOT / path
    return file.exists() and f"def {name.partition('[')[0]}(" in file.read_text()


def fails_with(bug: Bug) -> bool:
    """Whether its test fails with the bug in; that it does not without is what the suites are for."""
    program = (sys.executable, "-m", "tests.torture.bugs", "with", bug.name, bug.elsewhere, *_SOME, *_QUIET)
    done = subprocess.run(program, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:]
    return done.returncode == 1
