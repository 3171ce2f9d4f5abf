"""A strict reader of what stands above a mail: RFC 5322 and 2047 as they are written, with a complaint for all else."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?=")
_SPECIALS = re.compile(r'[()<>\[\]:;@\\,."]')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ADDRESS = re.compile(r"(.*) <([^<>@\s]+@[a-z0-9.-]+)>", re.DOTALL)
# In a name before an address an encoded word has none but these (RFC 2047, 5.3).
_IN_PHRASE = re.compile(r"[A-Za-z0-9!*+/=_-]*")


class NotAllowed(Exception):
    """The mail breaks a rule; the message says which."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whom a header names."""

    name: str
    address: str


def read_headers(raw: bytes) -> dict[str, str]:
    """Every header with its value as it stands there, unfolded. Raises NotAllowed."""
    head, end, _ = raw.partition(b"\r\n\r\n")
    _demand(bool(end), "nothing ends the headers")
    headers: dict[str, str] = {}
    name = ""
    for line in head.split(b"\r\n"):
        _demand(re.fullmatch(rb"[\t\x20-\x7e]+", line) is not None, f"no line of printable ASCII: {line!r}")
        _demand(len(line) <= 998, f"a line of {len(line)} octets")
        text = line.decode("ascii")
        _demand(len(line) <= 76 or "=?" not in text, f"a line of {len(line)} octets with an encoded word")
        if text[0] in " \t":
            _demand(bool(name), "the first line continues nothing")
            _demand(bool(text.strip()), "a line of nothing but spaces")
            headers[name] += text
            continue
        found = _HEADER.fullmatch(text)
        if not found:
            raise NotAllowed(f"no header: {text!r}")
        name = found[1]
        _demand(name.lower() not in {each.lower() for each in headers}, f"{name} is there twice")
        headers[name] = found[2]
    return headers


def read_text(value: str, *, phrase: bool = False) -> str:
    """A text as it was meant: encoded words read one by one, each of whole characters. Raises NotAllowed."""
    pieces: list[tuple[bool, str]] = []
    for token in re.split(r"([ \t]+)", value):
        found = _WORD.fullmatch(token)
        _demand("=?" not in token or found is not None, f"half an encoded word: {token!r}")
        pieces.append((True, _decoded(found, phrase=phrase)) if found else (False, token))
    text = ""
    for at, (encoded, piece) in enumerate(pieces):
        # the space between two encoded words is no part of the text
        between = not encoded and not piece.strip() and 0 < at < len(pieces) - 1
        if not (between and pieces[at - 1][0] and pieces[at + 1][0]):
            text += piece
    return text


def read_mailbox(value: str) -> Mailbox:
    """The one mailbox that a header names. Raises NotAllowed."""
    found = _ADDRESS.fullmatch(value)
    if not found:
        raise NotAllowed(f"not one mailbox: {value!r}")
    name = found[1]
    if quoted := _QUOTED.fullmatch(name):
        return Mailbox(re.sub(r"\\(.)", r"\1", quoted[1]), found[2])
    _demand("=?" in name or not _SPECIALS.search(name), f"a mark that belongs between quotes: {name!r}")
    return Mailbox(read_text(name, phrase=True), found[2])


def _decoded(word: re.Match[str], *, phrase: bool) -> str:
    charset, encoding, text = word.groups()
    _demand(len(word[0]) <= 75, f"an encoded word of {len(word[0])} characters")
    _demand(charset.lower() == "utf-8", f"{charset} is not expected")
    if encoding.lower() == "b":
        try:
            content = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise NotAllowed(f"no base64: {text}") from error
    else:
        _demand(not phrase or _IN_PHRASE.fullmatch(text) is not None, f"a mark that a name must not have: {text}")
        plain = text.replace("_", " ").encode("ascii")
        content = re.sub(rb"=([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), plain)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotAllowed("a character is split over two encoded words") from error


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotAllowed(otherwise)
