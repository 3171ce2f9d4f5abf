"""The SES stand-in as boto3 and a test meet it."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError, ReadTimeoutError

from devstack.ses.inspection import address_of, checked_raw
from devstack.ses.refusals import Refusal
from tests.devstack.ses_desk import FROM, ICS, Desk, StandIn, eventually, header, mail, refused, running_desk, send


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with running_desk() as running:
        yield running


@pytest.fixture
def stand_in(desk: Desk) -> Iterator[StandIn]:
    with desk.opened() as opened:
        yield opened


class TestAccepted:
    """What a good message becomes."""

    def test_a_mail_is_kept_as_its_reader_sees_it(self, stand_in: StandIn) -> None:
        message_id = send(stand_in, EmailTags=[{"Name": "email", "Value": "order-12_confirmation"}])
        (kept,) = stand_in.mails()
        assert kept["id"] == message_id
        assert kept["to"] == ["zoe@example.com"]
        assert kept["from"] == FROM
        assert kept["subject"] == "Uw inschrijving: café, naïef en 100 € — bevestigd"
        assert kept["sent_at"] == "2026-11-25T18:47:05.000Z"
        assert kept["tags"] == {"email": "order-12_confirmation"}
        assert kept["text"].startswith("Beste Zoë,")
        assert "<h1>Beste Zoë</h1>" in kept["html"]
        assert kept["attachments"] == []
        assert kept["defects"] == []
        assert header(kept, "To") == ["Zoë van ’t Hof <zoe@example.com>"]
        assert stand_in.get(f"/api/messages/{message_id}").json()["id"] == message_id
        assert stand_in.get("/api/messages/none").status_code == 404

    def test_message_id_and_date_are_those_of_ses(self, stand_in: StandIn) -> None:
        message_id = send(stand_in, b"Bcc: geheim@example.com\r\n" + mail())
        (kept,) = stand_in.mails()
        assert header(kept, "Message-ID") == [f"<{message_id}@eu-west-1.amazonses.com>"]
        assert header(kept, "Date") == ["Wed, 25 Nov 2026 18:47:05 +0000"]
        assert header(kept, "Bcc") == []
        assert header(kept, "Reply-To") == ["info@example.nl"]

    def test_an_invitation_comes_out_as_it_went_in(self, stand_in: StandIn) -> None:
        message_id = send(stand_in, mail(ics=ICS))
        (kept,) = stand_in.mails()
        assert kept["attachments"] == [{"name": "congrès 2026.ics", "type": "text/calendar", "size": len(ICS)}]
        download = stand_in.get(f"/messages/{message_id}/attachments/1")
        assert download.content == ICS
        assert download.headers["Content-Type"].startswith("text/calendar")
        assert "method=PUBLISH" in download.headers["Content-Type"]
        assert download.headers["Content-Disposition"].startswith("attachment;")
        assert "filename*=UTF-8''congr%C3%A8s%202026.ics" in download.headers["Content-Disposition"]
        assert download.headers["X-Content-Type-Options"] == "nosniff"
        assert stand_in.get(f"/messages/{message_id}/attachments/2").status_code == 404

    def test_the_newest_comes_first_and_the_box_can_be_emptied(self, stand_in: StandIn) -> None:
        first, second = send(stand_in), send(stand_in, to=("a@example.com", "b@example.com"))
        assert [kept["id"] for kept in stand_in.mails()] == [second, first]
        assert [kept["id"] for kept in stand_in.get("/api/messages?about=b@example.com").json()] == [second]
        assert [kept["id"] for kept in stand_in.get("/api/messages?about=inschrijving").json()] == [second, first]
        assert stand_in.get("/api/messages?about=factuur").json() == []
        account = stand_in.client.get_account()
        assert account["SendQuota"] == {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 3.0}
        assert account["ProductionAccessEnabled"] is True
        assert requests.delete(f"{stand_in.url}/api/messages", timeout=5).status_code == 204
        assert stand_in.mails() == []

    def test_without_a_destination_the_headers_decide(self, stand_in: StandIn) -> None:
        raw = b"Bcc: b@example.com\r\n" + mail(to="Hof, Zoë <zoe@example.com>, c@example.com")
        raw = raw.replace(b"Hof,", b"Hof")
        send(stand_in, raw, Destination={})
        assert sorted(stand_in.mails()[0]["to"]) == ["b@example.com", "c@example.com", "zoe@example.com"]

    def test_a_subdomain_and_a_single_address_are_vouched_for(self, stand_in: StandIn) -> None:
        for sender in ("x@diep.notify.example.nl", "LOS@example.org"):
            send(stand_in, mail(sender=sender), FromEmailAddress=sender)

    def test_bad_structure_is_kept_and_named(self, stand_in: StandIn) -> None:
        raw = mail().replace(b"multipart/alternative;", b"multipart/alternative; charset=")
        send(stand_in, raw.replace(b"boundary=", b"grens="))
        assert "NoBoundaryInMultipartDefect" in stand_in.mails()[0]["defects"]


class TestRefused:
    """Each refusal surfaces as the exception class botocore has for it, and leaves no trace."""

    @pytest.mark.parametrize("sender", ["x@example.org", "x@example.nl", "x@eviltnotify.example.nl.org"])
    def test_sender_not_verified(self, stand_in: StandIn, sender: str) -> None:
        refused(stand_in, "MessageRejected", "not verified.*EU-WEST-1", mail(sender=sender), FromEmailAddress=sender)

    def test_from_is_another_than_announced(self, stand_in: StandIn) -> None:
        refused(stand_in, "BadRequestException", "not the address in 'From'", FromEmailAddress="a@notify.example.nl")

    def test_from_is_missing(self, stand_in: StandIn) -> None:
        raw = mail().replace(b"From:", b"X-From:", 1)
        refused(stand_in, "BadRequestException", "Missing required header 'From'", raw)

    @pytest.mark.parametrize(
        ("to", "why"),
        [
            ("", "Missing final"),
            ("zoe", "Missing final"),
            ("zoe@", "Illegal"),
            ("zoe@localhost", "Illegal"),
            ("zoe@@example.com", "Illegal"),
            ("a b@example.com", "Illegal"),
            ("zoe..x@example.com", "Illegal"),
            ("zoe@-x.com", "Illegal"),
            ("a@example.com, b@example.com", "Illegal"),
            ("Hof, Zoe <zoe@example.com>", "Illegal"),
            ("zoë@example.com", "control or whitespace"),
            ("zoe@exämple.com", "control or whitespace"),
            ("zoe@example.com\r\nBcc: x@example.com", "control or whitespace"),
            ("zoe@example.com\n", "control or whitespace"),
            ("=?utf-8?q?zo=C3=AB=40example=2Ecom?=", "Missing final"),
            (f"{'z' * 65}@example.com", "Illegal"),
        ],
    )
    def test_recipient_is_not_an_address(self, stand_in: StandIn, to: str, why: str) -> None:
        refused(stand_in, "BadRequestException", why, to=(to,))

    def test_nobody_or_a_crowd(self, stand_in: StandIn) -> None:
        crowd = [f"a{number}@example.com" for number in range(51)]
        spread = {"ToAddresses": crowd[:20], "CcAddresses": crowd[20:40], "BccAddresses": crowd[40:]}
        refused(stand_in, "BadRequestException", "count exceeds 50", Destination=spread)
        nobody = mail().replace(b"To: ", b"X-To: ", 1)
        refused(stand_in, "BadRequestException", "Missing required header 'To'", nobody, Destination={})
        send(stand_in, to=tuple(crowd[:50]))

    @pytest.mark.parametrize("value", ["c#12#003", "zoe@example.com", "a.b", "é", "", "a b", "x\n"])
    def test_tag_in_another_alphabet(self, stand_in: StandIn, value: str) -> None:
        tags = [{"Name": "email", "Value": value}]
        refused(stand_in, "BadRequestException", "Invalid tag value", EmailTags=tags)
        refused(stand_in, "BadRequestException", "Invalid tag name", EmailTags=[{"Name": value, "Value": "a"}])

    def test_tag_too_long(self, stand_in: StandIn) -> None:
        refused(stand_in, "BadRequestException", "257", EmailTags=[{"Name": "a", "Value": "b" * 257}])
        send(stand_in, EmailTags=[{"Name": "a", "Value": "b" * 256}])

    @pytest.mark.parametrize(
        ("old", "new", "why"),
        [
            (b"Reply-To: info", b"Reply-To: x\nBcc: info", "bare CR or LF"),
            (b"Reply-To: info", b"Reply-To: x\rBcc: info", "bare CR or LF"),
            (b"Reply-To: info", b"Subject: tweede\r\nReply-To: info", "Duplicate header"),
            (b"Reply-To: info", b"Reply-To: x\x00 info", "control characters"),
            (b"Reply-To: info", "Reply-To: Zoë info".encode(), "non-ASCII"),
            (b"Reply-To: info", b"X-Long: " + b"x" * 991 + b"\r\nReply-To: info", "999 octets"),
            (b"Reply-To: info", b"Reply-To: =?utf-8?q?Zoe=0D=0ABcc?= <zoe@example.nl>, info", "cannot be read"),
            (b"Beste Zo", b"Beste " + b"o" * 999, "octets"),
            (b"From:", b"\r\nFrom:", "Missing required header 'From'"),
        ],
    )
    def test_header_that_somebody_tampered_with(self, stand_in: StandIn, old: bytes, new: bytes, why: str) -> None:
        refused(stand_in, "BadRequestException", why, mail().replace(old, new, 1))

    def test_no_body_at_all(self, stand_in: StandIn) -> None:
        refused(
            stand_in, "BadRequestException", "no blank line", b"From: " + FROM.encode() + b"\r\nTo: a@example.com\r\n"
        )

    def test_a_header_line_of_998_octets_passes(self, stand_in: StandIn) -> None:
        send(stand_in, b"X-Long: " + b"x" * 990 + b"\r\n" + mail())

    def test_a_message_with_bare_lf_throughout_is_mended(self, stand_in: StandIn) -> None:
        send(stand_in, mail().replace(b"\r\n", b"\n"))
        assert stand_in.mails()[0]["subject"].startswith("Uw inschrijving")

    def test_more_than_40_megabytes(self) -> None:
        line = b"x" * 76 + b"\r\n"
        with pytest.raises(Refusal, match="BadRequestException: Message length"):
            checked_raw(mail() + line * (40 * 1024 * 1024 // len(line)))

    def test_simple_and_template_content(self, stand_in: StandIn) -> None:
        simple = {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}}
        refused(stand_in, "BadRequestException", "Loket sends raw MIME", Content=simple)
        template = {"Template": {"TemplateName": "x", "TemplateData": "{}"}}
        refused(stand_in, "BadRequestException", "Loket sends raw MIME", Content=template)

    def test_nonsense_that_no_sdk_sends(self, stand_in: StandIn) -> None:
        path = f"{stand_in.url}/v2/email/outbound-emails"
        bodies = ["", "{", "[]", '{"Content": 3}', '{"Content": {"Raw": {"Data": "é!"}}}', '{"Content": {}}']
        for body in bodies:
            answer = requests.post(path, data=body.encode(), timeout=5)
            assert answer.status_code == 400
            assert answer.headers["x-amzn-errortype"] == "BadRequestException"
        data = base64.b64encode(mail()).decode() + "=x"
        assert requests.post(path, json={"Content": {"Raw": {"Data": data}}}, timeout=5).status_code == 400
        assert stand_in.mails() == []

    def test_another_call_of_ses(self, stand_in: StandIn) -> None:
        with pytest.raises(ClientError, match="SendEmail, GetAccount and identities only"):
            stand_in.client.list_suppressed_destinations()


class TestFaults:
    """Misfortunes on order."""

    @pytest.mark.parametrize(
        ("order", "name"),
        [
            ({"kind": "refuse"}, "MessageRejected"),
            ({"kind": "refuse", "error": "AccountSuspendedException"}, "AccountSuspendedException"),
            ({"kind": "refuse", "error": "LimitExceededException"}, "LimitExceededException"),
            ({"kind": "refuse", "error": "MailFromDomainNotVerifiedException"}, "MailFromDomainNotVerifiedException"),
            ({"kind": "refuse", "error": "SendingPausedException"}, "SendingPausedException"),
            ({"kind": "refuse", "error": "NotFoundException"}, "NotFoundException"),
            ({"kind": "throttle"}, "TooManyRequestsException"),
            ({"kind": "error_500"}, "InternalServiceErrorException"),
        ],
    )
    def test_a_refusal_strikes_as_often_as_ordered(self, stand_in: StandIn, order: dict[str, Any], name: str) -> None:
        stand_in.fault(**order, times=2)
        refused(stand_in, name, None)
        refused(stand_in, name, None)
        send(stand_in)
        assert len(stand_in.mails()) == 1

    def test_status_codes_of_throttle_and_failure(self, stand_in: StandIn) -> None:
        for kind, status in (("throttle", 429), ("error_500", 500)):
            stand_in.fault(kind=kind)
            with pytest.raises(ClientError) as caught:
                send(stand_in)
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status

    def test_a_time_out_before_acceptance_sends_nothing(self, stand_in: StandIn) -> None:
        stand_in.fault(kind="timeout_before", seconds=0.6)
        with pytest.raises(ReadTimeoutError):
            send(stand_in)
        assert stand_in.get("/_stand-in/faults").json() == []
        assert stand_in.mails() == []

    def test_a_time_out_after_acceptance_has_sent_the_mail_once(self, stand_in: StandIn) -> None:
        stand_in.fault(kind="timeout_after", seconds=20)
        with pytest.raises(ReadTimeoutError):
            send(stand_in)
        (kept,) = stand_in.mails()
        eventually(lambda: stand_in.event_types() == ["Send", "Delivery"])
        assert stand_in.published[0]["mail"]["messageId"] == kept["id"]

    def test_lost_events_together_with_a_time_out(self, stand_in: StandIn) -> None:
        stand_in.fault(kind="timeout_after", seconds=20)
        stand_in.fault(kind="lose_events")
        with pytest.raises(ReadTimeoutError):
            send(stand_in)
        eventually(lambda: stand_in.mails()[0]["state"] == "delivered")
        send(stand_in)
        eventually(lambda: len(stand_in.published) == 2)
        newest, lost = stand_in.mails()
        assert {event["mail"]["messageId"] for event in stand_in.published} == {newest["id"]}
        assert lost["events"] == []

    def test_late_events_come_after_those_of_a_later_mail(self, stand_in: StandIn) -> None:
        stand_in.fault(kind="late_events", seconds=0.4)
        late = send(stand_in)
        prompt = send(stand_in)
        eventually(lambda: len(stand_in.published) == 4)
        assert [event["mail"]["messageId"] for event in stand_in.published] == [prompt, prompt, late, late]

    def test_faults_can_be_cleared(self, stand_in: StandIn) -> None:
        stand_in.fault(kind="refuse", times=9)
        assert requests.delete(f"{stand_in.url}/_stand-in/faults", timeout=5).status_code == 204
        send(stand_in)

    @pytest.mark.parametrize(
        "order", [{}, {"kind": "flood"}, {"kind": "refuse", "times": 0}, {"kind": "refuse", "x": 1}]
    )
    def test_an_order_that_makes_no_sense(self, stand_in: StandIn, order: dict[str, Any]) -> None:
        assert requests.post(f"{stand_in.url}/_stand-in/faults", json=order, timeout=5).status_code == 400


class TestEvents:
    """The news, in the dialect of event publishing."""

    def test_send_then_delivery(self, stand_in: StandIn) -> None:
        message_id = send(stand_in, EmailTags=[{"Name": "email", "Value": "12-003"}])
        eventually(lambda: len(stand_in.published) == 2)
        sent, delivered = stand_in.published
        assert sent["eventType"] == "Send"
        assert sent["send"] == {}
        assert "notificationType" not in sent
        assert sent["mail"]["messageId"] == message_id
        assert sent["mail"]["timestamp"] == "2026-11-25T18:47:05.000Z"
        assert sent["mail"]["source"] == FROM
        assert sent["mail"]["destination"] == ["zoe@example.com"]
        assert sent["mail"]["headersTruncated"] is False
        assert sent["mail"]["tags"]["ses:configuration-set"] == ["loket-service"]
        assert sent["mail"]["tags"]["email"] == ["12-003"]
        assert delivered["eventType"] == "Delivery"
        assert delivered["delivery"]["recipients"] == ["zoe@example.com"]
        eventually(lambda: stand_in.mails()[0]["events"] == ["Send", "Delivery"])
        assert stand_in.mails()[0]["state"] == "delivered"

    def test_no_configuration_set_no_news(self, stand_in: StandIn) -> None:
        raw = mail()
        stand_in.client.send_email(Destination={"ToAddresses": ["zoe@example.com"]}, Content={"Raw": {"Data": raw}})
        eventually(lambda: stand_in.mails()[0]["state"] == "delivered")
        assert stand_in.published == []

    @pytest.mark.parametrize(
        ("to", "types", "state"),
        [
            ("bounce@example.com", ["Send", "Bounce"], "bounced"),
            ("Mailboxfull-2@example.com", ["Send", "Bounce"], "bounced"),
            ("suppressed+x@example.com", ["Send", "Bounce"], "bounced"),
            ("complaint@example.com", ["Send", "Delivery", "Complaint"], "complained"),
            ("delay@example.com", ["Send", "DeliveryDelay", "Delivery"], "delivered"),
            ("reject@example.com", ["Send", "Reject"], "rejected"),
        ],
    )
    def test_the_habits_of_the_simulator(self, stand_in: StandIn, to: str, types: list[str], state: str) -> None:
        send(stand_in, to=(to,))
        eventually(lambda: stand_in.event_types() == types)
        eventually(lambda: stand_in.mails()[0]["state"] == state)

    def test_what_a_bounce_says(self, stand_in: StandIn) -> None:
        send(stand_in, to=("bounce@example.com", "suppressed@example.com", "zoe@example.com"))
        eventually(lambda: len(stand_in.published) == 4)
        hard, suppressed = (event["bounce"] for event in stand_in.published[1:3])
        assert (hard["bounceType"], hard["bounceSubType"]) == ("Permanent", "General")
        assert [one["emailAddress"] for one in hard["bouncedRecipients"]] == ["bounce@example.com"]
        assert (suppressed["bounceType"], suppressed["bounceSubType"]) == ("Permanent", "OnAccountSuppressionList")
        assert stand_in.published[3]["delivery"]["recipients"] == ["zoe@example.com"]


def test_an_address_keeps_its_name_apart() -> None:
    assert address_of('"Hof, Zoe" <zoe@example.com>') == "zoe@example.com"
    assert address_of("=?utf-8?q?Zo=C3=AB?= <zoe+a@mail.example.com>") == "zoe+a@mail.example.com"
    with pytest.raises(Refusal):
        address_of("zoe@example.com <x@example.com>")
