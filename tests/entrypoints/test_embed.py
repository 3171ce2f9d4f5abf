"""What a website of somebody else's gets: the script, who may read our answers, the frame, and the total."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.limit import Limit
from tests.desk import BASE_URL, FORM_KEY, WEBSITE, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import untouched
from tests.events import EARLY, EVENT, FREE, sample_event

FORM, PAGE = "/nl/lidmaatschap", f"/nl/{EVENT}"
SECOND = "https://test.lpb.example.nl"
EVIL = "https://www.lpb.example.nl.evil.example"


@pytest.fixture
def event(desk: Desk) -> Desk:
    desk.put_offer(sample_event())
    return desk


def allow(desk: Desk, *origins: str) -> None:
    desk.application.settings = replace(desk.application.settings, allowed_origins=frozenset(origins))


# The script


def test_script_knows_where_the_desk_is_and_how_it_looks(desk: Desk) -> None:
    script = desk.get("/embed.js")
    text = script.body.decode()
    assert script.status_code == 200
    assert f'BASE="{BASE_URL}"' in text
    assert desk.application.settings.association.accent in text
    assert "@BASE@" not in text
    assert "@CSS@" not in text
    assert "var(--house-" not in text
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Cache-Control"] == "public, max-age=3600, stale-while-revalidate=86400"
    assert "Set-Cookie" not in script.headers


def test_script_with_its_style_is_at_most_4_kb(desk: Desk) -> None:
    assert len(gzip.compress(desk.get("/embed.js").body, 6)) <= 4000


@pytest.mark.parametrize("path", [FORM, PAGE, "/nl/congres-2027", "/en/congres-2027", "/nl/werkgroep"])
def test_script_and_form_together_are_at_most_6_kb(event: Desk, path: str) -> None:
    parts = [event.get("/embed.js").body, event.get(f"{path}?fragment=1").body]
    assert sum(len(gzip.compress(part, 6)) for part in parts) <= 6000


def test_script_that_is_known_already_is_not_sent_again(desk: Desk) -> None:
    tag = desk.get("/embed.js").headers["ETag"]
    again = desk.get("/embed.js", if_none_match=f'W/{tag}, "other"')
    assert (again.status_code, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert desk.get("/embed.js", if_none_match='"other"').status_code == 200


# Who may read our answers


@pytest.mark.parametrize("origin", [WEBSITE, SECOND])
@pytest.mark.parametrize(
    "path", [f"{FORM}?fragment=1", "/embed.js", "/nl/bestaat-niet?fragment=1", "/nl/order/bestaat-niet", "/xx/yy/zz/a"]
)
def test_each_allowed_website_is_named_back_whatever_the_answer(desk: Desk, origin: str, path: str) -> None:
    allow(desk, WEBSITE, SECOND)
    answer = desk.get(path, origin=origin)
    if answer.status_code != 403:  # a path that no route has never reaches us; API Gateway answers it
        assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"]) == (origin, "Origin")


@pytest.mark.parametrize("path", [f"{FORM}?fragment=1", f"{PAGE}/total", "/nl/bestaat-niet"])
def test_errors_of_a_post_can_be_read_too(event: Desk, path: str) -> None:
    for sent in ({"content_type": "text/plain"}, {}):
        answer = event.post(path, "x" * 70_000, origin=WEBSITE, **sent)
        assert answer.status_code >= 400
        assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"]) == (WEBSITE, "Origin")


@pytest.mark.parametrize("origin", [EVIL, WEBSITE.upper(), f"{WEBSITE}/", "http://www.lpb.example.nl", "null", ""])
def test_nobody_else_may(desk: Desk, origin: str) -> None:
    answer = desk.get(f"{FORM}?fragment=1", origin=origin)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Vary"] == "Origin"


def test_an_empty_form_that_caches_share_holds_nothing_of_anybody(event: Desk) -> None:
    for path in (FORM, PAGE):
        first, second = (event.get(f"{path}?fragment=1") for _ in range(2))
        assert first.body == second.body
        assert first.headers["Cache-Control"].startswith("public, max-age=")
        assert Document(first).field("key").get("value") == ""
        assert "Set-Cookie" not in first.headers


# The key of a form that somebody else posted into our page


@pytest.mark.parametrize("do", ["show", "switch", "add", "del-1"])
@pytest.mark.parametrize(
    ("origin", "kept"), [("", True), (BASE_URL, True), (WEBSITE, True), (EVIL, False), ("null", False)]
)
def test_a_key_that_a_strange_page_chose_is_not_kept(event: Desk, do: str, origin: str, kept: bool) -> None:
    fields = {"key": FORM_KEY, "do": do, "p1_name": "Ada", "p1_email": ""}
    page = Document(event.post(PAGE, fields, **({"origin": origin} if origin else {})))
    key = page.field("key").get("value")
    assert (key == FORM_KEY) is kept
    assert key


# The frame


def test_a_form_for_a_frame_may_be_framed_by_the_allowed_websites_only(event: Desk) -> None:
    allow(event, WEBSITE, SECOND)
    for path in (FORM, PAGE):
        framed = event.get(f"{path}?iframe=1")
        assert f"frame-ancestors {SECOND} {WEBSITE};" in str(framed.headers["Content-Security-Policy"])
        assert "frame-ancestors 'none'" in str(event.get(path).headers["Content-Security-Policy"])
    allow(event)
    assert "frame-ancestors 'none'" in str(event.get(f"{FORM}?iframe=1").headers["Content-Security-Policy"])


def test_everything_leads_out_of_the_frame(desk: Desk) -> None:
    page = Document(desk.get(f"{FORM}?iframe=1", referer=f"{WEBSITE}/"))
    assert page.one("base").get("target") == "_top"
    assert not list(page.all("header")) + list(page.all("footer"))
    assert page.field("page").get("value") == f"{WEBSITE}/"
    plain = Document(desk.get(FORM))
    assert not list(plain.all("base"))
    assert list(plain.all("header"))


# The total while somebody types


def total(desk: Desk, *domains: str, path: str = PAGE) -> str:
    answer = desk.post(f"{path}/total", {"domains": "".join(f"{domain}," for domain in domains)}, origin=WEBSITE)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return Document(answer).text


def test_total_follows_who_comes(event: Desk) -> None:
    event.member("polderdam.nl", organisation="Gemeente Polderdam")
    with untouched(event):
        assert "€ 0,00" in total(event)
        assert "1 × € 549 normale prijs" in total(event, "")
        said = total(event, "polderdam.nl", "elders.nl", "")
    for words in ("2 × € 549", "1 × € 399 ledenprijs", "€ 1.497,00", "Ledenprijs: Gemeente Polderdam"):
        assert words in said


def test_total_is_the_one_that_is_ordered(event: Desk) -> None:
    event.member("voorbeeldstad.nl")
    answer = event.post(
        PAGE,
        {
            "organisation": "Gemeente Voorbeeldstad",
            "name": "Ada",
            "email": "ada@voorbeeldstad.nl",
            "key": FORM_KEY,
            "do": "pay",
            "member": "ja",
            "self": "ja",
            "website": "",
        },
    )
    assert answer.status_code == 303
    (order,) = event.items("order")
    assert order["lines"]["L"][0]["M"]["unit_cents"]["N"] == "39900"
    assert "€ 399,00" in total(event, "voorbeeldstad.nl")


def test_an_organisation_is_named_once_however_many_come(event: Desk) -> None:
    event.member("polderdam.nl", "wijk.polderdam.nl", organisation="Gemeente Polderdam")
    assert total(event, "polderdam.nl", "POLDERDAM.NL", "wijk.polderdam.nl").count("Gemeente Polderdam") == 1


def test_membership_is_offered_from_four_colleagues(event: Desk) -> None:
    assert "lidmaatschap" not in total(event, *["elders.nl"] * 3)
    assert "Met een lidmaatschap betaalt u € 100 minder." in total(event, *["elders.nl"] * 4)
    assert "lidmaatschap" not in total(event, *["gmail.com"] * 9)


def test_the_form_offers_it_too_and_keeps_what_was_typed(event: Desk) -> None:
    rows = {
        f"p{row}_{part}": f"ada{row}@elders.nl" if part == "email" else "Ada"
        for row in (1, 2, 3, 4)
        for part in ("name", "email")
    }
    page = Document(event.post(PAGE, {"key": FORM_KEY, "do": "show", "organisation": "Gemeente Elders"} | rows))
    assert "betaalt u € 100 minder" in page.text
    path, fields = page.press("join")
    answer = event.post(path, fields)
    assert answer.status_code == 303
    assert str(answer.headers["Location"]).startswith(f"{BASE_URL}/nl/lidmaatschap?draft=")
    assert "Gemeente Elders" in str(event.items("draft"))


def test_nobody_is_led_to_a_membership_that_is_not_for_sale(event: Desk) -> None:
    membership = event.offer()
    event.put_offer(replace(membership, closes_at=event.clock()))
    assert "lidmaatschap" not in total(event, *["elders.nl"] * 9)


def test_total_of_early_birds(desk: Desk) -> None:
    desk.put_offer(sample_event(early=EARLY))
    assert "1 × € 449 vroege prijs" in total(desk, "")


@pytest.mark.parametrize(
    "domains",
    [
        "",
        ",",
        "nonsense,",
        "<script>alert(1)</script>,",
        "@,",
        ".,..,",
        "x" * 3000 + ",",
        "," * 5000,
        "ada@polderdam.nl,",
    ],
)
def test_nonsense_in_place_of_domains(event: Desk, domains: str) -> None:
    event.member("polderdam.nl", organisation="Gemeente Polderdam")
    answer = event.post(f"{PAGE}/total", {"domains": domains})
    assert answer.status_code == 200
    assert "script" not in answer.body.decode()
    assert "Polderdam" not in answer.body.decode()


def test_total_recognises_nobody_for_whoever_asks_too_often(event: Desk) -> None:
    event.member("polderdam.nl", organisation="Gemeente Polderdam")
    limits = replace(
        event.application.settings.limits, lookup=Limit(name="lookup", most=3, period=timedelta(minutes=10))
    )
    event.application.settings = replace(event.application.settings, limits=limits)
    for _ in range(3):
        assert "Gemeente Polderdam" in total(event, "polderdam.nl")
    assert "1 × € 549" in total(event, "polderdam.nl")
    # who types no address asks nothing about anybody
    assert "2 × € 549" in total(event, "", "")
    event.clock.advance(minutes=11)
    assert "Gemeente Polderdam" in total(event, "polderdam.nl")


@pytest.mark.parametrize("path", ["/nl/lidmaatschap/total", "/nl/bestaat-niet/total", "/xx/proefcongres/total"])
def test_no_total_where_it_does_not_depend_on_who_comes(event: Desk, path: str) -> None:
    assert event.post(path, {"domains": ","}).status_code == 404


def test_only_a_form_whose_total_follows_has_the_script(event: Desk) -> None:
    event.put_offer(replace(sample_event(**FREE), id="gratis"))
    page = event.get(PAGE)
    assert f"script-src {BASE_URL}/embed.js; connect-src 'self';" in str(page.headers["Content-Security-Policy"])
    assert [each.get("src") for each in Document(page).all("script")] == [f"{BASE_URL}/embed.js"]
    for path in (FORM, "/nl/gratis"):
        plain = event.get(path)
        assert "script-src" not in str(plain.headers["Content-Security-Policy"])
        assert not list(Document(plain).all("script"))
