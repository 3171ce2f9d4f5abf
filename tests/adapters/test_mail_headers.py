"""The headers of a mail, whatever stands in a name, a subject or an address: nothing injected, all of it readable."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header
from email.policy import default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.ses_sender import Sender, SesSender, mime
from chalicelib.domain.email import CalendarFile, Letter, Stream
from chalicelib.domain.error import MailRejected
from tests.adapters.header_reader import NotAllowed, read_headers, read_mailbox, read_text
from tests.adapters.mail_desk import BULK, EMAIL_ID, LETTER, SENDER, SesMailDesk, hasty_client

ISSUE = replace(
    LETTER,
    stream=Stream.BULK,
    unsubscribe_url="https://aanmelden.lpb.example.nl/nieuwsbrief/afmelden/q7mmnf2nqzv4k3bqxgq5dn4s6y5m2t7a",
    list_id="nieuwsbrief.lpb.example.nl",
)
ABOVE = ["From", "To", "Reply-To", "Subject"]
OF_SERVICE = [*ABOVE, "Auto-Submitted", "MIME-Version", "Content-Type"]
OF_BULK = [*ABOVE, "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"]
# The longest address of which the header still fits on one line.
LONGEST_URL = 998 - len("List-Unsubscribe: <>")

TEXTS = {
    "plain": "LPB",
    "accents": "Súdwest-Fryslân, Vereniging Één",
    "quotes": 'De "Buurt" van \'t Hof \\ \\"',
    "commas and more": "Zorg, Wonen; Samen: (LPB) [NL] <lpb> @lpb.",
    "an address": "crowd@example.org",
    "another mailbox": '"Crowd" <crowd@example.org>, LPB',
    "a header": "Bcc: crowd@example.org",
    "an encoded word": "=?utf-8?q?crowd=40example=2Eorg?=",
    "an encoded end of line": "=?utf-8?b?DQpCY2M6IGNyb3dkQGV4YW1wbGUub3Jn?=",
    "half an encoded word": "=?utf-8?q?crowd",
    "the end of one": "a ?= b =? c",
    "right to left": "ד״ר שָׁלוֹם 12 د. مُحَمَّد",
    "marks of direction": "\u202eneerhcsrev\u202c \u200fعربي\u200e",
    "emoji": "👩🏽‍🌾🏳️‍🌈🇳🇱 👨‍👩‍👧‍👦",
    "500 signs": "x" * 500,
    "500 letters": "é" * 500,
    "500 emoji": "👩🏽‍🌾" * 125,
    "500 in words": ("Vereniging voor buurt- en wijkgericht werken " * 12)[:500].strip(),
    "500 in words with one accent": ("Vereniging voor buurt- en wijkgericht werken " * 12)[:499].strip() + "é",
    "2000 signs": "x" * 2000,
    "2000 spaces and a letter": " " * 2000 + "x",
    "composed later": "e\u0301" * 50,
    "nothing": "",
    "dots": "...",
    "what quoted-printable marks": "a=b_c?d = = _ _ ? ?",
}
HOSTILE = {
    "an end of line": "LPB\r\nBcc: crowd@example.org",
    "a line feed": "LPB\nBcc: crowd@example.org",
    "a carriage return": "LPB\rBcc: crowd@example.org",
    "the end of the headers": "LPB\r\n\r\n<h1>Nieuws</h1>",
    "a folded line": "LPB\r\n Bcc: crowd@example.org",
    "a null": "LPB\x00",
    "a bell": "LPB\x07",
    "next line": "LPB\x85Bcc: crowd@example.org",
    "a line separator": "LPB\u2028Bcc: crowd@example.org",
    "a paragraph separator": "LPB\u2029Bcc: crowd@example.org",
    "half of a pair": "LPB\ud800",
}


def bytes_of(text: str, *, letter: Letter = LETTER, sender: Sender = SENDER) -> bytes:
    """A mail with this text for its subject and for the name of its sender."""
    return mime(replace(letter, subject=text), sender=replace(sender, name=text))


def joined(value: str) -> str:
    """A value as the standard library's old parser reads it."""
    parts = decode_header(value.replace("\r\n", ""))
    return "".join(part if isinstance(part, str) else part.decode(charset or "ascii") for part, charset in parts)


