"""Formats: what an answer of each kind must look like, and how it is written down."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from chalicelib.domain.offer import QuestionKind

# Cf signs that turn the direction of text around: they can make a name read as something else.
_BIDI = frozenset("\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


class Malformed(Exception):
    """An answer is not right; the message is the key of the text that says so."""


def plain_text(value: str) -> str:
    """One line of text, composed and trimmed; empty when there is nothing in it to see."""
    text = unicodedata.normalize("NFC", value).strip()
    if "\ufffd" in text:
        raise Malformed("not_text")
    if any(sign in "\r\n\u2028\u2029" for sign in text):
        raise Malformed("line_breaks")
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn"} or sign in _BIDI for sign in text):
        raise Malformed("control_characters")
    return text if any(unicodedata.category(sign)[0] in "LNPS" for sign in text) else ""


def email(value: str) -> str:
    """An address as SES takes it: the part before the @ in ASCII, the domain in its ASCII form."""
    from email_validator import EmailNotValidError, validate_email

    if "=?" in value:
        # valid before the @, but the mail's own To header would decode it, into another address or a line break
        raise Malformed("email_invalid")
    try:
        checked = validate_email(value, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise Malformed("email_invalid") from error
    assert checked.ascii_email is not None, "without SMTPUTF8 every address has an ASCII form"
    return checked.ascii_email


def looks_like_email(value: str) -> bool:
    """Whether it could be an address at all, for where mail to a wrong one harms nobody."""
    return bool(re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", value))


def as_stored(value: str) -> str:
    """An address that is looked for, as it is stored: its domain in ASCII, all in lower case; else as it was typed."""
    try:
        return email(value).lower()
    except Malformed:
        return value.lower()


def postal_code(value: str) -> str:
    """A Dutch postal code, as 1234 AB."""
    from stdnum.exceptions import ValidationError
    from stdnum.nl import postcode

    try:
        return str(postcode.validate(value))
    except ValidationError as error:
        raise Malformed("postal_code_invalid") from error


def registration_number(value: str) -> str:
    """A KvK number (8 digits; it has no public checksum) or an OIN (20 digits with a known prefix)."""
    digits = re.sub(r"[\s.]", "", value)
    if re.fullmatch(r"[0-9]{8}|0000000[1-9][0-9]{12}|00000099[0-9]{12}", digits):
        return digits
    raise Malformed("oin_invalid" if re.fullmatch(r"[0-9]{18,22}", digits) else "kvk_or_oin_invalid")


def street(value: str) -> str:
    """A street with a number: an invoice needs the actual address (art. 35a Wet OB)."""
    if re.match(r"(postbus|po box)\b", value, re.IGNORECASE):
        raise Malformed("address_incomplete")
    return value


def without_link(value: str) -> str:
    """A name, which goes into mails to others, and must not lead them anywhere."""
    if re.search(r"://|\bwww\.", value, re.IGNORECASE):
        raise Malformed("no_link")
    return value


FORMATS: dict[QuestionKind, Callable[[str], str]] = {
    QuestionKind.TEXT: lambda value: value,
    QuestionKind.EMAIL: email,
    QuestionKind.POSTAL_CODE: postal_code,
    QuestionKind.REGISTRATION_NUMBER: registration_number,
}
