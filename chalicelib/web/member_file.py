"""Member files: from the bytes of a CSV, as Excel writes it in Dutch or English, to rows with all their faults."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from chalicelib.domain.mail_domain import mail_domain, organisation_domain
from chalicelib.domain.member_import import Fault, MemberRow, Reason
from chalicelib.web.formats import Malformed, email, plain_text, registration_number

LARGEST_FILE = 2 * 1024 * 1024
MOST_ROWS = 5000
# One transaction holds a row per domain, the old ones and the new ones.
MOST_DOMAINS = 20
LONGEST = 120
DELIMITERS = ";,\t"
BOM = b"\xef\xbb\xbf"

# Every column, by what its heading may say once small letters and digits are left of it.
COLUMNS = {
    "organisation": "organisatie organisation organization",
    "registration_number": "kvkofoin kvkoin kvkoroin kvk kvknummer oin registrationnumber",
    "domains": "domeinen domein maildomeinen domains domain",
    "contact_name": "contactpersoon contactname contact",
    "contact_email": "email emailadres contactemail emailcontactpersoon",
    "valid_until": "geldigtot geldigtotenmet validuntil",
}
_COLUMN_OF = {heading: column for column, headings in COLUMNS.items() for heading in headings.split()}
_DATES = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<day>[0-9]{1,2})(?P<sign>[-/])(?P<month>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4})"),
)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([-/])[0-9]{1,2}\1[0-9]{2}")


class FileReason(StrEnum):
    """Why a whole file is refused; the doors have the words."""

    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    EMPTY = "empty"
    NOT_TEXT = "not_text"
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


class MemberFileRefused(Exception):
    """Nothing of this file can be read; says all that is wrong with it as a whole."""

    def __init__(self, *faults: FileFault) -> None:
        super().__init__(", ".join(fault.reason.value for fault in faults))
        self.faults = faults


def read_member_file(content: bytes) -> tuple[MemberRow, ...]:
    """The rows of a file, each with its faults. Raises MemberFileRefused."""
    if len(content) > LARGEST_FILE:
        raise _refused(FileReason.TOO_LARGE)
    text = _text(content)
    records = _records(text, delimiter=_delimiter(text))
    _, heading = next(records)
    columns = _columns(heading)
    rows: list[MemberRow] = []
    for number, cells in records:
        if len(rows) == MOST_ROWS:
            raise _refused(FileReason.TOO_MANY_ROWS)
        rows.append(_read_row(number, cells, columns))
    if not rows:
        raise _refused(FileReason.EMPTY)
    return tuple(rows)


def read_member(cells: Mapping[str, str], *, number: int = 0) -> MemberRow:
    """One member from its cells by column, with its faults, however it was typed."""
    return _RowReader(number, cells).read()


def read_day(text: str) -> date | Fault:
    """A day as people write it, or what is wrong with how it is written."""
    raw = text.strip()
    if not raw:
        return Fault(Reason.DATE_MISSING)
    if match := next(filter(None, (pattern.fullmatch(raw) for pattern in _DATES)), None):
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            pass  # there is no such day
    return Fault(Reason.DATE_SHORT_YEAR if _SHORT_YEAR.fullmatch(raw) else Reason.DATE_MALFORMED, raw)


def _refused(reason: FileReason, *names: str) -> MemberFileRefused:
    return MemberFileRefused(FileFault(reason, names))


def _text(content: bytes) -> str:
    """UTF-8, or what Dutch Windows writes."""
    if b"\0" in content:  # a spreadsheet itself, or UTF-16
        raise _refused(FileReason.NOT_TEXT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if content.startswith(BOM):
            raise _refused(FileReason.NOT_TEXT) from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _refused(FileReason.NOT_TEXT) from error


def _delimiter(text: str) -> str:
    """The sign between the cells: the one that makes most of the heading."""
    if not text.strip(f"{DELIMITERS} \r\n"):
        raise _refused(FileReason.EMPTY)
    headings = {sign: _heading(text, delimiter=sign) for sign in DELIMITERS}

    def known(sign: str) -> int:
        return sum(_key(cell) in _COLUMN_OF for cell in headings[sign])

    best = max(DELIMITERS, key=lambda sign: (known(sign), len(headings[sign])))
    if len(headings[best]) == 1 and not known(best):
        raise _refused(FileReason.NO_DELIMITER)
    return best


def _heading(text: str, *, delimiter: str) -> Sequence[str]:
    try:
        return next(_records(text, delimiter=delimiter), (0, []))[1]
    except MemberFileRefused:
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
        raise _refused(FileReason.QUOTES, str(number + 1)) from error


def _columns(heading: Sequence[str]) -> Sequence[str]:
    """What each cell of a row is; empty for a column without a heading."""
    columns = [_COLUMN_OF.get(_key(cell), "") for cell in heading]
    unknown = tuple(cell.strip() for cell, column in zip(heading, columns, strict=True) if cell.strip() and not column)
    faults = {
        FileReason.COLUMNS_UNKNOWN: unknown,
        FileReason.COLUMNS_MISSING: tuple(column for column in COLUMNS if column not in columns),
        FileReason.COLUMNS_TWICE: tuple(column for column in COLUMNS if columns.count(column) > 1),
    }
    if any(faults.values()):
        raise MemberFileRefused(*(FileFault(reason, names) for reason, names in faults.items() if names))
    return columns


def _key(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.casefold())


def _read_row(number: int, cells: Sequence[str], columns: Sequence[str]) -> MemberRow:
    # a row may end before its last columns: Excel leaves empty cells out
    row = read_member(dict(zip(columns, cells, strict=False)), number=number)
    nameless = [cell for column, cell in zip(columns, cells, strict=False) if not column]
    if any(cell.strip() for cell in [*nameless, *cells[len(columns) :]]):
        return replace(row, faults=(Fault(Reason.CELLS_TOO_MANY), *row.faults))
    return row


class _RowReader:
    """Reads the cells of one row, and remembers every fault."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self._number, self._faults = number, list[Fault]()
        self._cells: Mapping[str, str] = {column: cells.get(column, "") for column in COLUMNS}

    def read(self) -> MemberRow:
        return MemberRow(
            number=self._number,
            organisation=self._organisation(),
            registration_number=self._formatted(
                "registration_number", registration_number, Reason.REGISTRATION_NUMBER_MALFORMED
            ),
            domains=self._domains(),
            contact_name=self._text("contact_name"),
            contact_email=self._formatted("contact_email", email, Reason.EMAIL_MALFORMED),
            valid_until=self._date(),
            faults=tuple(self._faults),
        )

    def _fault(self, reason: Reason, value: str = "") -> str:
        self._faults.append(Fault(reason, value))
        return ""

    def _text(self, column: str) -> str:
        """One line of text; empty when there is none, or none that can be taken."""
        raw = self._cells[column]
        if _garbled(raw):
            return self._fault(Reason.TEXT_GARBLED, raw)
        try:
            text = plain_text(raw)
        except Malformed:
            return self._fault(Reason.TEXT_MALFORMED, column)
        if len(text) > LONGEST:
            return self._fault(Reason.TEXT_TOO_LONG, column)
        return text

    def _formatted(self, column: str, read: Callable[[str], str], reason: Reason) -> str:
        raw = self._cells[column].strip()
        try:
            return read(raw) if raw else ""
        except Malformed:
            return self._fault(reason, raw)

    def _organisation(self) -> str:
        before = len(self._faults)
        name = self._text("organisation")
        # of a name that was refused nobody need hear that it is missing
        return name if name or len(self._faults) > before else self._fault(Reason.ORGANISATION_MISSING)

    def _domains(self) -> tuple[str, ...]:
        names = dict.fromkeys(re.split(r"[\s,;]+", self._cells["domains"].strip(" \t\r\n,;")))
        if not any(names):
            self._fault(Reason.DOMAIN_MISSING)
            return ()
        if len(names) > MOST_DOMAINS:
            self._fault(Reason.DOMAINS_TOO_MANY, str(len(names)))
            return ()
        return tuple(dict.fromkeys(domain for name in names if (domain := self._domain(name))))

    def _domain(self, name: str) -> str:
        bare = name.removeprefix("@").lower()
        if "@" in bare:
            return self._fault(Reason.DOMAIN_IS_ADDRESS, name)
        if "/" in bare or bare.startswith("www."):
            return self._fault(Reason.DOMAIN_IS_WEBSITE, name)
        try:
            # by way of an address, so that it is the very domain that such an address has in a form
            domain = mail_domain(email(f"info@{bare}"))
        except Malformed:
            return self._fault(Reason.DOMAIN_MALFORMED, name)
        return domain if organisation_domain(f"info@{domain}") else self._fault(Reason.DOMAIN_PUBLIC, domain)

    def _date(self) -> date | None:
        found = read_day(self._cells["valid_until"])
        if isinstance(found, Fault):
            self._faults.append(found)
            return None
        return found


def _garbled(text: str) -> bool:
    """Whether a name was UTF-8 that somebody took for Windows-1252: no name of ours becomes UTF-8 by chance."""
    try:
        return text.encode("cp1252").decode("utf-8") != text
    except UnicodeError:
        return False
