"""The mail service: Amazon SES v2, given raw MIME that we build ourselves."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
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

from chalicelib.domain.email import Letter
from chalicelib.domain.error import MailPostponed, MailRejected, MailUnknown

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

log = logging.getLogger(__name__)

# Refused because of this very mail. Whatever else was surely not sent may go better later: a MessageRejected too,
# since that is what SES says while a sender is not verified yet.
_FOR_GOOD = frozenset({"BadRequestException"})
UNFOLDED = SMTP.clone(max_line_length=998)
# One bare address and nothing else. An encoded word before the @ would be decoded into another one.
_ADDRESS = re.compile(r"(?!.*=\?)[\w!#$%&'*+/=?^`{|}~.-]+@[\w.-]+", re.ASCII)


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
        connect_timeout=3, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 1}, user_agent="loket/1"
    )
    return boto3.client("sesv2", config=config)


class SesSender:
    """Sends letters, one recipient each."""

    def __init__(self, sender: Sender, client: SESV2Client | None = None) -> None:
        self._sender, self._client = sender, client

    def send(self, letter: Letter, *, email_id: str) -> str:
        try:
            raw = mime(letter, sender=self._sender)
        except ValueError as error:
            raise MailRejected("malformed") from error
        self._client = self._client or ses_client()
        try:
            answer = self._client.send_email(
                FromEmailAddress=self._sender.address,
                Destination={"ToAddresses": [letter.to]},
                Content={"Raw": {"Data": raw}},
                ConfigurationSetName=self._sender.configuration_set,
                EmailTags=[{"Name": "email", "Value": email_id}],
            )
        except ClientError as error:
            # without its cause: a traceback would print SES's message, which names the address
            raise _translate(error) from None
        except (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError) as error:
            raise MailPostponed(type(error).__name__) from error
        except BotoCoreError as error:
            raise MailUnknown(type(error).__name__) from error
        return answer["MessageId"]


def mime(letter: Letter, *, sender: Sender) -> bytes:
    """The letter as bytes for the wire, text part first. Raises ValueError for what cannot stand in a header."""
    if not _ADDRESS.fullmatch(letter.to):
        raise ValueError("not one bare address")
    user, _, domain = sender.address.rpartition("@")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=sender.name, username=user, domain=domain)
    # the bare address: a name in a header would be one more place where somebody else's text could do harm
    message["To"] = letter.to
    message["Reply-To"] = sender.reply_to
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.calendar:
        message.add_attachment(
            letter.calendar, maintype="text", subtype="calendar", params={"charset": "utf-8"}, filename="event.ics"
        )
    # left to itself it may fold right behind "Subject:", which some mail programs show as a space or a missing subject
    return message.as_bytes(policy=UNFOLDED if letter.subject.isascii() else SMTP)


def _translate(error: ClientError) -> MailPostponed | MailRejected | MailUnknown:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error.response.get("Error", {}).get("Code", "")
    if status >= 500 or status == 0:
        return MailUnknown(code)
    return MailRejected(code) if code in _FOR_GOOD else MailPostponed(code)
