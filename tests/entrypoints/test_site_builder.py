"""The page for site builders: the code it hands out is the code it runs, and its policy allows just that."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.language import Text
from tests.desk import BASE_URL, Desk
from tests.entrypoints import gateway
from tests.entrypoints.document import Document
from tests.entrypoints.witness import PAGE, safe, said, untouched

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
OFFERS = ["congres-2027", "lancering", "lidmaatschap", "werkgroep"]
FORMS = [*OFFERS, "nieuwsbrief"]


def code(answer: HTTPResponse) -> str:
    """What the visitor copies."""
    return Document(answer).one("textarea", id="code").text


def chosen(answer: HTTPResponse, name: str) -> list[str]:
    """What is chosen in a list of the page."""
    return [
        option.get("value")
        for option in Document(answer).all("option")
        if option.has("selected") and option.around[-1].get("name") == name
    ]


@LANGUAGES
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("form_language", ["nl", "en"])
def test_every_form_in_every_language(desk: Desk, lang: str, form: str, form_language: str) -> None:
    desk.get("/nl")  # whoever looks first puts the seeds in the table
    with untouched(desk):
        answer = desk.get(f"/{lang}/insluiten?form={form}&lang={form_language}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, PAGE)
    safe(answer)
    page = Document(answer)
    assert page.language == lang
    assert page.one("h1").text == said(desk, lang, "site_builder.title")
    assert page.one("meta", name="robots").get("content") == "noindex"
    assert (chosen(answer, "form"), chosen(answer, "lang")) == ([form], [form_language])
    marker = page.one("div", class_="loket-form")
    link = next(each for each in page.all("a") if each.around[-1] is marker)
    assert link.get("href") == f"{BASE_URL}/{form_language}/{form}"
    assert marker.get("data-lang") == form_language
    title = (
        getattr(desk.offer(form).title, form_language)
        if form in OFFERS
        else said(desk, form_language, "newsletter.title", association="LPB")
    )
    assert link.text == said(desk, form_language, "site_builder.link", title=title)


def test_code_to_copy_is_the_code_that_runs(desk: Desk) -> None:
    answer = desk.get("/nl/insluiten?form=congres-2027")
    body = answer.body.decode()
    copied = re.search(r'<textarea id="code"[^>]*>(.*?)</textarea>', body, re.DOTALL)
    assert copied
    snippet = unescape(copied[1])
    assert body.count(snippet) == 1, "once as text, and once as it is"
    assert snippet.splitlines()[0] == f'<script async src="{BASE_URL}/embed.js"></script>'
    assert re.fullmatch(
        rf'<div class="loket-form" data-lang="nl" style="min-height:\d+em"><a href="{BASE_URL}/nl/congres-2027">'
        r"[^<>]+</a></div>",
        snippet.splitlines()[1],
    )


def policy(answer: HTTPResponse) -> dict[str, list[str]]:
    """The page's policy, by directive."""
    directives = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_policy_allows_what_stands_there_and_nothing_else(desk: Desk) -> None:
    answer = desk.get("/nl/insluiten")
    body = answer.body.decode()
    allowed = policy(answer)
    scripts = re.findall(r"<script>(.*?)</script>", body, re.DOTALL)
    sheets = re.findall(r"<style>(.*?)</style>", body, re.DOTALL)
    marks = re.findall(r'<div class="loket-form"[^>]* style="([^"]*)"', body)
    assert (len(scripts), len(sheets), len(marks)) == (1, 2, 1)
    assert allowed["default-src"] == ["'none'"]
    assert allowed["script-src"] == [f"{BASE_URL}/embed.js", hashed(scripts[0])]
    assert allowed["connect-src"] == [f"{BASE_URL}/"]
    assert set(allowed["style-src"]) == {*map(hashed, sheets), "'unsafe-hashes'", hashed(marks[0])}
    assert allowed["form-action"] == ["'self'"]
    assert allowed["frame-ancestors"] == allowed["base-uri"] == ["'none'"]
    assert not re.search(r"\son\w+=", body)


def test_bare_address_leads_to_the_dutch_page(desk: Desk) -> None:
    answer = desk.get("/insluiten")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BASE_URL}/nl/insluiten")


@pytest.mark.parametrize("query", ["form=nooit", "form=%3Cscript%3E", "lang=fr", "form=&lang=", "form=a&form=b"])
def test_what_is_not_known_counts_as_not_chosen(desk: Desk, query: str) -> None:
    answer = desk.get(f"/en/insluiten?{query}")
    assert answer.status_code == 200
    assert (chosen(answer, "form"), chosen(answer, "lang")) == (["congres-2027"], ["en"])
    assert b"<script>alert" not in answer.body


