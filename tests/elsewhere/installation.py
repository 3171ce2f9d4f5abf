"""What these tests need beside Python: two browsers, Node and PHP with what they run, and WordPress itself."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.program import Program, ProgramMissing, is_root, present

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
WORDPRESS = ROOT / "build" / "wordpress"
FIREFOX = Program(
    title="Firefox",
    kind="browser",
    variable="FIREFOX",
    names=("firefox-esr", "firefox"),
    packages=("firefox-esr", "fonts-liberation"),
)
WEBKIT = Program(
    title="WebKitWebDriver",
    variable="WEBKIT_DRIVER",
    names=("WebKitWebDriver",),
    packages=("webkit2gtk-driver", "fonts-liberation"),
    question="--help",
)
SCREEN = Program(title="Xvfb", variable="XVFB", names=("Xvfb",), packages=("xvfb",), question="-help")
NODE = Program(title="Node.js", variable="NODE", names=("node", "nodejs"), packages=("nodejs",))
NPM = Program(title="npm", variable="NPM", names=("npm",), packages=("npm",))
PHP = Program(title="PHP", variable="PHP", names=("php",), packages=("php-cli",))
PROGRAMS = (FIREFOX, WEBKIT, SCREEN, NODE, NPM, PHP)


@cache
def path(program: Program) -> str:
    """Where a program is; it is installed when it is nowhere. Raises ProgramMissing."""
    [found] = present([program], os.environ, root=is_root())
    return found


def node_modules(folder: Path) -> Path:
    """What the folder's lockfile names, as npm installs it there; nothing is done when that was done before."""
    lock, installed = folder / "package-lock.json", folder / "node_modules"
    done = installed / "installed.json"
    if not done.exists() or done.read_bytes() != lock.read_bytes():
        print(f"Installing {folder.relative_to(ROOT)}/package.json with npm (once) …", file=sys.stderr, flush=True)
        _run([path(NPM), "ci"], folder=folder, failed=f"npm could not install {folder.name}/package.json.")
        shutil.copyfile(lock, done)
    return installed


def wordpress(folder: Path = WORDPRESS) -> Path:
    """The files of Debian's own WordPress, unpacked there: installed, it would bring a web server and a database."""
    if not (folder / "wp-settings.php").exists():
        print("Fetching WordPress from the system's packages (once) …", file=sys.stderr, flush=True)
        failed = f"WordPress could not be fetched from Debian's packages. Unpack it in {folder}, and try again."
        folder.parent.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=folder.parent) as scratch:
            if not _is_known("wordpress"):
                _run([*_as_root(), "apt-get", "-q", "update"], folder=scratch, failed=failed)
            _run(["apt-get", "-q", "download", "wordpress"], folder=scratch, failed=failed)
            _run(["sh", "-c", "dpkg-deb --extract wordpress_*.deb unpacked"], folder=scratch, failed=failed)
            shutil.rmtree(folder, ignore_errors=True)
            Path(scratch, "unpacked", "usr", "share", "wordpress").rename(folder)
    return folder


def _is_known(package: str) -> bool:
    """Whether apt has ever read which packages there are."""
    asked = shutil.which("apt-cache")
    return asked is not None and bool(subprocess.run([asked, "show", package], capture_output=True, check=False).stdout)


def _as_root() -> list[str]:
    return [] if is_root() else ["sudo", "-n"]


def _run(command: list[str], *, folder: Path | str, failed: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as nowhere:
        raise ProgramMissing(f"{failed} ({nowhere.filename} is not there)") from nowhere
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise ProgramMissing(f"{failed}\n{said}")


def main() -> int:
    """Say where everything is; for `make elsewhere`."""
    try:
        for program, found in zip(PROGRAMS, present(PROGRAMS, os.environ, root=is_root()), strict=True):
            print(f"{program.title}: {found}")
        print(f"puppeteer-core: {node_modules(HERE)}\nWordPress: {wordpress()}")
    except ProgramMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
