"""Package: from this folder to the zip that Lambda runs and the template that CloudFormation reads.

    python -m infra.package --stage prod --out build/prod

writes deployment.zip and sam.json into build/prod. Chalice packages a copy of the folder, so nothing stale gets in and
nothing is left behind; what it would only warn of stops the build; what is never read at run time is left out; byte
code is added. The same commit gives the same bytes, for whichever stage: the stage is in the template.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from infra.archive import NotCompiled, compile_all, write_archive
from infra.merge import merge_template
from infra.progress import tell
from infra.trim import is_read
from infra.wheels import MACHINES, complaints

PROJECT = Path(__file__).parent.parent
CONFIG = Path(".chalice", "config.json")
# Lambda runs the Python that packages.
PYTHON = (3, 13)
# Decides nothing but the names of AWS's own services; without a region Chalice packages nothing.
REGION = "eu-west-1"
MISSING = "Could not install dependencies:"
# A sentence that Chalice adds after the names of what is missing.
END_OF_MISSING = "You will have to build these yourself"
REMEDY = "Pin a version in requirements.txt that has a wheel for Python 3.13 on manylinux or for any platform."


class PackagingFailed(Exception):
    """No package was made; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.package", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, choices=stages(), help="which stage of .chalice/config.json")
    parser.add_argument("--out", required=True, type=Path, help="folder for deployment.zip and sam.json")
    parser.add_argument(
        "--architecture",
        choices=sorted(MACHINES),
        help="the machine to package for, instead of the one in .chalice/config.json; x86_64 runs on most computers",
    )
    given = parser.parse_args(arguments)
    try:
        package(stage=given.stage, architecture=given.architecture, out=given.out)
    except PackagingFailed as failure:
        print(f"Packaging failed: {failure}", file=sys.stderr)
        return 1
    return 0


def stages() -> list[str]:
    """The stages there are."""
    return list(json.loads((PROJECT / CONFIG).read_text(encoding="utf-8"))["stages"])


def package(*, stage: str, architecture: str | None, out: Path) -> None:
    """Make the package, or leave none behind."""
    if sys.version_info[:2] != PYTHON:
        raise PackagingFailed("this is not Python 3.13, which Lambda would then not run. Use the one of make install.")
    for name in ("deployment.zip", "sam.json"):
        (out / name).unlink(missing_ok=True)
    with TemporaryDirectory() as scratch:
        project, packaged, content = (Path(scratch, name) for name in ("project", "packaged", "content"))
        tell(f"copy the project, for stage {stage}")
        machine = _copy_project(project, stage=stage, architecture=architecture)
        tell(f"let Chalice fetch the libraries for {machine}")
        _run_chalice(project, stage=stage, packaged=packaged)
        tell("check that they run on Lambda, and leave out what is never read")
        left_out = _unpack(packaged / "deployment.zip", content=content, architecture=machine)
        tell(f"left out {left_out} files; compile the others")
        try:
            compile_all(content)
        except NotCompiled as error:
            raise PackagingFailed(f"{error}. Mend it, or leave the file out in infra/trim.py.") from error
        tell("write the archive")
        out.mkdir(parents=True, exist_ok=True)
        size = write_archive(content, target=out / "deployment.zip")
        shutil.copyfile(packaged / "sam.json", out / "sam.json")
    zipped = (out / "deployment.zip").stat().st_size
    tell(f"{out / 'deployment.zip'}: {_megabytes(zipped)}, unpacked {_megabytes(size)}; template: {out / 'sam.json'}")


def _copy_project(project: Path, *, stage: str, architecture: str | None) -> str:
    """Copy what Chalice looks at, links followed; the machine that is packaged for."""
    for name in ("templates", "assets"):
        if not (PROJECT / "vendor" / name).is_dir():
            raise PackagingFailed(f"vendor/{name} is no link to ../{name}. Restore it: ln -s ../{name} vendor/{name}")
    no_caches = shutil.ignore_patterns("__pycache__")
    for folder in ("chalicelib", "vendor"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=no_caches)
    for file in ("app.py", "requirements.txt"):
        shutil.copyfile(PROJECT / file, project / file)
    (project / ".chalice").mkdir()
    for policy in (PROJECT / ".chalice").glob("policy-*.json"):
        shutil.copyfile(policy, project / ".chalice" / policy.name)
    config = json.loads((PROJECT / CONFIG).read_text(encoding="utf-8"))
    machine: str = architecture or config["stages"][stage].get("lambda_architecture", config["lambda_architecture"])
    config["stages"][stage]["lambda_architecture"] = machine
    (project / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    (project / "merge.json").write_text(json.dumps(merge_template(stage=stage)), encoding="utf-8")
    return machine


def _run_chalice(project: Path, *, stage: str, packaged: Path) -> None:
    words = ["package", "--stage", stage, "--merge-template", "merge.json", str(packaged)]
    done = subprocess.run(
        [sys.executable, "-c", "from chalice.cli import main; raise SystemExit(main())", *words],
        cwd=project,
        env={**os.environ, "AWS_DEFAULT_REGION": REGION, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{done.stdout}\n{done.stderr}"
    if MISSING in said:
        # Chalice goes on and succeeds, with a package that lacks them
        names = said.partition(MISSING)[2].partition(END_OF_MISSING)[0].split()
        raise PackagingFailed(f"no wheel that runs on Lambda for {', '.join(names)}. {REMEDY}")
    if done.returncode != 0:
        reason = said.strip().rpartition("\n")[2]
        raise PackagingFailed(f"chalice package stopped: {reason.removeprefix('chalice.deploy.packager.')}")


def _unpack(package: Path, *, content: Path, architecture: str) -> int:
    """Unpack what is read at run time; how many files are not."""
    with ZipFile(package) as archive:
        found = complaints(archive, architecture=architecture)
        if found:
            raise PackagingFailed(f"{'; '.join(found)}. {REMEDY}")
        names = archive.namelist()
        kept = [name for name in names if is_read(name)]
        archive.extractall(content, members=kept)
    return len(names) - len(kept)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


if __name__ == "__main__":
    raise SystemExit(main())
