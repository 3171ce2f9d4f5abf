"""The calendar file is what RFC 5545 asks, says what it was told, and asks nobody to answer."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.offer import Session
from chalicelib.rendering.calendar_file import MEDIA_TYPE, calendar_file
from tests.rendering.strict_reader import Entry, read_strictly

MADE_AT = datetime(2026, 10, 1, 7, 30, 15, 123456, tzinfo=UTC)
LINK = "https://loket.example.nl/e/congres-2026"


def _day(day: int, *, opens: int = 8, closes: int = 16) -> Session:
    return Session(
        starts_at=datetime(2026, 11, day, opens, 30, tzinfo=UTC), ends_at=datetime(2026, 11, day, closes, tzinfo=UTC)
    )


def _file(
    *,
    uid: str = "congres-2026@loket.example.nl",
    sequence: int = 0,
    title: str = "Jaarcongres",
    place: str = "Jaarbeurs, Utrecht",
    description: str = "9 november, 9.30 tot 17.00 uur",
    sessions: tuple[Session, ...] = (_day(9),),
    made_at: datetime = MADE_AT,
    cancelled_by: str = "",
) -> bytes:
    return calendar_file(
        uid=uid,
        sequence=sequence,
        title=title,
        place=place,
        description=description,
        url=LINK,
        sessions=sessions,
        made_at=made_at,
        cancelled_by=cancelled_by,
    )


def _read(content: bytes) -> Entry:
    """What the strict reader makes of it; another library has to read the same."""
    entry = read_strictly(content)
    (event,) = IcsCalendarStream.calendar_from_ics(content.decode()).events
    assert (event.uid, event.sequence, event.status) == (entry["UID"], entry["SEQUENCE"], entry["STATUS"])
    assert (event.dtstart, event.dtend, event.dtstamp) == (entry["DTSTART"], entry["DTEND"], entry["DTSTAMP"])
    assert (event.summary, event.location, str(event.url)) == (entry["SUMMARY"], entry["LOCATION"], entry["URL"])
    assert event.description == entry["DESCRIPTION"]
    return entry


def test_an_ordinary_file() -> None:
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Loket//Calendar file//EN",
        "BEGIN:VEVENT",
        "SUMMARY:Jaarcongres",
        "DTSTART:20261109T083000Z",
        "DTEND:20261109T160000Z",
        "DTSTAMP:20261001T073015Z",
        "UID:congres-2026@loket.example.nl",
        "SEQUENCE:0",
        "DESCRIPTION:9 november\\, 9.30 tot 17.00 uur\\n\\nhttps://loket.example.nl/e/",
        " congres-2026",
        "LOCATION:Jaarbeurs\\, Utrecht",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "URL:https://loket.example.nl/e/congres-2026",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    assert _file().decode() == "\r\n".join(lines)


def test_it_says_what_it_was_told() -> None:
    entry = _read(_file(uid="a;b,c@loket.example.nl", sequence=3))
    assert (entry["UID"], entry["SEQUENCE"], entry["STATUS"]) == ("a;b,c@loket.example.nl", 3, "CONFIRMED")
    assert (entry["SUMMARY"], entry["LOCATION"], entry["URL"]) == ("Jaarcongres", "Jaarbeurs, Utrecht", LINK)
    assert entry["DESCRIPTION"] == f"9 november, 9.30 tot 17.00 uur\n\n{LINK}"


def test_nobody_is_asked_to_answer() -> None:
    """A method, an organiser or an attendee would make an invitation of it; a calendar name, a calendar of its own."""
    entry = _read(_file())
    assert set(entry.calendar) == {"PRODID", "VERSION"}
    assert set(entry.event).isdisjoint({"ORGANIZER", "ATTENDEE", "CONTACT"})
    assert "method" not in MEDIA_TYPE


def test_three_days_are_one_entry_whatever_their_order() -> None:
    sessions = (_day(10), _day(11, closes=13), _day(9, opens=7, closes=20))
    entry = _read(_file(sessions=sessions))
    assert entry["DTSTART"] == datetime(2026, 11, 9, 7, 30, tzinfo=UTC)
    assert entry["DTEND"] == datetime(2026, 11, 11, 13, tzinfo=UTC)


def test_the_last_to_end_need_not_be_the_last_to_start() -> None:
    entry = _read(_file(sessions=(_day(9, opens=7, closes=20), _day(9, opens=10, closes=12))))
    assert entry["DTEND"] == datetime(2026, 11, 9, 20, tzinfo=UTC)


def test_a_moved_event_differs_in_its_version_and_its_times_only() -> None:
    first = _file().splitlines()
    moved = _file(sequence=1, sessions=(_day(16),), made_at=MADE_AT + timedelta(days=3)).splitlines()
    assert [line for line in moved if line not in first] == [
        b"DTSTART:20261116T083000Z",
        b"DTEND:20261116T160000Z",
        b"DTSTAMP:20261004T073015Z",
        b"SEQUENCE:1",
    ]


def test_a_cancelled_event_takes_the_entry_away() -> None:
    """With what RFC 5546 asks of a cancellation: a method, an organiser, and a newer version of the same entry."""
    first = _file().splitlines()
    content = _file(sequence=1, made_at=MADE_AT + timedelta(days=3), cancelled_by="info@loket.example.nl")
    assert [line for line in content.splitlines() if line not in first] == [
        b"METHOD:CANCEL",
        b"DTSTAMP:20261004T073015Z",
        b"SEQUENCE:1",
        b"ORGANIZER:mailto:info@loket.example.nl",
        b"STATUS:CANCELLED",
        b"TRANSP:TRANSPARENT",
    ]
    entry = _read(content)
    assert (entry["METHOD"], entry["STATUS"], entry["UID"]) == ("CANCEL", "CANCELLED", _read(_file())["UID"])
    assert "ATTENDEE" not in entry.event


@pytest.mark.parametrize("zone", [AMSTERDAM, ZoneInfo("Europe/London"), ZoneInfo("UTC")])
def test_times_in_another_zone_are_told_in_utc(zone: ZoneInfo) -> None:
    session = Session(
        starts_at=datetime(2026, 11, 9, 8, 30, tzinfo=UTC).astimezone(zone),
        ends_at=datetime(2026, 11, 9, 16, tzinfo=UTC).astimezone(zone),
    )
    assert _file(sessions=(session,), made_at=MADE_AT.astimezone(zone)) == _file()


def test_a_time_without_a_zone_is_refused() -> None:
    naive = _day(9).starts_at.replace(tzinfo=None)
    with pytest.raises(AssertionError, match="without a zone"):
        _file(made_at=naive)
    with pytest.raises(AssertionError, match="without a zone"):
        _file(sessions=(Session(starts_at=naive, ends_at=_day(9).ends_at),))


def test_an_event_without_dates_has_no_file() -> None:
    with pytest.raises(ValueError, match="empty"):
        _file(sessions=())


@pytest.mark.parametrize(
    "text",
    [
        "Samen; verder, hoger",
        r"C:\Nieuw\nieuw\;\,\\N",
        "“Aanhalingstekens” \"recht\" 'enkel' ^n ^'",
        "👩‍👩‍👧‍👦🏳️‍🌈🇳🇱" * 30,
        "ד״ר שָׁלוֹם and د. مُحَمَّد " * 10 + "tot slot",
        "\u200fعربي\u200e",
        "BEGIN:VALARM",
        "é" * 500,
        "€" * 500,
        "a" * 2000,
        "\\" * 200,
        ":;,=\"'%0D%0A",
    ],
)
def test_a_text_arrives_as_it_is(text: str) -> None:
    entry = _read(_file(title=text, place=text, description=text))
    assert entry["SUMMARY"] == text.strip()
    assert entry["LOCATION"] == text.strip()
    assert entry["DESCRIPTION"] == f"{text}\n\n{LINK}"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_line_break_of_any_kind(end: str) -> None:
    hostile = f"Zaal 1{end}ATTENDEE:mailto:a@b.nl{end}"
    entry = _read(_file(title=hostile, place=hostile, description=f"Een{end}{end}twee"))
    assert entry["SUMMARY"] == entry["LOCATION"] == "Zaal 1 ATTENDEE:mailto:a@b.nl"
    assert entry["DESCRIPTION"] == f"Een\n\ntwee\n\n{LINK}"


def test_what_is_no_text_is_left_out() -> None:
    entry = _read(_file(title="a\x00b\x07c\x1b[0m\x7f\x9f\ud83d", place="\t Zaal \t 1 ", description="a\x00\tb\udc00"))
    assert (entry["SUMMARY"], entry["LOCATION"]) == ("abc[0m", "Zaal 1")
    assert entry["DESCRIPTION"] == f"a\tb\n\n{LINK}"


def test_without_a_description_there_is_the_link() -> None:
    assert _read(_file(description=""))["DESCRIPTION"] == LINK


@pytest.mark.parametrize("before", range(80))
def test_no_character_is_split_wherever_it_falls(before: int) -> None:
    text = "x" * before + "😀é€" * 3 + r"\;," * 3
    assert _read(_file(title=text))["SUMMARY"] == text


@settings(max_examples=100, deadline=None, derandomize=True)
@given(text=st.text(alphabet=st.characters(exclude_categories=())))
@example(text="\\N")
@example(text="\x1c\x00")
def test_any_text_makes_a_file_that_is_allowed(text: str) -> None:
    content = _file(title=text, place=text, description=text)
    entry = read_strictly(content)
    seen = "".join(str(entry["DESCRIPTION"]).removesuffix(LINK).split())
    wanted = "".join(text.split())
    assert [mark for mark in seen if mark.isprintable()] == [mark for mark in wanted if mark.isprintable()]
    assert content == _file(title=text, place=text, description=text)


def test_the_library_is_not_loaded_before_it_is_needed() -> None:
    program = "import sys, chalicelib.rendering.calendar_file; print('icalendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
