"""What is typed into the form: every fault named at once, everything kept, nothing taken for markup."""

from __future__ import annotations

import pytest

from tests.desk import FORM, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import orders, said, untouched

LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])

WRONG = {
    "organisation": "",
    "name": "x" * 121,
    "email": "ada at voorbeeldstad.nl",
    "reference": "een\r\ntwee",
    "street": "Postbus 12",
    "postal_code": "12345",
    "city": "Voor\x07beeld",
    "registration_number": "1234567",
}
FAULTS = {
    "organisation": "error.organisation_missing",
    "name": "error.too_long",
    "email": "error.email_invalid",
    "reference": "error.line_breaks",
    "street": "error.address_incomplete",
    "postal_code": "error.postal_code_invalid",
    "city": "error.control_characters",
    "registration_number": "error.kvk_or_oin_invalid",
}


@LANGUAGES
@pytest.mark.parametrize("query", ["", "?fragment=1"])
def test_every_fault_at_once_in_the_order_of_the_form(desk: Desk, lang: str, query: str) -> None:
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap{query}", FORM | WRONG)
    assert answer.status_code == 422
    page = Document(answer)
    texts = {name: said(desk, lang, key, max=120) for name, key in FAULTS.items()}
    asked = [question.name for question in desk.offer().questions if question.name in FAULTS]
    assert page.summary == [(f"#lidmaatschap-{name}", texts[name]) for name in asked]
    assert said(desk, lang, "form.errors_many", count=len(FAULTS)) in page.one("div", class_="sum").text
    for name, text in texts.items():
        control = page.field(name)
        assert page.error_at(name) == f"{said(desk, lang, 'form.error_at_field')} {text}"
        assert control.get("aria-invalid") == "true"
        described = control.get("aria-describedby").split()
        assert [page.one(id=each).text for each in described], "every description is there"
        assert len(described) == 1 + bool(said(desk, lang, f"field.{name}.hint"))
    assert page.one("div", class_="sum").get("aria-labelledby") in {each.get("id") for each in page.elements}
    ids = [each.get("id") for each in page.elements if each.has("id")]
    assert len(ids) == len(set(ids))
    assert all(page.one(id=href[1:]).tag == "input" for href, _ in page.summary)
    assert page.one("details").has("open"), "a fault must not be folded away"


def test_one_fault_is_counted_as_one(desk: Desk) -> None:
    page = Document(desk.post("/nl/lidmaatschap", FORM | {"email": "ada"}))
    assert said(desk, "nl", "form.errors_one") in page.one("div", class_="sum").text
    assert [page.error_at(name) for name in ("organisation", "name")] == ["", ""]
    assert not page.field("name").has("aria-invalid")
    assert not page.one("details").has("open")


TYPED = [
    "Gemeente 's-Hertogenbosch & Zn.",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus='",
    "{{ 7 * 7 }}{% raw %} ${7*7} %(name)s {name}",
    "Žofía Ñuñez-Ößmann ĳ",
    "بلدية المثال",
    "עיריית הדוגמה 12",
    "👩\u200d💻 Buurt 🏴\u200d☠️",
    "=?utf-8?q?Ada=0D=0ABcc=3A_x=40evil.example?=",
    "&lt;b&gt; &amp;amp; &#x3c;",
    "=HYPERLINK(1)",
    "日本語の名前",
    "a" * 120,
    "+1; DROP TABLE orders; --",
    "\\u003cscript\\u003e \\r\\n %0d%0a",
]


@pytest.mark.parametrize("typed", TYPED)
def test_typed_text_comes_back_to_the_letter(desk: Desk, typed: str) -> None:
    """Refused because of the e-mail address, so that all the rest is shown again."""
    sent = FORM | {"organisation": typed, "name": typed, "city": typed, "email": typed, "newsletter": "ja"}
    with untouched(desk):
        for query in ("", "?fragment=1"):
            page = Document(desk.post(f"/nl/lidmaatschap{query}", sent))
            for name in ("organisation", "name", "city", "email"):
                assert page.field(name).get("value") == typed
            assert page.field("newsletter").has("checked")
            assert not list(page.all("script"))
            assert not [each for each in page.elements if each.has("onerror") or each.has("onfocus")]
            assert [href for href, _ in page.summary] == ["#lidmaatschap-email"]


@pytest.mark.parametrize("typed", TYPED)
def test_typed_text_is_stored_to_the_letter_and_shown_on_the_order_page(desk: Desk, typed: str) -> None:
    fields = FORM | {"organisation": typed, "name": typed, "reference": typed[:100]}
    answer = desk.post("/nl/lidmaatschap", fields)
    assert answer.status_code == 303
    (buyer,) = desk.items("buyer")
    answers = buyer["answers"]["M"]
    assert [answers[name]["S"] for name in ("organisation", "name")] == [typed, typed]
    (order,) = desk.items("order")
    link = desk.application.identity.link_token(order["id"]["S"])
    page = Document(desk.get(f"/nl/order/{link}"))
    shown = [each.text for each in page.all("dd")]
    assert shown.count(" ".join(typed.split())) >= 2
    assert not list(page.all("script"))


