"""What SES tells of a mail, as the stand-in tells it: bare, or in the envelope of SNS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.ses_events import EVENTS, read_mail_event
from chalicelib.domain.email import Delivery, MailNews
from chalicelib.domain.error import MailNewsRefused
from tests.adapters.mail_desk import EMAIL_ID, LETTER, SesMailDesk

# What each address of the stand-in brings about, event by event; None moves no email.
FATES: dict[str, list[tuple[str, tuple[Delivery, str] | None]]] = {
    "zoe": [("Send", (Delivery.SENT, "")), ("Delivery", (Delivery.DELIVERED, ""))],
    "bounce": [("Send", (Delivery.SENT, "")), ("Bounce", (Delivery.BOUNCED, "Permanent General"))],
    "suppressed": [
        ("Send", (Delivery.SENT, "")),
        ("Bounce", (Delivery.BOUNCED, "Permanent OnAccountSuppressionList")),
    ],
    "mailboxfull": [("Send", (Delivery.SENT, "")), ("Bounce", (Delivery.BOUNCED, "Transient MailboxFull"))],
    "complaint": [
        ("Send", (Delivery.SENT, "")),
        ("Delivery", (Delivery.DELIVERED, "")),
        ("Complaint", (Delivery.COMPLAINED, "")),
    ],
    "delay": [("Send", (Delivery.SENT, "")), ("DeliveryDelay", None), ("Delivery", (Delivery.DELIVERED, ""))],
    "reject": [("Send", (Delivery.SENT, "")), ("Reject", (Delivery.FAILED, ""))],
}


def in_envelope(event: str) -> str:
    """As SNS brings it to a queue, unless the subscription asks for raw delivery."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": "4f1c-0001",
            "TopicArn": "arn:aws:sns:eu-west-1:123456789012:loket-prod-deliveries",
            "Subject": "Amazon SES Email Event Notification",
            "Message": event,
            "Timestamp": "2026-11-25T12:00:00.000Z",
            "SignatureVersion": "1",
            "Signature": "c2lnbmF0dXJl",
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/x.pem",
            "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
        }
    )


def bare(event: str) -> str:
    return event


def _events(ses: SesMailDesk, *, to: str, many: int) -> tuple[str, list[str]]:
    """The message id of a mail to that address, and the events about it."""
    message_id = ses.sender.send(replace(LETTER, to=f"{to}@example.nl"), email_id=EMAIL_ID)
    deadline = time.monotonic() + 5
    while len(ses.events) < many:
        assert time.monotonic() < deadline, "the events did not come"
        time.sleep(0.005)
    return message_id, ses.events


@pytest.mark.parametrize("dress", [bare, in_envelope])
@pytest.mark.parametrize("address", FATES)
def test_every_event_is_read_for_what_it_means(ses: SesMailDesk, address: str, dress: Callable[[str], str]) -> None:
    fate = FATES[address]
    message_id, events = _events(ses, to=address, many=len(fate))
    assert [json.loads(event)["eventType"] for event in events] == [name for name, _ in fate]
    assert [read_mail_event(dress(event)) for event in events] == [
        meaning
        and MailNews(
            email_id=EMAIL_ID,
            delivery=meaning[0],
            message_id=message_id,
            reason=meaning[1],
            address=f"{address}@example.nl",
        )
        for _, meaning in fate
    ]


def test_the_stand_in_tells_of_every_event_that_counts() -> None:
    assert EVENTS.keys() <= {name for fate in FATES.values() for name, _ in fate}


# Events as they may be, made by hand


def event(**changes: Any) -> dict[str, Any]:
    return {
        "eventType": "Delivery",
        "mail": {"messageId": "0102-1", "tags": {"email": [EMAIL_ID], "ses:operation": ["SendEmail"]}},
        "delivery": {"recipients": ["zoe@example.nl"]},
        **changes,
    }


NEWS = MailNews(email_id=EMAIL_ID, delivery=Delivery.DELIVERED, message_id="0102-1", reason="")


