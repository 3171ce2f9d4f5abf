"""The archive that Lambda unpacks: compiled beforehand, and the same bytes for the same files."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# Where Lambda unpacks the archive.
TASK = "/var/task"
# The earliest moment that a zip can tell.
NO_TIME = (1980, 1, 1, 0, 0, 0)


class NotCompiled(Exception):
    """A file is no Python of this version; the message names it."""


def compile_all(folder: Path) -> None:
    """Add the byte code of every module: at a cold start Lambda would compile each anew, and could not keep it."""
    # unchecked: it is always used, without looking at the source. A process of its own: what else is in memory
    # changes the bytes of the byte code.
    compiler = ["-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    places = ["-s", str(folder), "-p", TASK, str(folder)]
    done = subprocess.run([sys.executable, *compiler, *places], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotCompiled(" ".join(done.stdout.split()))


def write_archive(folder: Path, *, target: Path) -> int:
    """Write all files of a folder, in order and without times; how many bytes they are unpacked."""
    size = 0
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = ZipInfo(path.relative_to(folder).as_posix(), NO_TIME)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever this runs on: the rights below are read
            entry.external_attr = 0o644 << 16
            content = path.read_bytes()
            size += len(content)
            archive.writestr(entry, content)
    return size
