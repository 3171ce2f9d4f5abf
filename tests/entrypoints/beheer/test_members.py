"""The list of members, one of them, and who got the member price."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.calendar import local_date
from chalicelib.domain.staff import Role
from devstack.environment import BEHEERDER
from tests.desk import ANSWERS, BASE_URL, Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.membership import membership, put
from tests.entrypoints.document import Document
from tests.events import EVENT, attending, sample_event

MOST_REQUESTS = 5
HOSTILE = ("<b>vet</b>", "=1+1", "{{7*7}}", '"><script>alert(1)</script>', "' onfocus=x '")


def names(page: Document) -> list[str]:
    """The members of the list, in its order."""
    lists = [each for each in page.all("li") if any(e.get("class") == "list members" for e in each.around)]
    return [next(link.text for link in page.all("strong") if item in link.around) for item in lists]


def chips(page: Document) -> list[str]:
    return [link.text for link in page.all("a") if any(each.get("class") == "chips" for each in link.around)]


def cells(page: Document) -> list[list[str]]:
    """The lines of its list, part by part."""
    rows = [[part.text for part in page.all("div") if row in part.around] for row in page.all("li")]
    return [row for row in rows if row]


def test_an_empty_list_says_what_to_do(browser: Browser) -> None:
    page = Document(browser.get("/beheer/leden"))
    assert "Er zijn nog geen leden. Voeg er een toe" in page.text
    assert chips(page) == ["alle (0)", "lopend (0)", "eindigt binnen 60 dagen (0)", "verlopen (0)"]
    assert "Exce" not in page.text
    assert "Er zijn geen leden gevonden met ‘niemand’" in Document(browser.get("/beheer/leden?zoek=niemand")).text


def test_how_they_stand_is_counted_and_chosen(desk: Desk, browser: Browser) -> None:
    today = local_date(desk.clock())
    ends = {"Vandaag": 0, "Soon": 60, "Later": 61, "Gisteren": -1}
    for number, (name, days) in enumerate(ends.items()):
        put(desk, membership(desk, number, organisation=name, ends_on=today + timedelta(days=days)))
    page = Document(browser.get("/beheer/leden"))
    assert chips(page) == ["alle (4)", "lopend (3)", "eindigt binnen 60 dagen (2)", "verlopen (1)"]
    assert names(page) == ["Gisteren", "Later", "Soon", "Vandaag"]
    for stand, expected in {
        "lopend": ["Later", "Soon", "Vandaag"],
        "eindigt": ["Soon", "Vandaag"],
        "verlopen": ["Gisteren"],
        "onzin": ["Gisteren", "Later", "Soon", "Vandaag"],
    }.items():
        assert names(Document(browser.get(f"/beheer/leden?stand={stand}"))) == expected
    page = Document(browser.get("/beheer/leden?stand=verlopen&zoek=later"))
    assert names(page) == []
    assert chips(page) == ["alle (1)", "lopend (1)", "eindigt binnen 60 dagen (0)", "verlopen (0)"]


def test_terms_of_one_organisation_are_one_member_and_the_newest_counts(desk: Desk, browser: Browser) -> None:
    today = local_date(desk.clock())
    old, new = today - timedelta(days=10), today + timedelta(days=355)
    number = {"registration_number": "12345678"}
    put(
        desk,
        membership(desk, 1, organisation="Welzijn  Waterland", ends_on=old),
        membership(desk, 2, organisation="welzijn waterland", ends_on=new),
        # renamed, and known by its number
        membership(desk, 3, organisation="Oude Naam", ends_on=old, **number),
        membership(desk, 4, organisation="Nieuwe Naam", ends_on=new, **number),
        # two of one name, and one that nobody can tell which it is
        membership(desk, 5, organisation="Gemeente Bergen", registration_number="11111111"),
        membership(desk, 6, organisation="Gemeente Bergen", registration_number="22222222"),
        membership(desk, 7, organisation="Gemeente Bergen"),
        # without its number once, but the only one of its name
        membership(desk, 8, organisation="Nieuwe naam", ends_on=old - timedelta(days=365)),
    )
    page = Document(browser.get("/beheer/leden"))
    assert names(page) == [*["Gemeente Bergen"] * 3, "Nieuwe Naam", "welzijn waterland"]
    assert chips(page)[0] == "alle (5)"
    # by its old name it is found too
    assert names(Document(browser.get("/beheer/leden?zoek=oude"))) == ["Nieuwe Naam"]
    one = Document(browser.get(f"/beheer/leden/{4:032}"))
    assert [each.text for each in one.all("dt") if each.text == "Naam"] == ["Naam", "Naam"]
    assert len([link for link in one.all("a") if link.text.startswith("Wijzigen")]) == 3


@pytest.mark.parametrize(
    "words",
    ["voorb", "STAD", "buurt voorb", "voorbeeldstad7.nl", "@voorbeeldstad7.nl", "ada@voor", "12345678", "1234 5678"],
)
def test_one_box_finds_by_name_domain_contact_and_number(desk: Desk, browser: Browser, words: str) -> None:
    put(
        desk,
        membership(desk, 7, organisation="Buurt van Voorbeeldstad", registration_number="12345678"),
        membership(desk, 8, organisation="Iemand", domains=("iemand.nl",), contact_email="bo@iemand.nl"),
    )
    found = Document(browser.get(f"/beheer/leden?zoek={words.replace(' ', '+')}"))
    assert names(found) == ["Buurt van Voorbeeldstad"]
    assert found.field("zoek").get("value") == words


def test_pages_of_fifty_in_which_everybody_comes_once(desk: Desk, browser: Browser) -> None:
    put(desk, *(membership(desk, number) for number in range(120)))
    path, seen, pages = "/beheer/leden?stand=lopend&zoek=gemeente", list[str](), 0
    while path:
        answer = browser.get(path)
        assert weight(answer) < MOST_WEIGHT
        page = Document(answer)
        seen, pages = seen + names(page), pages + 1
        path = next((link.get("href")[len(BASE_URL) :] for link in page.all("a") if link.text == "Volgende leden"), "")
    assert (len(seen), len(set(seen)), pages) == (120, 120, 3)
    assert seen == sorted(seen)


@pytest.mark.parametrize("count", [120, 2400])
def test_every_page_asks_little_of_the_table(desk: Desk, browser: Browser, count: int) -> None:
    desk.put_offer(sample_event())
    put(desk, *(membership(desk, number, registration_number=f"{number:08}") for number in range(count)))
    order = desk.register(replace(ANSWERS, organisation="Gemeente Voorbeeldstad 7")).order
    for path, most in {
        "/beheer/leden": 3,
        "/beheer/leden?zoek=stad+7&stand=lopend": 3,
        f"/beheer/leden/{7:032}": MOST_REQUESTS,
        "/beheer/leden/nergens": MOST_REQUESTS,
        "/beheer/leden/ledentarief": MOST_REQUESTS,
        f"/beheer/leden/ledentarief?offer={EVENT}&lid={7:032}": MOST_REQUESTS,
        "/beheer/leden/nieuw": 1,
        "/beheer/leden/importeren": 1,
        f"/beheer/leden/{7:032}/wijzigen": 2,
    }.items():
        with counted(desk) as asked:
            answer = browser.get(path)
        assert answer.status_code == (404 if path.endswith("nergens") else 200)
        assert len(asked) <= most, (path, asked)
        assert "Scan" not in asked
    assert order.code in browser.get(f"/beheer/leden/{7:032}").body.decode()


def test_its_orders_are_those_of_its_name_exactly(desk: Desk, browser: Browser) -> None:
    put(desk, membership(desk, 1, organisation="Welzijn"))
    mine = desk.register(replace(ANSWERS, organisation="WELZIJN "), key="a" * 24).order
    others = [
        desk.register(replace(ANSWERS, organisation=name), key=name * 9).order
        for name in ("Welzijn Waterland", "Welzijn#2")
    ]
    page = Document(browser.get(f"/beheer/leden/{1:032}"))
    assert mine.code in page.text
    assert not [each for each in others if each.code in page.text]
    assert "wacht op betaling" in page.text
    assert page.one("a", href=f"{BASE_URL}/beheer/aanmeldingen/{mine.code}").text == mine.code
    assert browser.get(f"/beheer/aanmeldingen/{mine.code}").status_code == 200


def test_a_membership_that_was_bought_tells_its_order(desk: Desk, browser: Browser) -> None:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.application.payments.put(order.session_id)
    desk.work()
    page = Document(browser.get(f"/beheer/leden/{order.id}"))
    assert f"aanmelding {order.code}" in page.text
    assert page.text.count(order.code) == 2


def test_who_got_the_member_price_and_why(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event())
    put(
        desk,
        membership(desk, 1, organisation="Gemeente Voorbeeldstad", domains=("voorbeeldstad.nl",)),
        membership(desk, 2, organisation="Welzijn Waterland", domains=("waterland.nl",)),
    )
    answers = attending(ANSWERS, "bo@waterland.nl", "cem@elders.nl")
    order = desk.register(answers, offer_id=EVENT).order
    assert [line.unit_cents for line in order.lines] == [39900, 39900, 54900]
    page = Document(browser.get("/beheer/leden/ledentarief"))
    found = f"{order.code}, wacht op betalingbesloten op 25 november 2026 om 13:00"
    assert cells(page) == [
        [
            *("Ada de VriesGemeente Voorbeeldstad", found),
            "ledenprijsdoor @voorbeeldstad.nl van Gemeente Voorbeeldstad",
        ],
        ["Persoon 2Gemeente Voorbeeldstad", found, "ledenprijsdoor @waterland.nl van Welzijn Waterland"],
    ]
    one = Document(browser.get(f"/beheer/leden/ledentarief?offer={EVENT}&lid={2:032}"))
    assert cells(one) == cells(page)[1:]
    assert "1 deelnemer is als lid herkend" in one.text
    # what came to nothing is nobody's price
    desk.clock.advance(hours=2)
    desk.sweep()
    browser.log_in(BEHEERDER)
    assert "niemand als lid herkend" in Document(browser.get("/beheer/leden/ledentarief")).text


def test_prices_come_page_by_page_and_everybody_once(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event(event={"capacity": 500, "most_per_order": 12}))
    put(desk, membership(desk, 1, domains=("voorbeeldstad.nl",)))
    for number in range(8):
        emails = (f"p{number}-{each}@voorbeeldstad.nl" for each in range(11))
        answers = replace(ANSWERS, email=f"b{number}@voorbeeldstad.nl")
        desk.register(attending(answers, *emails), offer_id=EVENT, key=f"{number:024}")
    path, seen = f"/beheer/leden/ledentarief?offer={EVENT}&lid={1:032}", list[str]()
    while path:
        answer = browser.get(path)
        assert weight(answer) < MOST_WEIGHT
        page = Document(answer)
        assert "96 deelnemers zijn als lid herkend" in page.text
        seen += [" ".join(row) for row in cells(page)]
        path = next((link.get("href")[len(BASE_URL) :] for link in page.all("a") if link.text == "Volgende"), "")
    assert len(seen) == 96
    assert len(set(seen)) == 96


def test_what_was_just_done_is_shown_though_the_list_has_not_caught_up(desk: Desk, browser: Browser) -> None:
    before = membership(desk, 1, contact_name="Zoals het was")
    put(desk, before, membership(desk, 2, organisation=before.organisation))
    lists = desk.application.lists
    behind, unit = list(lists.memberships()), desk.store.unit_of_work()
    unit.memberships.update(replace(before, contact_name="Zoals het is"))
    unit.commit()
    lists.memberships = lambda: behind  # type: ignore[method-assign]  # as an index may be
    path = f"/beheer/leden/{before.id}"
    assert "Zoals het was" in Document(browser.get(path)).text
    shown = Document(browser.get(f"{path}?gedaan=gewijzigd&versie=2")).text
    assert "Zoals het is" in shown
    assert "Zoals het was" not in shown
    behind.remove(before)
    assert "Zoals het is" in Document(browser.get(path)).text
    assert browser.get(f"{path}?versie=²").status_code == 200


def test_what_is_not_there_says_so_and_the_menu_stays(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event())
    for path in ("x", "x/wijzigen", "ledentarief?offer=x", "ledentarief?lid=x"):
        answer = browser.get(f"/beheer/leden/{path}")
        assert answer.status_code == 404, path
        page = Document(answer)
        assert page.one("h1").text == "Dit is er niet (meer)"
        assert "Medewerkers" in page.text


@pytest.mark.parametrize("role", [Role.PENNINGMEESTER, Role.SECRETARIAAT])
def test_who_may_only_look_has_no_buttons(desk: Desk, role: Role) -> None:
    put(desk, membership(desk, 1))
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[role])
    text = browser.get("/beheer/leden").body.decode() + browser.get(f"/beheer/leden/{1:032}").body.decode()
    assert ("Lid toevoegen" in text) is (role is Role.SECRETARIAAT)
    assert ("Wijzigen" in text) is (role is Role.SECRETARIAAT)
    assert 'name="soort" value="xlsx"' in text, "both may export"


@pytest.mark.parametrize("text", HOSTILE)
def test_what_anybody_typed_is_text(desk: Desk, browser: Browser, text: str) -> None:
    desk.put_offer(sample_event())
    mine = membership(
        desk, 1, organisation=text, contact_name=text, registration_number=text, contact_email=text, domains=("x.nl",)
    )
    put(desk, mine)
    answers = replace(attending(ANSWERS), name=text, organisation=text, email="bo@x.nl")
    desk.register(answers, offer_id=EVENT)
    for path in ("leden", f"leden/{mine.id}", "leden/ledentarief", f"leden/{mine.id}/wijzigen"):
        page = Document(browser.get(f"/beheer/{path}"))
        assert not list(page.all("script"))
        assert not [each for each in page.elements if each.has("onfocus")]
        assert not list(page.all("b"))
        assert "49" not in re.sub(r"\d{4,}|[\d.]+,\d\d", "", page.text)
        shown = page.text if not path.endswith("wijzigen") else page.field("organisation").get("value")
        assert text in shown
    searched = Document(browser.get(f"/beheer/leden?zoek={text.replace('=', '%3D').replace('+', '%2B')}"))
    assert searched.field("zoek").get("value") == text


def test_days_are_those_of_amsterdam(desk: Desk, browser: Browser) -> None:
    put(desk, membership(desk, 1, ends_on=date(2026, 11, 25)))
    desk.clock.advance(hours=11)  # it is 26 November there, and still the 25th in UTC
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[Role.SECRETARIAAT])
    assert "verlopen (1)" in Document(browser.get("/beheer/leden")).text
