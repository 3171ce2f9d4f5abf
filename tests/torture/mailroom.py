"""The mailroom of a world: what SES accepts by its own rules, and what it tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devstack.environment import MAIL_FROM
from devstack.ses import inspection
from devstack.ses.events import SEND, event_text, steps_for
from devstack.ses.letter import Letter
from devstack.ses.message import Message
from devstack.ses.refusals import Refusal

_VERIFIED = frozenset({MAIL_FROM.rpartition("@")[2]})
_UNREAD = Letter(raw=b"", headers=(), text=None, html=None, attachments=(), defects=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One mail that was accepted."""

    email_id: str
    to: str
    at: datetime


class Mailroom:
    """All mail that was accepted, and the events that wait to be told; nobody reads the texts."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.sent: list[Sent] = []
        self.news: list[str] = []

    def reply(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A call of the SDK."""
        if operation != "SendEmail":
            raise NotImplementedError(f"the mailroom does not know {operation}")
        try:
            return 200, {"MessageId": self._accept(asked)}
        except Refusal as refusal:
            return refusal.status, {"Error": {"Code": refusal.code, "Message": refusal.message}}

    def _accept(self, asked: dict[str, Any]) -> str:
        raw = inspection.checked_raw(asked["Content"]["Raw"]["Data"])
        fields = inspection.fields_of(raw.partition(b"\r\n\r\n")[0])
        sender = inspection.from_address(fields, announced=asked["FromEmailAddress"])
        inspection.check_verified([sender], verified=_VERIFIED)
        recipients = tuple(map(inspection.address_of, asked["Destination"]["ToAddresses"]))
        inspection.check_recipients(recipients)
        tags = tuple((tag["Name"], tag["Value"]) for tag in asked["EmailTags"])
        inspection.check_tags(tags)
        now = self._clock()
        message = Message(
            id=f"mail-{len(self.sent) + 1}",
            sent_at=now,
            sender=sender,
            recipients=recipients,
            tags=tags,
            configuration_set=asked["ConfigurationSetName"],
            letter=_UNREAD,
        )
        self.sent.append(Sent(email_id=dict(tags)["email"], to=recipients[0], at=now))
        for step in (SEND, *steps_for(recipients[0])):
            self.news.append(event_text(message=message, step=step, recipient=recipients[0], when=now))
        return message.id
