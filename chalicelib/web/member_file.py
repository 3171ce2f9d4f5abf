"""Member files: from the bytes of a CSV, as Excel writes it in Dutch or English, to rows with all their faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from chalicelib.domain.mail_domain import mail_domain, organisation_domain
from chalicelib.domain.member_import import Fault, MemberRow, Reason
from chalicelib.web.day import read_day
from chalicelib.web.formats import Malformed, email, plain_text, registration_number
from chalicelib.web.table_file import TableRow, csv_records, garbled, table_rows

MOST_ROWS = 5000
# One transaction holds a row per domain, the old ones and the new ones.
MOST_DOMAINS = 20
LONGEST = 120

# Every column, by what its heading may say once small letters and digits are left of it.
COLUMNS = {
    "organisation": "organisatie organisation organization",
    "registration_number": "kvkofoin kvkoin kvkoroin kvk kvknummer oin registrationnumber",
    "domains": "domeinen domein maildomeinen domains domain",
    "contact_name": "contactpersoon contactname contact",
    "contact_email": "email emailadres contactemail emailcontactpersoon",
    "valid_until": "geldigtot geldigtotenmet validuntil",
}


def read_member_file(content: bytes) -> tuple[MemberRow, ...]:
    """The rows of a file, each with its faults. Raises FileRefused."""
    records = csv_records(content, columns=COLUMNS)
    rows = table_rows(records, columns=COLUMNS, needed=tuple(COLUMNS), most=MOST_ROWS)
    return tuple(_read_row(row) for row in rows)


def read_member(cells: Mapping[str, str], *, number: int = 0) -> MemberRow:
    """One member from its cells by column, with its faults, however it was typed."""
    return _RowReader(number, cells).read()


def _read_row(row: TableRow) -> MemberRow:
    read = read_member(row.cells, number=row.number)
    return replace(read, faults=(Fault(Reason.CELLS_TOO_MANY), *read.faults)) if row.surplus else read


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
        if garbled(raw):
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
        raw = self._cells["valid_until"]
        try:
            return read_day(raw)
        except Malformed as wrong:
            self._faults.append(Fault(Reason(str(wrong)), raw.strip()))
            return None
