"""How much CPU a cold start of the packaged desk takes: `import app`, from the zip alone, with and without byte code.

    make package && python -m bench.cold_start build/dev/deployment.zip

Package for the machine that measures (--architecture x86_64 on most). Lambda starts a process like these and then
imports app.py; what a first request adds, such as AWS clients and templates, comes on top.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

ISOLATED = (sys.executable, "-I", "-S", "-B", "-c")
ENVIRONMENT = {"LOKET_STAGE": "dev", "AWS_DEFAULT_REGION": "eu-west-1"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="a deployment.zip of infra.package")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        compiled, plain = Path(scratch, "compiled"), Path(scratch, "plain")
        with ZipFile(given.archive) as archive:
            archive.extractall(compiled)
        shutil.copytree(compiled, plain, ignore=shutil.ignore_patterns("__pycache__"))
        cases = {
            "interpreter alone": ("pass", compiled),
            "import app, without byte code": (_program(plain), plain),
            "import app, as packaged": (_program(compiled), compiled),
        }
        measured: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(given.rounds):
            # in turn, so that another load of the machine falls on all of them
            for name, (program, folder) in cases.items():
                measured[name].append(_cpu_milliseconds(program, folder=folder))
    print(f"CPU in ms, median / least of {given.rounds}; Python {sys.version.split()[0]}")
    for name, times in measured.items():
        print(f"{name:32} {statistics.median(times):6.0f} / {min(times):.0f}")


def _program(folder: Path) -> str:
    return f"import sys; sys.path.insert(0, {str(folder)!r}); import app"


def _cpu_milliseconds(program: str, *, folder: Path) -> float:
    process = subprocess.Popen([*ISOLATED, program], cwd=folder, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit("app.py cannot be imported: was it packaged for this machine?")
    return (usage.ru_utime + usage.ru_stime) * 1000


if __name__ == "__main__":
    main()
