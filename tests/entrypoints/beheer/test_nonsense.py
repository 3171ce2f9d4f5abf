"""Every door behind the desk, with everything that hypothesis can think of, sent by somebody who may do all."""

from __future__ import annotations

import logging
import os
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.entrypoints.beheer.doors import GATE
from devstack.environment import BEHEERDER
from tests.desk import ANSWERS, Desk
from tests.entrypoints.beheer.browser import Browser
from tests.entrypoints.beheer.orders import other_event, paid_event
from tests.flows.money import settle

DOORS = sorted(door for door, permission in GATE.doors.items() if permission)
EXAMPLES = 400 if os.environ.get("LOKET_TORTURE") else 25
# What any of the forms has, and a few that none has.
NAMES = (
    *("do", "key", "version", "text", "email", "id", "address", "amount", "tickets", "name-0", "email-0", "name-2"),
    *("email-2", "organisation-0", "postal_code-0", "offer", "zoek", "stand", "verder", "soort", "maand", "naar"),
    *("name", "role", "session", "organisation", "registration_number", "domains", "contact_name", "contact_email"),
    *("starts_on", "ends_on", "rows", "text", "plan", "fingerprint", "lid", "gedaan", "beeindigd", "website", "token2"),
)
TELLING = (
    *("", "note", "waive", "show", "save", "back", "accept", "return", "add", "change", "remove", "plan", "import"),
    *(
        "xlsx",
        "csv",
        "alle",
        "bevestigd",
        "alles",
        "1",
        "0",
        "-1",
        "2147483648",
        "12,50",
        "ja",
        "2026-11",
        "01-01-2027",
    ),
    *(
        "a@b.nl",
        ANSWERS.email,
        "secretariaat",
        "<script>alert(1)</script>",
        "=1+1",
        "{{7*7}}",
        "../../etc",
        "%00",
        "\x00",
    ),
    *("\ud800", "\u202e", "🪑" * 50, "x" * 3000, "' OR 1=1 --", "\r\nSet-Cookie: a=b"),
)
VALUES = st.one_of(st.sampled_from(TELLING), st.text(max_size=40))
FIELDS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)
# Nobody's name, address or secret stands in a line of the log.
CANARIES = (ANSWERS.name, ANSWERS.email, "bea@elders.nl", "only-for-a-developers-machine", "sk_test_")
ANSWERED = {200, 303, 403, 404, 409, 413, 422}


@pytest.fixture(scope="module")
def busy() -> tuple[Desk, Browser, list[str]]:
    """A desk with somebody behind it, and the codes and ids of what there is."""
    desk = Desk()
    paid = paid_event(desk)
    review = desk.open_checkout(other_event(desk, email="wim@anders.nl", key="review")).order
    desk.gateway.pay(review.session_id, amount_cents=1_000)
    settle(desk, review.session_id)
    member = desk.member("voorbeeldstad.nl")
    browser = Browser(desk)
    browser.log_in(BEHEERDER)
    return desk, browser, [paid.code, review.code, member.id, "X26-2222", "x"]


@pytest.mark.parametrize(("method", "path"), DOORS, ids=str)
def test_a_door_answers_whatever_comes(
    method: str, path: str, busy: tuple[Desk, Browser, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    _, browser, parts = busy

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
    )
    @given(fields=FIELDS, part=st.sampled_from(parts))
    def knock(fields: dict[str, str], part: str) -> None:
        there = path.replace("{code}", part).replace("{id}", part)
        sent = {name: value.encode(errors="replace").decode() for name, value in fields.items()}
        if method == "GET":
            answer = browser.get(f"{there}?{urlencode(sent)}" if sent else there)
        else:
            answer = browser.post(there, {"token": browser.token()} | sent)
        assert answer.status_code in ANSWERED, (there, sent, answer.status_code)
        assert b"<script>" not in answer.body
        assert "\n" not in str(answer.headers.get("Location", ""))
        if not _in(browser):
            browser.desk.clock.advance(hours=1)  # by then another code may be asked for
            browser.log_in(BEHEERDER)

    with caplog.at_level(logging.DEBUG):
        knock()
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("chalicelib"))
    assert not [canary for canary in CANARIES if canary in said]


def _in(browser: Browser) -> bool:
    """Whether one is still in: some doors lead out, and some ask for a fresh code."""
    if not any(name.endswith("loket") for name in browser.cookies):
        return False
    browser.desk.clock.advance(seconds=1)
    return browser.get("/beheer/medewerkers").status_code == 200
