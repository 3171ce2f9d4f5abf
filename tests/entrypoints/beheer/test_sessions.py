"""Sessions: one sees where one is logged in, and ends that; nobody ends another's."""

from __future__ import annotations

from chalicelib.domain.staff import Role
from devstack.environment import BEHEERDER
from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE

PAGE = "/beheer/sessies"


def is_in(browser: Browser) -> bool:
    return browser.get("/beheer").status_code == 200


def ids(desk: Desk, email: str) -> list[str]:
    return [item["id"]["S"] for item in desk.items("staff_session") if item["email"]["S"] == email]


def test_every_browser_is_named_and_one_of_them_is_ended(desk: Desk, browser: Browser) -> None:
    phone = Browser(desk, agent="<i>Telefoon</i>")
    phone.log_in(BEHEERDER)
    page = browser.get(PAGE).body.decode()
    assert "Deze browser" in page
    assert "&lt;i&gt;Telefoon&lt;/i&gt;" in page
    own = desk.items("staff_session")
    other = next(item["id"]["S"] for item in own if item["browser"]["S"] == phone.agent)
    browser.press(PAGE, PAGE, {"session": other})
    assert "Daar bent u nu uitgelogd." in browser.get(f"{PAGE}?beeindigd=1").body.decode()
    assert (is_in(browser), is_in(phone)) == (True, False)


def test_all_others_are_ended_and_this_one_stays(desk: Desk, browser: Browser) -> None:
    others = [Browser(desk), Browser(desk)]
    for each in others:
        each.log_in(BEHEERDER)
    assert browser.press(PAGE, PAGE, {}).headers["Location"].endswith("beeindigd=2")
    assert [is_in(each) for each in (browser, *others)] == [True, False, False]


def test_nobody_ends_anothers(desk: Desk, browser: Browser) -> None:
    email = WORKS_HERE[Role.DEUR]
    his = Browser(desk)
    his.log_in(email)
    assert email not in browser.get(PAGE).body.decode()
    browser.press(PAGE, PAGE, {"session": ids(desk, email)[0]})
    browser.press(PAGE, PAGE, {})
    assert is_in(his)


def test_going_ends_it_here_and_nowhere_else(desk: Desk, browser: Browser) -> None:
    other = Browser(desk)
    other.log_in(BEHEERDER)
    kept = dict(browser.cookies)
    browser.press("/beheer", "/beheer/uitloggen", {})
    assert browser.cookies == {}
    browser.cookies = kept
    assert (is_in(browser), is_in(other)) == (False, True)
