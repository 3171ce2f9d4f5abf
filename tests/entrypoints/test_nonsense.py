"""Nonsense and attacks: each gets a clear answer in the language of the page, and nothing is written."""

from __future__ import annotations

import base64
import itertools
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.desk import BASE_URL, FORM, WEBSITE, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.gateway import FORM_TYPE, request
from tests.entrypoints.witness import orders, safe, said, untouched

LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
BODY = urlencode(FORM)


def answered(desk: Desk, response: Any, *, status: int, lang: str, problem: str, back: str = "") -> None:
    """A whole page that says what is wrong and how to go on."""
    assert response.status_code == status
    safe(response)
    page = Document(response)
    assert page.language == lang
    assert page.one("h1").text == said(desk, lang, f"problem.{problem}.title")
    assert page.title == f"{page.one('h1').text} – LPB"
    assert page.one("meta", name="robots").get("content") == "noindex"
    assert (back or f"{BASE_URL}/{lang}") in [link.get("href") for link in page.all("a")]


# Where nothing is.


@pytest.mark.parametrize(
    "slug", ["nope", "LIDMAATSCHAP", "lidmaatschap2", "%6cidmaatschap", "é", "a" * 9000, "..", "<b>", "%00"]
)
@LANGUAGES
@pytest.mark.parametrize("query", ["", "?fragment=1"])
def test_unknown_form(desk: Desk, lang: str, slug: str, query: str) -> None:
    with untouched(desk):
        for response in (desk.get(f"/{lang}/{slug}{query}"), desk.post(f"/{lang}/{slug}{query}", FORM)):
            answered(desk, response, status=404, lang=lang, problem="form_unknown")


@pytest.mark.parametrize("lang", ["fr", "NL", "nl-NL", "é", "%00", "webhooks", "a" * 9000])
def test_unknown_language(desk: Desk, lang: str) -> None:
    with untouched(desk):
        answered(desk, desk.get(f"/{lang}"), status=404, lang="nl", problem="not_found")
        answered(desk, desk.get(f"/{lang}/lidmaatschap"), status=404, lang="nl", problem="form_unknown")
        answered(desk, desk.post(f"/{lang}/lidmaatschap", FORM), status=404, lang="nl", problem="form_unknown")


@pytest.mark.parametrize("method", ["put", "delete", "patch", "head"])
@pytest.mark.parametrize("path", ["/lidmaatschap", "/lidmaatschap?fragment=1", "", "/order/x"])
@LANGUAGES
def test_wrong_method(desk: Desk, lang: str, method: str, path: str) -> None:
    with untouched(desk), desk.running() as http:
        response = getattr(http, method)(f"/{lang}{path}", headers={"Content-Type": FORM_TYPE})
    answered(desk, response, status=405, lang=lang, problem="wrong_method")


@pytest.mark.parametrize("path", ["/nl", "/"])
def test_nothing_is_posted_to_a_list(desk: Desk, path: str) -> None:
    with untouched(desk):
        answered(desk, desk.post(path, FORM), status=405, lang="nl", problem="wrong_method")


# Bodies that are no form.

MULTIPART = (
    '--x\r\nContent-Disposition: form-data; name="organisation"\r\n\r\nGemeente\r\n'
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.exe"\r\n\r\nMZ\r\n--x--\r\n'
)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"organisation": "Gemeente"}'),
        ("application/json", BODY),
        ("multipart/form-data; boundary=x", MULTIPART),
        ("text/plain", BODY),
        ("text/html", BODY),
        ("application/octet-stream", BODY),
        ("application/x-www-form-urlencodedx", BODY),
        ("", BODY),
        ("é", BODY),
    ],
)
@LANGUAGES
@pytest.mark.parametrize("query", ["", "?fragment=1"])
def test_wrong_content_type(desk: Desk, lang: str, query: str, content_type: str, body: str) -> None:
    with untouched(desk):
        response = desk.post(f"/{lang}/lidmaatschap{query}", body, content_type=content_type)
    answered(desk, response, status=415, lang=lang, problem="wrong_type")


def test_missing_content_type(desk: Desk) -> None:
    with untouched(desk), desk.running() as http:
        response = http.post("/nl/lidmaatschap", headers={}, body=BODY.encode())
    answered(desk, response, status=415, lang="nl", problem="wrong_type")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded;charset=UTF-8",
        "application/x-www-form-urlencoded; charset=utf-8",
        "Application/X-WWW-Form-UrlEncoded",
    ],
)
def test_right_content_type_in_other_words(desk: Desk, content_type: str) -> None:
    assert desk.post("/nl/lidmaatschap", FORM, content_type=content_type).status_code == 303