@pytest.mark.parametrize(
    ("name", "typed", "stored"),
    [
        ("organisation", "  Gemeente X\t", "Gemeente X"),
        ("name", "Zoe\u0308", "Zoë"),
        ("email", " Ada@Voorbeeldstad.NL ", "Ada@voorbeeldstad.nl"),
        ("email", "ada@bücher.nl", "ada@xn--bcher-kva.nl"),
        ("postal_code", "1234ab", "1234 AB"),
        ("registration_number", "1234 5678", "12345678"),
        ("registration_number", "00000001 823288444 000", "00000001823288444000"),
    ],
)
def test_answers_are_written_down_in_one_way(desk: Desk, name: str, typed: str, stored: str) -> None:
    assert desk.post("/nl/lidmaatschap", FORM | {name: typed}).status_code == 303
    (buyer,) = desk.items("buyer")
    assert buyer["answers"]["M"][name]["S"] == stored


REFUSED = [
    *[
        ("organisation", blank, "organisation_missing")
        for blank in (" ", "\u00a0\u2003", "\u200b", "\ufeff\u2060", "\u00ad")
    ],
    *[("name", f"Ada{sign}Bcc: x@evil.example", "line_breaks") for sign in ("\r\n", "\n", "\r", "\u2028", "\u2029")],
    *[
        ("name", f"Ada{sign}", "control_characters")
        for sign in ("\x00", "\x1b[31m", "\x7f", "\ue000", "\U0010ffff", "\ufdd0")
    ],
    *[
        ("name", f"Ada {sign}lrig", "control_characters")
        for sign in ("\u202e", "\u2066", "\u200f", "\u061c", "\x85", "\t")
    ],
    *[("organisation", "x" * length, "too_long") for length in (121, 5000, 60000)],
    *[("reference", "x" * 101, "too_long")],
    *[
        ("email", typed, "email_invalid")
        for typed in (
            "ada",
            "ada@",
            "@voorbeeldstad.nl",
            "ada@localhost",
            "ada@[127.0.0.1]",
            '"ada b"@voorbeeldstad.nl',
            "Ada <ada@voorbeeldstad.nl>",
            "ada@voorbeeldstad.nl, eve@evil.example",
            "ada@voorbeeldstad.nl;eve@evil.example",
            "ada..b@voorbeeldstad.nl",
            "adá@voorbeeldstad.nl",
            "ada@voorbeeldstad..nl",
            "ada@-voorbeeldstad.nl",
            "ada@voorbeeldstad.nl>",
            "ada@voorbeeldstad.nl?bcc=eve@evil.example",
            # right by the letter, but a mail's To header would decode them
            "=?utf-8?q?eve=40evil=2Eexample=2Ca?=@voorbeeldstad.nl",
            "=?utf-8?q?a=0D=0ABcc=3A_eve=40evil.example?=@voorbeeldstad.nl",
        )
    ],
    ("email", "ada@voorbeeldstad.nl\r\nBcc: eve@evil.example", "line_breaks"),
    ("email", "a@" + "b" * 260 + ".nl", "too_long"),
    ("registration_number", "00000000823288444000", "oin_invalid"),
    ("registration_number", "１２３４５６７８", "kvk_or_oin_invalid"),
    ("postal_code", "0123 AB", "postal_code_invalid"),
    ("postal_code", "1234 AB; x", "postal_code_invalid"),
    ("street", "postbus 1", "address_incomplete"),
]


@pytest.mark.parametrize(("name", "typed", "fault"), REFUSED)
def test_refused_answer(desk: Desk, name: str, typed: str, fault: str) -> None:
    most = next(question.max_length for question in desk.offer().questions if question.name == name)
    with untouched(desk):
        answer = desk.post("/en/lidmaatschap", FORM | {name: typed})
    assert answer.status_code == 422
    page = Document(answer)
    assert page.title.startswith("Error: ")
    assert page.summary == [(f"#lidmaatschap-{name}", said(desk, "en", f"error.{fault}", max=most))]
    assert page.field(name).get("value") == typed


@pytest.mark.parametrize("name", ["organisation", "name", "email"])
def test_needed_field_left_out_altogether(desk: Desk, name: str) -> None:
    with untouched(desk):
        answer = desk.post("/nl/lidmaatschap", {key: value for key, value in FORM.items() if key != name})
    assert answer.status_code == 422
    assert Document(answer).summary == [(f"#lidmaatschap-{name}", said(desk, "nl", f"error.{name}_missing"))]


@pytest.mark.parametrize("name", ["organisation", "email", "reference", "newsletter"])
def test_field_sent_twice_is_never_guessed(desk: Desk, name: str) -> None:
    once = "&".join(f"{key}={value}" for key, value in FORM.items() if key != name)
    with untouched(desk):
        answer = desk.post("/nl/lidmaatschap", f"{once}&{name}=a@b.nl&{name}=c@d.nl")
    assert answer.status_code == 422
    page = Document(answer)
    assert page.summary == [(f"#lidmaatschap-{name}", said(desk, "nl", "error.repeated"))]


def test_optional_fields_may_be_left_out(desk: Desk) -> None:
    needed = {name: FORM[name] for name in ("organisation", "name", "email", "key")}
    assert desk.post("/nl/lidmaatschap", needed).status_code == 303, "Enter in a field may send no button"
    assert orders(desk) == ["pending"]
