"""The calendar file: an event as one entry that Outlook, Google and Apple add to a calendar, to go with a ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.domain.offer import Session

# Without a method, in the file and here alike, unless it is cancelled: the entry is offered, nobody is asked to answer.
MEDIA_TYPE = "text/calendar; charset=utf-8"

_PRODUCT = "-//Loket//Calendar file//EN"
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def calendar_file(
    *,
    uid: str,
    sequence: int,
    title: str,
    place: str,
    description: str,
    url: str,
    sessions: Sequence[Session],
    made_at: datetime,
    cancelled_by: str = "",
) -> bytes:
    """One entry from the start of the first session to the end of the last; `description` tells what is when.

    The same `uid` with a higher `sequence` is a newer version of it; with the address of who cancelled it, that
    it is off. Calendars are shared: `url` must not open anybody's order.
    """
    from icalendar import Calendar, Event, vUnknown

    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", _utc(made_at))
    event.add("dtstart", min(_utc(session.starts_at) for session in sessions))
    event.add("dtend", max(_utc(session.ends_at) for session in sessions))
    # as it stands: the library's own kind of text takes the backslash and N of C:\Nieuw for a line break
    event.add("summary", vUnknown(_escaped(_line(title))))
    event.add("location", vUnknown(_escaped(_line(place))))
    # Google shows no other link than one in the text
    event.add("description", vUnknown(_escaped(_lines(f"{description}\n\n{url}"))))
    event.add("url", url)
    event.add("status", "CANCELLED" if cancelled_by else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled_by else "OPAQUE")
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    if cancelled_by:
        # without it a program adds the entry instead of taking it away; it must then name an organiser (RFC 5546)
        calendar.add("method", "CANCEL")
        event.add("organizer", f"mailto:{cancelled_by}")
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None, "a moment without a zone"
    return moment.astimezone(UTC)


def _line(text: str) -> str:
    return " ".join(_lines(text).split())


def _lines(text: str) -> str:
    return _NO_TEXT.sub("", "\n".join(text.splitlines())).strip()


def _escaped(text: str) -> str:
    for mark, written in (("\\", r"\\"), (";", r"\;"), (",", r"\,"), ("\n", r"\n")):
        text = text.replace(mark, written)
    return text