@LANGUAGES
@pytest.mark.parametrize("query", ["", "?fragment=1"])
@pytest.mark.parametrize(
    "more",
    [
        "&reference=" + "a" * 1_000_000,
        "a" * (64 * 1024),
        "".join(f"&field{number}=x" for number in range(10_000)),
        "&x" * 200,
        "&" * 70_000,
        "&name=" + "%F0%9F%98%80" * 6000,
    ],
    ids=["1 MB", "64 kB", "10,000 fields", "200 fields", "ampersands", "emoji"],
)
def test_too_large(desk: Desk, lang: str, query: str, more: str) -> None:
    with untouched(desk):
        response = desk.post(f"/{lang}/lidmaatschap{query}", BODY + more)
    answered(desk, response, status=413, lang=lang, problem="too_large", back=f"{BASE_URL}/{lang}/lidmaatschap")


def test_large_enough_for_every_honest_form(desk: Desk) -> None:
    """Every field full of the longest letters there are."""
    full = {question.name: "😀" * question.max_length for question in desk.offer().questions}
    body = urlencode(full | FORM)
    assert len(body) < 32 * 1024
    assert desk.post("/nl/lidmaatschap", body).status_code == 422


@pytest.mark.parametrize("body", ["", "&", "=", "&&=&=&", "%", "%%%", "%zz=%zz", "\x00", "[1]", "null", "a" * 60_000])
def test_body_without_a_form_in_it(desk: Desk, body: str) -> None:
    with untouched(desk):
        response = desk.post("/nl/lidmaatschap", body)
    assert response.status_code == 422
    page = Document(response)
    faults = [said(desk, "nl", f"error.{name}_missing") for name in ("organisation", "name", "email")]
    assert [text for _, text in page.summary if text in faults] == faults
    assert all(page.one(id=href[1:]).tag == "input" for href, _ in page.summary)


# Bytes that are no text.


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"%FF%FE", "not_text"),
        (b"\xff\xfe", "not_text"),
        (b"Ad%E9", "not_text"),
        (b"%C3%28", "not_text"),
        (b"%ED%A0%80", "not_text"),
        (b"\xed\xa0\x80", "not_text"),
        (b"%C0%80", "not_text"),
        (b"%F4%90%80%80", "not_text"),
        (b"%EF%BF%BD", "not_text"),
        (b"Ada%00", "control_characters"),
        (b"Ada%0D%0ABcc:%20x", "line_breaks"),
        (b"Ada%E2%80%A8Bcc", "line_breaks"),
        (b"Ada%1B%5B2J", "control_characters"),
    ],
)
@LANGUAGES
def test_bytes_that_are_no_line_of_text(desk: Desk, lang: str, raw: bytes, fault: str) -> None:
    others = urlencode({name: value for name, value in FORM.items() if name != "name"}).encode()
    with untouched(desk):
        response = desk.post(f"/{lang}/lidmaatschap", others + b"&name=" + raw)
    assert response.status_code == 422
    page = Document(response)
    assert page.summary == [("#lidmaatschap-name", said(desk, lang, f"error.{fault}"))]
    assert page.field("organisation").get("value") == FORM["organisation"]


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("100%25", "100%"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("a%2", "a%2"),
        ("a+b%2Bc", "a b+c"),
        ("a%26b%3Dc", "a&b=c"),
    ],
)
def test_percent_signs(desk: Desk, raw: str, stored: str) -> None:
    others = urlencode({name: value for name, value in FORM.items() if name != "organisation"})
    assert desk.post("/nl/lidmaatschap", f"{others}&organisation={raw}").status_code == 303
    (buyer,) = desk.items("buyer")
    assert buyer["answers"]["M"]["organisation"]["S"] == stored


# Fields that are not the visitor's to fill in.

OURS = "price price_cents total total_cents amount currency vat vat_rate quantity unit_cents state paid paid_at".split()
OURS += "order_id id code offer_id member discount version attempt session_id created_at due fingerprint".split()
OURS += "self group p1_name seats".split()
OURS += ["answers[price]", "price[]", "__proto__", "constructor", "_charset_", "Organisation", " name", "", "e\u0301"]


@pytest.mark.parametrize("name", OURS)
def test_field_that_nobody_asked_for(desk: Desk, name: str) -> None:
    with untouched(desk):
        response = desk.post("/en/lidmaatschap", FORM | {name: "1"})
    assert response.status_code == 422
    page = Document(response)
    assert page.title.startswith("Error: ")
    text = " ".join(said(desk, "en", "error.unknown_field", name=name).split())
    assert page.summary == [("#lidmaatschap-organisation", text)]
    assert page.press("pay")[1].items() >= FORM.items(), "what was asked for is kept, and nothing else"
    own = {"key", "prices", "website", "do"}
    assert set(page.press("pay")[1]) <= {question.name for question in desk.offer().questions} | own


