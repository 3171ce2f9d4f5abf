"""Member files: every way that a spreadsheet writes them, and every fault by name."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.domain.member_import import Fault, MemberRow, Reason
from chalicelib.web.member_file import MOST_ROWS, read_member_file
from chalicelib.web.table_file import LARGEST_FILE, FileReason, FileRefused

HEADING = "organisatie;kvk of oin;domeinen;contactpersoon;e-mail;geldig tot"
LINE = "Gemeente Súdhoek;12345678;sudhoek.nl;Zoë;zoe@sudhoek.nl;31-12-2027"
ROW = MemberRow(
    number=2,
    organisation="Gemeente Súdhoek",
    registration_number="12345678",
    domains=("sudhoek.nl",),
    contact_name="Zoë",
    contact_email="zoe@sudhoek.nl",
    valid_until=date(2027, 12, 31),
)


def read(*lines: str, heading: str = HEADING) -> tuple[MemberRow, ...]:
    return read_member_file("\n".join([heading, *lines]).encode())


def read_one(**cells: str) -> MemberRow:
    standard = {
        "organisation": "Gemeente Súdhoek",
        "number": "12345678",
        "domains": "sudhoek.nl",
        "name": "Zoë",
        "email": "zoe@sudhoek.nl",
        "until": "2027-12-31",
    }
    quoted = ['"{}"'.format(cell.replace('"', '""')) for cell in (standard | cells).values()]
    [row] = read(";".join(quoted))
    return row


def refusal(content: bytes) -> list[tuple[FileReason, tuple[str, ...]]]:
    with pytest.raises(FileRefused) as refused:
        read_member_file(content)
    return [(fault.reason, fault.names) for fault in refused.value.faults]


# How it is written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("sign", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
def test_what_excel_and_others_write_is_read(encoding: str, ends: str, sign: str) -> None:
    text = ends.join([HEADING, LINE, ""]).replace(";", sign)
    assert read_member_file(text.encode(encoding)) == (ROW,)


@pytest.mark.parametrize(
    "heading",
    [
        "organisation;kvk_or_oin;domains;contact_name;contact_email;valid_until",
        "ORGANISATIE ; KvK/OIN;Domeinen;Contactpersoon; E-mail;Geldig_tot",
        '"Organisatie";"KvK-nummer";"Maildomeinen";"Contact";"E-mailadres";"Geldig t/m"',
    ],
    ids=["english", "dutch", "quoted"],
)
def test_headings_in_either_language(heading: str) -> None:
    heading = heading.replace("t/m", "tot en met")
    assert read(LINE, heading=heading) == (ROW,)
    assert read_member_file(f"{heading}\n{LINE}".encode("utf-8-sig")) == (ROW,)


def test_columns_may_stand_in_any_order_and_empty_ones_between_and_behind() -> None:
    heading = "geldig tot;;domeinen;organisatie;e-mail;kvk;contactpersoon;;"
    assert read("31/12/2027;;sudhoek.nl;Gemeente Súdhoek;zoe@sudhoek.nl;12345678;Zoë;;", heading=heading) == (ROW,)


def test_rows_are_counted_as_a_spreadsheet_does() -> None:
    content = f'\n{HEADING}\n;;;;;\n{LINE}\n"Twee\nregels";;x.nl;;;2027-12-31\n\nDrie;;y.nl;;;2027-12-31\n'
    assert [row.number for row in read_member_file(content.encode())] == [4, 5, 7]


def test_cells_at_the_end_may_be_left_out_but_not_be_too_many() -> None:
    heading = "organisatie;domeinen;geldig tot;kvk;contactpersoon;e-mail"
    [row] = read("A;a.nl;2027-12-31", heading=heading)
    assert (row.contact_email, row.faults) == ("", ())
    [row] = read(f"{LINE};rest")
    assert row.faults == (Fault(Reason.CELLS_TOO_MANY),)
    [row] = read("A;a.nl;2027-12-31;;;;;rest", heading=f"{heading};;")
    assert row.faults == (Fault(Reason.CELLS_TOO_MANY),)


# The file as a whole


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(FileReason.EMPTY, ())]),
        (b" \r\n\r\n", [(FileReason.EMPTY, ())]),
        (b";;;\n;;;\n", [(FileReason.EMPTY, ())]),
        (HEADING.encode(), [(FileReason.EMPTY, ())]),
        (f"{HEADING}\n;;;;;\n".encode(), [(FileReason.EMPTY, ())]),
        (f"{HEADING}\n{LINE}\0".encode(), [(FileReason.NOT_TEXT, ())]),
        (HEADING.encode("utf-16"), [(FileReason.EMPTY, ())]),
        (HEADING.encode("utf-16-le"), [(FileReason.NOT_TEXT, ())]),
        (b"\xef\xbb\xbf" + f"{HEADING}\n{LINE}".encode("cp1252"), [(FileReason.NOT_TEXT, ())]),
        (b"\x81\x8d", [(FileReason.NOT_TEXT, ())]),
        (b"x" * (LARGEST_FILE + 1), [(FileReason.TOO_LARGE, ())]),
        (b";" * 10_000_000, [(FileReason.TOO_LARGE, ())]),
        (f"{HEADING}\n{LINE}".replace(";", "|").encode(), [(FileReason.NO_DELIMITER, ())]),
        (b"Beste secretaris\nhierbij de leden", [(FileReason.NO_DELIMITER, ())]),
        (f'{HEADING}\n{LINE}\n"A" BV;;a.nl;;;\n'.encode(), [(FileReason.QUOTES, ("3",))]),
        (f'{HEADING}\n{LINE}\n"A;;a.nl;;;\n{LINE}\n'.encode(), [(FileReason.QUOTES, ("3",))]),
        (f"{HEADING}\n{'x' * 200_000};;;;;".encode(), [(FileReason.QUOTES, ("2",))]),
        (f"{HEADING};functie;Plaats\n{LINE};;".encode(), [(FileReason.COLUMNS_UNKNOWN, ("functie", "Plaats"))]),
        (b"organisatie\nA", [
            (FileReason.COLUMNS_MISSING,
             ("registration_number", "domains", "contact_name", "contact_email", "valid_until")),
        ]),
        (f"{HEADING};oin\n{LINE}".encode(), [(FileReason.COLUMNS_TWICE, ("registration_number",))]),
        (HEADING.replace("geldig tot", "einde").encode(), [
            (FileReason.COLUMNS_UNKNOWN, ("einde",)), (FileReason.COLUMNS_MISSING, ("valid_until",)),
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_whole_file_is_named(
    content: bytes, expected: list[tuple[FileReason, tuple[str, ...]]]
) -> None:
    assert refusal(content) == expected


def test_a_file_has_so_many_rows_and_no_more() -> None:
    lines = [f"A{number};;a{number}.nl;;;2027-12-31" for number in range(MOST_ROWS + 1)]
    assert len(read(*lines[:-1])) == MOST_ROWS
    assert refusal("\n".join([HEADING, *lines]).encode()) == [(FileReason.TOO_MANY_ROWS, ())]


# The cells


@pytest.mark.parametrize(
    ("cell", "domains"),
    [
        ("voorbeeldstad.nl", ("voorbeeldstad.nl",)),
        (" @Voorbeeldstad.NL ", ("voorbeeldstad.nl",)),
        ("a.nl b.nl,c.nl;d.nl\ne.nl , f.nl,", ("a.nl", "b.nl", "c.nl", "d.nl", "e.nl", "f.nl")),
        ("b.nl a.nl @B.nl", ("b.nl", "a.nl")),
        ("müller.de xn--mller-kva.de", ("xn--mller-kva.de",)),
        ("wijk.voorbeeldstad.nl", ("wijk.voorbeeldstad.nl",)),
    ],
)
def test_domains(cell: str, domains: tuple[str, ...]) -> None:
    row = read_one(domains=cell)
    assert (row.domains, row.faults) == (domains, ())


@pytest.mark.parametrize(
    ("cell", "faults"),
    [
        ("", [Fault(Reason.DOMAIN_MISSING)]),
        (" , ;", [Fault(Reason.DOMAIN_MISSING)]),
        ("info@a.nl", [Fault(Reason.DOMAIN_IS_ADDRESS, "info@a.nl")]),
        ("https://a.nl", [Fault(Reason.DOMAIN_IS_WEBSITE, "https://a.nl")]),
        ("www.a.nl", [Fault(Reason.DOMAIN_IS_WEBSITE, "www.a.nl")]),
        ("WWW.a.nl", [Fault(Reason.DOMAIN_IS_WEBSITE, "WWW.a.nl")]),
        ("Gmail.com", [Fault(Reason.DOMAIN_PUBLIC, "gmail.com")]),
        ("a", [Fault(Reason.DOMAIN_MALFORMED, "a")]),
        ("@", [Fault(Reason.DOMAIN_MALFORMED, "@")]),
        ("*.a.nl", [Fault(Reason.DOMAIN_MALFORMED, "*.a.nl")]),
        ("a..nl b_c.nl", [Fault(Reason.DOMAIN_MALFORMED, "a..nl"), Fault(Reason.DOMAIN_MALFORMED, "b_c.nl")]),
        (" ".join(f"a{number}.nl" for number in range(21)), [Fault(Reason.DOMAINS_TOO_MANY, "21")]),
    ],
)
def test_domains_that_are_refused(cell: str, faults: list[Fault]) -> None:
    assert list(read_one(domains=cell).faults) == faults


@pytest.mark.parametrize(
    "cell", ["2027-12-31", "31-12-2027", "31/12/2027", " 2027-12-31 "],
)  # fmt: skip
def test_dates(cell: str) -> None:
    assert read_one(until=cell).valid_until == date(2027, 12, 31)
    assert read_one(until="1-2-2027").valid_until == date(2027, 2, 1)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", Reason.DATE_MISSING),
        ("31-12-27", Reason.DATE_SHORT_YEAR),
        ("1/2/27", Reason.DATE_SHORT_YEAR),
        ("31-02-2027", Reason.DATE_MALFORMED),
        ("12/31/2027", Reason.DATE_MALFORMED),
        ("31-12/2027", Reason.DATE_MALFORMED),
        ("2027", Reason.DATE_MALFORMED),
        ("46752", Reason.DATE_MALFORMED),
        ("0000-01-01", Reason.DATE_MALFORMED),
        ("٣١-١٢-٢٠٢٧", Reason.DATE_MALFORMED),
        ("31 december 2027", Reason.DATE_MALFORMED),
    ],
)
def test_dates_that_are_refused(cell: str, reason: Reason) -> None:
    row = read_one(until=cell)
    assert (row.valid_until, row.faults) == (None, (Fault(reason, cell),))


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        ("organisation", "", Fault(Reason.ORGANISATION_MISSING)),
        ("organisation", "\u200b", Fault(Reason.ORGANISATION_MISSING)),
        ("organisation", "Een\nTwee", Fault(Reason.TEXT_MALFORMED, "organisation")),
        ("organisation", "Een\x1b[2J", Fault(Reason.TEXT_MALFORMED, "organisation")),
        ("organisation", "x" * 121, Fault(Reason.TEXT_TOO_LONG, "organisation")),
        ("organisation", "Gemeente SÃºdhoek", Fault(Reason.TEXT_GARBLED, "Gemeente SÃºdhoek")),
        ("name", "Zo\u202eë", Fault(Reason.TEXT_MALFORMED, "contact_name")),
        ("number", "1234567", Fault(Reason.REGISTRATION_NUMBER_MALFORMED, "1234567")),
        ("number", "1,00E+12", Fault(Reason.REGISTRATION_NUMBER_MALFORMED, "1,00E+12")),
        ("number", "00000001", None),
        ("number", "1234 5678", None),
        ("number", "00000001234567890000", None),
        ("number", "", None),
        ("email", "zoe@", Fault(Reason.EMAIL_MALFORMED, "zoe@")),
        ("email", "Zoë <zoe@sudhoek.nl>", Fault(Reason.EMAIL_MALFORMED, "Zoë <zoe@sudhoek.nl>")),
        ("email", "", None),
        ("name", "", None),
        ("name", "Ýmir “Ü” Ça va", None),
    ],
)
def test_each_cell(column: str, cell: str, fault: Fault | None) -> None:
    assert read_one(**{column: cell}).faults == ((fault,) if fault else ())


def test_all_faults_of_a_row_are_named_at_once() -> None:
    [row] = read(";1;gmail.com;;x;31-12-27")
    assert [fault.reason for fault in row.faults] == [
        Reason.ORGANISATION_MISSING,
        Reason.REGISTRATION_NUMBER_MALFORMED,
        Reason.DOMAIN_PUBLIC,
        Reason.EMAIL_MALFORMED,
        Reason.DATE_SHORT_YEAR,
    ]
