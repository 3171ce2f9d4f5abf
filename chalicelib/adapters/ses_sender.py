"""The mail service: Amazon SES v2, given raw MIME that we build ourselves."""

from __future__ import annotations

import logging
import re
import unicodedata
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from chalicelib.domain.email import CalendarFile, Letter, Stream
from chalicelib.domain.error import MailBusy, MailPostponed, MailRejected, MailStopped, MailUnavailable, MailUnknown
from chalicelib.domain.mail_quota import MailQuota

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import MessageTagTypeDef

log = logging.getLogger(__name__)

# Refused because of this very mail. Whatever else was surely not sent may go better later: a MessageRejected too,
# since that is what SES says while a sender is not verified yet.
_FOR_GOOD = frozenset({"BadRequestException"})
# What may be about this mail only; every other code is about the account, the sender or the stream.
_OF_THIS_MAIL = frozenset({"MessageRejected"})
# Asked more than it admits. The first has its status 429, the others come with 400.
_BUSY = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling"})
# The longest line that mail may have; beyond it some servers refuse a mail, and others break the line.
_LONGEST = 998
# And the longest that has an encoded word in it.
_ENCODED = 76
# One bare address and nothing else. An encoded word before the @ would be decoded into another one.
_ADDRESS = re.compile(r"(?!.*=\?)[\w!#$%&'*+/=?^`{|}~.-]+@[\w.-]+", re.ASCII)
_URL = re.compile(r"https://[!-;=?-~]+")
_LIST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# What SES allows in the value of a tag; the SDK does not look at it.
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NO_SIGN = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who mails: the sending address with its name, where answers go, and the configuration set."""

    name: str
    address: str
    reply_to: str
    configuration_set: str


def ses_client() -> SESV2Client:
    """A client that never sends twice by itself: after a time-out the SDK's own retry would."""
    config = Config(
        connect_timeout=3,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 1},
        # an issue goes through many hands at once; each connection beyond these would be made anew for each mail
        max_pool_connections=64,
        # the SDK would look at each value of each mail once more; the types of what is given are checked before it runs
        parameter_validation=False,
        user_agent="loket/1",
    )
    return boto3.client("sesv2", config=config)


class SesSender:
    """Sends letters, one recipient each, by the sender of their stream."""

    def __init__(self, senders: Mapping[Stream, Sender], client: SESV2Client | None = None) -> None:
        self._senders, self._client = senders, client

    def send(self, letter: Letter, *, email_id: str) -> str:
        sender = self._senders[letter.stream]
        try:
            raw = mime(letter, sender=sender)
            tags = _tags(email=email_id, stream=letter.stream.value)
        except ValueError as error:
            raise MailRejected("malformed") from error
        self._client = self._client or ses_client()
        try:
            answer = self._client.send_email(
                FromEmailAddress=_in_ascii(sender.address),
                Destination={"ToAddresses": [letter.to]},
                Content={"Raw": {"Data": raw}},
                ConfigurationSetName=sender.configuration_set,
                EmailTags=tags,
            )
        except ClientError as error:
            # without its cause: a traceback would print SES's message, which names the address
            raise _translate(error) from None
        except (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError) as error:
            raise MailStopped(type(error).__name__) from error
        except BotoCoreError as error:
            raise MailUnknown(type(error).__name__) from error
        return answer["MessageId"]


class SesAccount:
    """What SES says of the account: how fast and how much it may send (the port MailAccount)."""

    def __init__(self, client: SESV2Client | None = None) -> None:
        self._client = client

    def quota(self) -> MailQuota:
        self._client = self._client or ses_client()
        try:
            quota = self._client.get_account()["SendQuota"]
        except (ClientError, BotoCoreError) as error:
            raise MailUnavailable(type(error).__name__) from None
        return MailQuota(
            per_second=quota.get("MaxSendRate", 0),
            per_day=quota.get("Max24HourSend", 0),
            sent=quota.get("SentLast24Hours", 0),
        )


def mime(letter: Letter, *, sender: Sender) -> bytes:
    """The letter as bytes for the wire, text part first. Raises ValueError for what cannot stand in a header."""
    parts = _parts("alternative", _text_part("plain", letter.text), _text_part("html", letter.html))
    if letter.calendars:
        files = [_calendar_part(file, number=number) for number, file in enumerate(letter.calendars, start=1)]
        parts = _parts("mixed", parts, *files)
    return _head(letter, sender=sender) + b"MIME-Version: 1.0\r\n" + parts


