"""Table words: what a command that imports a file prints of it, in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chalicelib.settings import Settings
from chalicelib.web.table_file import LARGEST_FILE, FileReason, FileRefused

FILE_WORDS = {
    FileReason.TOO_LARGE: f"The file is larger than {LARGEST_FILE // 1024**2} MB: split it.",
    FileReason.TOO_MANY_ROWS: "The file has more than {most} rows: split it.",
    FileReason.EMPTY: "The file has no rows below its heading.",
    FileReason.NOT_TEXT: "The file is {not_text}",
    FileReason.LOCKED: "The file has a password, or is an old XLS: save it as CSV or XLSX without a password.",
    FileReason.NO_DELIMITER: "The columns are not separated by ; or , or a tab.",
    FileReason.QUOTES: "The quotes around a cell are wrong at row {names}, or it is far too long.",
    FileReason.COLUMNS_UNKNOWN: "The heading has columns that are not known: {names}.",
    FileReason.COLUMNS_MISSING: "The heading has no column for: {names}.",
    FileReason.COLUMNS_TWICE: "The heading has more than one column for: {names}.",
}
DRY_RUN = "Nothing was written: this was a dry run. To write it, add --apply (with make: APPLY=yes)."


def content_of(file: Path) -> bytes:
    """What is in a file, and no more of it than tells that it is too large."""
    with file.open("rb") as opened:
        return opened.read(LARGEST_FILE + 1)


def title(count: int, file: Path, *, settings: Settings) -> str:
    """What is read, and for which desk."""
    return f"{count} rows of {file}, for {settings.base_url} (stage {settings.stage}, table {settings.table})\n"


def refusal_words(refusal: FileRefused, *, most: int, not_text: str, names: Mapping[str, str], docs: str) -> str:
    """Why a file is refused as a whole; `not_text` is what it must be, and is not."""
    said = []
    for fault in refusal.faults:
        told = ", ".join(clipped(names.get(name, name)) for name in fault.names)
        said.append(printable(FILE_WORDS[fault.reason].format(names=told, most=most, not_text=not_text)))
    return "\n".join([*said, f"Nothing was read. See {docs}."])


def row_line(number: int, word: str, said: str, *, width: int) -> str:
    """What becomes of a row; its number as wide as the last one's."""
    return f"row {number:>{width}}  {word:6}  {printable(said)}"


def clipped(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def printable(text: str) -> str:
    """Without signs by which a file could steer the terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
