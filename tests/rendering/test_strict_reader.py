"""The strict reader complains of what RFC 5545 does not allow; otherwise its silence would prove nothing."""

from __future__ import annotations

import pytest

from tests.rendering.strict_reader import NotAllowed, read_strictly

GOOD = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A//B//EN\r\nBEGIN:VEVENT\r\nUID:1@example.nl\r\n"
    b"DTSTAMP:20261001T000000Z\r\nDTSTART:20261109T080000Z\r\nDTEND:20261109T160000Z\r\n"
    b"SUMMARY:Een \\, twee\\n\xc3\xa9\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_a_good_file_is_read() -> None:
    entry = read_strictly(GOOD)
    assert entry["SUMMARY"] == "Een , twee\né"
    assert entry.calendar == ("VERSION", "PRODID")
    assert entry.event == ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY")


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        (b"\r\n", b"\n", "the last line has no end"),
        (b"END:VCALENDAR\r\n", b"END:VCALENDAR", "the last line has no end"),
        (b"UID:1@example.nl\r\n", b"UID:1@example.nl\n", "an end that is not CRLF"),
        (b"UID:1@example.nl\r\n", b"UID:1@example.nl\r", "an end that is not CRLF"),
        (b"SUMMARY:Een", b"SUMMARY:\x07", "a control character"),
        (b"SUMMARY:Een", b"SUMMARY:" + b"a" * 75, "octets"),
        (b"\xc3\xa9", b"\xc3\r\n \xa9", "a character was split"),
        (b"BEGIN:VCALENDAR", b" BEGIN:VCALENDAR", "continues nothing"),
        (b"UID:1", b"\r\nUID:1", "no property"),
        (b"SUMMARY:Een", b"SUMMARY Een", "no property"),
        (b"BEGIN:VEVENT", b"BEGIN:VTODO", "not one event"),
        (b"END:VEVENT\r\n", b"END:VEVENT\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n", "not one event"),
        (b"END:VEVENT\r\n", b"END:VEVENT\r\nURL:https://a.nl\r\n", "follows the event"),
        (b"END:VCALENDAR\r\n", b"END:VCALENDAR\r\nURL:https://a.nl\r\n", "outside the calendar"),
        (b"PRODID:-//A//B//EN\r\n", b"", "VCALENDAR lacks"),
        (b"VERSION:2.0\r\n", b"VERSION:2.0\r\nMETHOD:CANCEL\r\n", "cancelled by halves"),
        (b"SUMMARY:", b"STATUS:CANCELLED\r\nSUMMARY:", "cancelled by halves"),
        (b"SUMMARY:", b"ORGANIZER:mailto:a@b.nl\r\nSUMMARY:", "cancelled by halves"),
        (b"SUMMARY:", b"ORGANIZER:a@b.nl\r\nSUMMARY:", "no mailbox"),
        (b"VERSION:2.0\r\n", b"", "VCALENDAR lacks"),
        (b"VERSION:2.0", b"VERSION:1.0", "VERSION"),
        (b"UID:1@example.nl\r\n", b"", "VEVENT lacks"),
        (b"DTSTAMP:20261001T000000Z\r\n", b"", "VEVENT lacks"),
        (b"DTSTART:20261109T080000Z\r\n", b"", "VEVENT lacks"),
        (b"UID:1@example.nl\r\n", b"UID:1@example.nl\r\nUID:2@example.nl\r\n", "twice"),
        (b"UID:1@example.nl\r\n", b"UID:1@example.nl\r\nATTENDEE:mailto:a@b.nl\r\n", "ATTENDEE is not expected"),
        (b"DTSTART:20261109T080000Z", b"DTSTART:20261109T080000", "no moment in UTC"),
        (b"DTSTART:", b"DTSTART;TZID=Europe/Amsterdam:", "has parameters"),
        (b"DTEND:20261109T160000Z", b"DTEND:20261109T080000Z", "DTEND is not later"),
        (b"\\,", b",", "stands bare"),
        (b"\\,", b";", "stands bare"),
        (b"\\n", b"\\", "means nothing"),
        (b"\xc3\xa9", b"\\", "stands bare"),
        (b"\\n", b"\\t", "means nothing"),
    ],
)
def test_a_bad_file_is_refused(written: bytes, instead: bytes, complaint: str) -> None:
    assert GOOD.count(written) >= 1
    with pytest.raises(NotAllowed, match=complaint):
        read_strictly(GOOD.replace(written, instead))
