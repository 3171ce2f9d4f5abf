"""The demo website: its invitations say what the desk's offers say, and lead to their forms."""

import re

import pytest

from chalicelib.adapters.seed_files import seed_files
from devstack.demo import MEMBERS
from devstack.website import website_app

DESK = "http://desk.example"
MARKER = re.compile(r'<div class="loket-form" data-lang="nl"><a href="([^"]+)">([^<]+)</a></div>')
SEEDS = {offer.id: offer for offer in seed_files()}


@pytest.fixture(scope="module")
def home() -> str:
    """The front page as a reader gets it."""
    app = website_app(
        desk_url=DESK,
        members={name: domains for name, _, domains in MEMBERS},
        mailbox_url="http://mail.example",
        stripe_url="http://pay.example",
    )
    return app.test_client().get("/").text.replace("&nbsp;", " ")


def test_every_offer_has_its_marker(home: str) -> None:
    """The same marker that an owner pastes in his own website, and nothing else with that name."""
    links = dict(MARKER.findall(home))
    assert set(links) == {f"{DESK}/nl/{offer_id}" for offer_id in SEEDS}
    assert home.count("loket-form") == len(links)
    assert len(set(links.values())) == len(links)


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