def check(raw: bytes, text: str, *, headers: list[str], address: str) -> None:
    """Three readers read the same: a strict one, and both of the standard library."""
    found = read_headers(raw)
    assert list(found) == headers
    assert read_text(found["Subject"]).strip() == text.strip()
    mailbox = read_mailbox(found["From"])
    assert (mailbox.name.strip(), mailbox.address) == (text.strip(), address)
    old = message_from_bytes(raw)
    assert (old.keys(), joined(old["Subject"]).strip(), old.defects) == (headers, text.strip(), [])
    new = message_from_bytes(raw, policy=default)
    [sender] = new["From"].addresses
    assert (str(new["Subject"]).strip(), sender.addr_spec) == (text.strip(), address)
    assert (new.defects, new["From"].defects, new["Subject"].defects) == ([], (), ())
    assert [part.get_content_type() for part in new.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_is_read_as_it_was_and_adds_no_header(text: str) -> None:
    check(bytes_of(text), text, headers=OF_SERVICE, address=SENDER.address)
    check(bytes_of(text, letter=ISSUE, sender=BULK), text, headers=OF_BULK, address=BULK.address)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(max_size=300))
@example(text="\u00ad")
@example(text="\xa0é\xa0")
@example(text='"')
@example(text="é" * 30 + " " * 80 + "é")
def test_whatever_is_typed_is_read_as_it_was_or_refused(text: str) -> None:
    broken = any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} and sign != "\t" for sign in text)
    try:
        raw = bytes_of(text)
    except ValueError:
        assert broken
        return
    assert not broken
    found = read_headers(raw)
    assert list(found) == OF_SERVICE
    seen = [read_text(found["Subject"]), read_mailbox(found["From"]).name]
    assert [each.strip() for each in seen] == [text.replace("\t", " ").strip()] * 2


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_would_break_a_header_is_never_sent(ses: SesMailDesk, text: str) -> None:
    for letter, sender in ((replace(LETTER, subject=text), SENDER), (LETTER, replace(SENDER, name=text))):
        with pytest.raises(MailRejected, match="malformed"):
            SesSender({Stream.TRANSACTIONAL: sender}, client=hasty_client()).send(letter, email_id=EMAIL_ID)
    assert ses.mails() == []


def test_our_own_addresses_travel_as_dns_knows_them() -> None:
    raw = mime(LETTER, sender=replace(SENDER, address="post@café.example.nl", reply_to="info@bücher.example.nl"))
    found = read_headers(raw)
    assert read_mailbox(found["From"]).address == "post@xn--caf-dma.example.nl"
    assert found["Reply-To"] == "info@xn--bcher-kva.example.nl"


@pytest.mark.parametrize(
    "address", ["info@lpb.nl\r\nBcc: a@b.nl", "info", "a@b.nl, c@d.nl", "=?utf-8?q?a?=@b.nl", "ïnfo@lpb.nl", "a@b..nl"]
)
def test_a_wrong_address_of_our_own_is_never_written(address: str) -> None:
    for wrong in (replace(SENDER, address=address), replace(SENDER, reply_to=address)):
        with pytest.raises(ValueError):  # noqa: PT011  # which one does not matter
            mime(LETTER, sender=wrong)


# Bulk


@pytest.mark.parametrize("length", [60, 76, 77, 78, 79, 100, 255, 500, LONGEST_URL])
def test_where_to_unsubscribe_stays_on_one_line(length: int) -> None:
    url = "https://lpb.example.nl/".ljust(length, "a")
    raw = mime(replace(ISSUE, unsubscribe_url=url), sender=BULK)
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: <{url}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert message_from_bytes(raw, policy=default)["List-Unsubscribe"] == f"<{url}>"


@pytest.mark.parametrize("length", [LONGEST_URL + 1, 1200, 2000])
def test_one_that_fits_on_no_line_is_refused_rather_than_broken(length: int) -> None:
    with pytest.raises(ValueError, match="longer than a line"):
        mime(replace(ISSUE, unsubscribe_url="https://lpb.example.nl/".ljust(length, "a")), sender=BULK)


@pytest.mark.parametrize(
    "url",
    [
        "http://lpb.example.nl/afmelden",
        "mailto:afmelden@lpb.example.nl",
        "javascript:alert(1)",
        "https://lpb.example.nl/a b",
        "https://lpb.example.nl/a\r\nBcc: crowd@example.org",
        "https://lpb.example.nl/a>, <mailto:crowd@example.org",
        "https://lpb.example.nl/é",
        "https://",
    ],
)
def test_where_to_unsubscribe_is_one_page_of_ours(url: str) -> None:
    with pytest.raises(ValueError, match="not what this header holds"):
        mime(replace(ISSUE, unsubscribe_url=url), sender=BULK)


