"""More than a person sends is refused politely: everything is kept, and it says when to try again and whom to mail."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest
from chalice.app import Response

from chalicelib.entrypoints.public.open_form import open_form
from chalicelib.entrypoints.public.submit import Sent
from chalicelib.web.posted import Posted
from tests.desk import FORM, FORM_KEY, STRICT, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.gateway import request
from tests.entrypoints.test_event_form import ALONE
from tests.entrypoints.test_event_form import PAGE as EVENT_PAGE
from tests.entrypoints.test_storage import Breakage, unreachable
from tests.entrypoints.witness import kept, orders, safe, said, untouched
from tests.events import EVENT, FREE, sample_event

BOTH_WAYS = pytest.mark.parametrize("query", ["", "?fragment=1"])
LANGUAGES = pytest.mark.parametrize("lang", ["nl", "en"])
PAGE = "/nl/lidmaatschap"
# Each limit met by the second form that somebody sends, and after how long it may be sent again.
SECOND = {
    "address": ("LOKET_LIMIT_ADDRESS", "1/10", 7),
    "recipient": ("LOKET_LIMIT_RECIPIENT", "1/20", 17),
    "form": ("LOKET_LIMIT_FORM", "1/5", 2),
    "holds_address": ("LOKET_HOLDS_ADDRESS", "1", 37),
    "holds_recipient": ("LOKET_HOLDS_RECIPIENT", "1", 37),
}
FILLED_IN = FORM | {"reference": "INK <2026>", "newsletter": "ja", "page": "https://www.lpb.example.nl/lid"}


def desk_with(**given: str) -> Desk:
    desk = Desk(given=STRICT | given)
    desk.offer()
    desk.clock.advance(minutes=3, seconds=20)
    return desk


def another(number: int, **fields: str) -> dict[str, str]:
    """The form of somebody else."""
    return FILLED_IN | {"key": f"a-form-key-number-{number}", "email": f"persoon{number}@elders.nl"} | fields


def sent_from(desk: Desk, address: str, fields: Mapping[str, str], *, do: str = "pay") -> Response:
    """What is answered to a form that comes from this network address."""
    with desk.running():
        opened = open_form("nl", "lidmaatschap", address=address)
        assert opened is not None
        sent = Sent(opened=opened, posted=Posted(dict(fields), frozenset()))
        return sent.join_first() if do == "join" else sent.answer()


@pytest.mark.parametrize("limit", SECOND)
@LANGUAGES
@BOTH_WAYS
def test_over_a_limit_all_is_kept_and_it_says_when_to_try_again(limit: str, lang: str, query: str) -> None:
    setting, value, minutes = SECOND[limit]
    desk = desk_with(**{setting: value})
    assert desk.post(PAGE, FORM).status_code == 303
    sent = FILLED_IN | {"key": "another-form-key-of-a-visitor"}
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap{query}", sent)
    assert answer.status_code == (422 if query else 429)
    assert answer.headers["Retry-After"] == str(60 * minutes)
    safe(answer, cache=kept(query))
    page, email = Document(answer), desk.application.settings.association.email
    wait = said(desk, lang, "limit.minutes", minutes=minutes)
    assert page.notice == said(desk, lang, f"limit.{limit}", wait=wait, email=email)
    assert page.one("p", class_="notice").has("autofocus"), "it is read out"
    _, fields = page.press("pay")
    assert fields.items() >= sent.items(), "everything is kept, the key too"
    desk.clock.advance(minutes=minutes)
    desk.sweep()
    assert desk.post(f"/{lang}/lidmaatschap", fields).status_code == 303


def test_one_minute_is_said_as_one() -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10")
    desk.clock.advance(minutes=6)
    desk.post(PAGE, FORM)
    page = Document(desk.post(PAGE, another(1)))
    assert "Probeer het over 1 minuut opnieuw." in page.notice


@BOTH_WAYS
def test_a_form_that_was_sent_before_always_leads_to_its_order(query: str) -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10", LOKET_LIMIT_RECIPIENT="1/60", LOKET_HOLDS_RECIPIENT="1")
    first = desk.post(PAGE, FORM)
    for _ in range(5):
        again = desk.post(f"{PAGE}{query}", FORM)
        assert again.status_code == (200 if query else 303)
        url = again.json_body["url"] if query else again.headers["Location"]
        assert url == first.headers["Location"]
    assert orders(desk) == ["pending"]
    changed = desk.post(PAGE, FORM | {"reference": "anders"})
    assert changed.status_code == 409
    assert Document(changed).buttons() == ["pay", "replace"]


def test_faults_are_not_counted() -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10")
    for _ in range(5):
        assert desk.post(PAGE, FORM | {"email": "ada@"}).status_code == 422
    assert desk.items("limit") == []
    assert desk.post(PAGE, FORM).status_code == 303


def test_an_order_that_may_not_be_replaced_now_stays() -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10")
    desk.post(PAGE, FORM)
    path, fields = Document(desk.post(PAGE, FORM | {"reference": "anders"})).press("replace")
    with untouched(desk):
        assert desk.post(path, fields).status_code == 429
    desk.clock.advance(minutes=7)
    assert desk.post(path, fields).status_code == 303
    assert orders(desk) == ["expired", "pending"]


def test_a_town_hall_behind_one_address_is_let_through_and_a_machine_is_not() -> None:
    """With the settings as they are when nobody sets them: everybody pays, one after the other."""
    desk = desk_with()
    for number in range(60):
        assert sent_from(desk, "192.0.2.1", another(number)).status_code == 303
        (session,) = [each for each in desk.gateway.stored.values() if each.session.url]
        desk.gateway.pay(session.session.id)
        desk.payments.put(session.session.id)
        desk.work()
    assert orders(desk) == ["paid"] * 60
    assert sent_from(desk, "192.0.2.1", another(60)).status_code == 429
    assert sent_from(desk, "192.0.2.2", another(60)).status_code == 303
    assert sent_from(desk, "", another(61)).status_code == 303


def test_a_card_tester_has_so_many_orders_open_and_no_more() -> None:
    desk = desk_with()
    answers = [sent_from(desk, "192.0.2.1", another(number)).status_code for number in range(35)]
    assert answers == [303] * 30 + [429] * 5
    assert len(desk.gateway.stored) == 30
    answers = [
        sent_from(desk, f"192.0.2.{number}", another(number + 100, email="ada@voorbeeldstad.nl")).status_code
        for number in range(2, 8)
    ]
    assert answers == [303] * 4 + [429] * 2


def test_the_door_tells_one_network_from_another() -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10", LOKET_HOLDS_ADDRESS="1")
    sources = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:ff::2", "2001:db8:0:100::1", "", ""]
    answers = [
        request(desk, body=urlencode(another(number)), source=source)["statusCode"]
        for number, source in enumerate(sources)
    ]
    # one connection of IPv6 is one, and so are all of whom it is not known
    assert answers == [303, 429, 303, 303, 429, 303, 303, 429]


def test_two_processes_on_one_table_count_together() -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="3/10")
    answers = []
    for number in range(4):
        other = Desk(given=STRICT | {"LOKET_LIMIT_ADDRESS": "3/10"}, beside=desk)
        other.clock.moment = desk.clock.moment
        answers.append(sent_from(other if number % 2 else desk, "192.0.2.1", another(number)).status_code)
    assert answers == [303, 303, 303, 429]


def test_attendees_are_counted_as_those_who_get_mail() -> None:
    desk = desk_with(LOKET_LIMIT_RECIPIENT="2/60")
    desk.put_offer(sample_event(**FREE))
    fields = {name: value for name, value in ALONE.items() if name != "member"}
    answers = [
        desk.post(
            EVENT_PAGE,
            fields
            | {"key": f"a-form-key-number-{number}", "email": f"koper{number}@elders.nl"}
            | {"p1_name": "Grace", "p1_email": "grace@elders.nl"}
            | {"self": ""},
        ).status_code
        for number in range(3)
    ]
    # refused since she comes already; and in the end since that was asked too often
    assert answers == [303, 422, 429]
    assert len(desk.items("attendance")) == 1


@BOTH_WAYS
def test_a_draft_is_counted_too(query: str) -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10")
    desk.put_offer(sample_event())
    answers = [
        desk.post(f"/nl/{EVENT}{query}", ALONE | {"key": f"a-form-key-number-{number}", "do": "join"})
        for number in range(2)
    ]
    assert [answer.status_code for answer in answers] == ([200, 422] if query else [303, 429])
    assert len(desk.items("draft")) == 1
    assert Document(answers[1]).field("email").get("value") == ALONE["email"]


def test_while_nothing_can_be_counted_everybody_is_let_through(desk: Desk) -> None:
    breakage = Breakage(desk, unreachable, operation="UpdateItem")
    assert desk.post(PAGE, FORM).status_code == 303
    assert breakage.happened == 1
    breakage.mend()
    assert orders(desk) == ["pending"]


def test_limits_that_are_off_leave_no_rows() -> None:
    desk = desk_with(**dict.fromkeys(STRICT, "0"))
    assert {desk.post(PAGE, another(number)).status_code for number in range(20)} == {303}
    assert not desk.items("limit")
    assert not desk.items("holds")


def test_the_log_says_which_limit_and_nothing_of_whoever_met_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10")
    for number in range(2):
        sent_from(desk, "192.0.2.77", another(number))
    assert "registration_refused offer_id=lidmaatschap reason=TooMany detail=limit=address minutes=7" in caplog.text
    for personal in ("192.0.2.77", "elders.nl", FORM_KEY, "Ada"):
        assert personal not in caplog.text


# What people do not see


@LANGUAGES
@BOTH_WAYS
@pytest.mark.parametrize("do", ["pay", "replace", "join"])
def test_who_fills_in_what_people_do_not_see_gets_the_form_back_and_nothing_is_done(
    desk: Desk, lang: str, query: str, do: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    trapped = FILLED_IN | {"website": "https://kwaad.example", "do": do}
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap{query}", trapped)
    assert desk.items("limit") == [], "it takes nothing from anybody"
    assert answer.status_code == 422
    safe(answer, cache=kept(query))
    page = Document(answer)
    assert page.notice == said(desk, lang, "limit.honeypot", email=desk.application.settings.association.email)
    path, fields = page.press("pay")
    assert fields.items() >= (FILLED_IN | {"website": "", "do": "pay"}).items()
    assert "kwaad" not in answer.body.decode()
    assert "honeypot_filled offer_id=lidmaatschap" in caplog.text
    assert "kwaad" not in caplog.text
    assert desk.post(path, fields).status_code == 303, "a person presses again, and it goes through"


def test_the_field_that_people_do_not_see_goes_nowhere(desk: Desk) -> None:
    """Not to the next page, where it could not be emptied, and into no draft."""
    desk.put_offer(sample_event())
    sent = ALONE | {"website": "", "page": "https://www.lpb.example.nl/congres", "member": "ja"}
    asked = Document(desk.post(EVENT_PAGE, sent))
    path, fields = asked.press("join")
    assert "website" not in fields
    desk.post(path, fields)
    (draft,) = desk.items("draft")
    assert "website" not in str(draft)
    assert "https://www.lpb.example.nl/congres" in str(draft)
    for do in ("add", "show", "del-1"):
        shown = desk.post(EVENT_PAGE, ALONE | {"do": do, "website": "kwaad"})
        assert "kwaad" not in shown.body.decode()
        assert Document(shown).press("pay")[1]["website"] == ""
    assert orders(desk) == []
