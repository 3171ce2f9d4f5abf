"""A sheet: rows under headings, as a file that Dutch Excel opens, in which nothing that somebody typed is a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.export import ExportKind

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# What Excel holds in a cell, in units of UTF-16.
LONGEST = 32_767
WIDEST = 60
# What XML cannot hold, half a character among it.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?")
# A cell that begins so is a formula for some spreadsheet: the wide and the small signs for those of East Asia.
_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫"
_BLANKS = r"[\s\u200b-\u200f\u2060\ufeff\"]*"
_FORMULA = re.compile(rf"[\t\n]|{_BLANKS}[{_SIGNS}]")
# Where Excel is not Dutch another sign than ours may end a cell, in the midst of what is one cell here.
_FORMULA_WITHIN = re.compile(rf"(?<=[,;\t\n])({_BLANKS})(?=[{_SIGNS}])")
# Excel's days begin in 1900.
_FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Euro:
    """An amount in a sheet, in whole cents."""

    cents: int

    def __str__(self) -> str:
        return f"{'-' if self.cents < 0 else ''}{abs(self.cents) // 100},{abs(self.cents) % 100:02}"


type Cell = str | int | Euro | date | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows under headings; a moment is in UTC, and is shown in the time of Amsterdam."""

    title: str
    headers: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]


def as_file(sheet: Sheet, kind: ExportKind) -> bytes:
    return as_xlsx(sheet) if kind is ExportKind.XLSX else as_csv(sheet)


def as_csv(sheet: Sheet) -> bytes:
    """As Dutch Excel writes it: UTF-8 with its mark, semicolons, decimal commas; dates as ISO has them."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_harmless(each) for each in sheet.headers)
    for row in sheet.rows:
        writer.writerow(_harmless(each) if isinstance(each, str) else _plain(each) for each in row)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(sheet: Sheet) -> bytes:
    """With a heading that stays and a filter; text is text, whatever it begins with."""
    from xlsxwriter import Workbook

    rows = [tuple(_clean(each) if isinstance(each, str) else each for each in row) for row in sheet.rows]
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(content, options) as book:
        page = book.add_worksheet(sheet.title)
        formats = {
            # stays text when somebody edits the cell too
            str: book.add_format({"num_format": "@"}),
            int: book.add_format({"num_format": "0"}),
            Euro: book.add_format({"num_format": "[$€-413] #,##0.00;[$€-413] -#,##0.00"}),
            date: book.add_format({"num_format": "dd-mm-yyyy"}),
            datetime: book.add_format({"num_format": "dd-mm-yyyy hh:mm"}),
        }
        page.write_row(0, 0, sheet.headers, book.add_format({"bold": True, "num_format": "@"}))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                _write(page, number, column, cell, formats)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, len(rows), len(sheet.headers) - 1)
        for column, heading in enumerate(sheet.headers):
            page.set_column(column, column, _width(heading, [row[column] for row in rows]))
    return content.getvalue()


def _write(page: Worksheet, row: int, column: int, cell: Cell, formats: dict[type, Format]) -> None:
    match cell:
        case None | "":
            pass
        case str():
            page.write_string(row, column, cell, formats[str])
        case Euro(cents):
            page.write_number(row, column, cents / 100, formats[Euro])
        case int():
            page.write_number(row, column, cell, formats[int])
        case date() if cell.year < _FIRST_YEAR:
            page.write_string(row, column, _plain(cell), formats[str])
        case datetime():
            page.write_datetime(row, column, _local(cell), formats[datetime])
        case date():
            page.write_datetime(row, column, cell, formats[date])


def _width(heading: str, cells: Sequence[Cell]) -> int:
    """Wide enough for what is in a column, as far as that can be read at a glance."""
    longest = max((len(_plain(each)) for each in cells), default=0)
    # beside a heading stands the button of the filter, beside an amount its sign
    return min(max(len(heading) + 4, longest + 3), WIDEST)


def _plain(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{_local(cell):%Y-%m-%d %H:%M}" if cell.year >= _FIRST_YEAR else cell.isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def _local(moment: datetime) -> datetime:
    """In Amsterdam to the minute, without saying so: a spreadsheet knows no zones."""
    return moment.astimezone(AMSTERDAM).replace(second=0, microsecond=0, tzinfo=None)


def _harmless(text: str) -> str:
    """Text such that no spreadsheet takes it, or a piece of it, for a formula."""
    text = _FORMULA_WITHIN.sub(r"\1'", _clean(text))
    return _fitting(f"'{text}" if _FORMULA.match(text) else text)


def _clean(text: str) -> str:
    """Text that a cell can hold."""
    return _fitting(_UNFIT.sub("\ufffd", _LINE_END.sub("\n", text)))


def _fitting(text: str) -> str:
    if len(text) <= LONGEST // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return text
    return units[: 2 * (LONGEST - 1)].decode("utf-16-le", errors="ignore") + "…"