def test_fields_of_the_browser_never_set_the_price(desk: Desk) -> None:
    for name, value in itertools.product(["price", "total", "amount", "price_cents"], ["0", "1", "-50000", "NaN"]):
        desk.post("/nl/lidmaatschap", FORM | {name: value})
    assert orders(desk) == []
    desk.post("/nl/lidmaatschap", FORM)
    (session,) = desk.gateway.stored.values()
    assert session.session.amount_cents == 50000


def test_made_up_name_is_shown_short_and_harmless(desk: Desk) -> None:
    name = "<script>\r\n\x00" + "x" * 5000
    with untouched(desk):
        response = desk.post("/nl/lidmaatschap", FORM | {name: "1", '"><img src=x>': "2", "c": "3", "d": "4"})
    page = Document(response)
    assert not list(page.all("script"))
    assert not list(page.all("img"))
    assert len(page.summary) == 3, "a few are enough"
    assert all(len(text) < 200 for _, text in page.summary)


@pytest.mark.parametrize(
    "do", ["nope", "PAY", "delete", "pay ", "pay\x00", "add", "del", "release", "a" * 1000, "<b>", "日本"]
)
@LANGUAGES
@pytest.mark.parametrize("query", ["", "?fragment=1"])
def test_unknown_wish(desk: Desk, lang: str, query: str, do: str) -> None:
    with untouched(desk):
        response = desk.post(f"/{lang}/lidmaatschap{query}", FORM | {"do": do})
    answered(desk, response, status=400, lang=lang, problem="wrong_type", back=f"{BASE_URL}/{lang}/lidmaatschap")


def test_query_string_is_no_form(desk: Desk) -> None:
    with untouched(desk):
        assert desk.get(f"/nl/lidmaatschap?{BODY}").status_code == 200
        response = desk.post(f"/nl/lidmaatschap?{BODY}", "")
    assert response.status_code == 422
    assert Document(response).field("organisation").get("value") == ""


def test_headers_of_a_proxy_change_no_link(desk: Desk) -> None:
    evil = {
        "host": "evil.example",
        "x_forwarded_host": "evil.example",
        "x_forwarded_proto": "http",
        "forwarded": "host=evil",
    }
    response = desk.get("/nl/lidmaatschap", **evil, x_http_method_override="DELETE", cookie="a=" + "b" * 5000)
    assert response.status_code == 200
    assert b"evil" not in response.body
    assert b"evil" not in desk.post("/nl/lidmaatschap", FORM | {"name": ""}, **evil).body


# What only API Gateway can hand over.


@pytest.mark.parametrize("is_base64", [False, True])
def test_body_as_api_gateway_hands_it_over(desk: Desk, is_base64: bool) -> None:
    body = base64.b64encode(BODY.encode()).decode() if is_base64 else BODY
    answer = request(desk, body=body, is_base64=is_base64)
    assert (answer["statusCode"], orders(desk)) == (303, ["pending"])


BROKEN = {
    "none": (None, False),
    "a lone surrogate": (f"{BODY}&reference=\ud800", False),
    "only a lone surrogate": ("\ud800", False),
    "no base64": ("%", True),
    "no ASCII": ("é", True),
}


@pytest.mark.parametrize(("body", "is_base64"), BROKEN.values(), ids=BROKEN)
def test_broken_body_of_api_gateway(desk: Desk, body: str | None, is_base64: bool) -> None:
    with untouched(desk):
        answer = request(desk, body=body, is_base64=is_base64)
    assert answer["statusCode"] == 422
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert answer["body"].startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}, {"content-type": "\ud800"}])
def test_broken_headers_of_api_gateway(desk: Desk, headers: dict[str, str]) -> None:
    with untouched(desk):
        answer = request(desk, headers=headers | {"origin": WEBSITE}, body=BODY)
    assert answer["statusCode"] == 415
    assert answer["headers"]["Access-Control-Allow-Origin"] == WEBSITE


@pytest.mark.parametrize(
    "parameters",
    [{"lang": "\ud800", "slug": "lidmaatschap"}, {"lang": "nl", "slug": "\ud800"}, {"lang": "", "slug": ""}],
)
def test_broken_path_of_api_gateway(desk: Desk, parameters: dict[str, str]) -> None:
    with untouched(desk):
        for method, body in (("GET", None), ("POST", BODY)):
            headers = {"content-type": FORM_TYPE} if method == "POST" else {}
            answer = request(desk, method=method, parameters=parameters, headers=headers, body=body)
            assert answer["statusCode"] == 404


def test_failure_of_ours_is_a_page_without_its_cause(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> tuple[()]:
        raise ZeroDivisionError("a secret of ours")

    desk.application.seeds = broken  # type: ignore[method-assign]
    response = desk.get("/nl/nope")
    answered(desk, response, status=500, lang="nl", problem="went_wrong")
    assert b"secret" not in response.body
    assert b"Traceback" not in response.body
    assert "ZeroDivisionError" in caplog.text
