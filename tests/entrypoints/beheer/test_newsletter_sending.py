"""Sending issues: the preview, a proof, the number that is agreed to, and what is done while it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from chalicelib.domain.issue import Hindrance, Issue, IssueCount, IssueState
from chalicelib.domain.staff import Role
from chalicelib.entrypoints import schedules
from devstack.environment import BEHEERDER
from tests.desk import Desk
from tests.entrypoints.beheer.browser import MOST_WEIGHT, Browser, weight
from tests.entrypoints.beheer.conftest import WORKS_HERE
from tests.entrypoints.beheer.issues import SOURCE, agree, fields_of, form, newsroom, schedule, write
from tests.entrypoints.beheer.orders import led_to, text_of
from tests.entrypoints.beheer.test_newsletter import log
from tests.entrypoints.document import Document
from tests.fakes.mail_account import FakeMailAccount
from tests.flows.newsletter import addresses


def issue_of(desk: Desk, path: str) -> Issue:
    issue = desk.store.unit_of_work().issues.get(path.rpartition("/")[2])
    assert issue is not None
    return issue


def change(desk: Desk, issue: Issue) -> None:
    unit = desk.store.unit_of_work()
    unit.issues.update(issue)
    unit.commit()


def count(desk: Desk, issue: Issue, per_hour: int = 0, **counts: int) -> None:
    unit = desk.store.unit_of_work()
    unit.issue_counts.keep(IssueCount(issue_id=issue.id, counts=counts, per_hour=per_hour, counted_at=desk.clock()))
    unit.commit()


def test_the_preview_shows_the_mail_in_a_frame_that_leads_nowhere(browser: Browser) -> None:
    path = write(browser)
    answer = browser.get(f"{path}/voorbeeld")
    page = Document(answer)
    frame = page.one("iframe")
    assert frame.get("sandbox") == ""
    assert frame.has("sandbox")
    assert answer.headers["Content-Security-Policy"].endswith("; frame-src 'self'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "Beste lezer," in page.one("pre").text, "the text part"
    mail = browser.get(frame.get("src").removeprefix("https://aanmelden.example.nl"))
    policy = mail.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; ")
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "Lees verder" in mail.body.decode()


def test_what_must_be_mended_is_named_by_its_line_and_keeps_it_from_being_sent(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser, SOURCE + "\n[weg](http://onveilig.example)\n")
    for page in (path, f"{path}/voorbeeld", f"{path}/versturen"):
        assert "Moet eerst: Regel 10: “http://onveilig.example” werkt niet" in Document(browser.get(page)).text
    sent = fields_of(browser, path) | {"wanneer": "nu", "akkoord": "1"}
    answer = browser.post(f"{path}/versturen", sent)
    assert answer.status_code == 409
    assert "Hij kan nog niet weg" in Document(answer).text
    assert issue_of(desk, path).state is IssueState.DRAFT


def test_the_number_is_told_with_who_does_not_get_it_and_agreed_to(desk: Desk, browser: Browser) -> None:
    room = newsroom(desk)
    readers = room.subscribe(f"{name}@x.example" for name in "abcdef")
    room.change(readers[0].unsubscribes(now=desk.clock()))
    room.change(replace(readers[1], topics=("congres",)))
    path = write(browser)
    page = Document(browser.get(f"{path}/versturen"))
    assert "Dit gaat naar 4 abonnees." in page.text
    assert "2 anderen krijgen hem niet" in page.text
    assert "1 heeft zich afgemeld" in page.text
    assert "1 wil deze rubriek niet" in page.text
    schedule(browser, path)
    issue = issue_of(desk, path)
    assert (issue.state, issue.expected, issue.send_at, issue.due) == (IssueState.SCHEDULED, 4, *[desk.clock()] * 2)
    assert log(desk) == ["issue_added", "issue_scheduled"]
    with desk.running():
        schedules.newsletter()
    assert issue_of(desk, path).state is IssueState.SENT
    page = Document(browser.get(path))
    assert "4 van 4 verstuurd" in page.text
    assert not list(page.all("meta", http_equiv="refresh"))


def test_agreeing_takes_a_code_that_was_typed_a_moment_ago(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    agreed = agree(browser, path)
    desk.clock.advance(minutes=11)
    for answer in (browser.get(f"{path}/versturen"), browser.post(f"{path}/versturen", agreed)):
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"?naar={quote(path, safe='')}%2Fversturen&opnieuw=1")
    assert issue_of(desk, path).state is IssueState.DRAFT
    browser.log_in(BEHEERDER)
    schedule(browser, path)
    assert issue_of(desk, path).state is IssueState.SCHEDULED


def test_at_a_time_as_clocks_in_amsterdam_say(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    schedule(browser, path, wanneer="straks", dag="2027-07-01", tijd="09:00")
    issue = issue_of(desk, path)
    assert issue.send_at == datetime(2027, 7, 1, 7, tzinfo=UTC)
    page = Document(browser.get(path))
    assert "Gaat weg op 1 juli 2027 om 09:00" in page.text
    assert not list(page.all("meta", http_equiv="refresh")), "months to go"
    assert "verwacht aantal: 1 verzenden: 2027-07-01 09:00" in text_of(browser, "/beheer/logboek")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"akkoord": ""}, "Zet een vinkje"),
        ({"akkoord": "-1"}, "Zet een vinkje"),
        ({"akkoord": "9" * 5_000}, "Zet een vinkje"),
        ({"wanneer": "straks"}, "Vul een dag en een tijd in"),
        ({"wanneer": "straks", "dag": "2020-01-01", "tijd": "09:00"}, "Vul een dag en een tijd in"),
        ({"wanneer": "straks", "dag": "2099-01-01", "tijd": "09:00"}, "Vul een dag en een tijd in"),
        ({"wanneer": "straks", "dag": "morgen", "tijd": "vroeg"}, "Vul een dag en een tijd in"),
    ],
)
def test_what_is_filled_in_wrong_sends_nothing(desk: Desk, browser: Browser, given: dict[str, str], words: str) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    answer = browser.post(f"{path}/versturen", agree(browser, path) | given)
    page = Document(answer)
    assert answer.status_code == 422
    assert words in page.text
    assert page.one("title").text.startswith("Fout: ")
    assert page.one("input", name="dag").get("value") == given.get("dag", "")
    assert issue_of(desk, path).state is IssueState.DRAFT


def test_when_it_has_become_many_more_it_is_asked_again_and_a_few_more_are_not(desk: Desk, browser: Browser) -> None:
    room = newsroom(desk, addresses(20))
    path = write(browser)
    agreed = agree(browser, path)
    room.subscribe(f"nieuw{number}@x.example" for number in range(6))
    answer = browser.post(f"{path}/versturen", agreed)
    page = Document(answer)
    assert answer.status_code == 409
    assert "intussen meer dan u hebt bevestigd" in page.text
    assert "Dit gaat naar 26 abonnees." in page.text
    assert not page.one("input", name="akkoord").has("checked")
    assert issue_of(desk, path).state is IssueState.DRAFT
    agreed = agree(browser, path)
    room.subscribe(f"later{number}@x.example" for number in range(5))
    assert browser.post(f"{path}/versturen", agreed).status_code == 303
    assert issue_of(desk, path).expected == 26


def test_to_nobody_it_is_not_sent(desk: Desk, browser: Browser) -> None:
    path = write(browser)
    assert "gaat naar niemand" in Document(browser.get(f"{path}/versturen")).text
    answer = browser.post(f"{path}/versturen", fields_of(browser, path) | {"wanneer": "nu", "akkoord": "0"})
    assert answer.status_code == 409
    assert issue_of(desk, path).state is IssueState.DRAFT


def test_pressed_twice_it_is_scheduled_once_and_another_text_than_was_seen_is_not_sent(
    desk: Desk, browser: Browser
) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    seen = agree(browser, path)
    browser.post(path, fields_of(browser, path) | form(f"{SOURCE}\nAnders"))
    answer = browser.post(f"{path}/versturen", seen)
    assert answer.status_code == 409
    assert "Iemand anders heeft deze nieuwsbrief net gewijzigd" in Document(answer).text
    assert issue_of(desk, path).state is IssueState.DRAFT
    seen = agree(browser, path)
    assert [browser.post(f"{path}/versturen", seen).status_code for _ in range(2)] == [303, 200]
    assert log(desk).count("issue_scheduled") == 1


def test_what_the_account_may_not_send_today_is_said(desk: Desk, browser: Browser) -> None:
    newsroom(desk, addresses(30))
    path = write(browser)
    assert "Het versturen duurt ongeveer een minuut." in Document(browser.get(f"{path}/versturen")).text
    desk.application.account.sent = 39_990  # type: ignore[attr-defined]  # the fake's
    assert "laat ons vandaag nog 10 nieuwsbrieven versturen" in Document(browser.get(f"{path}/versturen")).text


def steer(browser: Browser, path: str, word: str) -> int:
    token = fields_of(browser, "/beheer/sessies")["token"]
    return browser.post(f"{path}/sturen", {"token": token, "wat": word}).status_code


def test_it_is_held_goes_on_and_is_stopped(desk: Desk, browser: Browser) -> None:
    room = newsroom(desk, addresses(60))
    path = write(browser)
    schedule(browser, path)
    issue_id = path.rpartition("/")[2]
    turns = iter([True])
    room.run(issue_id, goes_on=lambda: next(turns, False))
    assert issue_of(desk, path).state is IssueState.SENDING
    page = Document(browser.get(path))
    assert page.one("meta", http_equiv="refresh").get("content").startswith("15; url=")
    assert not list(Document(browser.get(f"{path}?stil=1")).all("meta", http_equiv="refresh"))
    assert "Stilzetten" in page.text
    assert steer(browser, path, "stilzetten") == 303
    assert issue_of(desk, path).state is IssueState.PAUSED
    assert "Stilgezet." in Document(browser.get(f"{path}?gedaan=stilgezet")).text
    assert room.run(issue_id) is None, "and it stays so"
    assert steer(browser, path, "stilzetten") == 303, "again is the same"
    assert steer(browser, path, "concept") == 409, "some may have it"
    assert "Niemand krijgt hem twee keer." in Document(browser.get(f"{path}/sturen?wat=verder")).text
    assert steer(browser, path, "verder") == 303
    assert issue_of(desk, path).state is IssueState.SENDING
    assert "Dit kan niet ongedaan worden gemaakt." in Document(browser.get(f"{path}/sturen?wat=stoppen")).text
    assert steer(browser, path, "stoppen") == 303
    assert issue_of(desk, path).state is IssueState.CANCELLED
    assert steer(browser, path, "verder") == 409
    assert log(desk)[2:] == ["issue_paused", "issue_resumed", "issue_cancelled"]
    assert room.service.letters == []


def test_what_is_scheduled_goes_back_to_be_written_on_and_a_draft_can_be_thrown_away(
    desk: Desk, browser: Browser
) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    schedule(browser, path)
    assert steer(browser, path, "verder") == 409, "it goes by itself"
    assert steer(browser, path, "concept") == 303
    assert browser.post(path, fields_of(browser, path) | form(f"{SOURCE}\nAnders")).status_code == 303
    assert "Concept weggooien" in Document(browser.get(f"{path}/sturen?wat=stoppen")).text
    assert steer(browser, path, "stoppen") == 303
    assert issue_of(desk, path).state is IssueState.CANCELLED
    assert steer(browser, path, "onzin") == 404


def test_stopping_what_is_only_scheduled_speaks_of_nothing_that_was_sent(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example", "bea@b.example"])
    path = write(browser)
    schedule(browser, path, wanneer="straks", dag="2027-07-01", tijd="09:00")
    asked = Document(browser.get(f"{path}/sturen?wat=stoppen")).text
    assert "Er is nog niets verstuurd, en dat gebeurt ook niet meer." in asked
    assert "stilzetten" not in asked, "what does not go cannot be held"
    token = fields_of(browser, "/beheer/sessies")["token"]
    answer = browser.post(f"{path}/sturen", {"token": token, "wat": "stoppen"})
    done = text_of(browser, led_to(answer.headers["Location"]))
    assert "Gestopt. Er is niets verstuurd." in done
    assert "concept" not in done
    assert "2 abonnees" not in text_of(browser, "/beheer/nieuwsbrief"), "who would have got it did not"
    page = text_of(browser, path)
    assert "Er is niets verstuurd." in page
    assert "van 2 verstuurd" not in page


def test_what_is_typed_wrong_on_an_old_page_shows_how_it_is_now(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    agreed = agree(browser, path)
    schedule(browser, path)
    answer = browser.post(f"{path}/versturen", agreed | {"akkoord": ""})
    assert answer.status_code == 200
    assert "Nieuwsbrief versturen" not in Document(answer).text
    assert "Gaat weg op" in Document(answer).text


def test_a_colleague_may_hold_what_another_sends(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    schedule(browser, path)
    other = Browser(desk)
    other.log_in(WORKS_HERE[Role.SECRETARIAAT])
    assert steer(other, path, "concept") == 303
    answer = browser.post(f"{path}/versturen", agree(browser, path) | {"version": "1"})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("hindrance", "words"),
    [
        (Hindrance.QUOTA, "een vast aantal mails versturen, en dat is voor vandaag op"),
        (Hindrance.LATER, "om later terug te komen"),
        (Hindrance.MALFORMED, "staat iets wat er niet meer is"),
    ],
)
def test_why_it_waits_is_said_in_plain_words(desk: Desk, browser: Browser, hindrance: Hindrance, words: str) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    schedule(browser, path)
    now = desk.clock()
    started = issue_of(desk, path).started(now=now).copied(cursor="", copies=1, passed_over={}, done=True)
    change(desk, started.goes_on(at=now, hindrance=hindrance))
    assert words in Document(browser.get(path)).text


def test_how_far_it_is_adds_up_and_says_when_it_is_over(desk: Desk, browser: Browser) -> None:
    newsroom(desk, ["ada@a.example"])
    path = write(browser)
    schedule(browser, path)
    started = issue_of(desk, path).started(now=desk.clock())
    change(desk, started.copied(cursor="", copies=4_000, passed_over={"paused": 3}, done=True))
    issue = issue_of(desk, path)
    count(desk, issue, per_hour=4_000, sent=900, delivered=1_000, bounced=40, complained=1, unknown=9, failed=30)
    answer = browser.get(path)
    page = Document(answer)
    assert "1.941 van 4.000 verstuurd" in page.text
    assert [each.text for each in page.all("strong") if each.around[-1].tag == "li"] == [
        *("1.941", "2.020", "1.000", "40", "1", "0", "9", "30"),
    ]
    after = desk.application.renderer.texts(issue.language).moment(desk.clock() + timedelta(hours=2_020 / 4_000))
    assert f"Klaar rond {' '.join(after.split())}, met 4.000 per uur" in page.text
    assert page.one("progress").get("value") == "1941"
    desk.application.account = FakeMailAccount(sent=38_000)
    text = Document(browser.get(path)).text
    assert "Klaar rond" not in text, "not today"
    assert "Het gaat met 4.000 per uur. Vandaag mogen er nog 2.000 van de 2.020 weg" in text
    desk.application.account.down = True
    assert "Klaar rond" in Document(browser.get(path)).text, "as far as is known"
    desk.application.account = FakeMailAccount(per_day=-1)
    assert "Klaar rond" in Document(browser.get(path)).text
    assert weight(answer) < MOST_WEIGHT
    change(desk, issue.finished(now=desk.clock()))
    page = Document(browser.get(path))
    assert "Van deze 9 is niet zeker of de mail is weggegaan" in page.text
    assert "niemand krijgt deze nieuwsbrief twee keer" in page.text
    assert "3 hebben de nieuwsbrief tijdelijk stilgezet" in page.text