@pytest.mark.parametrize(
    "list_id", ["nieuwsbrief", "a b.nl", "a.nl>\r\nBcc: x@y.nl", "nieuws@lpb.nl", "é.nl", ".nl", "a..nl"]
)
def test_a_list_is_named_as_a_domain_is(list_id: str) -> None:
    with pytest.raises(ValueError, match="not what this header holds"):
        mime(replace(ISSUE, list_id=list_id), sender=BULK)


def test_each_stream_has_a_sender_of_its_own(ses: SesMailDesk) -> None:
    ses.sender.send(LETTER, email_id="ticket-1")
    ses.sender.send(ISSUE, email_id="issue-1")
    service, bulk = ses.mails()
    headers = [{each["name"]: each["value"] for each in mail["headers"]} for mail in (service, bulk)]
    assert [(mail["configuration_set"], mail["tags"]) for mail in (service, bulk)] == [
        ("loket-test-transactional", {"email": "ticket-1", "stream": "transactional"}),
        ("loket-test-bulk", {"email": "issue-1", "stream": "bulk"}),
    ]
    assert [each["From"] for each in headers] == [f"LPB <{SENDER.address}>", f"LPB <{BULK.address}>"]
    assert [each.get("Auto-Submitted") for each in headers] == ["auto-generated", None]
    assert "List-Unsubscribe" not in headers[0]
    assert headers[1]["List-Unsubscribe"] == f"<{ISSUE.unsubscribe_url}>"
    assert headers[1]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers[1]["List-Id"] == "<nieuwsbrief.lpb.example.nl>"


@pytest.mark.parametrize("email_id", ["c#12#003", "confirmation-é", "a b", "", "a" * 257, "a\n", "a.b", "a@b"])
def test_what_ses_would_not_take_for_a_tag_is_refused_by_us(ses: SesMailDesk, email_id: str) -> None:
    with pytest.raises(MailRejected, match="malformed"):
        ses.sender.send(LETTER, email_id=email_id)
    assert ses.mails() == []


def test_the_longest_tag_is_taken(ses: SesMailDesk) -> None:
    ses.sender.send(LETTER, email_id="Az09_-" + "a" * 250)
    assert len(ses.mails()) == 1


def test_a_file_that_cancels_says_so_and_each_has_a_name_of_its_own() -> None:
    files = (CalendarFile(content=b"1", cancelled=True), CalendarFile(content=b"2", cancelled=True))
    raw = mime(replace(LETTER, calendars=files), sender=SENDER)
    parts = [part for part in message_from_bytes(raw).walk() if part.get_content_type() == "text/calendar"]
    assert [(part.get_param("method"), part.get_filename()) for part in parts] == [
        ("CANCEL", "event.ics"),
        ("CANCEL", "event-2.ics"),
    ]


# The strict reader itself


@pytest.mark.parametrize(
    ("head", "complaint"),
    [
        (b"From: a\r\nFrom: b", "twice"),
        (b"From: a\r\nfrom: b", "twice"),
        (b"From: a\nBcc: b", "printable"),
        ("From: é".encode(), "printable"),
        (b"From: a\r\n \r\nTo: b", "nothing but spaces"),
        (b" From: a", "continues nothing"),
        (b"From", "no header"),
        (b"From: " + b"x" * 993, "octets"),
        (b"Subject: " + b"x" * 60 + b" =?utf-8?q?x?=", "with an encoded word"),
    ],
)
def test_the_reader_complains_of_headers(head: bytes, complaint: str) -> None:
    with pytest.raises(NotAllowed, match=complaint):
        read_headers(head + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("=?utf-8?b?w6k?=", "base64"),
        ("=?utf-8?b?ww==?= =?utf-8?b?qQ==?=", "split"),
        ("=?latin1?q?a?=", "not expected"),
        (f"=?utf-8?q?{'a' * 64}?=", "76 characters"),
        ("a=?utf-8?q?a?=", "half"),
    ],
)
def test_the_reader_complains_of_texts(value: str, complaint: str) -> None:
    with pytest.raises(NotAllowed, match=complaint):
        read_text(value)


@pytest.mark.parametrize("value", ["a, b <a@b.nl>", "a <a@b.nl>, <c@d.nl>", "a@b.nl", '"a" b" <a@b.nl>'])
def test_the_reader_complains_of_mailboxes(value: str) -> None:
    with pytest.raises(NotAllowed):
        read_mailbox(value)