def test_an_event_made_by_hand_reads_like_those_of_the_stand_in() -> None:
    assert read_mail_event(json.dumps(event())) == NEWS


@pytest.mark.parametrize(
    "changes",
    [
        {"eventType": "Open"},
        {"eventType": "Click"},
        {"eventType": "Subscription"},
        {"eventType": "Rendering Failure"},
        {"eventType": "SomethingNew"},
        {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bounceSubType": "General"}},
        {"mail": {"messageId": "0102-1"}},
        {"mail": {"messageId": "0102-1", "tags": {}}},
        {"mail": {"messageId": "0102-1", "tags": {"email": []}}},
        {"mail": {"messageId": "0102-1", "tags": {"campaign": ["newsletter"]}}},
    ],
    ids=json.dumps,
)
def test_what_moves_no_email_of_ours_is_passed_over(changes: dict[str, Any]) -> None:
    for dress in (bare, in_envelope):
        assert read_mail_event(dress(json.dumps(event(**changes)))) is None


def test_the_greeting_of_ses_when_its_topic_is_set_up_is_passed_over() -> None:
    assert read_mail_event("Successfully validated SNS topic for Amazon SES event publishing.") is None


@pytest.mark.parametrize(
    ("bounce", "reason"),
    [
        ({"bounceType": "Permanent", "bounceSubType": "Suppressed"}, "Permanent Suppressed"),
        ({"bounceType": "Undetermined", "bounceSubType": "Undetermined"}, "Undetermined Undetermined"),
        ({"bounceType": "Permanent"}, "Permanent"),
        ({"bounceType": "Transient"}, "Transient"),
        ({"bounceType": "Permanent", "bounceSubType": "General"}, "Permanent General"),
        ({"bounceType": "Transient", "bounceSubType": "ContentRejected"}, "Transient ContentRejected"),
        ({}, ""),
        (None, ""),
    ],
)
def test_every_other_bounce_is_one(bounce: dict[str, str] | None, reason: str) -> None:
    news = read_mail_event(json.dumps(event(eventType="Bounce", bounce=bounce)))
    assert news == replace(NEWS, delivery=Delivery.BOUNCED, reason=reason)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "7",
        '"Delivery"',
        "{}",
        "{",
        "not json",
        json.dumps({"notificationType": "Delivery", "mail": {"messageId": "0102-1"}}),
        json.dumps({"eventType": "Delivery"}),
        json.dumps({"eventType": "Delivery", "mail": None}),
        json.dumps({"eventType": "Delivery", "mail": {}}),
        json.dumps({"eventType": 7, "mail": {"messageId": "0102-1"}}),
        json.dumps({"eventType": "Delivery", "mail": {"messageId": 7}}),
        json.dumps(event(mail={"messageId": "0102-1", "tags": {"email": EMAIL_ID}})),
        json.dumps(event(mail={"messageId": "0102-1", "tags": {"email": [7]}})),
        json.dumps(event(eventType="Bounce", bounce="hard")),
        json.dumps({"Message": 7}),
        json.dumps({"Message": ""}),
        json.dumps({"Message": "{}"}),
        json.dumps({"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe to the topic."}),
        json.dumps({"Message": json.dumps({"Message": json.dumps(event())})}),
        '{"eventType": "Delivery", "mail": ' + '{"a": ' * 100_000,
        '{"eventType": "Delivery", "mail": {"messageId": "1", "x": ' + "[" * 100_000 + "]" * 100_000 + "}}",
        "\ud800",
        '{"Message": "\\ud800"}',
    ],
    ids=lambda body: ascii(body)[:40],
)
def test_what_cannot_be_read_is_refused(body: str) -> None:
    for dress in (bare, in_envelope):
        with pytest.raises(MailNewsRefused):
            read_mail_event(dress(body))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(body=st.text() | st.lists(st.text()).map(json.dumps))
def test_nonsense_is_refused_and_nothing_else_happens(body: str) -> None:
    with pytest.raises(MailNewsRefused):
        read_mail_event(body)
