"""The command that sends an issue from a file: the real one, in this process, on a table in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.entrypoints import schedules
from chalicelib.entrypoints.newsletter import main
from chalicelib.flows.steer_issue import Wheel, steer_issue
from tests.crash.saboteur import Fault, Saboteur
from tests.desk import Desk
from tests.flows.newsletter import SOURCE, Newsroom


@pytest.fixture(autouse=True)
def running(desk: Desk) -> None:
    bootstrap.use(desk.application)


@pytest.fixture
def room(desk: Desk) -> Newsroom:
    room = Newsroom(desk)
    readers = room.subscribe(f"{name}@x.example" for name in "abcd")
    room.change(readers[0].unsubscribes(now=desk.clock()))
    return room


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "issue.md"
    path.write_text(SOURCE, encoding="utf-8")
    return str(path)


def answering(words: str) -> Callable[[str], str]:
    return lambda _: words


def never(question: str) -> str:
    raise AssertionError(question)


def awake(_seconds: float) -> None:
    raise AssertionError("it went, and is followed")


def issues(desk: Desk) -> list[Issue]:
    return list(desk.application.readership.issues())


def test_without_apply_it_is_told_and_nothing_is_written(
    room: Newsroom, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = room.desk.items()
    assert main([file], ask=never) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "Subject:   Nieuws uit de buurt",
        "Language:  nl",
        "For:       nieuwsbrief, iedereen",
        "Goes to:   3 subscribers",
        "           not to 1 who has unsubscribed",
        "",
        "Nothing was written: this was a dry run. To make a draft, add --apply (with make: APPLY=yes).",
    ]
    assert room.desk.items() == before


def test_the_same_file_is_the_same_draft(room: Newsroom, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([file, "--apply"], ask=never) == 0
    assert main([file, "--apply"], ask=never) == 0
    [issue] = issues(room.desk)
    assert (issue.state, issue.by) == (IssueState.DRAFT, "make newsletter")
    assert f"Draft: https://aanmelden.example.nl/beheer/nieuwsbrief/{issue.id}" in capsys.readouterr().out


def test_it_is_sent_once_the_number_is_typed_and_its_progress_is_told(
    room: Newsroom, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    room.desk.application.sleep = awake
    for typed in ("", "4", "ja"):
        assert main([file, "--send", "now"], ask=answering(typed)) == 1
        assert [each.state for each in issues(room.desk)] == [IssueState.DRAFT]
    assert "That is not the number." in capsys.readouterr().err

    def send(_seconds: float) -> None:
        schedules.newsletter()

    room.desk.application.sleep = send
    assert main([file, "--send", "now"], ask=answering(" 3 ")) == 0
    out = capsys.readouterr().out
    assert "\nscheduled: 0 of 3 sent, 0 unknown\nsent: 3 of 3 sent, 0 unknown\n" in out
    assert len(room.desk.sender.sent) == 3


@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.CANCELLED])
def test_one_that_is_taken_back_before_it_goes_is_followed_no_more(
    room: Newsroom, file: str, state: IssueState, capsys: pytest.CaptureFixture[str]
) -> None:
    def take_back(_seconds: float) -> None:
        [issue] = issues(room.desk)
        wheel = Wheel.DRAFT if state is IssueState.DRAFT else Wheel.CANCEL
        desk = room.desk
        steer_issue(issue.id, wheel, store=desk.store, by="bea@lpb.example", entry_id="taken-back", now=desk.clock())
        desk.application.sleep = awake

    room.desk.application.sleep = take_back
    assert main([file, "--send", "now"], ask=answering("3")) == (1 if state is IssueState.DRAFT else 0)
    out, err = capsys.readouterr()
    assert f"\n{state.value}: 0 of " in out
    assert ("draft again" in err) is (state is IssueState.DRAFT)


def test_one_that_went_already_is_not_asked_about_again(
    room: Newsroom, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    room.desk.application.sleep = lambda _seconds: schedules.newsletter()
    assert main([file, "--send", "now"], ask=answering("3")) == 0
    assert main([file, "--send", "now"], ask=never) == 1
    err = capsys.readouterr().err
    assert "This file is an issue already, and that is sent" in err
    [issue] = issues(room.desk)
    assert issue.id in err
    assert main([file, "--apply"], ask=never) == 1
    assert len(room.desk.sender.sent) == 3


def test_at_a_time_as_clocks_in_amsterdam_say(room: Newsroom, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([file, "--send", "2027-07-01 09:00"], ask=answering("3")) == 0
    [issue] = issues(room.desk)
    assert f"{issue.send_at}" == "2027-07-01 07:00:00+00:00"
    assert "It goes at 2027-07-01 09:00 in Amsterdam." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("2020-01-01 09:00", "That time is past"),
        ("tomorrow", "'tomorrow' is no time"),
        ("2027-07-01", "'2027-07-01' is no time"),
    ],
)
def test_a_time_that_is_none_sends_nothing(
    room: Newsroom, file: str, when: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([file, "--send", when], ask=answering("3")) == 1
    assert words in capsys.readouterr().err
    assert all(each.state is IssueState.DRAFT for each in issues(room.desk))


def test_what_must_be_mended_is_told_and_not_sent(
    room: Newsroom, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(file).write_text(SOURCE + "\n[a](http://b.example) \x1b[31m\n", encoding="utf-8")
    assert main([file]) == 1
    assert main([file, "--send", "now"], ask=never) == 1
    out, err = capsys.readouterr()
    assert "ERROR      Line 10: " in out
    assert "\x1b" not in out
    assert "mend what is wrong first" in err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("rubriek: onzin", "no such topic"),
        ("doelgroep: vrienden", "no such audience"),
        ("doelgroep: deelnemers x", "no"),
    ],
)
def test_for_nobody_there_is_it_is_refused(
    room: Newsroom, file: str, line: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(file).write_text(SOURCE.replace("preheader", f"{line}\npreheader"), encoding="utf-8")
    assert main([file, "--apply"]) == 1
    assert words in capsys.readouterr().err
    assert issues(room.desk) == []


def test_a_file_that_is_none_and_a_table_that_is_away(
    room: Newsroom, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "away.md")]) == 1
    (tmp_path / "picture.md").write_bytes(b"\xff\xd8\xff")
    assert main([str(tmp_path / "picture.md")]) == 1
    assert "is not text in UTF-8" in capsys.readouterr().err
    Saboteur({1: Fault.REFUSED}).sit_on(room.desk)
    assert main([file]) == 1
    assert "the table did not answer" in capsys.readouterr().err
