"""The checks that SES makes before it accepts a message."""

import re
from collections.abc import Iterable, Sequence
from email.utils import getaddresses

from devstack.ses.refusals import Refusal, bad_request

REGION = "eu-west-1"
MOST_RECIPIENTS = 50
MOST_OCTETS = 40 * 1024 * 1024
LONGEST_LINE = 998

# SES publishes this list; the fields outside it may be repeated (To and Cc among them).
ONCE_ONLY = frozenset(
    """accept-language acceptlanguage archived-at auto-submitted bounces-to comments content-alternative content-base
    content-class content-description content-disposition content-duration content-id content-language content-length
    content-location content-md5 content-transfer-encoding content-type date delivered-to
    disposition-notification-options disposition-notification-to dkim-signature domainkey-signature errors-to from
    importance in-reply-to keywords list-archive list-help list-id list-owner list-post list-subscribe list-unsubscribe
    list-unsubscribe-post message-context message-id mime-version organization original-from original-message-id
    original-recipient original-subject precedence priority references reply-to return-path return-receipt-to sender
    solicitation sensitivity subject thread-index thread-topic user-agent vbr-info""".split()
)

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_NAMED = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|[^<>"@,;:\\()\[\]]*)\s*<(?P<address>[^<>]*)>""")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_FOLD = re.compile(rb"\r\n(?=[ \t])")


def address_of(mailbox: str) -> str:
    """The bare address in `a@b.nl` or `Name <a@b.nl>`, or a refusal."""
    if not mailbox.isascii() or not mailbox.isprintable():
        raise bad_request("Local address contains control or whitespace")
    named = _NAMED.fullmatch(mailbox.strip())
    address = named["address"] if named else mailbox.strip()
    if "@" not in address:
        raise bad_request("Missing final '@domain'")
    local, _, _ = address.rpartition("@")
    if not _ADDRESS.fullmatch(address) or len(local) > 64 or len(address) > 254:
        raise bad_request(f"Illegal address: {address}")
    return address


def check_recipients(recipients: Sequence[str]) -> None:
    """At least one and at most fifty."""
    if not recipients:
        raise bad_request("Missing required header 'To'.")
    if len(recipients) > MOST_RECIPIENTS:
        raise bad_request(f"Recipient count exceeds {MOST_RECIPIENTS}.")


def check_tags(tags: Iterable[tuple[str, str]]) -> None:
    """Names and values of letters, digits, `_` and `-` only: an address or a storage key is not a tag."""
    for name, value in tags:
        check_word(name, noun="tag name")
        check_word(value, noun="tag value")


def check_word(word: str, *, noun: str) -> None:
    """One name in the only alphabet SES knows."""
    if len(word) > 256:
        raise bad_request(f"Invalid {noun}: it has {len(word)} characters, the most is 256.")
    if not _WORD.fullmatch(word):
        raise bad_request(f"Invalid {noun} <{word}>: only alphanumeric ASCII characters, '_', and '-' are allowed.")


def check_verified(addresses: Iterable[str], *, verified: frozenset[str]) -> None:
    """A verified domain vouches for its addresses and its subdomains, a verified address for itself."""
    known = {identity.lower() for identity in verified}
    failed = sorted({address for address in addresses if not known & set(_identities(address))})
    if failed:
        message = (
            "Email address is not verified. The following identities failed the check in region "
            f"{REGION.upper()}: {', '.join(failed)}"
        )
        raise Refusal(code="MessageRejected", message=message)


def _identities(address: str) -> list[str]:
    labels = address.lower().rpartition("@")[2].split(".")
    return [address.lower(), *(".".join(labels[start:]) for start in range(len(labels)))]


def checked_raw(raw: bytes) -> bytes:
    """The message with CRLF line ends, when its outer form is one that may travel."""
    if len(raw) > MOST_OCTETS:
        raise bad_request(f"Message length is more than {MOST_OCTETS} bytes long: '{len(raw)}'.")
    lines = _one_kind_of_line_end(raw)
    if lines.startswith(b"\r\n"):
        raise bad_request("Missing required header 'From'.")
    head, blank_line, _ = lines.partition(b"\r\n\r\n")
    if not blank_line:
        raise bad_request("The message has no blank line between its header and its body.")
    if not head.isascii() or re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", head):
        raise bad_request("The header of the message contains non-ASCII or control characters: encode them (RFC 2047).")
    longest = max(map(len, lines.split(b"\r\n")))
    if longest > LONGEST_LINE:
        raise bad_request(f"A line of the message has {longest} octets; the most is {LONGEST_LINE} (RFC 5321).")
    _check_once_only(name for name, _ in fields_of(head))
    return lines


def _one_kind_of_line_end(raw: bytes) -> bytes:
    crlf, lf, cr = raw.count(b"\r\n"), raw.count(b"\n"), raw.count(b"\r")
    if cr > crlf or (crlf and lf > crlf):
        raise bad_request("The message mixes CRLF with a bare CR or LF: a line end came in with a value, or was lost.")
    return raw if crlf else raw.replace(b"\n", b"\r\n")


def _check_once_only(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.lower() in ONCE_ONLY & seen:
            raise bad_request(f"Duplicate header '{name}'.")
        seen.add(name.lower())


def fields_of(head: bytes) -> list[tuple[str, str]]:
    """The header fields, unfolded but not decoded."""
    pairs = (_FOLD.sub(b"", field).partition(b":") for field in _FIELD_END.split(head))
    return [(name.decode("ascii"), value.strip().decode("ascii")) for name, _, value in pairs]


def from_address(fields: Iterable[tuple[str, str]], *, announced: str | None) -> str:
    """The address in the From header, which must be the one that the call announced."""
    header = next((value for name, value in fields if name.lower() == "from"), None)
    if header is None:
        raise bad_request("Missing required header 'From'.")
    address = address_of(header)
    if announced is not None and address_of(announced).lower() != address.lower():
        raise bad_request(f"FromEmailAddress <{address_of(announced)}> is not the address in 'From': <{address}>.")
    return address


def header_recipients(fields: Iterable[tuple[str, str]]) -> list[str]:
    """Whom the headers name; SES looks here only when the call has no Destination."""
    values = [value for name, value in fields if name.lower() in {"to", "cc", "bcc"}]
    return [address_of(address) for _, address in getaddresses(values)]


def stamped(raw: bytes, *, message_id: str, date: str) -> bytes:
    """The message as it leaves SES: its own Message-ID and Date, and no Bcc."""
    head, blank_line, body = raw.partition(b"\r\n\r\n")
    replaced = (b"message-id:", b"date:", b"bcc:")
    kept = [field for field in _FIELD_END.split(head) if not field.lower().startswith(replaced)]
    own = [f"Message-ID: {message_id}".encode("ascii"), f"Date: {date}".encode("ascii")]
    return b"\r\n".join([*kept, *own]) + blank_line + body
