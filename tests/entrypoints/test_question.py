"""The question whether it is he: yes to what was shown and nothing else, no at once, and all that is kept."""

from __future__ import annotations

import json

import pytest

from chalicelib.domain.subscriber import Standing
from tests.desk import BASE_URL, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.test_subscription import (
    ADA,
    CONFIRM,
    LANGUAGES,
    LEAVE,
    PREFER,
    ask,
    known,
    page_of,
    press,
    says,
    subscribed,
    title,
)
from tests.entrypoints.witness import untouched
from tests.flows.line import before_writing

__all__ = ["subscribed"]  # a fixture


@LANGUAGES
def test_the_link_of_the_mail_confirms_with_its_button_alone(desk: Desk, lang: str) -> None:
    ask(desk, "nieuwsbrief", "congres")
    desk.work()
    (email_id, letter) = desk.sender.sent[0]
    link = next(word for word in letter.text.split() if f"/{CONFIRM}/" in word)
    path = link.removeprefix(BASE_URL).replace("/nl/", f"/{lang}/")
    with untouched(desk):
        shown = desk.get(path)
    assert title(shown) == says(desk, "confirm.title", lang)
    page = Document(shown)
    assert ("Nieuwsbrief, Congres" if lang == "nl" else "Newsletter, Congress") in page.text
    assert ADA in page.text
    action, fields = page.press("confirm")
    assert action == path.partition("?")[0]
    desk.clock.advance(hours=2)
    done = desk.post(action, fields)
    assert (done.status_code, title(done)) == (200, says(desk, "confirmed.title", lang))
    subscriber = known(desk)
    assert (subscriber.standing, subscriber.topics) == (Standing.CONFIRMED, ("nieuwsbrief", "congres"))
    proof = subscriber.confirmed
    assert proof
    assert proof.text.startswith(says(desk, "confirm.button", lang))
    assert (proof.detail, proof.at, proof.language.value) == (email_id, desk.clock(), lang)
    assert proof.source == f"{BASE_URL}/{lang}/nieuwsbrief", "without the token"


@pytest.mark.parametrize("mail", ["", "confirmation-x", "subscriber-x-20261125", "<b>", "a" * 2_000])
def test_a_mail_that_was_not_his_is_no_proof(desk: Desk, mail: str) -> None:
    ask(desk)
    assert desk.get(f"{page_of(desk, CONFIRM)}?mail={mail}").status_code == 200
    desk.post(page_of(desk, CONFIRM), {"do": "confirm", "mail": mail, "shown": "nieuwsbrief"})
    subscriber = known(desk)
    assert subscriber.confirmed
    assert subscriber.confirmed.detail == ""


# What he can do beside confirming


@LANGUAGES
@pytest.mark.parametrize("page", [CONFIRM, PREFER])
def test_who_did_not_ask_this_says_so_and_is_forgotten_at_once(desk: Desk, lang: str, page: str) -> None:
    ask(desk)
    desk.work()
    with untouched(desk):
        shown = desk.get(page_of(desk, page, lang=lang))
    assert Document(shown).buttons() == ["confirm", "refuse", "export", "erase"]
    action, fields = Document(shown).press("refuse")
    assert title(desk.post(action, fields)) == says(desk, "erased.title", lang)
    assert desk.items("subscriber") + desk.items("email") == []
    again = desk.get(page_of(desk, page, lang=lang))
    assert (again.status_code, title(again)) == (404, says(desk, "gone.title", lang))


def test_whoever_types_his_address_again_that_day_mails_him_nothing_more(desk: Desk) -> None:
    ask(desk)
    desk.work()
    press(desk, "refuse")
    desk.clock.advance(minutes=5)
    ask(desk, "congres")
    desk.work()
    assert len(desk.sender.sent) == 1
    desk.clock.advance(days=1)
    ask(desk)
    desk.work()
    assert len(desk.sender.sent) == 2


def test_who_is_asked_takes_out_what_is_kept_and_erases_it(desk: Desk) -> None:
    ask(desk)
    desk.work()
    (email_id, _) = desk.sender.sent[0]
    with untouched(desk):
        page = Document(desk.get(f"{page_of(desk, CONFIRM)}?mail={email_id}"))
        action, fields = page.press("export")
        assert json.loads(desk.post(action, fields).body)["e-mailadres"] == ADA
        asked = Document(desk.post(*page.press("erase")))
    back = next(each.get("href") for each in asked.all("a") if each.text == says(desk, "erase.back"))
    assert back == f"{BASE_URL}{page_of(desk, CONFIRM)}?mail={email_id}"
    desk.post(*asked.press("erase-now"))
    assert ADA not in json.dumps(desk.items())


