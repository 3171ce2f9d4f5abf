"""The real mail sender alone: the bytes it makes, what it never sends, and what it makes of an SES that fails."""

from __future__ import annotations

import traceback
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.ses_sender import SesAccount, SesSender, mime, ses_client
from chalicelib.domain.email import CalendarFile, Stream
from chalicelib.domain.error import (
    MailBusy,
    MailNotSent,
    MailPostponed,
    MailRejected,
    MailStopped,
    MailUnavailable,
    MailUnknown,
)
from devstack.ses.post_office import MAX_24_HOUR_SEND, MAX_SEND_RATE
from tests.adapters.conftest import NOWHERE
from tests.adapters.line import Fault, line
from tests.adapters.mail_desk import EMAIL_ID, LETTER, SENDER, SENDERS, SesMailDesk, hasty_client


def _read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


# The letter as it travels


def test_the_envelope_and_the_headers_say_who_mails_whom_about_what(ses: SesMailDesk) -> None:
    message_id = ses.sender.send(LETTER, email_id=EMAIL_ID)
    [mail] = ses.mails()
    assert (mail["id"], mail["to"], mail["defects"]) == (message_id, [LETTER.to], [])
    assert (mail["tags"], mail["configuration_set"]) == (
        {"email": EMAIL_ID, "stream": "transactional"},
        "loket-test-transactional",
    )
    headers = {header["name"]: header["value"] for header in mail["headers"]}
    assert {name: headers[name] for name in ("From", "To", "Reply-To", "Subject", "Auto-Submitted")} == {
        "From": "LPB <aanmelden@notify.lpb.example.nl>",
        "To": "zoe@sudwestfryslan.example.nl",
        "Reply-To": "info@lpb.example.nl",
        "Subject": LETTER.subject,
        "Auto-Submitted": "auto-generated",
    }
    assert len(headers) == len(mail["headers"])
    assert headers.keys() & {"Cc", "Bcc", "Sender", "List-Unsubscribe"} == set()


def test_both_texts_arrive_as_they_were_the_plain_one_first() -> None:
    message = _read(mime(LETTER, sender=SENDER))
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert [(part.get_content_type(), part.get_content_charset()) for part in (text, html)] == [
        ("text/plain", "utf-8"),
        ("text/html", "utf-8"),
    ]
    assert cast(EmailMessage, text).get_content().splitlines() == LETTER.text.splitlines()
    assert cast(EmailMessage, html).get_content().splitlines() == LETTER.html.splitlines()


@pytest.mark.parametrize(
    "subject",
    ["Bevestigd", "Zoë — 100 €", "👩🏽‍🌾🪑" * 20, "é" * 300, "x" * 500, "=?utf-8?q?not?= decoded =", "", "  spaces  "],
)
def test_a_subject_is_one_line_in_ascii_and_reads_as_it_was(ses: SesMailDesk, subject: str) -> None:
    ses.sender.send(replace(LETTER, subject=subject), email_id=EMAIL_ID)
    raw = mime(replace(LETTER, subject=subject), sender=SENDER)
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert [len(part) for part in raw.split(b"\r\n") if len(part) > 998] == []
    if "=?" not in subject:  # which a reader would decode, as any mail program does
        assert ses.mails()[0]["subject"].strip() == subject.strip()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=st.text(max_size=200), html=st.text(max_size=200))
def test_any_text_can_travel(text: str, html: str) -> None:
    raw = mime(replace(LETTER, text=text, html=html), sender=SENDER)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    parts = [cast(EmailMessage, part).get_content() for part in _read(raw).iter_parts()]
    assert ["".join(part.split()) for part in parts] == ["".join(each.split()) for each in (text, html)]


CALENDARS = {
    "as a calendar program writes it": "BEGIN:VCALENDAR\r\nSUMMARY:Súdwest 🏡 دعوة\r\nEND:VCALENDAR\r\n".encode(),
    "with one very long line": b"BEGIN:VCALENDAR\r\nDESCRIPTION:" + b"x" * 5_000 + b"\r\nEND:VCALENDAR\r\n",
    "with other ends of lines": b"BEGIN:VCALENDAR\nA:1\rB:2\r\n.\r\nFrom x\r\n",
}


