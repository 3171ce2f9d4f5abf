"""A member that is added or corrected by hand: its price, its refusals, a colleague, and a second press."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.calendar import local_date
from chalicelib.domain.membership import Membership
from chalicelib.domain.staff import Role
from tests.desk import BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.membership import day, membership, put, stored
from tests.entrypoints.beheer.test_members import HOSTILE
from tests.entrypoints.document import Document
from tests.entrypoints.test_event_form import BUYER, GRACE
from tests.events import EVENT, sample_event

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

NEW = "/beheer/leden/nieuw"
FORM = {
    "organisation": "Stichting Elders",
    "registration_number": "1234 5678",
    "domains": "@Elders.NL\r\nwijk.elders.nl",
    "contact_name": "Grace Hopper",
    "contact_email": "grace@elders.nl",
    "starts_on": "25-11-2026",
    "ends_on": "31-12-2027",
}


def add(browser: Browser, **typed: str) -> HTTPResponse:
    return browser.press(NEW, NEW, FORM | typed)


def change(browser: Browser, member: Membership, **typed: str) -> HTTPResponse:
    """Fill in the form as it is shown, with other things in some of its fields."""
    path = f"/beheer/leden/{member.id}/wijzigen"
    page = Document(browser.get(path))
    shown = {each.get("name"): each.get("value") for each in page.all("input") if each.get("name") != "token"}
    shown["domains"] = page.one("textarea").text.replace(" ", "\r\n")
    return browser.press(path, path, shown | typed)


def errors(answer: HTTPResponse) -> dict[str, str]:
    """What is said, by field, found as a screen reader finds it."""
    page = Document(answer)
    found = {}
    for each in [*page.all("input"), *page.all("textarea")]:
        at = [name for name in each.get("aria-describedby").split() if name.endswith("-wrong")]
        if at:
            found[each.get("name")] = page.one(id=at[0]).text
    assert (answer.status_code in (409, 422)) is bool(found or "wrong" in answer.body.decode())
    return found


def log(desk: Desk) -> list[tuple[str, str, dict[str, str]]]:
    entries = desk.store.audit("2026-11", rest="", limit=50).items
    return [(each.deed.value, each.subject, dict(each.facts)) for each in entries if each.deed.value.startswith("memb")]


def test_a_member_that_is_added_pays_the_member_price_on_the_public_form(desk: Desk, browser: Browser) -> None:
    desk.put_offer(sample_event())
    form = BUYER | GRACE | {"email": "ada@elders.nl", "member": "ja", "self": "ja", "do": "pay"}
    # before that, who says so is asked whether that is right
    assert desk.post(f"/nl/{EVENT}", form | {"key": "k" * 24}).status_code == 409
    answer = add(browser)
    assert answer.status_code == 303
    [member] = stored(desk).values()
    assert answer.headers["Location"] == f"{BASE_URL}/beheer/leden/{member.id}?gedaan=toegevoegd&versie=1"
    assert "Het lid is toegevoegd." in browser.get(answer.headers["Location"][len(BASE_URL) :]).body.decode()
    assert (member.registration_number, member.domains) == ("12345678", ("elders.nl", "wijk.elders.nl"))
    assert desk.post(f"/nl/{EVENT}", form | {"key": "k" * 24}).status_code == 303
    [session] = desk.gateway.stored.values()
    assert session.session.amount_cents == 2 * 39900
    assert "Stichting Elders" in browser.get("/beheer/leden/ledentarief").body.decode()
    facts = {"domains": "elders.nl wijk.elders.nl", "ends_on": "2027-12-31"}
    assert log(desk) == [("member_added", "Stichting Elders", facts)]
    assert "grace" not in str(log(desk)).lower()


def test_an_import_knows_it_again(desk: Desk, browser: Browser) -> None:
    add(browser)
    rows = "organisatie;kvk;domeinen;contactpersoon;e-mail;geldig tot\nStichting Elders;12345678;elders.nl;;;31-12-2028"
    page = Document(browser.press("/beheer/leden/importeren", "/beheer/leden/importeren", {"rijen": rows}))
    assert "0 toevoegen, 1 wijzigen" in page.text


def test_a_correction_is_seen_at_once_and_in_the_log(desk: Desk, browser: Browser) -> None:
    add(browser)
    [member] = stored(desk).values()
    desk.clock.advance(seconds=1)
    answer = change(browser, member, domains="nieuw.nl\r\n\r\n", contact_email="bo@nieuw.nl", ends_on="2028-1-31")
    assert answer.headers["Location"].endswith(f"/beheer/leden/{member.id}?gedaan=gewijzigd&versie=2")
    page = Document(browser.get(answer.headers["Location"][len(BASE_URL) :]))
    assert "Het lid is gewijzigd." in page.text
    assert "nieuw.nl" in page.text
    assert [each.domain for each in desk.store.member_domains("nieuw.nl")] == ["nieuw.nl"]
    assert desk.store.member_domains("elders.nl") == []
    assert log(desk)[0] == (
        "member_changed",
        "Stichting Elders",
        {
            "domains": "elders.nl wijk.elders.nl → nieuw.nl",
            "contact_email": "… → …",
            "ends_on": "2027-12-31 → 2028-01-31",
        },
    )


def test_to_end_one_its_last_day_is_today_and_nothing_is_deleted(desk: Desk, browser: Browser) -> None:
    add(browser)
    [member] = stored(desk).values()
    assert change(browser, member, ends_on=day(local_date(desk.clock()))).status_code == 303
    desk.clock.advance(days=1)
    browser.log_in(WORKS_HERE[Role.SECRETARIAAT])
    assert "verlopen (1)" in Document(browser.get("/beheer/leden")).text
    # one that is over may be corrected as it is, and taken up again
    assert change(browser, member, contact_name="Iemand Anders").status_code == 303
    assert change(browser, member, ends_on="31-12-2027").status_code == 303
    assert stored(desk)[member.id].ends_on.isoformat() == "2027-12-31"


@pytest.mark.parametrize(
    ("typed", "complaints"),
    [
        ({"organisation": " "}, {"organisation": "De naam van de organisatie ontbreekt."}),
        ({"organisation": "x" * 121}, {"organisation": "Dit is langer dan 120 tekens (organisatie)."}),
        ({"contact_name": "SÃºdhoek"}, {"contact_name": "De letters van ‘SÃºdhoek’ zijn verhaspeld."}),
        ({"registration_number": "1234567"}, {"registration_number": "‘1234567’ is geen KvK-nummer (8 cijfers)"}),
        ({"domains": ""}, {"domains": "Er is geen e-maildomein."}),
        (
            {"domains": "info@elders.nl\ngmail.com\nhttps://elders.nl\nonzin\noutlook.it"},
            {
                "domains": "‘info@elders.nl’ is een e-mailadres: geef alleen wat achter de @ staat. gmail.com is van "
                "een maildienst voor iedereen: het zegt niets over een organisatie. ‘https://elders.nl’ is een "
                "website: geef wat in de e-mailadressen achter de @ staat. ‘onzin’ is geen e-maildomein. outlook.it is"
            },
        ),
        ({"contact_email": "geen adres"}, {"contact_email": "‘geen adres’ is geen e-mailadres."}),
        ({"starts_on": "", "ends_on": ""}, {"starts_on": "De datum ontbreekt.", "ends_on": "De datum ontbreekt."}),
        ({"ends_on": "31-12-27"}, {"ends_on": "‘31-12-27’ heeft een jaar van twee cijfers"}),
        ({"ends_on": "30-2-2027"}, {"ends_on": "‘30-2-2027’ is geen datum: schrijf 31-12-2027."}),
        ({"ends_on": "24-11-2026"}, {"ends_on": "24-11-2026 is voorbij. Vandaag is de vroegste laatste dag."}),
        ({"ends_on": "1-1-2207"}, {"ends_on": "01-01-2207 is meer dan tien jaar van nu."}),
        ({"starts_on": "1-1-1926"}, {"starts_on": "01-01-1926 is meer dan tien jaar van nu."}),
        ({"starts_on": "1-1-2028"}, {"ends_on": "31-12-2027 is vóór de eerste dag."}),
    ],
    ids=lambda each: "-".join(each) if isinstance(each, dict) else "",
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    desk: Desk, browser: Browser, typed: dict[str, str], complaints: dict[str, str]
) -> None:
    before = desk.items("membership"), desk.items("audit_entry")
    answer = add(browser, **typed)
    assert answer.status_code == 422
    said = errors(answer)
    assert said.keys() == complaints.keys()
    for name, text in complaints.items():
        assert said[name].startswith(text)
    page = Document(answer)
    assert page.title.startswith("Fout: ")
    shown = {each.get("name"): each.get("value") for each in page.all("input")}
    shown["domains"] = page.one("textarea").text
    for name, value in (FORM | typed).items():
        assert shown[name].split() == value.split(), "what was typed is still there"
    assert (desk.items("membership"), desk.items("audit_entry")) == before


def test_a_domain_of_another_running_member_is_refused_with_its_name(desk: Desk, browser: Browser) -> None:
    put(desk, membership(desk, 1, organisation="Welzijn <b>", domains=("elders.nl",)))
    answer = add(browser)
    assert errors(answer) == {"domains": "elders.nl hoort bij ‘Welzijn <b>’, en dat lidmaatschap loopt."}
    put(desk, membership(desk, 2, organisation="Gemeente Twee", domains=("twee.nl",)))
    answer = change(browser, stored(desk)[f"{2:032}"], domains="twee.nl\nelders.nl")
    assert "elders.nl hoort bij" in errors(answer)["domains"]
    # not when that one is over
    today = local_date(desk.clock())
    put(desk, membership(desk, 3, organisation="Oud", domains=("oud.nl",), ends_on=today - timedelta(days=1)))
    assert add(browser, domains="oud.nl").status_code == 303


def test_who_is_a_member_already_is_not_added_beside_it(desk: Desk, browser: Browser) -> None:
    put(desk, membership(desk, 1, organisation="STICHTING elders"))
    answer = add(browser, registration_number="")
    assert answer.status_code == 422
    page = Document(answer)
    assert "STICHTING elders staat er al als lid" in page.text
    assert page.one("a", href=f"{BASE_URL}/beheer/leden/{1:032}/wijzigen")
    assert len(stored(desk)) == 1
    # when that one is over, a new term is another membership
    over = stored(desk)[f"{1:032}"]
    assert change(browser, over, ends_on=day(local_date(desk.clock()))).status_code == 303
    desk.clock.advance(days=1)
    browser.log_in(WORKS_HERE[Role.SECRETARIAAT])
    assert add(browser, registration_number="", starts_on="26-11-2026").status_code == 303
    assert "alle (1)" in Document(browser.get("/beheer/leden")).text
    assert len(stored(desk)) == 2


def test_whoever_took_over_an_old_name_needs_a_number_of_his_own(desk: Desk, browser: Browser) -> None:
    add(browser, registration_number="")
    [member] = stored(desk).values()
    assert change(browser, member, organisation="Nieuwe Naam").status_code == 303
    said = errors(add(browser, registration_number="", domains="ander.nl"))
    assert said["registration_number"].startswith("‘stichting elders’ was de naam of het nummer van ‘Nieuwe Naam’")
    assert add(browser, domains="ander.nl").status_code == 303


def test_pressed_twice_it_is_done_once(desk: Desk, browser: Browser) -> None:
    answers = [add(browser) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    [member] = stored(desk).values()
    desk.clock.advance(seconds=1)
    page = {"token": browser.token(), "version": "1"} | FORM | {"contact_name": "Iemand Anders"}
    for _ in range(2):
        answer = browser.post(f"/beheer/leden/{member.id}/wijzigen", page)
        assert answer.headers["Location"].endswith("gedaan=gewijzigd&versie=2")
    assert [deed for deed, _, _ in log(desk)] == ["member_changed", "member_added"]
    # nothing changed is nothing written
    assert change(browser, member).status_code == 303
    assert stored(desk)[member.id].version == 2


def test_a_colleague_at_the_same_member_is_told_and_overwrites_nothing(desk: Desk, browser: Browser) -> None:
    add(browser)
    [member] = stored(desk).values()
    colleague = Browser(desk)
    colleague.log_in(WORKS_HERE[Role.SECRETARIAAT])
    assert change(colleague, member, contact_name="Van de collega").status_code == 303
    mine = {"token": browser.token(), "version": "1"} | FORM | {"domains": "mijn.nl", "contact_name": "Van mij"}
    answer = browser.post(f"/beheer/leden/{member.id}/wijzigen", mine)
    assert answer.status_code == 409
    page = Document(answer)
    assert "Iemand anders heeft dit net gewijzigd." in page.text
    assert errors(answer) == {
        "registration_number": "U vulde in: 1234 5678",
        "domains": "U vulde in: mijn.nl",
        "contact_name": "U vulde in: Van mij",
    }
    assert page.field("contact_name").get("value") == "Van de collega"
    assert page.field("version").get("value") == "2"
    assert stored(desk)[member.id].domains == ("elders.nl", "wijk.elders.nl")


def test_a_colleague_who_is_first_in_the_very_same_moment(desk: Desk, browser: Browser) -> None:
    put(desk, membership(desk, 1))
    member, raced = stored(desk)[f"{1:032}"], list[int]()

    def race(**_: object) -> None:
        if not raced:
            raced.append(1)
            unit = desk.store.unit_of_work()
            unit.memberships.update(member)
            unit.commit()

    token = browser.token()
    desk.client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", race)
    path = f"/beheer/leden/{member.id}/wijzigen"
    answer = browser.post(path, {"token": token, "version": "1"} | FORM)
    assert answer.status_code == 409
    assert "U vulde in: Stichting Elders" in answer.body.decode()
    assert stored(desk)[member.id].organisation == member.organisation
    assert log(desk) == []


@pytest.mark.parametrize("same", [True, False])
def test_a_colleague_who_adds_the_same_member_in_the_very_same_moment(desk: Desk, browser: Browser, same: bool) -> None:
    token, raced = browser.token(), list[int]()
    colleague = FORM if same else FORM | {"contact_name": "Van de collega"}

    def race(**_: object) -> None:
        if not raced:
            raced.append(1)
            assert browser.post(NEW, {"token": token} | colleague).status_code == 303

    desk.client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", race)
    answer = browser.post(NEW, {"token": token} | FORM)
    assert answer.status_code == (303 if same else 422)
    [member] = stored(desk).values()
    assert member.contact_name == colleague["contact_name"]
    assert len(log(desk)) == 1


def test_what_is_written_asks_little_as_well(desk: Desk, browser: Browser) -> None:
    put(desk, *(membership(desk, number) for number in range(120)))
    path, token = f"/beheer/leden/{7:032}/wijzigen", browser.token()
    for place, sent in ((NEW, FORM), (path, FORM | {"version": "1", "domains": "anders.nl"})):
        with counted(desk) as asked:
            assert browser.post(place, {"token": token} | sent).status_code == 303
        assert len(asked) <= 5, asked


def test_who_bought_with_an_address_of_everybodys_stays_without_a_domain(desk: Desk, browser: Browser) -> None:
    put(desk, membership(desk, 1, domains=()))
    member = stored(desk)[f"{1:032}"]
    assert change(browser, member, contact_name="Bo").status_code == 303
    assert change(browser, member, domains="eigen.nl").status_code == 303
    assert errors(change(browser, member, domains="")) == {
        "domains": "Er is geen e-maildomein. Zonder domein herkennen wij niemand."
    }


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_is_text(desk: Desk, browser: Browser, text: str) -> None:
    refused = add(browser, **dict.fromkeys(FORM, text))
    assert refused.status_code == 422
    page = Document(refused)
    assert page.field("organisation").get("value") == text
    assert not [each for each in page.elements if each.tag in ("b", "script") or each.has("onfocus")]
    answer = add(browser, organisation=text, contact_name=text)
    assert answer.status_code == 303
    [member] = stored(desk).values()
    assert (member.organisation, member.contact_name) == (text, text)
    assert text in Document(browser.get(f"/beheer/leden/{member.id}")).text
