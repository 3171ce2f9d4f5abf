"""Staff: a beheerder lets people in, changes their role, and lets them go; each stands in the log."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.domain.staff import Role
from devstack.environment import BEHEERDER
from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE

PAGE = "/beheer/medewerkers"
NEW = {"do": "add", "email": "Nieuw@Voorbeeld.nl ", "name": " Nina Nieuw ", "role": "penningmeester"}
HOSTILE = "<b>\"'&{{ 7*7 }}=1+1</b>"


def press(browser: Browser, **fields: str) -> Any:
    return browser.press(PAGE, PAGE, fields)


def version_of(browser: Browser, email: str) -> str:
    page = browser.get(PAGE).body.decode()
    found = re.search(
        rf'name="email" value="{re.escape(email)}"><input type="hidden" name="version" value="(\d+)"', page
    )
    assert found
    return found[1]


def log_of(desk: Desk) -> list[tuple[str, str, str]]:
    return [(item["deed"]["S"], item["by"]["S"], item["subject"]["S"]) for item in desk.items("audit_entry")]


def test_somebody_new_comes_in_and_the_log_says_who_let_him(desk: Desk, browser: Browser) -> None:
    answer = press(browser, **NEW)
    assert answer.status_code == 303
    assert "De medewerker is toegevoegd." in browser.get(f"{PAGE}?gedaan=toegevoegd").body.decode()
    his = Browser(desk)
    his.log_in("nieuw@voorbeeld.nl")
    assert "Nina Nieuw" in his.get("/beheer").body.decode()
    assert log_of(desk) == [("staff_added", BEHEERDER, "nieuw@voorbeeld.nl")]
    log = browser.get("/beheer/logboek").body.decode()
    assert "Medewerker toegevoegd" in log
    assert "nieuw@voorbeeld.nl" in log


def test_pressed_twice_he_is_there_once_and_it_says_so(desk: Desk, browser: Browser) -> None:
    press(browser, **NEW)
    answer = press(browser, **NEW)
    assert answer.status_code == 422
    assert "Dit adres staat al in de lijst." in answer.body.decode()
    assert len(log_of(desk)) == 1


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("email", "geen adres", "Vul een e-mailadres in"),
        ("email", "", "Vul een e-mailadres in"),
        ("name", "  ", "Vul een naam in"),
        ("name", "x" * 101, "Vul een naam in"),
        ("role", "", "Kies een rol."),
        ("role", "koning", "Kies een rol."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    desk: Desk, browser: Browser, field: str, value: str, complaint: str
) -> None:
    answer = press(browser, **NEW | {field: value})
    assert answer.status_code == 422
    page = answer.body.decode()
    assert complaint in page
    kept = {"email": "nieuw@voorbeeld.nl", "name": "Nina Nieuw"} | ({field: value.strip()} if field != "role" else {})
    assert all(f'value="{each}"' in page for each in kept.values() if each)
    assert log_of(desk) == []


def test_a_role_is_changed_from_the_next_page_on(desk: Desk, browser: Browser) -> None:
    email = WORKS_HERE[Role.DEUR]
    his = Browser(desk)
    his.log_in(email)
    assert his.get("/beheer/logboek").status_code == 403
    version = version_of(browser, email)
    press(browser, do="change", email=email, name="Iemand deur", role="penningmeester", version=version)
    assert his.get("/beheer/logboek").status_code == 200
    [entry] = desk.items("audit_entry")
    assert entry["facts"]["M"] == {"role": {"S": "deur → penningmeester"}}


def test_what_was_not_changed_is_not_in_the_log(desk: Desk, browser: Browser) -> None:
    email = WORKS_HERE[Role.DEUR]
    press(browser, do="change", email=email, name="Iemand deur", role="deur", version=version_of(browser, email))
    assert log_of(desk) == []


@pytest.mark.parametrize("do", ["change", "remove"])
def test_what_a_colleague_changed_meanwhile_is_shown_and_not_overwritten(desk: Desk, browser: Browser, do: str) -> None:
    email = WORKS_HERE[Role.DEUR]
    old = version_of(browser, email)
    press(browser, do="change", email=email, name="Iemand anders", role="deur", version=old)
    answer = press(browser, do=do, email=email, name="Ik", role="secretariaat", version=old)
    assert answer.status_code == 409
    assert "Iemand anders heeft dit net gewijzigd." in answer.body.decode()
    assert 'value="Iemand anders"' in answer.body.decode()
    assert len(log_of(desk)) == 1


def test_who_is_let_go_is_out_and_pressing_twice_does_no_harm(desk: Desk, browser: Browser) -> None:
    email = WORKS_HERE[Role.SECRETARIAAT]
    his = Browser(desk)
    his.log_in(email)
    version = version_of(browser, email)
    assert press(browser, do="remove", email=email, version=version).status_code == 303
    assert his.get("/beheer").status_code == 303
    assert press(browser, do="remove", email=email, version=version).status_code == 409
    assert log_of(desk) == [("staff_removed", BEHEERDER, email)]


def test_the_first_beheerder_cannot_lock_himself_out(desk: Desk, browser: Browser) -> None:
    press(browser, do="add", email=BEHEERDER, name="Ikzelf", role="deur")
    press(browser, do="remove", email=BEHEERDER, version="1")
    assert browser.get(PAGE).status_code == 200


def test_whatever_is_typed_is_text(desk: Desk, browser: Browser) -> None:
    press(browser, **NEW | {"name": HOSTILE})
    for path in (PAGE, "/beheer/logboek"):
        page = browser.get(path).body.decode()
        assert HOSTILE not in page
        assert "&lt;b&gt;" in page
        assert "{{ 7*7 }}" in page


def test_the_log_goes_on_from_page_to_page_and_from_month_to_month(desk: Desk, browser: Browser) -> None:
    email = WORKS_HERE[Role.DEUR]
    for number in range(130):
        desk.clock.advance(seconds=1)
        press(
            browser, do="change", email=email, name=f"Naam {number:03}", role="deur", version=version_of(browser, email)
        )
    first = browser.get("/beheer/logboek").body.decode()
    more = re.search(r'href="([^"]+verder=[^"]+)"', first)
    assert more
    path = more[1].replace("&amp;", "&").partition("example.nl")[2]
    second = browser.get(path).body.decode()
    names = [set(re.findall(r"→ (Naam \d{3})", page)) for page in (first, second)]
    assert (len(names[0]), len(names[1]), len(names[0] & names[1])) == (100, 30, 0)
    assert "verder=" not in second
    assert "In deze maand is nog niets gedaan." in browser.get("/beheer/logboek?maand=2026-10").body.decode()
    # what is no month, or still to come, is this one
    assert "Naam 129" in browser.get("/beheer/logboek?maand=2027-13").body.decode()
