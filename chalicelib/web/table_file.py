"""Table files: from the bytes of a CSV, as Excel writes it in Dutch or English, to a heading and numbered rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LARGEST_FILE = 2 * 1024 * 1024
# What a page plans and writes within one request; and what it is sent at the most, to say so with the rows still there.
LARGEST_PASTE, LARGEST_SENT = 64 * 1024, 1024 * 1024
DELIMITERS = ";,\t"
# What a file says of itself at its beginning; Excel's "Unicode text" is UTF-16.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

# A row with its number as a spreadsheet counts.
type Numbered = tuple[int, Sequence[str]]
# Every column, by what its heading may say once small letters and digits are left of it.
type Columns = Mapping[str, str]


class FileReason(StrEnum):
    """Why a whole file is refused; the doors have the words."""

    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    EMPTY = "empty"
    NOT_TEXT = "not_text"
    LOCKED = "locked"
    NO_DELIMITER = "no_delimiter"
    QUOTES = "quotes"
    COLUMNS_UNKNOWN = "columns_unknown"
    COLUMNS_MISSING = "columns_missing"
    COLUMNS_TWICE = "columns_twice"


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing wrong with a file as a whole: the columns it is about, or the number of a row."""

    reason: FileReason
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row below the heading, by column; `surplus`: it has something in more cells than there are columns."""

    number: int
    cells: Mapping[str, str]
    surplus: bool


class FileRefused(Exception):
    """Nothing of this file can be read; says all that is wrong with it as a whole."""

    def __init__(self, *faults: FileFault) -> None:
        super().__init__(", ".join(fault.reason.value for fault in faults))
        self.faults = faults


def csv_records(content: bytes, *, columns: Columns) -> Iterator[Numbered]:
    """The rows with anything in them, the heading first. Raises FileRefused."""
    if len(content) > LARGEST_FILE:
        raise refused(FileReason.TOO_LARGE)
    text = _text(content)
    return _records(text, delimiter=_delimiter(text, known_as=_columns_of(columns)))


def table_rows(
    records: Iterator[Numbered], *, columns: Columns, needed: Sequence[str], most: int
) -> Iterator[TableRow]:
    """The rows below the heading. Raises FileRefused, also when there are none, or more than `most`."""
    heading = _heading_of(next(records, (0, []))[1], columns=columns, needed=needed)
    count = 0
    for count, (number, cells) in enumerate(records, start=1):
        if count > most:
            raise refused(FileReason.TOO_MANY_ROWS)
        # a row may end before its last columns: Excel leaves empty cells out
        nameless = [cell for column, cell in zip(heading, cells, strict=False) if not column]
        surplus = any(cell.strip() for cell in [*nameless, *cells[len(heading) :]])
        yield TableRow(number, dict(zip(heading, cells, strict=False)), surplus)
    if not count:
        raise refused(FileReason.EMPTY)


def pasted(text: str) -> bytes:
    """What was pasted into a page, as a file. Raises FileRefused when it is too much for one."""
    content = text.encode()
    if len(content) > LARGEST_PASTE:
        raise refused(FileReason.TOO_LARGE)
    return content


def garbled(text: str) -> bool:
    """Whether a name was UTF-8 that somebody took for Windows-1252: no name of ours becomes UTF-8 by chance."""
    try:
        return text.encode("cp1252").decode("utf-8") != text
    except UnicodeError:
        return False


def refused(reason: FileReason, *names: str) -> FileRefused:
    """The refusal of a file for one thing."""
    return FileRefused(FileFault(reason, names))


def _text(content: bytes) -> str:
    """In what the file says that it is written, else UTF-8, or what Dutch Windows writes."""
    marked = [encoding for mark, encoding in MARKS.items() if content.startswith(mark)]
    for encoding in marked or ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:  # or else a spreadsheet itself, or UTF-16 that does not say so
            return text
    raise refused(FileReason.NOT_TEXT)


def _delimiter(text: str, *, known_as: Mapping[str, str]) -> str:
    """The sign between the cells: the one that makes most of the heading."""
    if not any(map(str.isalnum, text)):
        raise refused(FileReason.EMPTY)
    headings = {sign: _heading(text, delimiter=sign) for sign in DELIMITERS}

    def known(sign: str) -> int:
        return sum(_key(cell) in known_as for cell in headings[sign])

    best = max(DELIMITERS, key=lambda sign: (known(sign), len(headings[sign])))
    if len(headings[best]) == 1 and not known(best):
        raise refused(FileReason.NO_DELIMITER)
    return best


def _heading(text: str, *, delimiter: str) -> Sequence[str]:
    try:
        return next(_records(text, delimiter=delimiter), (0, []))[1]
    except FileRefused:
        return []  # quotes that are wrong with this sign may be right with another


def _records(text: str, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with anything in them, each with its number as a spreadsheet counts."""
    # a cell may hold line ends, so it is for csv to say where a row ends
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for cells in reader:
            number += 1
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise refused(FileReason.QUOTES, str(number + 1)) from error


def _heading_of(heading: Sequence[str], *, columns: Columns, needed: Sequence[str]) -> Sequence[str]:
    """What each cell of a row is; empty for a column without a heading."""
    known_as = _columns_of(columns)
    found = [known_as.get(_key(cell), "") for cell in heading]
    unknown = tuple(cell.strip() for cell, column in zip(heading, found, strict=True) if cell.strip() and not column)
    faults = {
        FileReason.COLUMNS_UNKNOWN: unknown,
        FileReason.COLUMNS_MISSING: tuple(column for column in needed if column not in found),
        FileReason.COLUMNS_TWICE: tuple(column for column in columns if found.count(column) > 1),
    }
    if any(faults.values()):
        raise FileRefused(*(FileFault(reason, names) for reason, names in faults.items() if names))
    return found


def _columns_of(columns: Columns) -> dict[str, str]:
    """Each heading that there may be, with its column."""
    return {heading: column for column, headings in columns.items() for heading in headings.split()}


def _key(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.casefold())
