"""Subscriber files: from the bytes of a CSV or an XLSX, in Dutch or English, to rows with all their faults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Standing
from chalicelib.domain.subscriber_import import Fault, Proof, Reason, SubscriberRow
from chalicelib.domain.topic import Topic, named, of_the_tick
from chalicelib.web.day import read_day
from chalicelib.web.formats import Malformed, email, plain_text, without_link
from chalicelib.web.table_file import TableRow, csv_records, garbled, table_rows
from chalicelib.web.workbook_file import SIGNATURES, workbook_records

MOST_ROWS = 10_000
LONGEST, LONGEST_PROOF = 120, 500

# Every column, by what its heading may say once small letters and digits are left of it.
COLUMNS = {
    "email": "email emailadres emailaddress mail mailadres",
    "name": "naam name volledigenaam fullname",
    "language": "taal language",
    "topics": "rubrieken rubriek onderwerpen onderwerp topics topic",
    "given_on": "toestemmingop toestemmingdatum consenton consentdate optindatum optindate",
    "proof": "toestemmingbron toestemmingbewijs bewijs bron consentsource consentproof proof source",
    # what besides these a file of our own has; of the last three nothing comes
    "standing": "stand status standing",
    "left_on": "afgemeldop uitgeschrevenop unsubscribedon unsubscribedat",
    "paused_until": "gepauzeerdtot pauzetot pauseduntil",
    "text": "toestemmingtekst tekst consenttext text",
    "detail": "bewijsstuk evidence",
    "means": "toestemmingvia consentby",
    "asked_on": "gevraagdop askedon",
    "asked_by": "gevraagdvia askedby",
}
_LANGUAGES = {
    **dict.fromkeys(("", "nl", "nederlands", "dutch"), Language.NL),
    **dict.fromkeys(("en", "engels", "english"), Language.EN),
}
_STANDINGS = {
    "": None,
    **dict.fromkeys(("ontvangt", "bevestigd", "confirmed", "subscribed"), Standing.CONFIRMED),
    **dict.fromkeys(("nog niet bevestigd", "onbevestigd", "not confirmed", "unconfirmed"), Standing.UNCONFIRMED),
    **dict.fromkeys(("afgemeld", "uitgeschreven", "unsubscribed"), Standing.UNSUBSCRIBED),
}
# How a spreadsheet keeps a day: counted from here, and in our time five digits long.
_FIRST_DAY = date(1899, 12, 30)
_DAY_NUMBER = re.compile(r"([1-9][0-9]{4})(\.[0-9]+)?")
# What some write behind a day.
_TIME = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9.]+)?(Z|[+-][0-9:]+)?$")


def read_subscriber_file(content: bytes, *, topics: Sequence[Topic]) -> tuple[SubscriberRow, ...]:
    """The rows of a file, each with its faults. Raises FileRefused."""
    is_workbook = content.startswith(SIGNATURES)
    records = workbook_records(content) if is_workbook else csv_records(content, columns=COLUMNS)
    rows = table_rows(records, columns=COLUMNS, needed=("email",), most=MOST_ROWS)
    return tuple(_read_row(row, topics) for row in rows)


def read_consent_day(text: str) -> date:
    """A day as people or spreadsheets write it, with or without a time. Raises Malformed as read_day does."""
    if match := _DAY_NUMBER.fullmatch(text.strip()):
        return _FIRST_DAY + timedelta(days=int(match[1]))
    return read_day(_TIME.sub("", text.strip()))


def _read_row(row: TableRow, topics: Sequence[Topic]) -> SubscriberRow:
    read = _RowReader(row.number, row.cells, topics).read()
    return replace(read, faults=(Fault(Reason.CELLS_TOO_MANY), *read.faults)) if row.surplus else read


class _RowReader:
    """Reads the cells of one row, and remembers every fault."""

    def __init__(self, number: int, cells: Mapping[str, str], topics: Sequence[Topic]) -> None:
        self._number, self._topics, self._faults = number, topics, list[Fault]()
        self._cells: Mapping[str, str] = {column: cells.get(column, "") for column in COLUMNS}

    def read(self) -> SubscriberRow:
        email, left_on, standing = self._email(), self._day("left_on"), self._standing()
        of_leaving = tuple(self._faults)
        row = SubscriberRow(
            number=self._number,
            email=email,
            name=self._text("name", longest=LONGEST),
            language=self._language(),
            topics=self._wanted(),
            proof=self._proof(),
            standing=standing,
            left_on=left_on,
            paused_until=self._day("paused_until"),
        )
        # that somebody left must be kept, whatever else is wrong with his row
        return replace(row, faults=of_leaving if row.left else tuple(self._faults))

    def _fault(self, reason: Reason, value: str = "") -> str:
        self._faults.append(Fault(reason, value))
        return ""

    def _email(self) -> str:
        raw = self._cells["email"].strip()
        if not raw:
            return self._fault(Reason.EMAIL_MISSING)
        try:
            return email(plain_text(raw))
        except Malformed:
            return self._fault(Reason.EMAIL_MALFORMED, raw)

    def _text(self, column: str, *, longest: int) -> str:
        raw = self._cells[column]
        if garbled(raw):
            return self._fault(Reason.TEXT_GARBLED, raw)
        try:
            text = plain_text(raw)
            # a name goes into mails, and must not lead anybody anywhere
            text = without_link(text) if column == "name" else text
        except Malformed:
            return self._fault(Reason.TEXT_MALFORMED, column)
        return text if len(text) <= longest else self._fault(Reason.TEXT_TOO_LONG, column)

    def _language(self) -> Language:
        raw = self._cells["language"].strip()
        found = _LANGUAGES.get(raw.lower())
        if found is None:
            self._fault(Reason.LANGUAGE_UNKNOWN, raw)
        return found or Language.NL

    def _wanted(self) -> tuple[str, ...]:
        """The topics by id or title; without a word of it the one that a tick asks for."""
        found = named(self._cells["topics"], topics=self._topics)
        ids = [topic or self._fault(Reason.TOPIC_UNKNOWN, word) for word, topic in found.items()]
        return tuple(dict.fromkeys(filter(None, ids))) if found else of_the_tick(self._topics)

    def _proof(self) -> Proof:
        told = [self._text(column, longest=LONGEST_PROOF) for column in ("proof", "detail")]
        text = self._text("text", longest=LONGEST_PROOF)
        return Proof(told=", ".join(filter(None, told)), on=self._day("given_on"), text=text)

    def _standing(self) -> Standing | None:
        """Who has a day on which he left has left, also when it cannot be read."""
        if self._cells["left_on"].strip():
            return Standing.UNSUBSCRIBED
        raw = self._cells["standing"].strip()
        if raw.lower() not in _STANDINGS:
            self._fault(Reason.STANDING_UNKNOWN, raw)
        return _STANDINGS.get(raw.lower())

    def _day(self, column: str) -> date | None:
        raw = self._cells[column].strip()
        try:
            return read_consent_day(raw) if raw else None
        except Malformed as wrong:
            self._faults.append(Fault(Reason(str(wrong)), raw))
            return None
