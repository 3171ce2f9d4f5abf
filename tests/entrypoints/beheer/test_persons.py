"""Persons: found by their address, handed out and erased; and the page that says what goes by itself."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from chalicelib.domain.staff import Role
from chalicelib.domain.suppression import suppression_id
from chalicelib.entrypoints import schedules
from devstack.environment import BEHEERDER
from tests.adapters.subscriber_samples import SUPPRESSION
from tests.desk import ANSWERS, CONSENT_TEXT, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.events import EVENT, attending, sample_event
from tests.flows.line import ASKING, READING
from tests.flows.rights import EMAIL, NAME, PERSON, Life, live, traces, write_about

PAGE, ERASE, EXPORT = "/beheer/personen", "/beheer/personen/wissen", "/beheer/personen/export"
RETENTION = "/beheer/bewaren"
HOSTILE = "<img src=x onerror=alert(1)>\"'{{7*7}}=1+1"


@pytest.fixture
def life(desk: Desk) -> Life:
    return live(desk)


@pytest.fixture
def browser(desk: Desk) -> Browser:
    browser = Browser(desk)
    browser.log_in(BEHEERDER)
    return browser


def search(browser: Browser, email: str = EMAIL) -> str:
    answer = browser.press(PAGE, PAGE, {"email": email})
    assert answer.status_code == 200
    return text(answer)


def ask(browser: Browser, email: str = EMAIL) -> dict[str, str]:
    """The form of the page that says what goes."""
    answer = browser.press(PAGE, ERASE, {"email": email})
    assert answer.status_code == 200, answer.body
    return form_of(answer)


def form_of(answer: Any) -> dict[str, str]:
    page = text(answer)
    return {"do": "erase"} | {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]  # absent: the test fails
        for name in ("email", "key", "seen")
    }


def text(answer: Any) -> str:
    assert len(answer.body) < 30_000
    return str(answer.body.decode()).replace("\xa0", " ")


def test_all_of_one_address_is_found_and_what_becomes_of_it(desk: Desk, life: Life, browser: Browser) -> None:
    page = search(browser, f" {EMAIL.upper()} ")
    for order in life.orders:
        assert order.code in page
    assert "tot en met 31 december 2033" in page
    assert page.count("art. 52 AWR") == 2
    assert "Lidmaatschap Wijkraad Oudenoord" in page
    assert "de toestemming voor de nieuwsbrief; 2 notities" in page
    assert "1 notitie waarin deze naam niet voorkomt" in page
    assert page.count("Deelnemer: ") == 1


def test_of_who_is_not_known_it_says_so(desk: Desk, life: Life, browser: Browser) -> None:
    assert "Onder dit adres ligt hier niets." in search(browser, "niemand@elders.nl")


@pytest.mark.parametrize("email", ["", "geen adres", HOSTILE, "a@b@c", "x" * 300 + "@y.nl"])
@pytest.mark.parametrize("path", [PAGE, ERASE, EXPORT])
def test_what_is_no_address_is_said_and_stays(desk: Desk, browser: Browser, path: str, email: str) -> None:
    answer = browser.press(PAGE, path, {"email": email})
    assert answer.status_code == 422
    page = text(answer)
    assert "<title>Fout: Personen" in page
    assert 'id="email-wrong"' in page
    assert HOSTILE not in page


def test_an_address_is_in_no_link_and_no_redirect(desk: Desk, life: Life, browser: Browser) -> None:
    pages = [search(browser), text(browser.press(PAGE, ERASE, {"email": EMAIL}))]
    for page in pages:
        links = re.findall(r'(?:href|action)="([^"]*)"', page)
        assert links
        assert not [link for link in links if "@" in link or "%40" in link]
    answer = browser.press(PAGE, ERASE, ask(browser))
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/beheer/personen?gewist=5&leden=1&wacht=0&nieuwsbrief=1")


def test_erased_after_the_page_that_says_what_goes(desk: Desk, life: Life, browser: Browser) -> None:
    form = ask(browser)
    assert len(traces(desk)) > 15, "asking is not doing"
    where = browser.press(PAGE, ERASE, form).headers["Location"].partition("example.nl")[2]
    assert "Gewist uit 5 aanmeldingen en 1 lidmaatschap, en bij de nieuwsbrief." in browser.get(where).body.decode()
    found = {key for key in traces(desk) if not key.startswith("AUDIT#")}
    assert {key.split()[1] for key in found} == {"BUYER", "MEMBERSHIP"}
    assert "Onder dit adres ligt hier niets." in search(browser)


def test_a_second_press_does_nothing_and_says_so(desk: Desk, life: Life, browser: Browser) -> None:
    form = ask(browser)
    browser.press(PAGE, ERASE, form)
    before = [item for item in desk.items() if item["record"]["S"] != "staff_session"]
    where = browser.press(PAGE, ERASE, form).headers["Location"].partition("example.nl")[2]
    assert "Er was niets meer om te wissen." in browser.get(where).body.decode()
    assert [item for item in desk.items() if item["record"]["S"] != "staff_session"] == before


def test_what_was_changed_since_is_shown_first(desk: Desk, life: Life, browser: Browser) -> None:
    form = ask(browser)
    write_about(desk, life.free, number=9)
    answer = browser.press(PAGE, ERASE, form)
    assert answer.status_code == 409
    assert "Iemand anders heeft dit net gewijzigd." in text(answer)
    assert "<title>Fout: " in text(answer)
    assert desk.buyer(life.free.id).answers.email == EMAIL
    assert browser.press(PAGE, ERASE, form_of(answer)).status_code == 303
    assert desk.buyer(life.free.id).answers.email == ""


def test_what_is_under_way_is_refused_with_its_reason(desk: Desk, browser: Browser) -> None:
    order = desk.register(PERSON).order
    page = search(browser)
    assert "Kan nog niet worden gewist: de betaling is nog niet afgerond. Handel dat eerst af." in page
    answer = browser.press(PAGE, ERASE, {"email": EMAIL})
    assert "1 aanmelding kan nog niet worden gewist" in text(answer)
    assert 'value="erase"' not in text(answer)
    where = browser.press(PAGE, ERASE, form_of(answer)).headers["Location"].partition("example.nl")[2]
    assert "1 aanmelding is nog niet gewist" in browser.get(where).body.decode()
    assert desk.buyer(order.id).answers == PERSON


@pytest.mark.parametrize("role", [Role.SECRETARIAAT, Role.PENNINGMEESTER, Role.DEUR])
def test_other_roles_neither_see_nor_erase(desk: Desk, life: Life, role: Role) -> None:
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[role])
    before = desk.items("buyer")
    fields = {"token": browser.token(), "email": EMAIL, "do": "erase", "key": "k"}
    for path in (PAGE, ERASE, EXPORT):
        answer = browser.post(path, fields)
        assert answer.status_code == 403
        assert NAME.encode() not in answer.body
    assert desk.items("buyer") == before
    assert "Personen" not in browser.get("/beheer").body.decode()


@pytest.mark.parametrize("path", [ERASE, EXPORT])
def test_without_a_fresh_code_it_asks_for_one_and_then_comes_back(
    desk: Desk, life: Life, browser: Browser, path: str
) -> None:
    form = ask(browser)
    desk.clock.advance(minutes=11)
    answer = browser.post(path, {"token": browser.token()} | form)
    assert answer.status_code == 303
    assert "opnieuw=1" in answer.headers["Location"]
    assert desk.buyer(life.free.id).answers.email == EMAIL
    browser.log_in(BEHEERDER)
    page = browser.get(path)
    assert page.status_code == 200
    assert "zoek de persoon nog een keer" in text(page)


def test_all_of_a_person_as_a_file(desk: Desk, life: Life, browser: Browser) -> None:
    answer = browser.press(PAGE, EXPORT, {"email": EMAIL, "as": "file"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="persoonsgegevens.json"'
    told = json.loads(answer.body)
    assert told["e-mailadres"] == EMAIL
    orders = {each["aanmeldnummer"]: each for each in told["aanmeldingen"]}
    assert set(orders) == {order.code for order in life.orders}
    congress = orders[life.congress.code]
    assert congress["ingevuld"]["straat"] == PERSON.street
    assert congress["ingevuld"]["diet"] == "Quirina eet geen noten"
    assert congress["betaling"]["betaald"] == "€\xa0798,00"
    assert len(congress["toestemming"]) == 1
    assert len(congress["notities van het secretariaat"]) == 2
    assert congress["komt als"] == [{"naam": NAME, "e-mailadres": EMAIL}]
    brought = orders[life.brought.code]
    assert brought["aangemeld door"] == {"naam": ANSWERS.name, "organisatie": ANSWERS.organisation}
    assert "ingevuld" not in brought
    assert "betaling" not in brought
    assert told["lidmaatschappen"][0]["contactpersoon"] == NAME
    newsletter = told["nieuwsbrief"]
    assert (newsletter["stand"], newsletter["gevraagd, nog niet bevestigd"]) == ("nog niet bevestigd", ["Nieuwsbrief"])
    assert newsletter["gevraagd"]["wat er stond"] == CONSENT_TEXT
    # of others nothing but who registered him
    whole = json.dumps(told)
    assert "baas@elders.nl" not in whole
    assert "collega@" not in whole
    assert "Let op de dieetlijst." not in json.dumps(brought)
    [entry] = [item for item in desk.items("audit_entry") if item["deed"]["S"] == "person_exported"]
    assert entry["by"]["S"] == BEHEERDER
    assert entry["facts"]["M"] == {"orders": {"S": "5"}, "memberships": {"S": "1"}, "subscription": {"S": "1"}}
    assert EMAIL not in json.dumps(entry)


def test_the_same_as_a_page(desk: Desk, life: Life, browser: Browser) -> None:
    page = text(browser.press(PAGE, EXPORT, {"email": EMAIL, "as": "page"}))
    for told in (NAME, PERSON.street, life.congress.code, "Quirina eet geen noten", "aangemeld door"):
        assert told in page


def test_of_nobody_nothing_is_handed_out_or_logged(desk: Desk, browser: Browser) -> None:
    page = text(browser.press(PAGE, EXPORT, {"email": "niemand@x.nl"}))
    assert "Onder dit adres ligt hier niets." in page
    assert desk.items("audit_entry") == []


def test_whatever_somebody_typed_is_text(desk: Desk, browser: Browser) -> None:
    hostile = replace(PERSON, name=HOSTILE, organisation=HOSTILE, extra=((HOSTILE, HOSTILE),), reference=HOSTILE)
    desk.put_offer(sample_event(event={"capacity": 40}))
    order = desk.register(attending(hostile, "x@y.nl"), offer_id=EVENT).order
    write_about(desk, order)
    pages = [search(browser), text(browser.press(PAGE, ERASE, {"email": EMAIL}))]
    pages.append(text(browser.press(PAGE, EXPORT, {"email": EMAIL, "as": "page"})))
    for page in pages:
        assert HOSTILE not in page
        assert "&lt;img src=x" in page
    told = browser.press(PAGE, EXPORT, {"email": EMAIL, "as": "file"})
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    assert json.loads(told.body)["aanmeldingen"][0]["ingevuld"]["naam"] == HOSTILE


def test_a_page_of_one_order_asks_the_table_nine_times(desk: Desk, browser: Browser) -> None:
    """The address twice over, the newsletter four times, and one more for each further order or membership."""
    order = desk.open_checkout(desk.register(PERSON).order).order
    desk.gateway.pay(order.session_id)
    desk.payments.put(order.session_id)
    desk.work()
    token, asked = browser.token(), []
    for call in (READING, ASKING, READING.replace("GetItem", "BatchGetItem")):
        desk.client.meta.events.register_first(call, lambda **_: asked.append(1))
    browser.post(PAGE, {"token": token, "email": EMAIL})
    assert len(asked) == 9
    asked.clear()
    browser.get(RETENTION)
    assert len(asked) == 2


def test_the_page_of_terms_before_anything_was_looked_at(desk: Desk, browser: Browser) -> None:
    page = text(browser.get(RETENTION))
    assert "Er is nog niet gekeken." in page
    assert "art. 52 AWR" in page
    assert "na 7 boekjaren" in page
    assert "90 dagen na de aanmelding" in page


def test_the_page_of_terms_names_what_goes_and_when(desk: Desk, life: Life, browser: Browser) -> None:
    desk.clock.advance(days=91)
    with desk.running():
        schedules.retain()
    browser.log_in(BEHEERDER)
    page = text(browser.get(RETENTION))
    assert "Niet betaald, of gratis en geannuleerd: 1" in page
    assert life.lapsed.code in page
    assert "Op zijn vroegst op 25 februari 2027" in page
    assert "naar 6 aanmeldingen en lidmaatschappen" in page
    desk.clock.advance(days=1)
    with desk.running():
        schedules.retain()
    browser.log_in(BEHEERDER)
    page = text(browser.get(RETENTION))
    assert "De laatste keer gewist: 1." in page
    assert "Er is niets dat weg moet." in page
    assert NAME not in page


def test_the_page_of_an_order_survives_without_its_people(desk: Desk, life: Life, browser: Browser) -> None:
    browser.press(PAGE, ERASE, ask(browser))
    for order in life.orders:
        for language in ("nl", "en"):
            link = desk.application.links.order(order.id, order.language).partition("example.nl")[2]
            answer = desk.get(link.replace("/nl/", f"/{language}/", 1))
            assert answer.status_code == 200
            page = answer.body.decode()
            assert EMAIL not in page
            assert NAME not in page, "the books keep it, and whoever has the link does not read it"
            if order.seats():
                assert "(gewist)" in page or "(erased)" in page
    again = desk.application.links.order(life.lapsed.id, life.lapsed.language).partition("example.nl")[2]
    answer = desk.post(again, {"do": "again"})
    assert answer.status_code == 200
    assert NAME not in answer.body.decode()


def test_every_page_behind_the_desk_survives_without_its_people(desk: Desk, life: Life, browser: Browser) -> None:
    browser.press(PAGE, ERASE, ask(browser))
    for order in life.orders:
        page = text(browser.get(f"/beheer/aanmeldingen/{order.code}"))
        assert "Persoon gewist" in page
        assert EMAIL not in page
        paid_himself = order in (life.membership, life.congress)
        assert ("blijft voor de boekhouding" in page) is paid_himself
        if order.seats():
            assert "<li>(gewist)" in page
        for act in ("gegevens", "annuleren", "terugbetalen", "beoordelen"):
            assert browser.get(f"/beheer/aanmeldingen/{order.code}/{act}").status_code in (200, 303)
        listed = text(browser.get(f"/beheer/aanmeldingen?offer={order.offer_id}"))
        assert order.code in listed
    log = text(browser.get("/beheer/logboek"))
    assert log.count("Persoon gewist") == 7
    assert f"aanmelding: {life.congress.code}" in log
    assert text(browser.get(f"/beheer/leden/{life.membership.id}"))


def test_a_colleague_can_be_corrected_beside_who_was_erased(desk: Desk, life: Life, browser: Browser) -> None:
    browser.press(PAGE, ERASE, ask(browser))
    page = f"/beheer/aanmeldingen/{life.congress.code}/gegevens"
    form = {
        name: unescape(value)
        for name, value in re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', text(browser.get(page)))
    }
    answer = browser.post(page, form | {"name-2": "Petra Nieuw", "do": "save"})
    assert answer.status_code == 303, text(answer)
    [nobody, colleague] = desk.store.attendees(life.congress.id)
    assert (nobody.name, nobody.email, colleague.name) == ("", "", "Petra Nieuw")
    assert desk.buyer(life.congress.id).answers.email == ""
    membership = desk.store.unit_of_work().memberships.get(life.membership.id)
    assert membership
    assert membership.contact_name == ""
    emptied = browser.post(page, form | {"name-2": "", "do": "show"})
    assert emptied.status_code == 422, "of who is there the name is needed"


def test_who_is_known_to_the_newsletter_alone_is_found_and_erased(desk: Desk, browser: Browser) -> None:
    """And what stands for his address stays, since nobody may mail it."""
    identity, reader = desk.application.identity, "lezer@elders.nl"
    desk.post("/nl/nieuwsbrief", {"email": reader, "topic_congres": "ja"})
    suppression = replace(SUPPRESSION, id=suppression_id(reader, identity=identity))
    unit = desk.store.unit_of_work()
    unit.suppressions.keep(suppression)
    unit.commit()
    page = text(browser.press(PAGE, PAGE, {"email": reader}))
    for said in (
        "Nog niet bevestigd, gevraagd op",
        "mail kwam er niet aan",
        "het bewijs van de toestemming",
        "Blijft: dat",
    ):
        assert said in page
    done = browser.press(PAGE, ERASE, ask(browser, reader))
    assert done.headers["Location"].endswith("?gewist=0&leden=0&wacht=0&nieuwsbrief=1")
    assert reader not in json.dumps(desk.items())
    assert desk.store.unit_of_work().suppressions.get(suppression.id) == suppression
    assert "ligt hier niets" in text(browser.press(PAGE, PAGE, {"email": reader}))
