"""The mailbox of the SES stand-in as a browser gets it."""

from collections.abc import Iterator
from email import policy
from email.message import EmailMessage

import pytest

from devstack.ses.letter import safe_filename
from tests.devstack.ses_desk import FROM, ICS, Desk, StandIn, mail, running_desk, send


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with running_desk() as running:
        yield running


@pytest.fixture
def stand_in(desk: Desk) -> Iterator[StandIn]:
    with desk.opened() as opened:
        yield opened


class TestPages:
    """The mailbox as a browser gets it."""

    def test_empty_list_says_what_will_come(self, stand_in: StandIn) -> None:
        page = stand_in.get("/").text
        assert "Hier verschijnt elke mail" in page
        assert '<meta http-equiv="refresh" content="5">' in page
        assert "refresh" not in stand_in.get("/?verversen=uit").text
        assert "bounce…@" in page

    def test_list_shows_the_local_time_and_the_attachment(self, stand_in: StandIn) -> None:
        send(stand_in, mail(ics=ICS))
        page = stand_in.get("/").text
        assert "wo 25 november 2026, 19:47:05" in page
        assert "1 bijlage" in page
        assert "café, naïef en 100 €" in page

    def test_html_is_shown_where_it_can_do_no_harm(self, stand_in: StandIn) -> None:
        message_id = send(stand_in)
        page = stand_in.get(f"/messages/{message_id}")
        assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
        assert "<h1>Beste Zoë</h1>" not in page.text
        assert "script-src" not in page.headers["Content-Security-Policy"]
        framed = stand_in.get(f"/messages/{message_id}/html")
        assert '<head><base target="_blank">' in framed.text
        policy_sent = framed.headers["Content-Security-Policy"]
        assert policy_sent.startswith("default-src 'none'")
        assert "allow-scripts" not in policy_sent
        assert "sandbox allow-popups" in policy_sent

    def test_text_and_source(self, stand_in: StandIn) -> None:
        message_id = send(stand_in)
        text = stand_in.get(f"/messages/{message_id}?view=text").text
        assert '<a href="https://loket.example.nl/pay/abc"' in text
        assert "Content-Type: multipart/alternative" in stand_in.get(f"/messages/{message_id}?view=source").text
        assert 'class="narrow"' in stand_in.get(f"/messages/{message_id}?view=html&width=narrow").text
        assert stand_in.get(f"/messages/{message_id}?view=x").status_code == 404
        assert "Niet gevonden" in stand_in.get("/messages/none").text

    def test_hostile_content_stays_text(self, stand_in: StandIn) -> None:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"] = FROM, "zoe@example.com"
        message["Subject"] = "<script>alert(1)</script>"
        message.set_content("<script>alert(2)</script> javascript:alert(3)")
        message.add_attachment(b"<script>x</script>", maintype="text", subtype="html", filename='a"\u202e/../b<c>.html')
        message_id = send(stand_in, message.as_bytes())
        for path in ("/", f"/messages/{message_id}?view=text", f"/messages/{message_id}?view=source"):
            page = stand_in.get(path).text
            assert "<script" not in page
            assert 'href="javascript' not in page
        download = stand_in.get(f"/messages/{message_id}/attachments/1")
        assert download.headers["Content-Disposition"] == "attachment; filename=b_c_.html"

    def test_enclosed_image_is_shown(self, stand_in: StandIn) -> None:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"], message["Subject"] = FROM, "zoe@example.com", "Beeld"
        message.set_content("tekst")
        message.add_alternative('<img src="cid:beeld@loket" alt="">', subtype="html")
        html = message.get_body(("html",))
        assert html is not None
        html.add_related(b"GIF89a", maintype="image", subtype="gif", cid="<beeld@loket>")
        message_id = send(stand_in, message.as_bytes())
        assert 'src="data:image/gif;base64,R0lGODlh"' in stand_in.get(f"/messages/{message_id}/html").text


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("factuur 12.pdf", "factuur 12.pdf"),
        ("C:\\temp\\factuur.pdf", "factuur.pdf"),
        ("..", "bijlage"),
        ("", "bijlage"),
        ("a\r\nb.txt", "ab.txt"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_filename_is_made_safe(name: str, safe: str) -> None:
    assert safe_filename(name) == safe
