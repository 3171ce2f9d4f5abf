"""What SES tells of a mail: events of a configuration set, as they arrive in the queue."""

from __future__ import annotations

import msgspec

from chalicelib.domain.email import Delivery, MailNews
from chalicelib.domain.error import MailNewsRefused

# Events that move an email; any other (open, click, delay) is not subscribed to and ignored.
EVENTS = {
    "Send": Delivery.SENT,
    "Delivery": Delivery.DELIVERED,
    "Bounce": Delivery.BOUNCED,
    "Complaint": Delivery.COMPLAINED,
    "Reject": Delivery.FAILED,
}


# What SES sends once when an event destination is made.
GREETING = "Successfully validated SNS topic"


class _Mail(msgspec.Struct, rename="camel"):
    """Which mail the event is about."""

    message_id: str
    tags: dict[str, list[str]] = {}
    destination: list[str] = []


class _Bounce(msgspec.Struct, rename="camel"):
    """Why a mail came back."""

    bounce_type: str = ""
    bounce_sub_type: str = ""


# An out-of-office answer comes as a bounce too, though the mail did arrive.
AWAY = _Bounce(bounce_type="Transient", bounce_sub_type="General")


class _Event(msgspec.Struct, rename="camel"):
    """One event, as far as it is read."""

    event_type: str
    mail: _Mail
    bounce: _Bounce | None = None


class _Envelope(msgspec.Struct):
    """What SNS wraps an event in."""

    Message: str


def read_mail_event(body: str) -> MailNews | None:
    """News of one of our emails; None for an event that moves none. Raises MailNewsRefused."""
    if body.startswith(GREETING):
        return None
    try:
        event = _read(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise MailNewsRefused(type(error).__name__) from error
    delivery, email_ids = EVENTS.get(event.event_type), event.mail.tags.get("email", [])
    if delivery is None or not email_ids or event.bounce == AWAY:
        return None
    reason = f"{event.bounce.bounce_type} {event.bounce.bounce_sub_type}".strip() if event.bounce else ""
    # one recipient each, so that it is his mailbox that the event speaks of
    address = event.mail.destination[0] if len(event.mail.destination) == 1 else ""
    return MailNews(
        email_id=email_ids[0],
        delivery=delivery,
        message_id=event.mail.message_id,
        reason=reason,
        address=address,
    )


def _read(body: str) -> _Event:
    """The event itself, taken out of SNS's envelope unless the subscription delivers it raw."""
    try:
        return msgspec.json.decode(body, type=_Event)
    except msgspec.ValidationError:
        return msgspec.json.decode(msgspec.json.decode(body, type=_Envelope).Message, type=_Event)
