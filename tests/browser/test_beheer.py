"""The weekly jobs behind the desk, done without JavaScript: each is found, understood and finished on a phone too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page

from chalicelib.domain.calendar import AMSTERDAM
from tests.browser.buyer import Buyer, new_domain, new_email
from tests.browser.conftest import PHONE, SMALLEST, OpenPage
from tests.browser.keyboard import tab_to
from tests.browser.pages import complaints, follow, heading, press
from tests.browser.secretary import Secretary
from tests.browser.stack import Json, Stack, wait_until
from tests.looks.studio import overflow, small_targets, violations

CONGRESS = "congres-2027"


@pytest.fixture
def secretary(stack: Stack, open_page: OpenPage) -> Secretary:
    return Secretary.new(stack=stack, page=open_page(javascript=False))


def registered(stack: Stack, *, email: str = "", offer: str = CONGRESS, **answers: str) -> tuple[Buyer, Json]:
    """Somebody whose registration for the congress is paid, and his order."""
    buyer = Buyer(stack=stack, offer=offer, **({"email": email} if email else {}))
    buyer.register(**({"self": "ja", "member": "nee"} if offer == CONGRESS else {}) | answers).press("before")
    wait_until(
        lambda: [order["state"] for order in stack.orders(buyer.email)] == ["paid"],
        seconds=20,
        what=lambda: f"paid: {stack.orders(buyer.email)}",
    )
    return buyer, stack.orders(buyer.email)[0]


def test_find_somebody_and_send_the_mail_again_with_the_keyboard_alone(stack: Stack, secretary: Secretary) -> None:
    buyer, order = registered(stack)
    stack.wait_for_mails(buyer.email)
    page = secretary.page
    tab_to(page, "Aanmeldingen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/aanmeldingen")
    tab_to(page, "Zoeken")
    page.keyboard.type(order["code"].lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/aanmeldingen/{order['code']}")
    tab_to(page, "Bekijk of stuur opnieuw")
    page.keyboard.press("Enter")
    page.wait_for_url("**/mail?id=*")
    assert "Dit staat erin" in secretary.reads()
    tab_to(page, "Stuur deze mail nu")
    page.keyboard.press("Enter")
    page.wait_for_url("**?gedaan=verstuurd")
    assert "De mail wordt opnieuw verstuurd." in secretary.reads()
    assert len(stack.wait_for_mails(buyer.email, count=3)) == 3


def test_an_address_that_bounced_is_put_right_from_the_list_of_today(stack: Stack, secretary: Secretary) -> None:
    wrong, right = f"bounce.{uuid4().hex[:10]}@voorbeeldstad.example.nl", new_email()
    _, order = registered(stack, email=wrong)
    page = secretary.page

    def listed() -> bool:
        page.goto(f"{stack.desk}/beheer")
        return order["code"] in secretary.reads()

    wait_until(listed, seconds=20, what=lambda: f"{order['code']} waits for somebody")
    follow(page, order["code"])
    assert "Een mail is niet aangekomen" in secretary.reads()
    for _ in range(2):  # the confirmation and the ticket
        page.locator("li.trouble").first.get_by_role("link").click()
        page.get_by_label("Naar dit adres").fill(right)
        press(page, "Stuur deze mail nu")
    assert "niet aangekomen\n" not in secretary.reads().split("Wat er gebeurd is")[0].replace("Een mail is", "")
    assert len(stack.wait_for_mails(right)) == 2
    page.goto(f"{stack.desk}/beheer")
    assert order["code"] not in secretary.reads()
    secretary.find(right)
    assert order["code"] in secretary.reads()


def test_cancel_and_give_half_of_it_back(stack: Stack, secretary: Secretary) -> None:
    buyer, order = registered(stack)
    stack.wait_for_mails(buyer.email)
    page = secretary.page
    secretary.find(order["code"])
    follow(page, "Aanmelding annuleren")
    assert buyer.email in secretary.reads()
    half = int(order["total_cents"]) // 2
    amount = page.get_by_label("Bedrag dat teruggaat, in euro")
    amount.fill("veel")
    press(page, "Aanmelding annuleren")
    assert amount.input_value() == "veel"
    assert page.title().startswith("Fout: ")
    amount.fill(f"{half // 100},{half % 100:02}")
    press(page, "Aanmelding annuleren")
    assert "De aanmelding is geannuleerd." in secretary.reads()
    wait_until(
        lambda: (
            [each["amount"] for each in stack.books()["refunds"] if each["payment_intent"] == order["payment_id"]]
            == [half]
        ),
        seconds=20,
        what=lambda: f"half of it goes back: {stack.books()['refunds']}",
    )
    mail = stack.wait_for_mails(buyer.email, count=3)[-1]
    assert order["code"] in mail["subject"]


def test_put_a_name_right_and_see_what_changes_first(stack: Stack, secretary: Secretary) -> None:
    buyer, order = registered(stack)
    stack.wait_for_mails(buyer.email)
    page = secretary.page
    secretary.find(order["code"])
    follow(page, "Gegevens verbeteren")
    page.get_by_label("Naam", exact=True).fill("Adriana de Vries-van ’t Hof")
    press(page, "Laat zien wat er verandert")
    assert "Was: Ada de Vries" in secretary.reads()
    press(page, "Wijzigingen opslaan")
    assert "De gegevens zijn verbeterd." in secretary.reads()
    mail = stack.wait_for_mails(buyer.email, count=3)[-1]
    assert "Adriana de Vries-van ’t Hof" in mail["text"]


def test_add_a_member_and_its_people_pay_the_member_price(stack: Stack, secretary: Secretary) -> None:
    page, domain = secretary.page, new_domain()
    follow(page, "Leden")
    follow(page, "Lid toevoegen")
    page.get_by_label("Organisatie", exact=True).fill("Gemeente ’t Nieuwe Land")
    page.get_by_label("E-maildomeinen").fill("gmail.com")
    press(page, "Lid toevoegen")
    assert page.title().startswith("Fout: ")
    page.get_by_label("E-maildomeinen").fill(domain)
    today = datetime.now(AMSTERDAM).date()
    page.get_by_label("Eerste dag").fill(f"{today:%d-%m-%Y}")
    page.get_by_label("Laatste dag").fill(f"{today + timedelta(days=364):%d-%m-%Y}")
    press(page, "Lid toevoegen")
    assert "Gemeente ’t Nieuwe Land" in secretary.reads()
    _, order = registered(stack, email=new_email(domain), member="ja")
    [line] = order["lines"]
    assert (line["reason"]["rule"], line["reason"]["mail_domain"]) in {
        ("member_price", domain),
        ("early_member_price", domain),
    }
    secretary.find(order["code"])
    assert f"herkend aan @{domain}" in secretary.reads()


def test_what_the_list_shows_is_downloaded_and_opens_elsewhere(
    stack: Stack, secretary: Secretary, tmp_path: Path
) -> None:
    name = f"=1+1 {uuid4().hex[:8]}"
    _, order = registered(stack, organisation=name)
    page = secretary.page
    secretary.find(name, where="Congres 2027")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download voor Excel (1)").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == ".xlsx"
    [sheet] = load_workbook(path).worksheets
    head, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert (row[head.index("Code")], row[head.index("Organisatie")]) == (order["code"], name)
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line), "nothing is a formula"
    follow(page, "Logboek")
    assert "Gedownload" in secretary.reads()
    assert name not in secretary.reads()


def test_write_a_note_on_a_phone(stack: Stack, open_page: OpenPage) -> None:
    _, order = registered(stack)
    secretary = Secretary.new(stack=stack, page=open_page(size=PHONE, javascript=False))
    secretary.find(order["code"])
    secretary.page.get_by_label("Wat wilt u onthouden?").fill("Komt met de trein.\nBelt nog terug.")
    press(secretary.page, "Notitie opslaan")
    assert "Komt met de trein." in secretary.reads()


def test_every_screen_is_for_everybody(
    stack: Stack, open_page: OpenPage, screenshot: Callable[[Page, str], None]
) -> None:
    long = {"organisation": "Samenwerkingsverband Wijkontwikkelingsmaatschappij Noordoostelijk Groningen en Drenthe"}
    _, order = registered(stack, **long)
    # what axe looks with is a script
    secretary = Secretary.new(stack=stack, page=open_page())
    page, at = secretary.page, f"aanmeldingen/{order['code']}"
    screens = {
        "vandaag": "",
        "aanmeldingen": "aanmeldingen",
        "aanmeldingen-leeg": "aanmeldingen?zoek=zzzzzz",
        "aanmeldingen-overal": "aanmeldingen?offer=alles&zoek=samenwerk",
        "aanmelding": at,
        "aanmelding-gegevens": f"{at}/gegevens",
        "aanmelding-mail": f"{at}/mail?id=confirmation-{order['id']}",
        "aanmelding-annuleren": f"{at}/annuleren",
        "aanmelding-terugbetalen": f"{at}/terugbetalen",
        "aanmelding-beoordelen": f"{at}/beoordelen",
        "leden": "leden",
        "leden-leeg": "leden?zoek=zzzzzz",
        "lid": "leden/demo-voorbeeldstad",
        "lid-wijzigen": "leden/demo-voorbeeldstad/wijzigen",
        "lid-nieuw": "leden/nieuw",
        "leden-importeren": "leden/importeren",
        "ledentarief": "leden/ledentarief",
        "abonnees": "abonnees",
        "abonnees-importeren": "abonnees/importeren",
        "abonnees-nieuw": "abonnees/nieuw",
        "niet-mailen": "niet-mailen",
        "niet-mailen-leeg": "niet-mailen?zoek=niemand@voorbeeld.nl",
        "nieuwsbrief": "nieuwsbrief",
        "nieuwsbrief-nieuw": "nieuwsbrief/nieuw",
        "personen": "personen",
        "bewaren": "bewaren",
        "logboek": "logboek",
        "medewerkers": "medewerkers",
        "sessies": "sessies",
        "onbekend": "aanmeldingen/C26-2222",
    }
    for name, path in screens.items():
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{stack.desk}/beheer/{path}".rstrip("/"))
        assert heading(page), name
        assert violations(page, name) == [], name
        assert complaints(page) == [], name
        screenshot(page, f"beheer-{name}-desktop")
        for size in (PHONE, SMALLEST):
            page.set_viewport_size(size)
            assert overflow(page) == 0, (name, size)
        assert small_targets(page) == [], name
        page.set_viewport_size(PHONE)
        screenshot(page, f"beheer-{name}-phone")