@pytest.mark.parametrize("calendar", CALENDARS.values(), ids=CALENDARS)
def test_a_calendar_file_goes_with_the_letter_to_the_byte(ses: SesMailDesk, calendar: bytes) -> None:
    letter = replace(LETTER, calendars=(CalendarFile(content=calendar),))
    ses.sender.send(letter, email_id=EMAIL_ID)
    assert ses.mails()[0]["defects"] == []
    raw = mime(letter, sender=SENDER)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = _read(raw)
    assert message.get_content_type() == "multipart/mixed"
    texts, file = (cast(EmailMessage, part) for part in message.iter_parts())
    assert [part.get_content_type() for part in texts.iter_parts()] == ["text/plain", "text/html"]
    assert (file.get_content_type(), file.get_content_charset(), file.get_param("method")) == (
        "text/calendar",
        "utf-8",
        None,
    )
    assert (file.get_content_disposition(), file.get_filename()) == ("attachment", "event.ics")
    assert file.get_payload(decode=True) == calendar


@pytest.mark.parametrize("name", ["Zorg & Buurt, «LPB»", 'De "Buurt"', "Vereniging <script>", "Súdwest 🏡"])
def test_any_name_can_stand_before_the_address(ses: SesMailDesk, name: str) -> None:
    sender = SesSender({Stream.TRANSACTIONAL: replace(SENDER, name=name)}, client=hasty_client())
    sender.send(LETTER, email_id=EMAIL_ID)
    [address] = _read(mime(LETTER, sender=replace(SENDER, name=name)))["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, SENDER.address)


# What is never sent

LONGEST = f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.nl"
HOSTILE_ADDRESSES = (
    "zoe@example.nl\r\nBcc: crowd@example.org",
    "zoe@example.nl\nBcc: crowd@example.org",
    "zoe@example.nl\u2028Bcc: crowd@example.org",
    "zoe@example.nl\x00",
    "zoe@example.nl, crowd@example.org",
    "zoe@example.nl; crowd@example.org",
    "Zoë <zoe@example.nl>",
    "crowd@example.org <zoe@example.nl>",
    "=?utf-8?q?crowd=40example.org=2C?=@example.nl",
    "=?utf-8?q?a=0D=0ABcc=3A_crowd=40example.org?=@example.nl",
    "=?utf-8?b?YQ0KQmNjOiBi?=@example.nl",
    "=?utf-8?q??=@example.nl",
    "zoë@example.nl",
    "zoe@café.nl",
    "zoe van@example.nl",
    '"zoe"@example.nl',
    "zoe@@example.nl",
    "zoe@[192.0.2.1]",
    "zoe",
    "@example.nl",
    "",
)


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_what_is_not_one_bare_address_gets_no_mail(ses: SesMailDesk, address: str) -> None:
    with pytest.raises(MailRejected):
        ses.sender.send(replace(LETTER, to=address), email_id=EMAIL_ID)
    assert ses.mails() == []


@pytest.mark.parametrize(
    "address",
    ["o'brien+lpb@example.co.uk", "a.b_c-d=e@xn--caf-dma.nl", "!#$%&'*+/?=^_`{|}~@example.nl", LONGEST],
)
def test_an_unusual_address_is_the_one_that_gets_the_mail(ses: SesMailDesk, address: str) -> None:
    ses.sender.send(replace(LETTER, to=address), email_id=EMAIL_ID)
    [mail] = ses.mails()
    assert (mail["to"], mail["defects"]) == ([address], [])
    assert [header["value"] for header in mail["headers"] if header["name"] == "To"] == [address]


@pytest.mark.parametrize(
    "subject",
    ["Hoi\r\nBcc: crowd@example.org", "Hoi\nX: y", "Hoi\rX", "Hoi\u2028X", "Hoi\x00", "\ud800"],
)
def test_a_subject_that_would_break_the_header_is_not_sent(ses: SesMailDesk, subject: str) -> None:
    with pytest.raises(MailRejected):
        ses.sender.send(replace(LETTER, subject=subject), email_id=EMAIL_ID)
    assert ses.mails() == []


def test_an_encoded_line_end_in_the_subject_makes_no_header(ses: SesMailDesk) -> None:
    hostile = "=?utf-8?q?Hoi=0D=0ABcc=3A_crowd=40example=2Eorg?="
    ses.sender.send(replace(LETTER, subject=hostile), email_id=EMAIL_ID)
    [mail] = ses.mails()
    assert mail["to"] == [LETTER.to]
    assert "Bcc" not in {header["name"] for header in mail["headers"]}


# An SES that fails


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("MessageRejected", MailPostponed),
        ("BadRequestException", MailRejected),
        ("AccountSuspendedException", MailStopped),
        ("SendingPausedException", MailStopped),
        ("MailFromDomainNotVerifiedException", MailStopped),
        ("LimitExceededException", MailStopped),
        ("NotFoundException", MailStopped),
        ("TooManyRequestsException", MailBusy),
    ],
)
def test_a_refusal_is_for_good_only_when_it_is_about_this_mail(
    ses: SesMailDesk, code: str, outcome: type[MailNotSent]
) -> None:
    ses.plan("refuse", error=code)
    with pytest.raises(outcome, match=code):
        ses.sender.send(LETTER, email_id=EMAIL_ID)
    assert ses.mails() == []


