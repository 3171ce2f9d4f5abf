"""Logging in: a code by mail, in the browser that asked for it, a few times at most."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.login import MOST_TRIES
from chalicelib.domain.staff import Role
from chalicelib.domain.staff_session import IDLE, LIFE
from devstack.environment import BEHEERDER
from tests.desk import BASE_URL, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.conftest import WORKS_HERE

STRANGER = "iemand@elders.nl"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def is_in(browser: Browser) -> bool:
    answer = browser.get("/beheer")
    assert answer.status_code in (200, 303)
    return answer.status_code == 200


def test_a_code_leads_in_and_its_mail_says_it(desk: Desk) -> None:
    browser = Browser(desk)
    code = browser.ask(f"  {BEHEERDER.upper()} ")
    assert not is_in(browser)
    answer = browser.post("/beheer/code", {"code": f"{code[:3]} {code[3:]} "})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BASE_URL}/beheer")
    assert is_in(browser)
    [(_, letter)] = desk.sender.sent
    assert letter.to == BEHEERDER
    assert code in letter.html
    assert code in letter.text


def test_the_cookies_are_for_the_desk_alone(desk: Desk) -> None:
    browser = Browser(desk)
    asked = browser.post("/beheer/inloggen", {"email": BEHEERDER}).headers["Set-Cookie"]
    desk.work()
    code = desk.application.identity.login_code(desk.items("login")[0]["id"]["S"])
    got = browser.post("/beheer/code", {"code": code}).headers["Set-Cookie"]
    for cookie in (asked, got):
        name, *parts = str(cookie).split("; ")
        assert name.startswith("__Host-loket")
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(parts)


def test_an_address_that_is_unknown_is_answered_alike_and_has_no_mail(desk: Desk) -> None:
    known, unknown = Browser(desk), Browser(desk)
    answers = [
        browser.post("/beheer/inloggen", {"email": email})
        for browser, email in ((known, BEHEERDER), (unknown, STRANGER))
    ]
    assert answers[0].status_code == answers[1].status_code == 303
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert known.get("/beheer/code").body == unknown.get("/beheer/code").body
    assert len(desk.emails.messages) == 2, "what is done is the same too"
    desk.work()
    assert [letter.to for _, letter in desk.sender.sent] == [BEHEERDER]
    # not even the right code of a login that nobody was mailed
    for item in desk.items("login"):
        if item["email"]["S"] == STRANGER:
            code = desk.application.identity.login_code(item["id"]["S"])
    answer = unknown.post("/beheer/code", {"code": code})
    assert answer.status_code == 422
    assert not is_in(unknown)


def test_a_code_counts_in_the_browser_that_asked_for_it_only(desk: Desk) -> None:
    his, other = Browser(desk), Browser(desk)
    code = his.ask(BEHEERDER)
    assert other.post("/beheer/code", {"code": code}).status_code == 422
    other.ask(STRANGER)
    assert other.post("/beheer/code", {"code": code}).status_code == 422
    assert his.post("/beheer/code", {"code": code}).status_code == 303


def test_a_wrong_code_stays_on_the_page_and_after_five_even_the_right_one_is_refused(desk: Desk) -> None:
    browser = Browser(desk)
    code = browser.ask(BEHEERDER)
    for _ in range(MOST_TRIES):
        answer = browser.post("/beheer/code", {"code": wrong(code)})
        assert answer.status_code == 422
        assert f'value="{wrong(code)}"' in answer.body.decode()
        assert "Deze code klopt niet of is verlopen." in answer.body.decode()
    assert browser.post("/beheer/code", {"code": code}).status_code == 422
    assert not is_in(browser)


def test_a_code_runs_out(desk: Desk) -> None:
    browser = Browser(desk)
    code = browser.ask(BEHEERDER)
    desk.clock.advance(minutes=10)
    assert browser.post("/beheer/code", {"code": code}).status_code == 422


def test_a_mail_that_comes_after_its_code_has_run_out_is_not_sent(desk: Desk) -> None:
    Browser(desk).post("/beheer/inloggen", {"email": BEHEERDER})
    desk.clock.advance(minutes=10)
    desk.work()
    assert desk.sender.sent == []


def test_typed_twice_it_is_one_session_and_not_after_going(desk: Desk) -> None:
    browser = Browser(desk)
    code = browser.ask(BEHEERDER)
    login = dict(browser.cookies)
    assert browser.post("/beheer/code", {"code": code}).status_code == 303
    assert browser.post("/beheer/code", {"code": code}).status_code == 303
    assert len(desk.items("staff_session")) == 1
    browser.press("/beheer", "/beheer/uitloggen", {})
    browser.cookies |= login
    assert browser.post("/beheer/code", {"code": code}).status_code == 422
    assert not is_in(browser)


def test_who_works_here_no_more_is_out_at_his_next_page(desk: Desk) -> None:
    email = WORKS_HERE[Role.SECRETARIAAT]
    browser = Browser(desk)
    browser.log_in(email)
    assert is_in(browser)
    staff = desk.store.unit_of_work().staff.get(email)
    assert staff is not None
    unit = desk.store.unit_of_work()
    unit.staff.remove(staff)
    unit.commit()
    assert not is_in(browser)


@pytest.mark.parametrize(("every", "stays"), [(IDLE - timedelta(minutes=10), True), (IDLE, False)])
def test_who_does_nothing_for_two_hours_is_out(desk: Desk, browser: Browser, every: timedelta, stays: bool) -> None:
    for _ in range(3):
        desk.clock.advance(seconds=int(every.total_seconds()))
        assert is_in(browser) is stays


def test_nobody_stays_for_longer_than_twelve_hours(desk: Desk, browser: Browser) -> None:
    for _ in range(int(LIFE / timedelta(hours=1)) - 1):
        desk.clock.advance(hours=1)
        assert is_in(browser)
    desk.clock.advance(hours=1)
    assert not is_in(browser)


def test_too_many_codes_are_refused_with_the_time_to_wait(desk: Desk) -> None:
    browser = Browser(desk)
    for _ in range(5):
        browser.ask(STRANGER)
    answer = browser.post("/beheer/inloggen", {"email": STRANGER})
    assert answer.status_code == 429
    assert "minuten opnieuw" in answer.body.decode()
    assert f'value="{STRANGER}"' in answer.body.decode()
    # somebody else is not kept out by that
    assert browser.ask(BEHEERDER)


@pytest.mark.parametrize("email", ["", "geen adres", "a@b@c", "x" * 300 + "@y.nl", "a b@c.nl"])
def test_what_is_no_address_is_said_at_the_field(desk: Desk, email: str) -> None:
    answer = Browser(desk).post("/beheer/inloggen", {"email": email})
    assert answer.status_code == 422
    assert "Vul een e-mailadres in" in answer.body.decode()
    assert desk.items("login") == []


def test_without_a_first_beheerder_nobody_who_was_not_let_in_comes_in() -> None:
    desk = Desk()
    object.__setattr__(desk.application.settings, "first_beheerder", "")
    assert Browser(desk).ask(BEHEERDER) == ""


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/beheer/logboek", "/beheer/logboek"),
        ("https://elders.nl", "/beheer"),
        ("//elders.nl", "/beheer"),
        ("/beheer/../nl", "/beheer"),
        ("/beheer//elders.nl", "/beheer"),
        ("/nl/lidmaatschap", "/beheer"),
    ],
)
def test_the_way_on_leads_behind_the_desk_and_nowhere_else(desk: Desk, asked: str, leads: str) -> None:
    browser = Browser(desk)
    code = browser.ask(BEHEERDER)
    answer = browser.post("/beheer/code", {"code": code, "naar": asked})
    assert answer.headers["Location"] == f"{BASE_URL}{leads}"


def test_the_log_tells_no_address_and_no_code(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    browser = Browser(desk)
    code = browser.ask(BEHEERDER)
    browser.post("/beheer/code", {"code": wrong(code)})
    browser.post("/beheer/code", {"code": code})
    Browser(desk).ask(STRANGER)
    said = caplog.text
    assert "logged_in" in said
    assert "code_for_nobody" in said
    for secret in (BEHEERDER, STRANGER, code, *browser.cookies.values()):
        assert secret not in said


def test_while_the_queue_is_away_it_says_so(desk: Desk) -> None:
    desk.emails.down = True
    answer = Browser(desk).post("/beheer/inloggen", {"email": BEHEERDER})
    assert answer.status_code == 503
    assert "Het lukt nu even niet" in answer.body.decode()
