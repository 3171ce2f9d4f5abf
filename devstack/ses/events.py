"""What becomes of a message, told in the dialect of SES event publishing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from devstack.ses.inspection import REGION
from devstack.ses.message import Message, State

ACCOUNT = "123456789012"
SUPPRESSED = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your account."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens to a message for one recipient."""

    event_type: str
    state: State
    part: str
    details: Callable[[str, datetime], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """The fate of every address whose local part starts with a certain word, as at SES's mailbox simulator."""

    prefix: str
    steps: tuple[Step, ...]
    explanation: str


def iso(moment: datetime) -> str:
    """A moment as SES writes it: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bounce(*, kind: str, subtype: str, status: str, diagnostic: str) -> Step:
    def details(recipient: str, when: datetime) -> dict[str, Any]:
        failed = {"emailAddress": recipient, "action": "failed", "status": status, "diagnosticCode": diagnostic}
        return {
            "bounceType": kind,
            "bounceSubType": subtype,
            "bouncedRecipients": [failed],
            "timestamp": iso(when),
            "feedbackId": f"0102-{uuid4()}-000000",
            "reportingMTA": f"dsn; a1-1.smtp-out.{REGION}.amazonses.com",
        }

    return Step(event_type="Bounce", state=State.BOUNCED, part="bounce", details=details)


def _delivered(recipient: str, when: datetime) -> dict[str, Any]:
    return {
        "timestamp": iso(when),
        "processingTimeMillis": 300,
        "recipients": [recipient],
        "smtpResponse": "250 2.6.0 Message received",
        "remoteMtaIp": "192.0.2.25",
        "reportingMTA": f"a1-1.smtp-out.{REGION}.amazonses.com",
    }


def _complained(recipient: str, when: datetime) -> dict[str, Any]:
    return {
        "complainedRecipients": [{"emailAddress": recipient}],
        "timestamp": iso(when),
        "feedbackId": f"0102-{uuid4()}-000000",
        "complaintSubType": None,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": iso(when),
    }


def _delayed(recipient: str, when: datetime) -> dict[str, Any]:
    waiting = {"emailAddress": recipient, "status": "4.4.1", "diagnosticCode": "smtp; 421 4.4.1 Unable to connect"}
    return {
        "timestamp": iso(when),
        "delayType": "TransientCommunicationFailure",
        "expirationTime": iso(when + timedelta(hours=14)),
        "delayedRecipients": [waiting],
    }


SEND = Step(event_type="Send", state=State.ACCEPTED, part="send", details=lambda _recipient, _when: {})
DELIVERY = Step(event_type="Delivery", state=State.DELIVERED, part="delivery", details=_delivered)
COMPLAINT = Step(event_type="Complaint", state=State.COMPLAINED, part="complaint", details=_complained)
DELAY = Step(event_type="DeliveryDelay", state=State.DELAYED, part="deliveryDelay", details=_delayed)
REJECT = Step(
    event_type="Reject",
    state=State.REJECTED,
    part="reject",
    details=lambda _recipient, _when: {"reason": "Bad content"},
)
HARD_BOUNCE = _bounce(kind="Permanent", subtype="General", status="5.1.1", diagnostic="smtp; 550 5.1.1 user unknown")
FULL_MAILBOX = _bounce(
    kind="Transient", subtype="MailboxFull", status="4.2.2", diagnostic="smtp; 452 4.2.2 mailbox full"
)
ON_SUPPRESSION_LIST = _bounce(
    kind="Permanent", subtype="OnAccountSuppressionList", status="5.1.1", diagnostic=SUPPRESSED
)

HABITS = (
    Habit(prefix="bounce", steps=(HARD_BOUNCE,), explanation="komt terug: het adres bestaat niet"),
    Habit(prefix="mailboxfull", steps=(FULL_MAILBOX,), explanation="komt terug: de postbus is vol (tijdelijk)"),
    Habit(prefix="suppressed", steps=(ON_SUPPRESSION_LIST,), explanation="staat op de blokkeerlijst van het account"),
    Habit(prefix="complaint", steps=(DELIVERY, COMPLAINT), explanation="wordt bezorgd, daarna als spam gemeld"),
    Habit(prefix="delay", steps=(DELAY, DELIVERY), explanation="wordt eerst uitgesteld, daarna bezorgd"),
    Habit(prefix="reject", steps=(REJECT,), explanation="wordt na aanname afgekeurd, zoals bij een virus"),
)


def steps_for(recipient: str) -> tuple[Step, ...]:
    """What happens after acceptance to the copy for one recipient."""
    local = recipient.lower()
    return next((habit.steps for habit in HABITS if local.startswith(habit.prefix)), (DELIVERY,))


def event_text(*, message: Message, step: Step, recipient: str, when: datetime) -> str:
    """One event as JSON text."""
    event = {"eventType": step.event_type, "mail": _mail(message), step.part: step.details(recipient, when)}
    return json.dumps(event)


def _mail(message: Message) -> Mapping[str, Any]:
    letter = message.letter
    domain = message.sender.rpartition("@")[2]
    own_tags = {
        "ses:source-tls-version": ["TLSv1.3"],
        "ses:operation": ["SendEmail"],
        "ses:configuration-set": [message.configuration_set],
        "ses:source-ip": ["192.0.2.1"],
        "ses:from-domain": [domain],
        "ses:caller-identity": ["loket"],
    }
    return {
        "timestamp": iso(message.sent_at),
        "source": letter.sender,
        "sourceArn": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{domain}",
        "sendingAccountId": ACCOUNT,
        "messageId": message.id,
        "destination": list(message.recipients),
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in letter.headers],
        "commonHeaders": {
            "from": [letter.sender],
            "to": [letter.header("To")],
            "messageId": message.id,
            "subject": letter.subject,
        },
        "tags": own_tags | {name: [value] for name, value in message.tags},
    }
