"""The demo website: its invitations say what the desk's offers say, and it shows where a form stands or stays away."""

import re

import pytest
from flask.testing import FlaskClient

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.language import Language
from chalicelib.web.snippet import NEWSLETTER, newsletter_snippet, snippet
from devstack.demo import MEMBERS
from devstack.website import website_app
from devstack.website.example import EXAMPLES, Example

DESK = "http://desk.example"
SCRIPT = f'<script async src="{DESK}/embed.js"></script>'
MARKER = re.compile(
    r'<div class="loket-form" data-lang="nl" style="min-height:\d+em"><a href="([^"]+)">([^<]+)</a></div>'
)
SEEDS = {offer.id: offer for offer in seed_files()}
EVERY_EXAMPLE = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)


def website(desk_url: str = DESK) -> FlaskClient:
    members = {name: domains for name, _, domains in MEMBERS}
    app = website_app(
        desk_url=desk_url, members=members, mailbox_url="http://mail.example", stripe_url="http://pay.example"
    )
    return app.test_client()


@pytest.fixture(scope="module")
def home() -> str:
    """The front page as a reader gets it."""
    return website().get("/").text.replace("&nbsp;", " ")


def test_every_offer_has_its_marker(home: str) -> None:
    """The same marker that an owner pastes in his own website, and nothing else with that name."""
    links = dict(MARKER.findall(home))
    assert set(links) == {f"{DESK}/nl/{form}" for form in (*SEEDS, NEWSLETTER)}
    assert home.count("loket-form") == len(links)
    assert len(set(links.values())) == len(links)
    assert home.count(SCRIPT) == home.count("<script") == 1


def test_newsletter_is_embedded_as_the_page_for_site_builders_says(home: str) -> None:
    (words,) = (words for url, words in MARKER.findall(home) if url.endswith(f"/{NEWSLETTER}"))
    made = newsletter_snippet(language=Language.NL, words=words, base_url=DESK)
    assert home.count(made.marker) == 1
    assert made.script in home


def test_prices_are_those_of_the_offers(home: str) -> None:
    congress, membership = SEEDS["congres-2027"].prices, SEEDS["lidmaatschap"].prices
    assert congress.member_cents is not None
    prices = {congress.list_cents, congress.member_cents, membership.list_cents}
    assert {int(euros) * 100 for euros in re.findall(r"€ (\d+)", home)} == prices
    assert "exclusief overnachting" in home
    assert not any(SEEDS[free].prices.list_cents for free in ("lancering", "werkgroep"))


def test_no_year_is_named_because_the_demo_is_of_every_year(home: str) -> None:
    assert re.findall(r"\b20\d\d\b", re.sub(r"<[^>]+>", "", home)) == []


def test_box_names_every_member_of_the_demo(home: str) -> None:
    box = home.partition('<aside class="try"')[2].partition("</aside>")[0]
    for name, _, domains in MEMBERS:
        assert name in box
        assert all(f"<code>@{domain}</code>" in box for domain in domains)
    assert box.count("<code>") == sum(len(domains) for _, _, domains in MEMBERS)
    assert "http://mail.example" in box


# The examples


def test_list_leads_to_every_example_and_every_page_leads_to_the_list() -> None:
    client = website()
    page = client.get("/voorbeelden").text
    assert all(f'<a href="{example.path}">' in page for example in EXAMPLES)
    assert f'<a href="{DESK}/nl/insluiten">' in page
    for path in ("/", "/voorwaarden", *(example.path for example in EXAMPLES)):
        assert 'href="/voorbeelden"' in client.get(path).text


@EVERY_EXAMPLE
@pytest.mark.parametrize("offer_id", SEEDS)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_example_has_the_form_that_its_address_asks_for(example: Example, offer_id: str, lang: str) -> None:
    """By what the desk's own page hands out, but for the words of the link."""
    answer = website().get(f"{example.path}?form={offer_id}&lang={lang}")
    said = re.findall(rf'<a href="{DESK}/{lang}/{offer_id}">([^<]+)</a>|title="([^"]+)" style', answer.text)
    words = next(word for found in said for word in found if word)
    made = snippet(SEEDS[offer_id], language=Language(lang), words=words, base_url=DESK)
    # where the website's own rules forbid a style, its style sheet reserves the room
    marker = made.marker.replace(f' style="{made.style}"', "") if example.rules else made.marker
    assert answer.text.count(made.frame if example.template == "iframe" else marker) == 1
    assert (made.script in answer.text) == (example.template != "iframe")
    if lang == "nl" and (price := SEEDS[offer_id].prices.list_cents):
        assert f"€ {price // 100}" in words


@EVERY_EXAMPLE
def test_example_says_the_rules_it_keeps(example: Example) -> None:
    answer = website("http://desk.example/with/a/path").get(example.path)
    told = answer.headers.get("Content-Security-Policy", "")
    assert told == "; ".join(example.rules).replace("DESK", "http://desk.example"), "an origin has no path"
    assert bool(told) == ('<pre class="policy"' in answer.text)
    assert not (told and re.search(r' style="|<style|<script>', answer.text)), "which its own rules would forbid"


@pytest.mark.parametrize("query", ["form=A", "form=a/b", "form=%22%3E", "lang=fr", "lang=%3Cb%3E", f"form={'a' * 101}"])
def test_no_other_address_is_an_example(query: str) -> None:
    assert website().get(f"/strikt?{query}").status_code == 404
