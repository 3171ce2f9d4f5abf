"""Subscriber files: CSV and XLSX, Dutch and English, and every fault at its row."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from chalicelib.adapters.seed_files import topics_file
from chalicelib.domain.language import Language
from chalicelib.domain.subscriber_import import Proof, Reason, SubscriberRow
from chalicelib.web.subscriber_file import read_subscriber_file
from chalicelib.web.table_file import FileReason, FileRefused

TOPICS = topics_file()


def read(*lines: str) -> tuple[SubscriberRow, ...]:
    return read_subscriber_file("\r\n".join(lines).encode(), topics=TOPICS)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def reasons(row: SubscriberRow) -> list[Reason]:
    return [fault.reason for fault in row.faults]


@pytest.mark.parametrize(
    "heading",
    [
        "e-mail;naam;taal;onderwerpen;toestemming op;toestemming bron",
        "E-mailadres,Naam,Taal,Onderwerp,Toestemming-op,Bewijs",
        "email\tname\tlanguage\ttopics\tconsent on\tconsent source",
    ],
)
def test_headings_are_known_in_dutch_and_english(heading: str) -> None:
    sign = next(each for each in ";,\t" if each in heading)
    (row,) = read(
        heading,
        sign.join(["Zoë@Voorbeeld.NL".replace("ë", "e"), "Zoë", "en", "congres|Nieuwsbrief", "1-3-2025", "brief"]),
    )
    assert row == SubscriberRow(
        number=2,
        email="Zoe@voorbeeld.nl",
        name="Zoë",
        language=Language.EN,
        topics=("congres", "nieuwsbrief"),
        proof=Proof(told="brief", on=date(2025, 3, 1)),
    )


def test_only_an_address_is_needed() -> None:
    first, second = read("e-mail", "a@voorbeeld.nl", "b@voorbeeld.nl")
    assert (first.topics, first.language, bool(first.proof)) == (("nieuwsbrief",), Language.NL, False)
    assert second.number == 3


def test_a_workbook_says_the_same_as_its_csv() -> None:
    heading = ("e-mail", "naam", "taal", "onderwerpen", "toestemming op", "toestemming bron")
    content = workbook(
        heading,
        ("a@voorbeeld.nl", "Ada", "nl", "Congres", date(2025, 3, 1), "brief"),
        (None, None, None, None, None, None),
        ("b@voorbeeld.nl", None, None, None, datetime(2025, 3, 2, 23, 30), 2025),  # noqa: DTZ001  # a spreadsheet knows no zones
        ("c@voorbeeld.nl", "Caé", "en", "", "3-3-2025", "formulier"),
    )
    rows = read_subscriber_file(content, topics=TOPICS)
    assert rows == (
        *read(";".join(heading), "a@voorbeeld.nl;Ada;nl;Congres;2025-03-01;brief"),
        *read(";".join(heading), "", "", "b@voorbeeld.nl;;;;2025-03-02 23:30;2025"),
        *read(";".join(heading), "", "", "", "c@voorbeeld.nl;Caé;en;;3-3-2025;formulier"),
    )
    assert [row.number for row in rows] == [2, 4, 5]


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (";;;;;", []),
        (";Naam;;;;", [Reason.EMAIL_MISSING]),
        ("geen adres;;;;;", [Reason.EMAIL_MALFORMED]),
        ("a@b.nl, c@d.nl;;;;;", [Reason.EMAIL_MALFORMED]),
        ("a@voorbeeld.nl;;fries;;;", [Reason.LANGUAGE_UNKNOWN]),
        ("a@voorbeeld.nl;;;congres, koken;;", [Reason.TOPIC_UNKNOWN]),
        ("a@voorbeeld.nl;;;;31-2-2025;brief", [Reason.DATE_MALFORMED]),
        ("a@voorbeeld.nl;;;;1-3-25;brief", [Reason.DATE_SHORT_YEAR]),
        ("a@voorbeeld.nl;https://elders.nl;;;;", [Reason.TEXT_MALFORMED]),
        (f"a@voorbeeld.nl;{'n' * 121};;;;", [Reason.TEXT_TOO_LONG]),
        ("a@voorbeeld.nl;ZoÃ«;;;;", [Reason.TEXT_GARBLED]),
        ("a@voorbeeld.nl;;;;;;meer", [Reason.CELLS_TOO_MANY]),
    ],
)
def test_every_fault_is_named_at_its_row(cells: str, wrong: list[Reason]) -> None:
    heading = "e-mail;naam;taal;onderwerpen;toestemming op;toestemming bron"
    rows = read(heading, cells, "z@voorbeeld.nl;;;;;")
    assert [reasons(each) for each in rows] == ([wrong, []] if wrong else [[]])


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ("a@voorbeeld.nl;ZoÃ«;fries;koken;1-3-25;afgemeld;", []),
        ("a@voorbeeld.nl;https://elders.nl;;;;onzin;3-2-2026", []),
        ("a@;ZoÃ«;;;;afgemeld;", [Reason.EMAIL_MALFORMED]),
        ("a@voorbeeld.nl;ZoÃ«;;;;;31-2-2026", [Reason.DATE_MALFORMED]),
        ("a@voorbeeld.nl;;;;;afgemeld;;meer", [Reason.CELLS_TOO_MANY]),
    ],
)
def test_that_somebody_left_is_told_whatever_else_is_wrong_with_his_row(cells: str, wrong: list[Reason]) -> None:
    (row,) = read("e-mail;naam;taal;rubrieken;toestemming op;stand;afgemeld op", cells)
    assert (row.left, reasons(row)) == (True, wrong)


def bomb(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", FileReason.EMPTY),
        (b"e-mail\r\n", FileReason.EMPTY),
        (b"naam;taal\r\nAda;nl\r\n", FileReason.COLUMNS_MISSING),
        (b"e-mail;voorkeur\r\na@b.nl;x\r\n", FileReason.COLUMNS_UNKNOWN),
        (b"e-mail;mail\r\na@b.nl;x\r\n", FileReason.COLUMNS_TWICE),
        (b"PK\x03\x04 no zip", FileReason.NOT_TEXT),
        (bomb("word/document.xml", b"<a/>"), FileReason.NOT_TEXT),
        (bomb(SHEET, b"<a>"), FileReason.NOT_TEXT),
        (bomb(SHEET, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), FileReason.NOT_TEXT),
        (bomb(SHEET, b" " * 40_000_000), FileReason.TOO_LARGE),
        (b"e-mail\r\n" + b"a@voorbeeld.nl\r\n" * 10_001, FileReason.TOO_MANY_ROWS),
        (b"x" * 2_200_000, FileReason.TOO_LARGE),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(content: bytes, reason: FileReason) -> None:
    with pytest.raises(FileRefused) as refused:
        read_subscriber_file(content, topics=TOPICS)
    assert [fault.reason for fault in refused.value.faults] == [reason]
