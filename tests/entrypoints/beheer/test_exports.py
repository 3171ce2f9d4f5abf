"""Exports: a file of exactly the filter, for whoever may have it and typed a code, and never without the log."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.domain.calendar import local_date
from chalicelib.domain.export import ExportKind
from chalicelib.domain.registration import Stand, Wanted
from chalicelib.domain.staff import Role
from chalicelib.rendering.renderer import Page
from chalicelib.web import reply
from devstack.environment import BEHEERDER
from tests.desk import ANSWERS, BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.fakes.exports import LaidReady

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

REGISTRATIONS, MEMBERS = "/beheer/aanmeldingen/export", "/beheer/leden/export"
ALL = {"offer": "lidmaatschap", "zoek": "", "stand": "alle", "soort": "csv"}
HOSTILE = '=HYPERLINK("https://elders.nl";"klik")'
BUYERS = {
    "zoë": replace(ANSWERS, organisation="Gemeente Ónderdijk", name="Zoë van ’t Hof", email="zoe@onderdijk.nl"),
    "ada": ANSWERS,
    "bea": replace(ANSWERS, organisation=HOSTILE, name="+31612345678", email="bea@elders.nl", reference="007"),
}


@pytest.fixture
def orders(desk: Desk) -> dict[str, str]:
    """The code of each buyer's order: that of Ada is paid, those of the others are open, and one has been cancelled."""
    codes = {}
    for name, answers in BUYERS.items():
        order = desk.open_checkout(desk.register(answers, key=f"the-form-key-of-{name}").order).order
        codes[name] = order.code
        if name == "ada":
            desk.gateway.pay(order.session_id)
            desk.payments.put(order.session_id)
            desk.work()
        desk.clock.advance(seconds=61)
    return codes


def press(browser: Browser, path: str = REGISTRATIONS, **fields: str) -> HTTPResponse:
    base = ALL if path == REGISTRATIONS else {"zoek": "", "stand": "", "soort": "csv"}
    return browser.press("/beheer/sessies", path, base | fields)


def fetched(desk: Desk, answer: HTTPResponse) -> LaidReady:
    assert answer.status_code == 303, answer.body
    assert answer.body == b""
    assert answer.headers["Cache-Control"] == "no-store"
    return desk.exports.files[answer.headers["Location"]]


def rows(file: LaidReady) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline=""), delimiter=";"))


def log_of(desk: Desk) -> list[dict[str, Any]]:
    return [
        {name: item[name]["S"] for name in ("deed", "by", "subject")}
        | {"facts": {name: value["S"] for name, value in item["facts"]["M"].items()}}
        for item in desk.items("audit_entry")
    ]


def test_the_file_holds_what_the_list_shows_in_its_order(desk: Desk, browser: Browser, orders: dict[str, str]) -> None:
    file = fetched(desk, press(browser))
    assert file.name == f"aanmeldingen-lidmaatschap-{local_date(desk.clock())}.csv"
    assert file.content_type == "text/csv; charset=utf-8"
    found = rows(file)
    assert [row["Code"] for row in found] == [orders["bea"], orders["ada"], orders["zoë"]]
    ada = found[1]
    assert ada["Stand"] == "betaald"
    assert (ada["Organisatie"], ada["Naam"], ada["E-mailadres"]) == (ANSWERS.organisation, ANSWERS.name, ANSWERS.email)
    assert ada["Prijs"] == ada["Betaald"] == ada["Saldo"] == "500,00"
    assert ada["Terugbetaald"] == "0,00"


def test_a_workbook_opens_with_another_library_and_nothing_in_it_is_a_formula(
    desk: Desk, browser: Browser, orders: dict[str, str]
) -> None:
    file = fetched(desk, press(browser, soort="xlsx"))
    assert file.name.endswith(".xlsx")
    page = openpyxl.load_workbook(io.BytesIO(file.content)).active
    assert page.title == "Aanmeldingen"
    headings, *found = page.iter_rows()
    row = dict(zip([cell.value for cell in headings], found[0], strict=True))
    assert (row["Organisatie"].value, row["Naam"].value) == (HOSTILE, "+31612345678")
    assert (row["Prijs"].value, row["Prijs"].data_type) == (500, "n")
    assert isinstance(row["Datum"].value, datetime)
    assert "f" not in {cell.data_type for each in found for cell in each}
    assert len(found) == 3


