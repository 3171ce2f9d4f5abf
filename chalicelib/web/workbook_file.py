"""Workbooks: the first sheet of an XLSX as rows of text, and nothing else that may be in one."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as Xml  # what could be dangerous in it is refused below

from chalicelib.web.table_file import LARGEST_FILE, FileReason, Numbered, refused

# How a file begins that is a ZIP, as every workbook is, and how one that is old or has a password.
ZIP, OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES = (ZIP, OLE2)
# What a part may be unpacked, and how much there may be in it: ten thousand rows are a tenth of it, a bomb is more.
LARGEST_PART = 32 * 1024 * 1024
MOST_TAGS = 4_000_000
MOST_CELLS = 64
# What a ZIP and an XML come to that broke on their way; a ZIP packed in another way is NotImplementedError there.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError),
    *(Xml.ParseError, KeyError, ValueError),
)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]+")
_WHOLE = re.compile(r"(-?[0-9]+)(\.0+)?")


def workbook_records(content: bytes) -> Iterator[Numbered]:
    """The rows with anything in them, each with its number. Raises FileRefused."""
    if len(content) > LARGEST_FILE:
        raise refused(FileReason.TOO_LARGE)
    if content.startswith(OLE2):
        raise refused(FileReason.LOCKED)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            texts = _texts(parts)
            yield from _rows(parts, texts)
    except _BROKEN as error:
        raise refused(FileReason.NOT_TEXT) from error


def _texts(parts: zipfile.ZipFile) -> Sequence[str]:
    """What the cells share."""
    if "xl/sharedStrings.xml" not in parts.namelist():
        return []
    root = Xml.fromstring(_part(parts, "xl/sharedStrings.xml"))  # noqa: S314  # without a document type
    return [_text(each) for each in root.iter(f"{_MAIN}si")]


def _rows(parts: zipfile.ZipFile, texts: Sequence[str]) -> Iterator[Numbered]:
    sheets = sorted(name for name in parts.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", name))
    first = min(sheets, key=lambda name: (len(name), name))
    number = 0
    for row in Xml.fromstring(_part(parts, first)).iter(f"{_MAIN}row"):  # noqa: S314  # without a document type
        number = int(row.get("r") or number + 1)
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            place = _place(cell.get("r", ""), after=len(cells))
            if place >= MOST_CELLS:
                break
            cells += [""] * (place - len(cells)) + [_value(cell, texts)]
        if any(cell.strip() for cell in cells):
            yield number, cells


def _part(parts: zipfile.ZipFile, name: str) -> str:
    about = parts.getinfo(name)
    if about.flag_bits & 1:
        raise refused(FileReason.LOCKED)
    if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused(FileReason.NOT_TEXT)  # no spreadsheet packs it otherwise
    with parts.open(about) as opened:
        content = opened.read(LARGEST_PART + 1)
    if len(content) > LARGEST_PART or content.count(b"<") > MOST_TAGS:
        raise refused(FileReason.TOO_LARGE)
    # an entity can unfold to any size; no spreadsheet writes one, nor anything but UTF-8
    text = content.decode("utf-8-sig")
    if "<!" in text:
        raise refused(FileReason.NOT_TEXT)
    return text


def _place(reference: str, *, after: int) -> int:
    """Which column a cell stands in, the first being 0: empty ones are left out."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return after
    place = 0
    for letter in match[1]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return max(place - 1, after)


def _value(cell: Xml.Element, texts: Sequence[str]) -> str:
    kind, value = cell.get("t", "n"), cell.findtext(f"{_MAIN}v") or ""
    match kind:
        case "s":
            return texts[int(value)] if value and 0 <= int(value) < len(texts) else ""
        case "inlineStr":
            inline = cell.find(f"{_MAIN}is")
            return _text(inline) if inline is not None else ""
        case "e":
            return ""
    whole = _WHOLE.fullmatch(value)
    return whole[1] if whole else value


def _text(element: Xml.Element) -> str:
    """The text of a cell without what is written above it for its pronunciation."""
    runs = [
        element.findtext(f"{_MAIN}t") or "",
        *(run.findtext(f"{_MAIN}t") or "" for run in element.iter(f"{_MAIN}r")),
    ]
    return "".join(runs)
