"""What is counted of a form that is sent: what leads to an order, once; of a question only that it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.desk import ANSWERS, STRICT, WEBSITE, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.test_event_form import ALONE, BUYER, PAGE
from tests.entrypoints.witness import orders, said, untouched
from tests.events import EVENT, FREE, attending, groups, sample_event
from tests.flows.line import before_writing

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

LIST = "54900"


def desk_with(offer: Mapping[str, Any] | None = None, **given: str) -> Desk:
    """With an event, and a member: lid.nl."""
    desk = Desk(given=STRICT | given)
    desk.put_offer(sample_event(**offer or {}))
    desk.member("lid.nl")
    return desk


def sent(desk: Desk, number: int, *emails: str, lang: str = "nl", **fields: str) -> HTTPResponse:
    """A form of one who registers these people and does not come himself."""
    people = {f"p{row}_email": email for row, email in enumerate(emails, 1)}
    people |= {f"p{row}_name": f"Persoon {row}" for row in range(1, len(emails) + 1)}
    key = {"key": f"a-form-key-number-{number}", "do": "pay", "member": "nee"}
    posted = BUYER | key | people | fields
    if not desk.offer(EVENT).asks_membership:
        del posted["member"]
    return desk.post(f"/{lang}/{EVENT}", posted)


def counted(desk: Desk) -> dict[str, list[int]]:
    """How much each limit has counted, of whom it counted most first."""
    found: dict[str, list[int]] = {}
    for item in desk.items("limit"):
        found.setdefault(item["pk"]["S"].split("#")[1], []).append(int(item["count"]["N"]))
    return {name: sorted(counts, reverse=True) for name, counts in found.items()}


# A question takes nothing from those who are named.


def test_trying_again_while_every_seat_is_held_is_not_counted() -> None:
    desk = desk_with({"event": {"capacity": 1}})
    desk.post(PAGE, ALONE | {"key": "the-form-key-of-the-first"})
    before = counted(desk)
    for _ in range(30):
        desk.clock.advance(minutes=1)
        assert desk.post(PAGE, ALONE).status_code == 409
    desk.clock.advance(minutes=10)
    desk.sweep()
    assert desk.post(PAGE, ALONE).status_code == 303
    assert before["recipient"] == [1]


def test_nor_is_asking_for_more_seats_than_are_left() -> None:
    desk = desk_with({"event": {"capacity": 1}})
    assert {sent(desk, 1, "bea@lid.nl", "cas@lid.nl").status_code for _ in range(20)} == {422}
    assert counted(desk).keys() <= {"lookup"}, "at most that the form came back with what it costs"


def test_whoever_is_asked_whether_he_is_a_member_is_counted_when_he_goes_on() -> None:
    desk = desk_with({"event": {"capacity": 100}}, LOKET_HOLDS_RECIPIENT="0", LOKET_LIMIT_RECIPIENT="12/60")
    answers = []
    for number in range(12):
        asked = sent(desk, number, f"collega{number}@elders.nl", member="ja")
        answers.append(asked.status_code)
        path, fields = Document(asked).press(LIST)
        answers.append(desk.post(path, fields).status_code)
    assert answers == [409, 303] * 12
    assert counted(desk) == {"address": [12], "form": [12], "recipient": [12] + [1] * 12, "lookup": [12]}


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("members_only", [False, True])
def test_who_is_a_member_is_told_only_so_often(lang: str, members_only: bool) -> None:
    offer = dict(FREE if members_only else {}) | {"event": {"members_only": members_only}}
    desk = desk_with(offer, LOKET_LIMIT_LOOKUP="3/10")
    for number in range(3):
        assert sent(desk, number, f"iemand@domein{number}.nl", member="ja").status_code == 409
    assert counted(desk) == {"lookup": [3]}
    with untouched(desk):
        answer = sent(desk, 3, "iemand@domein3.nl", member="ja", lang=lang)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "600"
    wait, email = said(desk, lang, "limit.minutes", minutes=10), desk.application.settings.association.email
    page = Document(answer)
    assert page.notice == said(desk, lang, "limit.address", wait=wait, email=email)
    path, fields = page.press("pay")
    assert counted(desk).keys() == {"lookup"}, "nobody's mail and no form is used up by it"
    desk.clock.advance(minutes=10)
    assert desk.post(path, fields).status_code == 409


def test_an_open_order_with_other_answers_does_not_tell_who_is_a_member() -> None:
    desk = desk_with(LOKET_LIMIT_LOOKUP="3/10")
    assert sent(desk, 1, "bea@elders.nl").status_code == 303
    shown = [Document(sent(desk, 1, f"wie{number}@lid.nl")).text for number in range(4)]
    assert ["€ 399,00" in text for text in shown] == [True] * 3 + [False]


# What leads to an order, or to who comes, is counted in every limit.


@pytest.mark.parametrize("agreed", ["", "1", LIST])
def test_agreeing_beforehand_escapes_nothing(agreed: str) -> None:
    desk = desk_with(LOKET_LIMIT_ADDRESS="1/10", LOKET_LIMIT_LOOKUP="1/10")
    answers = [
        sent(desk, number, f"iemand{number}@elders.nl", member="ja", agreed=agreed).status_code for number in range(3)
    ]
    assert answers == ([303, 429, 429] if agreed == LIST else [409, 429, 429])
    assert len(desk.items("order")) <= 1


@pytest.mark.parametrize("agreed", ["", LIST])
def test_that_somebody_comes_already_is_counted_as_an_order_would_be(agreed: str) -> None:
    desk = desk_with(FREE)
    desk.register(attending(replace(ANSWERS, email="grace@lid.nl")), offer_id=EVENT)
    assert sent(desk, 1, "grace@lid.nl", agreed=agreed).status_code == 422
    assert {name: counts for name, counts in counted(desk).items() if name != "lookup"} == {
        "address": [1],
        "form": [1],
        "recipient": [1, 1],
    }


CLAIMS: dict[str, dict[str, str]] = {
    "plain": {},
    "claiming": {"member": "ja"},
    "agreeing": {"member": "ja", "agreed": LIST},
    "too few seats": {"p1_group": "vol"},
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("domain", ["lid.nl", "elders.nl"])
def test_over_the_limit_nobody_can_see_who_comes(claim: str, domain: str) -> None:
    desk = desk_with({"event": groups(open=9, vol=0)}, LOKET_LIMIT_ADDRESS="1/10", LOKET_LIMIT_LOOKUP="0")
    order = desk.register(attending(replace(ANSWERS, email=f"grace@{domain}"), group="open"), offer_id=EVENT).order
    session = desk.open_checkout(order).order.session_id
    desk.gateway.pay(session)
    desk.payments.put(session)
    desk.work()
    assert len(desk.items("attendance")) == 1
    assert sent(desk, 0, "emma@lid.nl", p1_group="open").status_code == 303, "and that was the last one"
    answers = [
        sent(desk, number, f"{name}@{domain}", **{"p1_group": "open"} | CLAIMS[claim])
        for number, name in enumerate(("grace", "nobody"), 1)
    ]
    assert len({answer.status_code for answer in answers}) == 1
    assert len({Document(answer).notice for answer in answers}) == 1


@pytest.mark.parametrize("domain", ["lid.nl", "elders.nl"])
def test_nor_who_is_a_member_by_asking_for_seats_that_are_not_there(domain: str) -> None:
    desk = desk_with({"event": groups(open=9, vol=0)})
    answer = sent(desk, 1, f"grace@{domain}", member="ja", p1_group="vol")
    assert answer.status_code == 422


def test_a_form_is_counted_once_however_often_its_order_is_tried() -> None:
    desk = desk_with()
    changes = []

    def change() -> None:
        changes.append(desk.put_offer(desk.offer(EVENT)))

    before_writing(desk, change, times=3)
    assert sent(desk, 1, "bea@elders.nl").status_code == 303
    assert len(changes) == 3, "the offer changed under it each time"
    assert counted(desk) == {"address": [1], "form": [1], "recipient": [1, 1]}


def test_an_order_in_the_place_of_another_is_counted_once() -> None:
    desk = desk_with()
    sent(desk, 1, "bea@elders.nl")
    path, fields = Document(sent(desk, 1, "cas@elders.nl")).press("replace")
    assert desk.post(path, fields).status_code == 303
    assert orders(desk) == ["expired", "pending"]
    found = counted(desk)
    assert [found[name] for name in ("address", "form", "recipient")] == [[2], [2], [2, 1, 1]]


# Of the page that a form stands in nothing travels on but what may be kept.


@pytest.mark.parametrize(
    ("page", "travels"),
    [
        (f"{WEBSITE}/congres?loket-email=ada%40geheim.nl&p=12#geheim", f"{WEBSITE}/congres?p=12"),
        ("https://kwaad.nl/?geheim", ""),
        ("geheim", ""),
    ],
)
@pytest.mark.parametrize("do", ["pay", "show", "add", "join", "switch"])
def test_only_what_may_be_kept_of_a_page_travels_on(do: str, page: str, travels: str) -> None:
    desk = desk_with()
    answer = desk.post(PAGE, ALONE | {"member": "ja", "do": do, "page": page})
    body = answer.body.decode()
    if do == "join":
        (draft,) = desk.items("draft")
        body = str(draft)
    else:
        assert Document(answer).press(LIST if do == "pay" else "pay")[1].get("page", "") == travels
    assert "geheim" not in body
    assert "kwaad" not in body
    assert travels in body