@pytest.mark.parametrize(
    "wanted",
    [
        *(Wanted(stand=stand) for stand in Stand),
        Wanted(words="ONDERDIJK zoë"),
        Wanted(words="elders.nl", stand=Stand.OPEN),
        Wanted(words="elders.nl", stand=Stand.CONFIRMED),
        Wanted(words=HOSTILE),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ExportKind)
def test_it_is_exactly_the_filter(
    desk: Desk, browser: Browser, orders: dict[str, str], wanted: Wanted, kind: ExportKind
) -> None:
    listed = [each.code for each in wanted.among(desk.application.lists.edition("lidmaatschap"))]
    file = fetched(desk, press(browser, zoek=wanted.words, stand=wanted.stand.value, soort=kind.value))
    if kind is ExportKind.CSV:
        found = [row["Code"] for row in rows(file)]
    else:
        page = openpyxl.load_workbook(io.BytesIO(file.content)).active
        found = [str(row[0].value) for row in page.iter_rows(min_row=2)]
    assert found == listed
    assert [entry["facts"]["rows"] for entry in log_of(desk)] == [str(len(listed))]


def test_orders_of_another_offer_stay_where_they_are(desk: Desk, browser: Browser, orders: dict[str, str]) -> None:
    assert rows(fetched(desk, press(browser, offer="lancering"))) == []


def test_the_log_says_who_has_what_and_names_no_customer(desk: Desk, browser: Browser, orders: dict[str, str]) -> None:
    press(browser, zoek="Ada de Vries", stand="bevestigd", soort="xlsx")
    press(browser, zoek="zoë")
    assert log_of(desk) == [
        {
            "deed": "exported",
            "by": BEHEERDER,
            "subject": "aanmeldingen-lidmaatschap",
            "facts": {"filter": "bevestigd, gezocht op 3 woorden", "kind": "xlsx", "rows": "1"},
        },
        {
            "deed": "exported",
            "by": BEHEERDER,
            "subject": "aanmeldingen-lidmaatschap",
            "facts": {"filter": "alle, gezocht op 1 woord", "kind": "csv", "rows": "1"},
        },
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"offer": ""}, {"offer": "bestaat-niet"}, {"offer": "../x"}, {"stand": "iets"}, {"soort": ""}, {"soort": "pdf"}],
    ids=str,
)
def test_what_no_page_of_ours_sends_is_refused(
    desk: Desk, browser: Browser, orders: dict[str, str], wrong: dict[str, str]
) -> None:
    answer = press(browser, **wrong)
    assert answer.status_code == 422
    assert "Dit formulier werkt niet meer" in answer.body.decode()
    assert (log_of(desk), desk.exports.files) == ([], {})


@pytest.mark.parametrize("path", [REGISTRATIONS, MEMBERS])
@pytest.mark.parametrize("role", Role)
def test_whoever_may_export_does_and_nobody_else(desk: Desk, path: str, role: Role) -> None:
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[role])
    answer = press(browser, path)
    assert answer.status_code == (403 if role is Role.DEUR else 303)
    assert bool(desk.exports.files) == bool(log_of(desk)) == (role is not Role.DEUR)


