"""The import of subscribers as a page: the plan with every verdict, the proof that is asked for, and the button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import Standing
from chalicelib.domain.subscriber_import import Fault, Reason
from chalicelib.web.table_file import FileFault, FileReason
from devstack.environment import BEHEERDER
from tests.desk import Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.orders import text_of
from tests.entrypoints.beheer.test_order_pages import deeds
from tests.entrypoints.document import Document

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

IMPORT = "/beheer/abonnees/importeren"
HEADING = "e-mail\tnaam\tonderwerpen\ttoestemming op\ttoestemming bron"
ROWS = ("ada@voorbeeld.nl\tAda\tcongres\t1-3-2025\tbrief", "bea@voorbeeld.nl", "cas@", "ada@voorbeeld.nl")


def plan(browser: Browser, *lines: str, heading: str = HEADING, **fields: str) -> HTTPResponse:
    sent = {"bron": "Laposta, november 2026", "bewijs": "", "datum": "", "do": "plan"} | fields
    return browser.press(IMPORT, IMPORT, {"rijen": "\r\n".join([heading, *lines])} | sent)


def press(browser: Browser, answer: HTTPResponse, **other: str) -> HTTPResponse:
    """The button under the plan, with what the page carries along."""
    page = Document(answer)
    rows = "".join(page.one("textarea").pieces).removeprefix("\n").replace("\n", "\r\n")
    kept = {name: page.field(name).get("value") for name in ("bron", "bewijs", "datum", "plan")}
    return browser.press(IMPORT, IMPORT, {"rijen": rows, "do": "import"} | kept | other)


def items(answer: HTTPResponse) -> list[str]:
    return [each.text for each in Document(answer).all("li") if any(e.get("class") == "plan" for e in each.around)]


def standings(desk: Desk) -> dict[str, str]:
    return {each["email"]["S"]: each["standing"]["S"] for each in desk.items("subscriber")}


def test_every_row_is_shown_before_anything_is_written_and_then_done_once(desk: Desk, browser: Browser) -> None:
    answer = plan(browser, *ROWS)
    assert answer.status_code == 200
    assert standings(desk) == {}
    assert items(answer) == [
        "Rij 4, zonder adres: ‘cas@’ is geen e-mailadres.",
        "Rij 5, ada@voorbeeld.nl: Hetzelfde adres staat op rij 2; die telt.",
        "Rij 2, ada@voorbeeld.nl: congres; brief, 1 maart 2025",
        "Rij 3, bea@voorbeeld.nl",
    ]
    done = press(browser, answer)
    assert done.status_code == 303
    assert standings(desk) == {"ada@voorbeeld.nl": Standing.CONFIRMED, "bea@voorbeeld.nl": Standing.UNCONFIRMED}
    text = text_of(browser, done.headers["Location"].removeprefix("https://aanmelden.example.nl"))
    assert "1 geabonneerd, 1 krijgen een mail" in text
    assert deeds(desk) == [("subscribers_imported", BEHEERDER, "Laposta, november 2026")]
    again = plan(browser, *ROWS)
    assert "Er is niets te importeren." in Document(again).text
    assert press(browser, again).status_code == 200
    assert len(deeds(desk)) == 1


def test_one_proof_for_the_whole_list(desk: Desk, browser: Browser) -> None:
    told = "vinkje op het formulier van het congres"
    answer = plan(browser, "bea@voorbeeld.nl", bewijs=told, datum="31-12-2025")
    assert items(answer) == [f"Rij 2, bea@voorbeeld.nl: nieuwsbrief; {told}, 31 december 2025"]
    assert press(browser, answer).status_code == 303
    assert standings(desk) == {"bea@voorbeeld.nl": Standing.CONFIRMED}


def test_who_left_at_another_desk_is_told_and_kept_so(desk: Desk, browser: Browser) -> None:
    heading = f"{HEADING}\tstand\tafgemeld op"
    lines = ("ada@voorbeeld.nl\t\t\t1-3-2025\tbrief\tafgemeld\t", "bea@voorbeeld.nl\t\t\t\t\tonzin\t")
    answer = plan(browser, *lines, heading=heading)
    assert items(answer) == [
        "Rij 3, bea@voorbeeld.nl: ‘onzin’ is geen stand: schrijf ontvangt, nog niet bevestigd of afgemeld.",
        "Rij 2, ada@voorbeeld.nl",
    ]
    assert "1 blijft afgemeld" in Document(answer).text
    done = press(browser, answer)
    assert standings(desk) == {"ada@voorbeeld.nl": Standing.UNSUBSCRIBED}
    text = text_of(browser, done.headers["Location"].removeprefix("https://aanmelden.example.nl"))
    assert "1 bewaard als afgemeld" in text
    (facts,) = [each["facts"]["M"] for each in desk.items("audit_entry")]
    assert facts["unsubscribed"] == {"S": "1"}


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("bron", {"bron": " "}),
        ("bron", {"bron": "x" * 121}),
        ("bewijs", {"bewijs": "x" * 501, "datum": "1-1-2025"}),
        ("bewijs", {"datum": "1-1-2025"}),
        ("datum", {"bewijs": "brief"}),
        ("datum", {"bewijs": "brief", "datum": "gisteren"}),
        ("datum", {"bewijs": "brief", "datum": "1-1-2030"}),
    ],
)
def test_what_is_filled_in_wrongly_is_said_at_its_field(
    desk: Desk, browser: Browser, field: str, fields: dict[str, str]
) -> None:
    answer = plan(browser, "bea@voorbeeld.nl", do="import", **fields)
    page = Document(answer)
    assert (answer.status_code, page.title.startswith("Fout: ")) == (422, True)
    assert page.field(field).get("aria-invalid") == "true"
    assert "bea@voorbeeld.nl" in page.one("textarea").text
    assert standings(desk) == {}


@pytest.mark.parametrize(("heading", "said"), [("naam\tleeftijd", "leeftijd"), ("", "Er staan geen rijen")])
def test_rows_that_are_none_are_refused(desk: Desk, browser: Browser, heading: str, said: str) -> None:
    answer = plan(browser, *(["Ada\t3"] if heading else []), heading=heading)
    assert answer.status_code == 422
    assert said in Document(answer).text


@pytest.mark.parametrize(
    "other",
    [
        {"bewijs": "een ander bewijs", "datum": "1-1-2025"},
        {"rijen": f"{HEADING}\r\ndora@voorbeeld.nl"},
        {"bron": "elders"},
    ],
)
def test_another_plan_than_was_agreed_to_is_shown_first(desk: Desk, browser: Browser, other: dict[str, str]) -> None:
    answer = press(browser, plan(browser, *ROWS), **other)
    assert answer.status_code == 409
    assert "intussen veranderd" in Document(answer).text
    assert standings(desk) == {}


def test_a_table_that_stops_says_so_and_a_second_press_finishes(desk: Desk, browser: Browser) -> None:
    answer = plan(browser, *ROWS)
    failing = EndpointConnectionError(endpoint_url="https://dynamodb")

    def fail(**_: object) -> None:
        raise failing

    events = desk.client.meta.events
    token = browser.token(IMPORT)
    events.register_first("before-call.dynamodb.TransactWriteItems", fail)
    page = Document(answer)
    rows = "".join(page.one("textarea").pieces).removeprefix("\n")
    kept = {name: page.field(name).get("value") for name in ("bron", "bewijs", "datum", "plan")}
    stopped = browser.post(IMPORT, {"rijen": rows, "do": "import", "token": token} | kept)
    events.unregister("before-call.dynamodb.TransactWriteItems", fail)
    assert stopped.status_code == 503
    assert "halverwege gestopt" in Document(stopped).text
    assert press(browser, answer).status_code == 303
    assert len(standings(desk)) == 2


def test_as_many_rows_as_a_form_takes_make_a_light_page(desk: Desk, browser: Browser) -> None:
    lines = [f"voornaam.achternaam{number:03}@gemeente-met-een-naam.nl\tVoornaam Achternaam" for number in range(500)]
    answer = plan(browser, *lines, heading="e-mail\tnaam")
    assert answer.status_code == 200
    assert weight(answer) < MOST_WEIGHT
    assert "en nog 400" in Document(answer).text


def test_more_than_can_be_done_at_once_is_still_there_with_what_to_do(desk: Desk, browser: Browser) -> None:
    lines = [f"voornaam.achternaam{number:04}@gemeente-met-een-naam.nl\tNaam" for number in range(1500)]
    answer = plan(browser, *lines, heading="e-mail\tnaam", do="import")
    page = Document(answer)
    assert (answer.status_code, page.title.startswith("Fout: ")) == (422, True)
    assert page.one("textarea").get("aria-invalid") == "true"
    assert "Plak hoogstens zo’n 500 rijen tegelijk, steeds met de kop erboven, of laat het hele bestand" in page.text
    assert lines[-1] in "".join(page.one("textarea").pieces)
    assert page.field("bron").get("value") == "Laposta, november 2026"
    assert standings(desk) == {}


def test_there_are_words_for_everything(desk: Desk) -> None:
    environment = desk.application.renderer._environment(Language.NL)
    words = environment.get_template("beheer/subscriber_words.html").module
    for reason in Reason:
        assert str(words.reason(Fault(reason, "2030-01-01", "3"))).strip()  # type: ignore[attr-defined]
    for whole in FileReason:
        assert str(words.file_reason(FileFault(whole, ("3",)))).strip()  # type: ignore[attr-defined]
