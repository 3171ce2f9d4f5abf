"""The list of registrations: found by whatever one knows, filtered by what stands in the address, page by page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from chalicelib.domain.answers import Answers
from chalicelib.domain.order import Buyer
from chalicelib.domain.staff import Role
from chalicelib.domain.state import State
from tests.desk import ANSWERS, BASE_URL, Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.orders import led_to, paid_event, paid_member, path_of, text_of
from tests.events import EVENT, sample_event

LIST = "/beheer/aanmeldingen"
STATES = (State.PAID, State.PAID, State.PAID, State.PENDING, State.EXPIRED, State.CANCELLED)


def codes(page: str) -> list[str]:
    return re.findall(r'aanmeldingen/([A-Z]\d\d-[A-Z0-9]{4})"', page)


def full(desk: Desk, *, offer_id: str, count: int, prefix: str = "P") -> None:
    """So many orders of an offer, each by another organisation, in all states."""
    sample = paid_event(desk) if not desk.items("order") else desk.order(desk.items("order")[0]["id"]["S"])
    for number in range(count):
        order_id, state = f"{offer_id}{number}".replace("-", ""), STATES[number % len(STATES)]
        order = replace(
            sample,
            id=order_id,
            code=f"{prefix}27-{number:04}",
            offer_id=offer_id,
            state=state,
            created_at=sample.created_at + timedelta(minutes=number),
            paid_cents=10_000 if state is State.PAID else 0,
            due=None,
        )
        name = f"Organisatie {number:04} voor wijkgericht werken en welzijn in de regio"
        answers = replace(ANSWERS, organisation=name, name=f"Naam {number:04}", email=f"naam{number}@organisatie.nl")
        unit = desk.store.unit_of_work()
        unit.orders.add(order)
        unit.codes.add(code=order.code, order_id=order_id)
        unit.buyers.add(Buyer(order_id=order_id, offer_id=offer_id, answers=answers))
        for attendee in desk.store.attendees(sample.id)[:2]:
            unit.attendees.add(replace(attendee, order_id=order_id, offer_id=offer_id, is_buyer=False))
        unit.commit()


@pytest.mark.parametrize("typed", ["{code}", " {code} ", "{lower}", "{bare}", "{code}-2"])
def test_a_code_opens_its_order_at_once(desk: Desk, browser: Browser, typed: str) -> None:
    order = paid_event(desk)
    text = typed.format(code=order.code, lower=order.code.lower(), bare=order.code.replace("-", ""))
    with counted(desk) as asked:
        answer = browser.get(f"{LIST}?zoek={text.replace(' ', '+')}")
    assert led_to(answer.headers["Location"]) == path_of(order)
    assert len(asked) <= 5


def test_a_code_of_nobody_says_so(desk: Desk, browser: Browser) -> None:
    paid_event(desk)
    assert "Er is geen aanmelding met de code P26-2222." in text_of(browser, f"{LIST}?zoek=p26-2222")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Gemeente Voorbeeldstad", True),
        ("voorbeeldSTAD  gemeente", True),
        ("Ada", True),
        ("Persoon 2", True),
        ("bea@elders.nl", True),
        ("elders.nl", True),
        ("niemand", False),
        ("Ada niemand", False),
    ],
)
def test_within_an_edition_every_name_and_address_is_looked_at(
    desk: Desk, browser: Browser, typed: str, found: bool
) -> None:
    order = paid_event(desk)
    page = browser.get(f"{LIST}?offer={EVENT}&zoek={typed.replace(' ', '+').replace('@', '%40')}").body.decode()
    assert codes(page) == ([order.code] if found else [])


@pytest.mark.parametrize(
    "typed", ["ada@voorbeeldstad.nl", "ADA@voorbeeldstad.nl", "gemeente voor", "Gemeente Voorbeeldstad"]
)
def test_everywhere_an_address_or_the_beginning_of_an_organisation_is_found(
    desk: Desk, browser: Browser, typed: str
) -> None:
    member, event = paid_member(desk), paid_event(desk)
    page = browser.get(f"{LIST}?offer=alles&zoek={typed.replace(' ', '+').replace('@', '%40')}").body.decode()
    assert sorted(codes(page)) == sorted([member.code, event.code])


def test_an_attendee_who_did_not_order_is_found_by_his_address(desk: Desk, browser: Browser) -> None:
    order = paid_event(desk)
    assert codes(browser.get(f"{LIST}?offer=alles&zoek=bea%40elders.nl").body.decode()) == [order.code]
    # and although another edition is looked at
    page = browser.get(f"{LIST}?offer=lidmaatschap&zoek=bea%40elders.nl").body.decode()
    assert "Wel gevonden op een andere plek" in page
    assert codes(page) == [order.code]


def test_the_filter_stands_in_the_address_and_counts_what_it_shows(desk: Desk, browser: Browser) -> None:
    full(desk, offer_id=EVENT, count=60)
    text = text_of(browser, f"{LIST}?offer={EVENT}&stand=bevestigd").replace("\u00a0", " ")
    # 30 of the 60 are paid, of two persons each; and the one of three that they were made of
    assert "31 aanmeldingen · 63 personen · € 4.647,00 ontvangen" in text
    assert "10 aanmeldingen · 20 personen · € 0,00 ontvangen" in text_of(
        browser, f"{LIST}?offer={EVENT}&stand=geannuleerd"
    ).replace("\u00a0", " ")
    page = browser.get(f"{LIST}?offer={EVENT}&stand=open&zoek=naam+0003").body.decode()
    assert codes(page) == ["P27-0003"]
    assert 'value="naam 0003"' in page
    assert '<option value="open" selected>' in page


def test_a_list_that_fills_its_page_exactly_has_no_next_one(desk: Desk, browser: Browser) -> None:
    full(desk, offer_id=EVENT, count=39)
    page = browser.get(f"{LIST}?offer={EVENT}").body.decode()
    assert len(codes(page)) == 40
    assert "verder=" not in page


def test_those_of_whom_something_went_back_are_found_together(desk: Desk, browser: Browser) -> None:
    full(desk, offer_id=EVENT, count=6)
    unit = desk.store.unit_of_work()
    unit.orders.update(replace(desk.order(f"{EVENT}1"), refunded_cents=100))
    unit.commit()
    assert codes(browser.get(f"{LIST}?offer={EVENT}&stand=terugbetaald").body.decode()) == ["P27-0001"]


def test_pages_follow_each_other_without_gaps_though_something_new_comes_in(desk: Desk, browser: Browser) -> None:
    full(desk, offer_id=EVENT, count=90)
    seen: list[str] = []
    path = f"{LIST}?offer={EVENT}"
    for number in range(5):
        page = browser.get(path).body.decode()
        seen += codes(page)
        more = re.search(r'href="([^"]+verder=[^"]+)"', page)
        if not more:
            break
        path = unescape(more[1]).removeprefix(BASE_URL)
        if number == 0:
            full(desk, offer_id="lidmaatschap", count=1, prefix="L")
    assert len(seen) == len(set(seen)) == 91
    assert seen[:2] == ["P27-0089", "P27-0088"], "newest first"


@pytest.mark.parametrize(
    "query", ["offer=%00&stand=x&verder=%FF", "verder=2099", "offer=../x", "zoek=" + "a" * 5000, "zoek=%F0%9F%AA%91"]
)
def test_nonsense_in_the_address_is_no_filter(desk: Desk, browser: Browser, query: str) -> None:
    paid_event(desk)
    assert browser.get(f"{LIST}?{query}").status_code == 200


def test_every_page_asks_little_of_the_table_however_much_there_is(desk: Desk, browser: Browser) -> None:
    """Twenty editions; one page reads one of them, so only the one that is looked at is full."""
    for number in range(15):
        desk.put_offer(replace(sample_event(), id=f"{EVENT}-{number}"))
    full(desk, offer_id=EVENT, count=600)
    order = desk.order(f"{EVENT}7")
    assert len(desk.store.offers()) >= 20
    for path in (
        f"{LIST}?offer={EVENT}",
        f"{LIST}?offer={EVENT}&zoek=naam+0123",
        f"{LIST}?offer={EVENT}&zoek=niemand",
        f"{LIST}?offer=alles&zoek=organisatie",
        f"{LIST}?offer=alles&zoek=naam7%40organisatie.nl",
        f"{LIST}?zoek={order.code}",
        path_of(order),
        path_of(order, "/gegevens"),
        path_of(order, "/annuleren"),
        path_of(order, "/terugbetalen"),
        f"/beheer?offer={EVENT}",
        "/beheer/logboek",
        "/beheer/sessies",
    ):
        with counted(desk) as asked:
            answer = browser.get(path)
        assert answer.status_code in (200, 303)
        assert len(asked) <= 5, (path, asked)
        assert "Scan" not in asked
        assert weight(answer) < MOST_WEIGHT, path


def test_the_list_leads_to_the_export_of_what_it_shows_for_whoever_may(desk: Desk, browser: Browser) -> None:
    paid_event(desk)
    page = browser.get(f"{LIST}?offer={EVENT}&zoek=ada&stand=bevestigd").body.decode()
    form = page[page.index("aanmeldingen/export") :]
    for field in (f'name="offer" value="{EVENT}"', 'name="zoek" value="ada"', 'name="stand" value="bevestigd"'):
        assert field in form
    doorman = Browser(desk)
    doorman.log_in(WORKS_HERE[Role.DEUR])
    assert doorman.get(LIST).status_code == 403


def test_an_edition_without_registrations_says_what_to_do(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event())
    text = text_of(browser, f"{LIST}?offer={EVENT}")
    assert f"Er zijn nog geen aanmeldingen. Deel het formulier: {BASE_URL}/nl/{EVENT}" in text


def test_an_order_whose_persons_were_erased_is_still_counted(desk: Desk, browser: Browser) -> None:
    order = paid_member(desk)
    unit = desk.store.unit_of_work()
    unit.buyers.remove(order.id)
    unit.commit()
    page = browser.get(f"{LIST}?offer=lidmaatschap").body.decode()
    assert codes(page) == [order.code]
    assert "(gewist)" in page
    assert browser.get(path_of(order)).status_code == 200


def test_names_sort_and_are_found_however_they_are_written(desk: Desk, browser: Browser) -> None:
    answers: Answers = replace(ANSWERS, organisation="Gemeente Súdwest-Fryslân", email="zoe@sudwest.nl")
    order = desk.register(answers, key="sudwest").order
    for typed in ("gemeente s%C3%BAd", "GEMEENTE+S%C3%9AD", "gemeente+su%CC%81d"):
        assert codes(browser.get(f"{LIST}?offer=alles&zoek={typed.replace(' ', '+')}").body.decode()) == [order.code]


@pytest.mark.parametrize("typed", ["zoe%40b%C3%BCcher.example", "ZOE%40xn--bcher-kva.example"])
def test_an_address_is_found_as_people_write_its_domain(desk: Desk, browser: Browser, typed: str) -> None:
    order = desk.register(replace(ANSWERS, email="zoe@xn--bcher-kva.example"), key="international").order
    assert codes(browser.get(f"{LIST}?offer=alles&zoek={typed}").body.decode()) == [order.code]