def _parts(kind: str, *parts: bytes) -> bytes:
    """Parts one below the other. The library does the same in a hundred times as long, of which an issue has none.

    No line within them begins like what stands between: in neither of their encodings can a _ follow a =.
    """
    border = b"=_%s" % kind.encode()
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind.encode(), border)
    return head + b"".join(b"--%s\r\n%s\r\n" % (border, part) for part in parts) + b"--%s--\r\n" % border


def _text_part(kind: str, text: str) -> bytes:
    # its lines end as those of a mail do; where there is but one, the library would break it in its own way
    lines = "\r\n".join([*text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n"), ""])
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(lines.encode())


def _calendar_part(file: CalendarFile, *, number: int) -> bytes:
    method = '; method="CANCEL"' if file.cancelled else ""
    name = "event.ics" if number == 1 else f"event-{number}.ics"
    head = (
        f'Content-Type: text/calendar; charset="utf-8"{method}\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return head.encode() + encodebytes(file.content).replace(b"\n", b"\r\n")


def _head(letter: Letter, *, sender: Sender) -> bytes:
    """What stands above the message. The library would fold and encode what must stay whole: we write it ourselves."""
    if not _ADDRESS.fullmatch(letter.to):
        raise ValueError("not one bare address")
    headers = [
        ("From", _mailbox(sender.name, address=_in_ascii(sender.address))),
        # the bare address: a name in a header would be one more place where somebody else's text could do harm
        ("To", letter.to),
        ("Reply-To", _in_ascii(sender.reply_to)),
        ("Subject", _text(letter.subject, of="Subject")),
    ]
    if letter.stream is Stream.TRANSACTIONAL:
        headers.append(("Auto-Submitted", "auto-generated"))
    if letter.list_id:
        headers.append(("List-Id", f"<{_whole(letter.list_id, shape=_LIST)}>"))
    if letter.unsubscribe_url:
        headers.append(("List-Unsubscribe", f"<{_whole(letter.unsubscribe_url, shape=_URL)}>"))
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    if any(len(line) > _LONGEST for line in head.split("\r\n")):
        raise ValueError("a header is longer than a line may be")
    return head.encode("ascii")


def _mailbox(name: str, *, address: str) -> str:
    """An address with a name before it: between quotes, or in encoded words when those could be read otherwise."""
    written = _text(name, of="From")
    if written.startswith("=?"):
        return f"{written}\r\n <{address}>"
    escaped = written.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f"{written} <{address}>" if re.fullmatch(r"[A-Za-z0-9 ]*[A-Za-z0-9]", written) else f'"{escaped}" <{address}>'
    )


def _text(text: str, *, of: str) -> str:
    """A text as it may stand in a header: in ASCII as it is, all else in encoded words, each on a line of its own."""
    plain = text.replace("\t", " ")
    if any(unicodedata.category(sign) in _NO_SIGN for sign in plain):
        raise ValueError("a sign that cannot stand in a header")
    if plain.isascii() and "=?" not in plain and len(plain) <= _LONGEST // 2:
        return plain
    return Header(plain, charset="utf-8", header_name=of, maxlinelen=_ENCODED).encode(linesep="\r\n")


def _whole(text: str, *, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(text):
        raise ValueError("not what this header holds")
    return text


def _in_ascii(address: str) -> str:
    """One of our own addresses, its domain as DNS knows it."""
    user, _, domain = address.rpartition("@")
    return _whole(f"{user}@{domain.encode('idna').decode('ascii')}", shape=_ADDRESS)


def _tags(**values: str) -> list[MessageTagTypeDef]:
    return [{"Name": name, "Value": _whole(value, shape=_TAG)} for name, value in values.items()]


def _translate(error: ClientError) -> MailPostponed | MailRejected | MailUnknown:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    if status >= 500 or status == 0:
        return MailUnknown(code)
    if status == 429 or code in _BUSY:
        return MailBusy(code)
    if code in _FOR_GOOD:
        return MailRejected(code)
    return MailPostponed(code) if code in _OF_THIS_MAIL else MailStopped(code)
