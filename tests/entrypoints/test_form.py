"""The form as page, as fragment and as JSON: the contract of its answers, and their headers."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from chalicelib.domain.language import Language
from tests.desk import BASE_URL, FORM, WEBSITE, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import KEPT_FOR_ONE, PAGE, kept, orders, safe, said, untouched

CHECKOUT = "https://stripe.example.nl"
PREFIX = {"nl": "Fout: ", "en": "Error: "}
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])


@LANGUAGES
def test_page_says_what_it_costs_and_asks_everything(desk: Desk, lang: str) -> None:
    with untouched(desk):
        page = Document(desk.get(f"/{lang}/lidmaatschap"))
    assert page.language == lang
    assert {"nl": "€ 500,00", "en": "€500.00"}[lang] in page.one("div", class_="total").text
    assert page.title == f"{desk.offer().title.within(Language(lang))} – LPB"
    assert page.buttons() == ["pay"]
    for question in desk.offer().questions:
        control = page.field(question.name)
        assert control.get("id") == f"lidmaatschap-{question.name}"
        assert control.has("required") == question.required
        labels = [*page.all("label", for_=control.get("id")), *(e for e in control.around if e.tag == "label")]
        assert [bool(label.text) for label in labels] == [True]
        assert all(list(page.all(id=each)) for each in control.get("aria-describedby").split())
    assert not page.field("newsletter").has("checked")
    path, _ = page.switch_language()
    assert path == f"/{ {'nl': 'en', 'en': 'nl'}[lang] }/lidmaatschap?send=1", (
        "by a post, so that what is typed goes along"
    )
    assert page.summary == []
    assert page.notice == ""


def test_page_headers(desk: Desk) -> None:
    answer = desk.get("/nl/lidmaatschap")
    assert answer.status_code == 200
    safe(answer, cache=KEPT_FOR_ONE)
    assert answer.headers["Content-Type"] == PAGE
    assert answer.headers["Referrer-Policy"] == "same-origin"
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == f"'self' {CHECKOUT}"
    assert not {"script-src", "frame-src"} & policy.keys()
    assert policy["connect-src"] == "'self'"
    style = re.search(r"<style>(.*?)</style>", answer.body.decode(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy["style-src"] == f"'sha256-{digest}'"
    assert " style=" not in answer.body.decode().replace(style[0], ""), "the policy lets no style attribute through"


def test_every_page_has_a_key_of_its_own(desk: Desk) -> None:
    keys = {Document(desk.get("/nl/lidmaatschap")).field("key").get("value") for _ in range(20)}
    assert len(keys) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32,64}", key) for key in keys)


@LANGUAGES
def test_fragment_is_for_every_cache_and_holds_no_key(desk: Desk, lang: str) -> None:
    answers = [desk.get(f"/{lang}/lidmaatschap?fragment=1", origin=WEBSITE) for _ in range(2)]
    assert answers[0].body == answers[1].body, "the same for everybody"
    (answer, _) = answers
    assert answer.status_code == 200
    assert answer.headers == {
        "Content-Type": PAGE,
        "Cache-Control": "public, max-age=300",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Origin",
        "Access-Control-Allow-Origin": WEBSITE,
    }
    fragment = Document(answer)
    assert fragment.field("key").get("value") == ""
    assert not {element.tag for element in fragment.elements} & {"html", "style", "h1", "h2"}
    assert fragment.language == lang
    assert fragment.field("organisation").get("id") == "lidmaatschap-organisation"


@pytest.mark.parametrize(
    "query", ["?fragment=0", "?fragment=", "?fragment=yes", "?from=payment", "?fragment=1&fragment=0"]
)
def test_anything_else_in_the_query_gives_the_page(desk: Desk, query: str) -> None:
    answer = desk.get(f"/nl/lidmaatschap{query}")
    assert list(Document(answer).all("html"))
    assert answer.headers["Cache-Control"] == KEPT_FOR_ONE


@LANGUAGES
def test_posted_page_leads_to_the_checkout(desk: Desk, lang: str) -> None:
    answer = desk.post(f"/{lang}/lidmaatschap", FORM)
    assert answer.status_code == 303
    assert answer.body == b""
    safe(answer)
    (session,) = desk.gateway.stored.values()
    assert answer.headers["Location"] == session.session.url
    assert session.session.amount_cents == 50000
    assert orders(desk) == ["pending"]


def test_posted_fragment_leads_to_the_checkout(desk: Desk) -> None:
    answer = desk.post("/nl/lidmaatschap?fragment=1", FORM, origin=WEBSITE)
    assert answer.status_code == 200
    safe(answer, allowed_origin=WEBSITE)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    (session,) = desk.gateway.stored.values()
    assert answer.json_body == {"url": session.session.url, "total": 50000, "currency": "EUR"}


@LANGUAGES
def test_page_with_errors(desk: Desk, lang: str) -> None:
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap", FORM | {"name": ""})
    assert answer.status_code == 422
    # back from the payment page, a corrected form must still be there
    safe(answer, cache=KEPT_FOR_ONE)
    assert f"form-action 'self' {CHECKOUT};" in answer.headers["Content-Security-Policy"]
    page = Document(answer)
    assert page.title.startswith(PREFIX[lang])
    assert page.language == lang
    assert page.summary == [("#lidmaatschap-name", said(desk, lang, "error.name_missing"))]


@LANGUAGES
def test_fragment_with_errors(desk: Desk, lang: str) -> None:
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap?fragment=1", FORM | {"name": ""}, origin=WEBSITE)
    assert answer.status_code == 422
    safe(answer, allowed_origin=WEBSITE)
    fragment = Document(answer)
    assert not list(fragment.all("html"))
    assert fragment.language == lang
    assert fragment.summary == [("#lidmaatschap-name", said(desk, lang, "error.name_missing"))]
    assert fragment.one("div", class_="sum").get("tabindex") == "-1"
    assert not [heading for heading in fragment.elements if heading.tag in {"h1", "h2", "h3"}]
    assert fragment.field("key").get("value") == FORM["key"]


@pytest.mark.parametrize("query", ["", "?fragment=1"])
def test_show_gives_the_form_back_as_it_was_filled_in(desk: Desk, query: str) -> None:
    with untouched(desk):
        answer = desk.post(f"/nl/lidmaatschap{query}", FORM | {"do": "show", "name": "", "email": "half@"})
    assert answer.status_code == 200
    safe(answer, cache=kept(query))
    shown = Document(answer)
    assert shown.summary == []
    assert shown.notice == ""
    assert shown.field("organisation").get("value") == FORM["organisation"]
    assert shown.field("email").get("value") == "half@"
    assert shown.field("key").get("value") == FORM["key"]
    assert bool(list(shown.all("html"))) is not bool(query)


def test_form_works_as_its_own_page_posts_it(desk: Desk) -> None:
    page = Document(desk.get("/en/lidmaatschap"))
    path, fields = page.press("pay")
    assert path.partition("?")[0] == "/en/lidmaatschap"
    own = {"key", "prices", "website", "do"}
    assert set(fields) == {question.name for question in desk.offer().questions} - {"newsletter"} | own
    refused = Document(desk.post(path, fields))
    assert [href for href, _ in refused.summary] == [
        f"#lidmaatschap-{name}" for name in ("organisation", "name", "email")
    ]
    path, again = refused.press("pay")
    assert again == fields, "the key survives the errors"
    typed = {"organisation": "Gemeente Voorbeeldstad", "name": "Ada", "email": "ada@voorbeeldstad.nl"}
    assert desk.post(path, again | typed).status_code == 303
    assert orders(desk) == ["pending"]


def test_consent_is_kept_with_its_proof_only_when_ticked(desk: Desk) -> None:
    desk.post("/en/lidmaatschap", FORM)
    assert not desk.items("consent")
    desk.post("/en/lidmaatschap", FORM | {"key": "another-key-of-somebody", "newsletter": "ja"})
    (consent,) = desk.items("consent")
    assert consent["text"]["S"] == said(desk, "en", "field.newsletter.label", association="LPB")
    assert consent["source"]["S"] == f"{BASE_URL}/en/lidmaatschap"
    assert consent["language"]["S"] == "en"


@LANGUAGES
def test_list_of_forms(desk: Desk, lang: str) -> None:
    answer = desk.get(f"/{lang}")
    safe(answer)
    page = Document(answer)
    assert page.language == lang
    assert [link.get("href") for link in page.all("a")].count(f"{BASE_URL}/{lang}/lidmaatschap") == 1


def test_list_of_forms_on_an_empty_table() -> None:
    desk = Desk()
    assert b"/nl/lidmaatschap" in desk.get("/nl").body
    assert {item["record"]["S"] for item in desk.items()} == {"offer"}


def test_bare_address_leads_to_the_dutch_list(desk: Desk) -> None:
    answer = desk.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BASE_URL}/nl")


# Which sites may read an answer.

FOREIGN = [
    "https://evil.example",
    "null",
    f"{WEBSITE}.evil.example",
    WEBSITE.upper(),
    WEBSITE.replace("https", "http"),
    f"{WEBSITE}:8443",
    f"{WEBSITE}/",
    f"{WEBSITE} https://evil.example",
    "*",
    "",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_other_site_may_read_an_answer(desk: Desk, origin: str) -> None:
    for answer in (
        desk.get("/nl/lidmaatschap?fragment=1", origin=origin),
        desk.post("/nl/lidmaatschap?fragment=1", FORM | {"name": ""}, origin=origin),
        desk.get("/nl/nope", origin=origin),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    ("path", "body", "content_type", "status"),
    [
        ("/nl/lidmaatschap?fragment=1", "", "application/x-www-form-urlencoded", 422),
        ("/nl/lidmaatschap?fragment=1", "{}", "application/json", 415),
        ("/nl/lidmaatschap?fragment=1", "a&" * 500, "application/x-www-form-urlencoded", 413),
        ("/nl/nope?fragment=1", "", "application/x-www-form-urlencoded", 404),
        ("/nl/order/nope", "do=pay", "application/x-www-form-urlencoded", 404),
        ("/nl/lidmaatschap?fragment=1", "do=nope", "application/x-www-form-urlencoded", 400),
    ],
)
def test_allowed_site_may_read_refusals(desk: Desk, path: str, body: str, content_type: str, status: int) -> None:
    answer = desk.post(path, body, content_type=content_type, origin=WEBSITE)
    assert answer.status_code == status
    safe(answer, allowed_origin=WEBSITE)
