"""The gate: every route behind the desk × every role × everything that may be wrong with a request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.domain.staff import ALLOWED, Permission, Role
from chalicelib.domain.staff_session import FRESH
from chalicelib.entrypoints.beheer.doors import GATE
from devstack.environment import BEHEERDER
from tests.desk import BASE_URL, Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.conftest import WORKS_HERE

# A part of a path is filled in with what no table holds.
DOORS = sorted(
    (method, path.replace("{id}", "x"), permission) for (method, path), permission in GATE.doors.items() if permission
)
OPEN = {("GET", "/beheer/inloggen"), ("POST", "/beheer/inloggen"), ("GET", "/beheer/code"), ("POST", "/beheer/code")}
# Written out a second time: the product's own table cannot be its judge.
MAY: dict[Role, set[str]] = {
    Role.BEHEERDER: {each.value for each in Permission},
    Role.SECRETARIAAT: {"self", "see", "help", "money", "export", "members", "log", "door", "newsletter"},
    Role.PENNINGMEESTER: {"self", "see", "export", "log"},
    Role.DEUR: {"self", "door"},
}
every_door = pytest.mark.parametrize(("method", "path", "permission"), DOORS, ids=str)


def routes() -> set[tuple[str, str]]:
    """All that API Gateway leads to, as the application itself says."""
    import app

    return {(method, path) for path, methods in app.app.routes.items() for method in methods}


def go(browser: Browser, method: str, path: str, **given: str) -> int:
    if method == "GET":
        return browser.get(path).status_code
    fields = {"token": given.pop("token", "")}
    return browser.post(path, fields, **given).status_code


def test_every_route_behind_the_desk_is_made_by_the_gate() -> None:
    behind = {(method, path) for method, path in routes() if path.startswith("/beheer")}
    assert behind == set(GATE.doors)
    assert {door for door, permission in GATE.doors.items() if permission is None} == OPEN
    assert len(DOORS) == len(behind) - len(OPEN) > len(OPEN), "the tests below walk them all"


def test_who_may_what_is_as_it_was_meant() -> None:
    assert {role: set(permissions) for role, permissions in ALLOWED.items()} == MAY


@every_door
def test_without_a_session_it_leads_to_logging_in(desk: Desk, method: str, path: str, permission: Permission) -> None:
    before = desk.items()
    for cookie in ("", "x", "0" * 64):
        browser = Browser(desk)
        browser.cookies = {"__Host-loket": cookie} if cookie else {}
        answer = browser.get(path) if method == "GET" else browser.post(path, {})
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"{BASE_URL}/beheer/inloggen?naar=")
        assert answer.body == b""
    assert desk.items() == before


@every_door
@pytest.mark.parametrize("over", ["idle for two hours", "twelve hours old", "ended from the list"])
def test_a_session_that_is_over_leads_to_logging_in(
    desk: Desk, browser: Browser, *, method: str, path: str, permission: Permission, over: str
) -> None:
    token = browser.token()
    if over == "ended from the list":
        unit = desk.store.unit_of_work()
        [session] = desk.store.team().sessions
        unit.staff_sessions.update(session.ended(now=desk.clock()))
        unit.commit()
    else:
        for _ in range(1 if over == "idle for two hours" else 7):
            desk.clock.advance(minutes=119 if over == "twelve hours old" else 121)
            if over == "twelve hours old":
                browser.get("/beheer/sessies")
    before = desk.items()
    answer = browser.get(path) if method == "GET" else browser.post(path, {"token": token})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{BASE_URL}/beheer/inloggen?naar=")
    assert desk.items() == before


@every_door
@pytest.mark.parametrize("role", Role)
def test_each_role_passes_where_it_may_and_nowhere_else(
    desk: Desk, method: str, path: str, permission: Permission, role: Role
) -> None:
    browser = Browser(desk)
    browser.log_in(WORKS_HERE[role])
    before = desk.items()
    status = go(browser, method, path, token=browser.token())
    if permission in MAY[role]:
        assert status != 403
    else:
        assert status == 403
        assert desk.items() == before


@pytest.mark.parametrize("path", [path for method, path, _ in DOORS if method == "POST"])
@pytest.mark.parametrize("wrong", ["no token", "another's token", "another website", "no website named"])
def test_a_form_that_is_not_ours_changes_nothing(desk: Desk, browser: Browser, path: str, wrong: str) -> None:
    other = Browser(desk)
    other.log_in(WORKS_HERE[Role.SECRETARIAAT])
    tokens = {"no token": "", "another's token": other.token()}
    token = tokens.get(wrong, browser.token())
    origin = {"another website": "https://elders.nl", "no website named": "null"}.get(wrong, BASE_URL)
    before = desk.items()
    assert browser.post(path, {"token": token}, origin=origin).status_code == 403
    assert desk.items() == before


@pytest.mark.parametrize("path", ["/beheer/abonnees/importeren", "/beheer/personen/wissen", "/beheer/inloggen"])
def test_more_than_a_form_takes_is_refused_in_words_of_its_own(desk: Desk, browser: Browser, path: str) -> None:
    before = desk.items()
    answer = browser.post(path, {"token": browser.token(), "rijen": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "Dit is te veel in één keer" in answer.body.decode()
    assert desk.items() == before


@every_door
def test_every_page_is_kept_by_nobody_framed_by_nobody_and_runs_nothing(
    desk: Desk, browser: Browser, method: str, path: str, permission: Permission
) -> None:
    answer = browser.get(path) if method == "GET" else browser.post(path, {})
    assert answer.headers["Cache-Control"] == "no-store"
    if method == "GET":
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert weight(answer) < MOST_WEIGHT


def test_what_asks_for_a_fresh_code_asks_for_it_again_and_ends_the_session_before(desk: Desk, browser: Browser) -> None:
    assert browser.get("/beheer/medewerkers").status_code == 200
    desk.clock.advance(seconds=int((FRESH + timedelta(seconds=1)).total_seconds()))
    assert browser.get("/beheer").status_code == 200
    answer = browser.get("/beheer/medewerkers")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{BASE_URL}/beheer/inloggen?naar=%2Fbeheer%2Fmedewerkers&opnieuw=1"
    page = browser.get("/beheer/inloggen?naar=%2Fbeheer%2Fmedewerkers&opnieuw=1").body.decode()
    assert "Voor deze handeling vragen wij opnieuw een code." in page
    assert f'value="{BEHEERDER}"' in page
    before = dict(browser.cookies)
    browser.log_in(BEHEERDER)
    assert browser.get("/beheer/medewerkers").status_code == 200
    browser.cookies = before
    assert browser.get("/beheer").status_code == 303


def test_a_form_without_a_fresh_code_changes_nothing(desk: Desk, browser: Browser) -> None:
    token = browser.token()
    desk.clock.advance(minutes=11)
    before = desk.items("staff")
    fields = {"token": token, "do": "add", "email": "x@y.nl", "name": "X", "role": "deur"}
    assert browser.post("/beheer/medewerkers", fields).status_code == 303
    assert desk.items("staff") == before


def test_while_the_table_is_away_it_says_so(desk: Desk, browser: Browser) -> None:
    def away(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="injected")

    desk.client.meta.events.register_first("before-call.dynamodb.Query", away)
    answer = browser.get("/beheer")
    assert answer.status_code == 503
    assert "Het lukt nu even niet" in answer.body.decode()