@pytest.mark.parametrize("fault", ["error_500", "timeout_before"])
def test_a_failure_inside_ses_leaves_open_whether_it_was_sent(ses: SesMailDesk, fault: str) -> None:
    """One fault for one call: a second one by the SDK itself would succeed, and be a second mail on another day."""
    ses.plan(fault, seconds=3)
    with pytest.raises(MailUnknown):
        ses.sender.send(LETTER, email_id=EMAIL_ID)
    assert ses.mails() == []


FAULTS: tuple[Fault, ...] = ("answer lost", "hung up before", "hung up after", "broken before", "broken after")
ACCEPTED: tuple[Fault, ...] = ("answer lost", "hung up after", "broken after")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_line_is_used_once(ses: SesMailDesk, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    with line(to=ses.url) as (between, url):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", url)
        between.faults += [fault]
        with pytest.raises(MailUnknown):
            SesSender(SENDERS, client=hasty_client()).send(LETTER, email_id=EMAIL_ID)
        assert len(between.asked) == 1
    assert len(ses.mails()) == (1 if fault in ACCEPTED else 0)


def test_a_throttled_line_is_used_once_too(ses: SesMailDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    with line(to=ses.url) as (between, url):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", url)
        between.faults += ["throttled"]
        with pytest.raises(MailPostponed):
            SesSender(SENDERS, client=hasty_client()).send(LETTER, email_id=EMAIL_ID)
        assert len(between.asked) == 1


def test_where_nobody_answers_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", NOWHERE)
    with pytest.raises(MailPostponed):
        SesSender(SENDERS).send(LETTER, email_id=EMAIL_ID)


def test_without_credentials_nothing_was_sent(ses: SesMailDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # which remembers those it had
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(MailPostponed):
        SesSender(SENDERS).send(LETTER, email_id=EMAIL_ID)
    assert ses.mails() == []


def test_while_our_own_address_is_not_verified_mails_wait(ses: SesMailDesk) -> None:
    stranger = SesSender(
        {Stream.TRANSACTIONAL: replace(SENDER, address="info@other.example.nl")}, client=hasty_client()
    )
    with pytest.raises(MailPostponed, match="MessageRejected"):
        stranger.send(LETTER, email_id=EMAIL_ID)


def test_what_ses_says_is_in_no_traceback(ses: SesMailDesk) -> None:
    """It may name the address; the code is enough."""
    ses.plan("refuse", error="BadRequestException")
    with pytest.raises(MailRejected) as caught:
        ses.sender.send(LETTER, email_id=EMAIL_ID)
    told = "".join(traceback.format_exception(caught.value))
    assert "BadRequestException" in told
    assert "Refused because a test asked for it" not in told
    assert LETTER.to not in told


def test_the_client_never_repeats_by_itself_and_is_done_within_the_lease() -> None:
    config: Any = ses_client().meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout < 60


@pytest.mark.parametrize(
    "subject",
    [
        "Uw ticket voor 4 februari: lancering en online bijeenkomst (B26-4SM2-2)",
        "Uw ticket voor één heel lange bijeenkomst die nog veel langer heet dan dit (B26-4SM2-2)",
        "x" * 300,
    ],
)
def test_a_subject_begins_on_its_own_line(subject: str) -> None:
    raw = mime(replace(LETTER, subject=subject), sender=SENDER)
    (line,) = [line for line in raw.split(b"\r\n") if line.startswith(b"Subject:")]
    assert line.startswith(b"Subject: ")
    assert len(line) > 20
    assert _read(raw)["Subject"] == subject
    assert max(len(line) for line in raw.split(b"\r\n\r\n", 1)[1].split(b"\r\n")) <= 78


def test_the_account_says_how_fast_and_how_much_may_be_sent(ses: SesMailDesk) -> None:
    ses.sender.send(LETTER, email_id=EMAIL_ID)
    quota = SesAccount(client=ses_client()).quota()
    assert (quota.per_second, quota.per_day, quota.sent) == (MAX_SEND_RATE, MAX_24_HOUR_SEND, 1)
    assert quota.left == int(MAX_24_HOUR_SEND * 0.8) - 1
    assert quota.rate == pytest.approx(MAX_SEND_RATE * 0.8)


def test_an_account_that_says_nothing_stops_an_issue_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", NOWHERE)
    with pytest.raises(MailUnavailable):
        SesAccount().quota()