@pytest.mark.parametrize("lang", ["fr", "NL", "%3Cb%3E"])
def test_unknown_language_is_not_found(desk: Desk, lang: str) -> None:
    answer = desk.get(f"/{lang}/insluiten")
    assert answer.status_code == 404
    assert Document(answer).one("h1").text == said(desk, "nl", "problem.not_found.title")


@LANGUAGES
def test_nothing_is_sent_to_it(desk: Desk, lang: str) -> None:
    with untouched(desk):
        answer = desk.post(f"/{lang}/insluiten", {"organisation": "X"})
    assert answer.status_code == 405
    assert Document(answer).one("h1").text == said(desk, lang, "problem.wrong_method.title")


def test_api_gateway_finds_a_door_for_what_is_posted(desk: Desk) -> None:
    """There a path of its own is preferred to one with a parameter, and a method it has no door for is refused bare.

    Chalice itself answers 405 for such a method, so that only the table of doors shows the difference.
    """
    import app

    assert set(app.app.routes["/{lang}/insluiten"]) == set(app.app.routes["/{lang}/{slug}"]) == {"GET", "POST"}
    answer = gateway.request(desk, resource="/{lang}/insluiten", parameters={"lang": "nl"}, body="a=b")
    assert answer["statusCode"] == 405
    assert said(desk, "nl", "problem.wrong_method.title") in answer["body"]


def test_language_switch_keeps_what_was_chosen(desk: Desk) -> None:
    page = Document(desk.get("/nl/insluiten?form=lancering&lang=nl"))
    other = page.one("a", class_="language")
    assert other.get("href") == f"{BASE_URL}/en/insluiten?form=lancering&lang=nl"


def test_title_is_text_and_not_markup(desk: Desk) -> None:
    title = '"><script>alert(1)</script>&amp;'
    desk.put_offer(replace(desk.offer(), title=Text(nl=title, en=title)))
    answer = desk.get("/nl/insluiten?form=lidmaatschap")
    assert b"<script>alert" not in answer.body
    page = Document(answer)
    link = next(each for each in page.all("a") if each.around[-1].get("class") == "loket-form")
    assert link.text == said(desk, "nl", "site_builder.link", title=title)
    assert "&lt;script&gt;alert(1)" in code(answer), "what is copied is safe to paste"


def test_desk_with_a_path_in_its_address(desk: Desk) -> None:
    base = "https://api.example.nl/prod"
    desk.application.settings = replace(desk.application.settings, base_url=base)
    answer = desk.get("/nl/insluiten")
    assert f'src="{base}/embed.js"' in code(answer)
    assert policy(answer)["connect-src"] == [f"{base}/"]
    lines = next(each.text for each in Document(answer).all("code") if "script-src" in each.text)
    assert lines == "script-src https://api.example.nl; connect-src https://api.example.nl", "an origin has no path"


def test_allowed_websites_are_told(desk: Desk) -> None:
    origins = frozenset({"https://www.lpb.example.nl", "https://lpb.example.nl"})
    desk.application.settings = replace(desk.application.settings, allowed_origins=origins)
    section = desk.get("/nl/insluiten").body.decode().partition('id="websites"')[2].partition("</section>")[0]
    assert re.findall(r"https://[a-z.]+", section) == sorted(origins)
    desk.application.settings = replace(desk.application.settings, allowed_origins=frozenset())
    assert said(desk, "nl", "site_builder.websites_none") in desk.get("/nl/insluiten").body.decode()


def test_without_any_offer_there_is_the_newsletter() -> None:
    desk = Desk()
    desk.application.seeds = lambda: ()  # type: ignore[method-assign]  # a desk that sells nothing
    answer = desk.get("/nl/insluiten")
    assert answer.status_code == 200
    assert chosen(answer, "form") == ["nieuwsbrief"]
    assert f'<a href="{BASE_URL}/nl/nieuwsbrief">' in code(answer)


def test_every_topic_has_its_section(desk: Desk) -> None:
    page = Document(desk.get("/nl/insluiten"))
    leads = [each.get("href")[1:] for each in page.all("a") if each.get("href").startswith("#")]
    assert len(leads) >= 9
    assert [each.get("id") for each in page.all("section") if each.has("id")] == leads
