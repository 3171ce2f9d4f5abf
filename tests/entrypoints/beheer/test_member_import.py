"""The import of members as a page: the plan with every verdict, the button, and what may come in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.domain.language import Language
from chalicelib.domain.member_import import Fault, Reason
from chalicelib.web.table_file import FileFault, FileReason
from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.counting import counted
from tests.entrypoints.beheer.membership import HEADING, stored
from tests.entrypoints.beheer.test_member_form import log
from tests.entrypoints.beheer.test_members import HOSTILE
from tests.entrypoints.document import Document

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

IMPORT = "/beheer/leden/importeren"


def plan(browser: Browser, *lines: str, heading: str = HEADING) -> HTTPResponse:
    return browser.press(IMPORT, IMPORT, {"rijen": "\r\n".join([heading, *lines]), "do": "plan"})


def press(browser: Browser, answer: HTTPResponse, **other: str) -> HTTPResponse:
    """The button under the plan, with what the page carries along."""
    page = Document(answer)
    text = page.one("textarea")
    # a browser drops the line end right after the tag, and sends two signs for each
    rows = "".join(text.pieces).removeprefix("\n").replace("\n", "\r\n")
    sent = {"rijen": rows, "plan": page.field("plan").get("value"), "do": "import"}
    return browser.press(IMPORT, IMPORT, sent | other)


def items(answer: HTTPResponse) -> list[str]:
    page = Document(answer)
    return [each.text for each in page.all("li") if any(e.get("class") == "plan" for e in each.around)]


def test_every_verdict_is_shown_before_anything_is_written_and_then_done(desk: Desk, browser: Browser) -> None:
    press(browser, plan(browser, "Een;12345678;een.nl;Ada;;31-12-2027", "Twee;;twee.nl;;;31-12-2027"))
    assert len(stored(desk)) == 2
    before = desk.items()
    lines = [
        "Een;12345678;een.nl,uno.nl;;;31-12-2028",
        "Twee;;twee.nl;;;31-12-2027",
        'Drie;123;"info@drie.nl gmail.com";;;31-12-27',
        "Vier;;een.nl;;;31-12-2027",
        ";;vijf.nl;;;31-12-2027",
        "Zes;;zes.nl;;;31-12-2027",
        "Zeven;;zeven.nl;;;1-1-2026",
    ]
    answer = plan(browser, *lines)
    assert answer.status_code == 200
    assert desk.items("membership") == [each for each in before if each["record"]["S"] == "membership"]
    assert "0 toevoegen, 0 wijzigen" not in Document(answer).text
    assert "1 toevoegen, 0 wijzigen, 1 staat er al zo, 5 kunnen niet." in Document(answer).text
    assert items(answer) == [
        "Rij 2, Een: een.nl staat ook op rij 5.",
        "Rij 4, Drie: ‘123’ is geen KvK-nummer (8 cijfers) of OIN (20 cijfers). Heeft een spreadsheet er nullen "
        "afgehaald, of het afgerond? ‘info@drie.nl’ is een e-mailadres: geef alleen wat achter de @ staat. gmail.com "
        "is van een maildienst voor iedereen: het zegt niets over een organisatie. ‘31-12-27’ heeft een jaar van twee "
        "cijfers: schrijf het met vier.",
        "Rij 5, Vier: een.nl staat ook op rij 2.",
        "Rij 6, zonder naam: De naam van de organisatie ontbreekt.",
        "Rij 8, Zeven: 01-01-2026 is voorbij. Vandaag is de vroegste laatste dag.",
        "Rij 7, Zes: zes.nl, tot en met 31 december 2027",
    ]
    answer = plan(browser, lines[0], "Acht;;twee.nl;;;31-12-2027")
    assert items(answer) == [
        "Rij 3, Acht: twee.nl hoort bij ‘Twee’, en dat lidmaatschap loopt.",
        "Rij 2, Een: domeinen een.nl → een.nl uno.nl; contactpersoon Ada → –; geldig tot 31-12-2027 → 31-12-2028",
    ]
    assert "Importeren (1)" in Document(answer).text
    desk.clock.advance(seconds=1)
    done = press(browser, answer)
    assert done.status_code == 303
    page = Document(browser.get(done.headers["Location"].partition("example.nl")[2]))
    assert "0 toegevoegd, 1 gewijzigd, 0 waren al zo, 1 geweigerd." in page.text
    assert log(desk)[0] == (
        "members_imported",
        "import",
        {"toegevoegd": "0", "gewijzigd": "1", "gelijk": "0", "geweigerd": "1"},
    )


@pytest.mark.parametrize("sign", ["\t", ";", ","])
def test_what_is_copied_from_a_spreadsheet_is_read(desk: Desk, browser: Browser, sign: str) -> None:
    row = sign.join(["Gemeente Súdhoek", "00000001234567890000", "sudhoek.nl", "Zoë", "zoe@sudhoek.nl", "31-12-2027"])
    assert press(browser, plan(browser, row, heading=HEADING.replace(";", sign))).status_code == 303
    [member] = stored(desk).values()
    assert (member.organisation, member.contact_name) == ("Gemeente Súdhoek", "Zoë")


def test_more_than_can_be_done_at_once_is_still_there_with_what_to_do(desk: Desk, browser: Browser) -> None:
    lines = [f"Gemeente met een naam {number};;gemeente{number}.nl;;;31-12-2027" for number in range(1500)]
    answer = plan(browser, *lines)
    page = Document(answer)
    assert (answer.status_code, page.title.startswith("Fout: ")) == (422, True)
    assert page.one("textarea").get("aria-invalid") == "true"
    assert "Plak hoogstens zo’n 300 rijen tegelijk, steeds met de kop erboven, of laat het hele bestand" in page.text
    assert lines[-1] in "".join(page.one("textarea").pieces)
    assert desk.items("membership") == []


def test_pressed_twice_nothing_is_done_twice(desk: Desk, browser: Browser) -> None:
    shown = plan(browser, "Een;;een.nl;;;31-12-2027")
    assert press(browser, shown).status_code == 303
    after = desk.items("membership")
    again = press(browser, shown)
    assert again.status_code == 200
    assert "Er is niets te importeren." in Document(again).text
    assert desk.items("membership") == after
    assert len(log(desk)) == 1


def test_another_plan_than_was_shown_is_shown_first(desk: Desk, browser: Browser) -> None:
    shown = plan(browser, "Een;;een.nl;;;31-12-2027", "Twee;;twee.nl;;;31-12-2027")
    press(browser, plan(browser, "Twee;;twee.nl;;;31-12-2027"))
    before = desk.items("membership")
    answer = press(browser, shown)
    assert answer.status_code == 409
    page = Document(answer)
    assert page.title.startswith("Fout: ")
    assert "intussen veranderd" in page.text
    assert desk.items("membership") == before
    assert press(browser, answer).status_code == 303
    # and so are rows that were typed over
    answer = press(browser, plan(browser, "Drie;;drie.nl;;;31-12-2027"), rijen=f"{HEADING}\nVier;;vier.nl;;;31-12-2027")
    assert answer.status_code == 409
    assert "Vier" in str(items(answer))


def test_when_the_table_goes_away_halfway_a_second_time_finishes(desk: Desk, browser: Browser) -> None:
    shown = plan(browser, *(f"Lid {number};;lid{number}.nl;;;31-12-2027" for number in range(6)))
    token, written = browser.token(IMPORT), list[int]()

    def third_fails(**_: object) -> None:
        written.append(1)
        if len(written) == 4:  # the session itself is written once
            raise EndpointConnectionError(endpoint_url="injected")

    desk.client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", third_fails)
    page = Document(shown)
    sent = {
        "token": token,
        "rijen": "".join(page.one("textarea").pieces).removeprefix("\n"),
        "plan": page.field("plan").get("value"),
        "do": "import",
    }
    stopped = browser.post(IMPORT, sent)
    assert stopped.status_code == 503
    done = len(stored(desk))
    assert 0 < done < 6
    assert f"er zijn {done} leden toegevoegd" in Document(stopped).text
    assert "Lid 5" in Document(stopped).one("textarea").text, "the rows are still there"
    assert len(log(desk)) == 1, "and the log tells of what was done"
    again = plan(browser, *(f"Lid {number};;lid{number}.nl;;;31-12-2027" for number in range(6)))
    assert press(browser, again).status_code == 303
    assert len(stored(desk)) == 6


def test_a_hundred_and_twenty_fit_and_ask_little(desk: Desk, browser: Browser) -> None:
    lines = [
        f"Gemeente Voorbeeldstad aan de Lange Weg {number};{number:08};voorbeeldstad{number}.nl wijkteam{number}.nl"
        f";Ada de Vries-Voorbeeldstad;ada.devries@voorbeeldstad{number}.nl;31-12-2027"
        for number in range(120)
    ]
    with counted(desk) as asked:
        answer = plan(browser, *lines)
    assert len(asked) <= 2 * 5, "two pages: that of the token, and this one"
    assert "Importeren (120)" in Document(answer).text
    assert press(browser, answer).status_code == 303
    assert len(stored(desk)) == 120
    with counted(desk) as asked:
        answer = plan(browser, *lines)
    assert len(asked) <= 2 * 5
    assert "120 staan er al zo" in Document(answer).text


def test_what_is_no_list_is_refused_with_what_is_wrong(browser: Browser) -> None:
    for text, words in {
        "": "Er staan geen rijen onder de kop.",
        HEADING: "Er staan geen rijen onder de kop.",
        "zomaar wat": "Er staat niets tussen de kolommen",
        "organisatie;kleur;kleur\nx;y;z": "Deze kolommen kennen wij niet: kleur, kleur. Haal ze weg. Deze kolommen "
        "ontbreken: KvK of OIN, domeinen, contactpersoon, e-mail, geldig tot.",
        f'{HEADING}\n"x': "De aanhalingstekens om een cel kloppen niet op rij 2",
    }.items():
        answer = browser.press(IMPORT, IMPORT, {"rijen": text, "do": "plan"})
        assert answer.status_code == 422
        page = Document(answer)
        assert page.title.startswith("Fout: ")
        assert words in page.one(id="rijen-wrong").text
        assert "".join(page.one("textarea").pieces).removeprefix("\n") == text


def test_there_are_words_for_every_reason(desk: Desk) -> None:
    environment = desk.application.renderer._environment(Language.NL)
    words = environment.get_template("beheer/member_words.html").module
    assert words.reasons.keys() == {each.value for each in Reason}  # type: ignore[attr-defined]
    for reason in Reason:
        assert "%" not in words.reason(Fault(reason, "2026-01-01", "100 %"))[:5]  # type: ignore[attr-defined]
    for reason_ in FileReason:
        said = words.file_reason(FileFault(reason_, ("domains",)))  # type: ignore[attr-defined]  # a macro of the template
        assert str(said).strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_pasted_is_text(desk: Desk, browser: Browser, text: str) -> None:
    quoted = '"{}"'.format(text.replace('"', '""'))
    for line in (
        f"{quoted};;x.nl;{quoted};;31-12-2027",
        f"{quoted};{quoted};{quoted};{quoted};{quoted};{quoted}",
    ):
        answer = plan(browser, line)
        page = Document(answer)
        assert not [each for each in page.elements if each.tag in ("b", "script") or each.has("onfocus")]
        assert text in page.text
        assert text in "".join(page.one("textarea").pieces).replace('""', '"')
    heading = plan(browser, "x", heading=f"{HEADING};{quoted}")
    assert not [each for each in Document(heading).elements if each.tag in ("b", "script")]
    press(browser, plan(browser, f"{quoted};;x.nl;{quoted};;31-12-2027"))
    assert [each.organisation for each in stored(desk).values()] == [text]
