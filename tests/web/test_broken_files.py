"""Broken files: whatever becomes of a file on its way, it is read right or refused as a whole, and nothing else."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter

from chalicelib.adapters.seed_files import topics_file
from chalicelib.web.member_file import COLUMNS as MEMBER_COLUMNS
from chalicelib.web.member_file import read_member_file
from chalicelib.web.subscriber_file import read_subscriber_file
from chalicelib.web.table_file import FileReason, FileRefused

TOPICS = topics_file()
SHEET, SHARED, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ROWS = [("e-mail", "naam", "taal"), ("ada@voorbeeld.nl", "Zoë", "nl"), ("bea@voorbeeld.nl", "Bea", "en")]
TEXT = "\r\n".join(";".join(row) for row in ROWS)
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")


def openpyxl_book() -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def xlsxwriter_book() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(ROWS):
            page.write_row(number, 0, row)
    return content.getvalue()


def zipped(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def sheet(inside: str, *, before: str = "") -> bytes:
    return f"{before}<worksheet {NAMESPACE}><sheetData>{inside}</sheetData></worksheet>".encode()


def inline(*cells: str) -> str:
    return f"<row>{''.join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)}</row>"


def locked(content: bytes) -> bytes:
    """A ZIP that says of its parts that they are encrypted."""
    changed = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            (flags,) = struct.unpack_from("<H", content, at + place)
            struct.pack_into("<H", changed, at + place, flags | 1)
    return bytes(changed)


def refusal(content: bytes) -> list[FileReason]:
    with pytest.raises(FileRefused) as refused:
        read_subscriber_file(content, topics=TOPICS)
    return [fault.reason for fault in refused.value.faults]


@pytest.mark.parametrize("made", [openpyxl_book, xlsxwriter_book])
def test_what_two_programs_write_is_read(made: Callable[[], bytes]) -> None:
    found = read_subscriber_file(made(), topics=TOPICS)
    assert [(row.email, row.name) for row in found] == [row[:2] for row in ROWS[1:]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be-sig", "utf-16-le-sig"])
def test_text_is_read_in_what_excel_writes(encoding: str) -> None:
    name, signed, _ = encoding.partition("-sig")
    marked = signed and name.startswith("utf-16")
    content = f"\ufeff{TEXT}".encode(name) if marked else TEXT.encode(encoding)
    found = read_subscriber_file(content, topics=TOPICS)
    assert [(row.email, row.name) for row in found] == [row[:2] for row in ROWS[1:]]
    tabs = content if marked else TEXT.replace(";", "\t").encode(encoding)
    assert read_subscriber_file(tabs, topics=TOPICS) == found


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (OLE2 + b"\0" * 2000, FileReason.LOCKED),
        (locked(openpyxl_book()), FileReason.LOCKED),
        (TEXT.encode("utf-16-le"), FileReason.NOT_TEXT),
        (TEXT.encode("utf-16-be"), FileReason.NOT_TEXT),
        (TEXT.encode("utf-32"), FileReason.NOT_TEXT),
        (TEXT.encode("utf-16")[:-1], FileReason.NOT_TEXT),
        (b"\xef\xbb\xbf" + TEXT.encode("cp1252"), FileReason.NOT_TEXT),
        (b"\xff\xfe", FileReason.EMPTY),
        (b'"";""\r\n', FileReason.EMPTY),
        ("\u00a0;\u00a0".encode(), FileReason.EMPTY),
        (zipped({}), FileReason.NOT_TEXT),
        (zipped({SHEET: b""}), FileReason.NOT_TEXT),
        (zipped({SHEET: sheet("")}), FileReason.COLUMNS_MISSING),
        (zipped({SHEET: sheet(inline("e-mail"))}), FileReason.EMPTY),
        (zipped({SHEET: sheet("").replace(b"worksheet", b"w", 1)}), FileReason.NOT_TEXT),
        (zipped({SHEET: sheet(inline("e-mail"))})[:-30], FileReason.NOT_TEXT),
        (zipped({SHEET: sheet("<row r='elf'/>")}), FileReason.NOT_TEXT),
        (zipped({SHEET: sheet("<row><c t='s'><v>x</v></c></row>")}), FileReason.NOT_TEXT),
        (zipped({SHEET: sheet("", before="<?xml version='1.0' encoding='martian'?>")}), FileReason.COLUMNS_MISSING),
        (zipped({SHEET: sheet("").decode().encode("utf-16")}), FileReason.NOT_TEXT),
        (zipped({SHEET: sheet("\0")}), FileReason.NOT_TEXT),
        (zipped({SHEET: sheet(inline("e-mail"))}, method=zipfile.ZIP_LZMA), FileReason.NOT_TEXT),
        (zipped({SHEET: sheet(inline("e-mail"))}, method=zipfile.ZIP_BZIP2), FileReason.NOT_TEXT),
        (zipped({SHEET: b" " * 40_000_000}), FileReason.TOO_LARGE),
        (zipped({SHARED: b" " * 40_000_000, SHEET: sheet("")}), FileReason.TOO_LARGE),
        (zipped({SHEET: sheet("<row>" + "<c/>" * 5_000_000 + "</row>")}), FileReason.TOO_LARGE),
        (zipped({SHEET: b"<!DOCTYPE a [<!ENTITY b 'bb'>]>" + sheet("&b;")}), FileReason.NOT_TEXT),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(content: bytes, reason: FileReason) -> None:
    assert refusal(content) == [reason]


@pytest.mark.parametrize("index", ["-1", "-9", "7", "99999999999999999999"])
def test_a_cell_that_points_nowhere_is_empty(index: str) -> None:
    shared = f"<sst {NAMESPACE}><si><t>ada@voorbeeld.nl</t></si></sst>".encode()
    rows = inline("e-mail", "naam") + f"<row><c t='s'><v>0</v></c><c t='s'><v>{index}</v></c></row>"
    (row,) = read_subscriber_file(zipped({SHARED: shared, SHEET: sheet(rows)}), topics=TOPICS)
    assert (row.email, row.name) == ("ada@voorbeeld.nl", "")


def broken(content: bytes, chance: random.Random) -> bytes:
    """As a disk, a mail program or somebody with bad intentions would leave it."""
    changed = bytearray(content)
    match chance.randrange(4):
        case 0:
            del changed[chance.randrange(len(changed)) :]
        case 1:
            for _ in range(chance.randint(1, 8)):
                changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        case 2:
            start = chance.randrange(len(changed))
            del changed[start : start + chance.randint(1, 200)]
        case _:
            start = chance.randrange(len(changed))
            changed[start : start + chance.randint(0, 40)] = chance.randbytes(chance.randint(0, 40))
    return bytes(changed)


def inside(content: bytes, chance: random.Random) -> bytes:
    """The same within one part, so that the archive itself is whole."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([each for each in (SHEET, SHARED, BOOK) if each in parts])
    return zipped(parts | {name: broken(parts[name], chance)})


@pytest.mark.parametrize(
    "whole",
    [openpyxl_book(), xlsxwriter_book(), TEXT.encode(), TEXT.encode("utf-16"), TEXT.encode("cp1252"), OLE2 * 50],
    ids=["openpyxl", "xlsxwriter", "utf-8", "utf-16", "cp1252", "ole2"],
)
def test_a_file_that_broke_is_read_or_refused(whole: bytes) -> None:
    read = refused = 0
    for seed in range(250):
        chance = random.Random(seed)  # the same files each time
        content = (inside if whole.startswith(b"PK") and seed % 2 else broken)(whole, chance)
        for reader in (lambda each: read_subscriber_file(each, topics=TOPICS), read_member_file):
            try:
                reader(content)
                read += 1
            except FileRefused:
                refused += 1
    assert read + refused == 500
    assert refused


def test_a_file_of_members_without_anything_is_refused_too() -> None:
    for content in (b'"";""\r\n', "\u00a0;\u00a0".encode(), b"\xff\xfe"):
        with pytest.raises(FileRefused):
            read_member_file(content)
    heading = ";".join(MEMBER_COLUMNS.values()).encode()
    with pytest.raises(FileRefused):
        read_member_file(heading)
