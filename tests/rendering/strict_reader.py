"""A strict reader of calendar files: RFC 5545 as it is written, with a complaint for whatever it does not allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

# name, parameters, value: section 3.1; a parameter's value is quoted or has none of the marks that end it
_LINE = re.compile(r'([A-Z][A-Z0-9-]*)((?:;[A-Z-]+=(?:"[^"]*"|[^";:,]*))*):(.*)', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_MOMENT = re.compile(r"\d{8}T\d{6}Z")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"\\": "\\", ";": ";", ",": ",", "n": "\n", "N": "\n"}


class NotAllowed(Exception):
    """The file breaks a rule; the message says which."""


@dataclass(frozen=True, slots=True)
class Property:
    """A line of the file as it was meant, before its value is read."""

    name: str
    parameters: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file with one event says; None where it says nothing."""

    calendar: tuple[str, ...]
    event: tuple[str, ...]
    values: dict[str, str | int | datetime]

    def __getitem__(self, name: str) -> str | int | datetime:
        return self.values[name]


def read_strictly(content: bytes) -> Entry:
    """Read a file with one event. Raises NotAllowed."""
    outer, inner = _split([_property(line) for line in _unfolded(content)])
    _once(outer, needed={"PRODID", "VERSION"}, of="VCALENDAR")
    _once(inner, needed={"UID", "DTSTAMP", "DTSTART"}, of="VEVENT")
    values = {each.name: _value(each) for each in [*outer, *inner]}
    _demand(values["VERSION"] == "2.0", "VERSION is not 2.0")
    cancels = {"METHOD", "ORGANIZER"} & values.keys() | ({"STATUS"} if values.get("STATUS") == "CANCELLED" else set())
    _demand(cancels in (set(), {"METHOD", "ORGANIZER", "STATUS"}), f"it is cancelled by halves: {sorted(cancels)}")
    start, end = values["DTSTART"], values.get("DTEND")
    if isinstance(start, datetime) and isinstance(end, datetime):
        _demand(start < end, "DTEND is not later than DTSTART")
    return Entry(tuple(each.name for each in outer), tuple(each.name for each in inner), values)


def _unfolded(content: bytes) -> list[str]:
    _demand(content.endswith(b"\r\n"), "the last line has no end")
    lines: list[str] = []
    for number, line in enumerate(content.removesuffix(b"\r\n").split(b"\r\n"), start=1):
        _demand(not _CONTROL.search(line), f"line {number} has a control character, or an end that is not CRLF")
        _demand(len(line) <= 75, f"line {number} has {len(line)} octets")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotAllowed(f"line {number} is no UTF-8 by itself: a character was split") from error
        if text[:1] in {" ", "\t"}:
            _demand(bool(lines), "the first line continues nothing")
            lines[-1] += text[1:]
        else:
            lines.append(text)
    return lines


def _property(line: str) -> Property:
    found = _LINE.fullmatch(line)
    if not found:
        raise NotAllowed(f"no property: {line!r}")
    return Property(*found.groups())


def _split(lines: list[Property]) -> tuple[list[Property], list[Property]]:
    """What the calendar says, and what its one event says."""
    marks = [(each.name, each.value) for each in lines if each.name in {"BEGIN", "END"}]
    nest = [("BEGIN", "VCALENDAR"), ("BEGIN", "VEVENT"), ("END", "VEVENT"), ("END", "VCALENDAR")]
    _demand(marks == nest, f"not one event in one calendar: {marks}")
    opened, closed = (lines.index(Property(mark, "", "VEVENT")) for mark in ("BEGIN", "END"))
    _demand(lines[0].name == "BEGIN" and lines[-1].name == "END", "something stands outside the calendar")
    _demand(closed == len(lines) - 2, "something follows the event")
    return lines[1:opened], lines[opened + 1 : closed]


def _once(properties: list[Property], *, needed: set[str], of: str) -> None:
    names = [each.name for each in properties]
    _demand(len(names) == len(set(names)), f"{of} has a property twice")
    _demand(needed <= set(names), f"{of} lacks {needed - set(names)}")


def _value(line: Property) -> str | int | datetime:
    if line.name not in _READERS:
        raise NotAllowed(f"{line.name} is not expected")
    _demand(line.parameters == "", f"{line.name} has parameters: {line.parameters}")
    return _READERS[line.name](line.value)


def _text(value: str) -> str:
    plain = _ESCAPE.sub("", value)
    _demand(not set(plain) & set("\\;,"), f"a mark stands bare in {value!r}")
    _demand(set(_ESCAPE.findall(value)) <= set(_MEANT), f"an escape that means nothing in {value!r}")
    return _ESCAPE.sub(lambda found: _MEANT[found[1]], value)


def _moment(value: str) -> datetime:
    _demand(bool(_MOMENT.fullmatch(value)), f"{value} is no moment in UTC")
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _whole(value: str) -> int:
    _demand(bool(re.fullmatch(r"\d{1,9}", value)), f"{value} is no number of a version")
    return int(value)


def _address(value: str) -> str:
    _demand(bool(re.fullmatch(r"https://[!#$&-;=?-Z_a-z~%\[\]]+", value)), f"{value} is no address of a page")
    return value


def _mailto(value: str) -> str:
    _demand(bool(re.fullmatch(r"mailto:[!#$%&'*+/=?^_`{|}~.\w-]+@[\w.-]+", value, re.ASCII)), f"{value} is no mailbox")
    return value


def _word(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        _demand(value in allowed, f"{value} is none of {allowed}")
        return value

    return read


_READERS: dict[str, Callable[[str], str | int | datetime]] = {
    "PRODID": _text,
    "VERSION": _text,
    "UID": _text,
    "SEQUENCE": _whole,
    "DTSTAMP": _moment,
    "DTSTART": _moment,
    "DTEND": _moment,
    "SUMMARY": _text,
    "LOCATION": _text,
    "DESCRIPTION": _text,
    "URL": _address,
    "STATUS": _word("TENTATIVE", "CONFIRMED", "CANCELLED"),
    "METHOD": _word("CANCEL"),
    "ORGANIZER": _mailto,
    "TRANSP": _word("OPAQUE", "TRANSPARENT"),
}


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotAllowed(otherwise)