def test_who_says_yes_at_that_very_moment_on_another_screen_stays(desk: Desk) -> None:
    ask(desk)
    page = Document(desk.get(page_of(desk, CONFIRM)))
    before_writing(desk, lambda: desk.post(*page.press("confirm")))
    assert title(desk.post(*page.press("refuse"))) == says(desk, "kept.title")
    assert known(desk).standing is Standing.CONFIRMED


@pytest.mark.parametrize("page", [CONFIRM, PREFER])
def test_a_reader_who_did_not_ask_for_more_keeps_what_he_has(subscribed: Desk, page: str) -> None:
    desk, before = subscribed, known(subscribed)
    ask(desk, "congres")
    assert title(press(desk, "refuse", page=page)) == says(desk, "kept.title")
    after = known(desk)
    assert (after.topics, after.wanted, after.confirmed) == (before.topics, (), before.confirmed)
    assert title(desk.get(page_of(desk, CONFIRM))) == says(desk, "known.title")


def test_who_had_left_and_did_not_ask_has_left(subscribed: Desk) -> None:
    desk = subscribed
    desk.post(page_of(desk, LEAVE), {})
    desk.clock.advance(days=1)
    ask(desk)
    page = Document(desk.get(page_of(desk, CONFIRM)))
    assert says(desk, "confirm.otherwise_unsubscribed") in page.text
    assert title(desk.post(*page.press("refuse"))) == says(desk, "unsubscribed.title")
    left = known(desk)
    assert (left.standing, left.wanted, left.unsubscribed_at) == (Standing.UNSUBSCRIBED, (), desk.clock())


def test_who_had_left_and_does_not_answer_has_left_for_good(subscribed: Desk) -> None:
    desk = subscribed
    desk.post(page_of(desk, LEAVE), {})
    left_at = desk.clock()
    desk.clock.advance(days=1)
    ask(desk, "congres")
    assert known(desk).standing is Standing.UNSUBSCRIBED
    (item,) = desk.items("subscriber")
    assert "expires" not in item, "the table never lets go of him"
    action, fields = Document(desk.get(page_of(desk, CONFIRM))).press("confirm")
    desk.clock.advance(days=30)
    assert title(desk.get(page_of(desk, CONFIRM))) == says(desk, "unsubscribed.title")
    with untouched(desk):
        assert title(desk.post(action, fields)) == says(desk, "unsubscribed.title")
    assert (known(desk).standing, known(desk).unsubscribed_at) == (Standing.UNSUBSCRIBED, left_at)
    ask(desk, "werkgroepen")
    assert known(desk).wanted == ("werkgroepen",), "what nobody confirmed then is not confirmed now"


def test_who_had_left_and_asks_by_the_form_comes_back_by_his_mail(subscribed: Desk) -> None:
    desk = subscribed
    desk.post(page_of(desk, LEAVE), {})
    desk.clock.advance(days=1)
    ask(desk, "congres")
    desk.work()
    assert title(press(desk, "confirm")) == says(desk, "confirmed.title")
    back = known(desk)
    assert (back.standing, back.topics, back.unsubscribed_at) == (Standing.CONFIRMED, ("congres",), None)


# What is confirmed is what was shown


def test_what_was_added_after_the_page_was_shown_waits(desk: Desk) -> None:
    ask(desk)
    action, fields = Document(desk.get(page_of(desk, CONFIRM))).press("confirm")
    ask(desk, "congres")
    assert title(desk.post(action, fields)) == says(desk, "confirmed.title")
    subscriber = known(desk)
    assert (subscriber.topics, subscriber.wanted) == (("nieuwsbrief",), ("congres",))
    assert subscriber.confirmed
    assert subscriber.confirmed.text.endswith(" (Nieuwsbrief)")


def test_what_was_added_to_his_preferences_after_they_were_shown_waits(subscribed: Desk) -> None:
    desk = subscribed
    ask(desk, "congres")
    page = Document(desk.get(page_of(desk, PREFER)))
    ask(desk, "werkgroepen")
    yes, no = page.press("confirm"), page.press("refuse")
    desk.post(*yes)
    subscriber = known(desk)
    assert (subscriber.topics, subscriber.wanted) == (("nieuwsbrief", "congres"), ("werkgroepen",))
    assert subscriber.confirmed
    assert subscriber.confirmed.text.endswith(" (Congres)")
    desk.post(*no)
    assert known(desk).wanted == ("werkgroepen",), "to this he has said nothing"


@pytest.mark.parametrize("shown", [{}, {"shown": ""}, {"shown": "congres"}, {"shown": "<b>"}])
def test_who_read_nothing_of_what_is_asked_is_shown_it(desk: Desk, shown: dict[str, str]) -> None:
    ask(desk)
    with untouched(desk):
        answer = desk.post(page_of(desk, CONFIRM), {"do": "confirm"} | shown)
    assert title(answer) == says(desk, "confirm.title")