@pytest.mark.parametrize("path", [REGISTRATIONS, MEMBERS])
def test_without_a_fresh_code_nothing_leaves(desk: Desk, browser: Browser, path: str) -> None:
    desk.clock.advance(minutes=11)
    answer = press(browser, path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{BASE_URL}/beheer/inloggen?naar=")
    assert "opnieuw=1" in answer.headers["Location"]
    assert (log_of(desk), desk.exports.files) == ([], {})


def test_the_code_leads_back_to_the_list_with_its_filter(desk: Desk, browser: Browser, orders: dict[str, str]) -> None:
    desk.clock.advance(minutes=11)
    to_login = press(browser, zoek="Zoë & co?", stand="open").headers["Location"].removeprefix(BASE_URL)
    wanted = re.search(r'name="naar" value="([^"]*)"', browser.get(to_login).body.decode())
    assert wanted
    answer = browser.post("/beheer/code", {"code": browser.ask(BEHEERDER), "naar": unescape(wanted[1])})
    page = "/beheer/aanmeldingen?offer=lidmaatschap&zoek=Zo%C3%AB+%26+co%3F&stand=open"
    assert answer.headers["Location"] == f"{BASE_URL}{page}"
    assert browser.get(page).status_code == 200
    assert fetched(desk, press(browser)).content


def test_every_page_lets_its_forms_lead_to_the_files(desk: Desk, browser: Browser) -> None:
    policy = str(browser.get("/beheer/aanmeldingen").headers["Content-Security-Policy"])
    assert f"; form-action 'self' {desk.application.settings.export_origin}; " in policy


@pytest.mark.parametrize("path", [REGISTRATIONS, MEMBERS])
def test_while_the_bucket_is_away_it_says_so_and_the_log_says_nothing(
    desk: Desk, browser: Browser, orders: dict[str, str], path: str
) -> None:
    desk.exports.down = True
    answer = press(browser, path)
    assert answer.status_code == 503
    assert "Het lukt nu even niet" in answer.body.decode()
    assert log_of(desk) == []
    desk.exports.down = False
    assert fetched(desk, press(browser, path)).content
    assert len(log_of(desk)) == 1


@pytest.mark.parametrize("operation", ["Query", "GetItem", "TransactWriteItems"])
def test_while_the_table_is_away_nobody_is_led_to_a_file(
    desk: Desk, browser: Browser, orders: dict[str, str], operation: str
) -> None:
    token = browser.token()

    def away(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="injected")

    desk.client.meta.events.register_first(f"before-call.dynamodb.{operation}", away)
    answer = browser.post(REGISTRATIONS, {"token": token} | ALL)
    assert answer.status_code == 503
    assert "Location" not in answer.headers
    desk.client.meta.events.unregister(f"before-call.dynamodb.{operation}", away)
    assert log_of(desk) == []
    assert len(rows(fetched(desk, browser.post(REGISTRATIONS, {"token": token} | ALL)))) == 3


def test_it_asks_the_table_four_times(desk: Desk, browser: Browser, orders: dict[str, str]) -> None:
    token = browser.token()
    with counted(desk) as asked:
        fetched(desk, browser.post(REGISTRATIONS, {"token": token} | ALL))
    assert asked == ["Query", "GetItem", "Query", "TransactWriteItems"]


def test_the_forms_of_the_list_export_what_it_shows(desk: Desk, browser: Browser, orders: dict[str, str]) -> None:
    page = "/beheer/aanmeldingen?offer=lidmaatschap&zoek=ELDERS.nl&stand=open"
    body = browser.get(page).body.decode()
    form = next(each for each in re.findall(r"(?s)<form.*?</form>", body) if "aanmeldingen/export" in each)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert set(re.findall(r'<button name="soort" value="(\w+)"', form)) == set(ExportKind)
    for kind in ExportKind:
        assert fetched(desk, browser.post(REGISTRATIONS, fields | {"soort": kind.value})).content
    assert codes(body) == [orders["bea"]]
    assert [row["Code"] for row in rows(list(desk.exports.files.values())[-1])] == [orders["bea"]]


def codes(body: str) -> list[str]:
    return re.findall(r">([A-Z]\d\d-[A-Z0-9]{4})</a>", body)


def test_members_are_those_of_the_list_each_with_the_term_that_counts(desk: Desk, browser: Browser) -> None:
    today = local_date(desk.clock())
    desk.member("onderdijk.nl", organisation="=1+1")
    desk.member("voorbeeldstad.nl", ends_on=today - timedelta(days=1))
    desk.member("voorbeeldstad.nl", "buurt.nl", starts_on=today, ends_on=today + timedelta(days=30))
    file = fetched(desk, press(browser, MEMBERS))
    assert file.name == f"leden-{today}.csv"
    assert [row["Organisatie"] for row in rows(file)] == ["'=1+1", "Gemeente Voorbeeldstad"]
    [row] = rows(fetched(desk, press(browser, MEMBERS, zoek="@BUURT.nl voorbeeldstad", stand="eindigt")))
    assert (row["Domeinen"], row["Geldig tot"]) == (
        "voorbeeldstad.nl buurt.nl",
        (today + timedelta(days=30)).isoformat(),
    )
    assert rows(fetched(desk, press(browser, MEMBERS, stand="verlopen"))) == []
    assert [entry["facts"] for entry in log_of(desk)] == [
        {"filter": "alle", "kind": "csv", "rows": "2"},
        {"filter": "eindigt, gezocht op 2 woorden", "kind": "csv", "rows": "1"},
        {"filter": "verlopen", "kind": "csv", "rows": "0"},
    ]
    for wrong in ({"soort": "pdf"}, {"stand": "iets"}):
        assert press(browser, MEMBERS, **wrong).status_code == 422


def test_a_page_lets_its_forms_lead_to_the_file() -> None:
    """Chromium lets a form lead to nothing that its page does not name, after a redirect too."""
    page = Page(html="", style_hash="sha256-x")
    policy = reply.beheer(page, leads_to="https://bestanden.example.nl").headers["Content-Security-Policy"]
    assert "; form-action 'self' https://bestanden.example.nl; " in str(policy)
    assert "; form-action 'self'; " in str(reply.beheer(page).headers["Content-Security-Policy"])
