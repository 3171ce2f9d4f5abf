"""The command that shows dead letters and offers them again: the real one, in this process, with letters in memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.domain.dead_letter import KEPT, Matter, WorkerQueue
from chalicelib.domain.email import Delivery, EmailKind
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.entrypoints.dead_letters import main
from chalicelib.flows.settle_payment import settle_session
from chalicelib.rendering import dead_letter_words
from tests.desk import ANSWERS, Desk
from tests.fakes.dead_letters import FakeDeadLetters

PAYMENTS, EMAILS, DELIVERIES = WorkerQueue
PAGE = Path(__file__).parents[2] / "docs" / "dead-letters.md"
HEAD = "Dead letters of https://aanmelden.example.nl (stage dev)\n\n"
POISON = json.dumps({"eventType": 7, "mail": {"destination": [ANSWERS.email]}, "x y": ANSWERS.name})


@pytest.fixture
def letters(desk: Desk) -> FakeDeadLetters:
    bootstrap.use(desk.application)
    return desk.dead_letters


@pytest.fixture
def order(desk: Desk) -> Order:
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    return order


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, below its heading."""
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(HEAD)
    return out.removeprefix(HEAD)


def test_where_there_is_none_it_says_so(letters: FakeDeadLetters, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert told(capsys) == "No dead letters.\n"
    assert main(["--redrive"]) == 0
    assert told(capsys) == "0 offered again, 0 left.\n"


def test_a_payment_is_explained_in_words_and_nothing_changes(
    desk: Desk, letters: FakeDeadLetters, order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    letters.lay(PAYMENTS, order.session_id)
    desk.clock.advance(minutes=47)
    before, lying = desk.items(), dict(letters.aside)
    assert main([]) == 0
    assert told(capsys).splitlines() == [
        f"payments: Betaling van bestelling {order.code}",
        "  now      De bestelling is nog niet betaald, en weet nog niet wat Stripe nu zegt.",
        "  why      Bij elke poging antwoordde Stripe of de tabel niet, of er ging iets mis in het programma.",
        "  again    Werkt de bestelling bij: zij is dan betaald en bevestigd.",
        "  letter   letter-1, 47 minutes old, handed out once, kept until 09-12-2026 13:00",
        "  log      message_failed worker=payments message_id=letter-1",
        "",
        "1 dead letter.",
        "Nothing was changed. To offer them again, add --redrive (with make: REDRIVE=yes, or REDRIVE=<id>).",
    ]
    assert (desk.items(), letters.aside.keys(), letters.hidden, letters.offered) == (before, lying.keys(), {}, [])


def test_what_was_done_meanwhile_is_said_to_be_so(
    desk: Desk, letters: FakeDeadLetters, order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    letters.lay(PAYMENTS, order.session_id)
    settle_session(order.session_id, store=desk.store, gateway=desk.gateway, emails=desk.emails, now=desk.clock())
    letters.lay(EMAILS, f"confirmation-{order.id}")
    desk.work()
    assert main(["--language", "en"]) == 0
    said = told(capsys)
    assert "The order is paid and confirmed, and Stripe has nothing more to say of it." in said
    assert f"emails: Mail (confirmation) of order {order.code}\n  now      The mail is sent.\n" in said
    assert said.count("Does nothing any more; the message is then gone.") == 2
    assert "2 dead letters." in said


def test_all_that_can_be_read_go_back_and_a_poisoned_one_only_by_its_id(
    letters: FakeDeadLetters, order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    letters.lay(DELIVERIES, POISON)
    letters.lay(PAYMENTS, order.session_id)
    assert main(["--redrive"]) == 0
    said = told(capsys)
    assert letters.offered == [(PAYMENTS, order.session_id)]
    assert "  done     Offered again\n" in said
    assert f"Het bericht is niet te lezen ({len(POISON)} tekens JSON met eventType, mail)." in said
    assert "  done     Left where it is\n" in said
    assert "1 offered again, 1 left.\nThe workers have them now." in said

    assert main(["--redrive", "letter-1"]) == 0
    assert letters.offered[1:] == [(DELIVERIES, POISON)]
    assert told(capsys).splitlines()[-2] == "1 offered again, 0 left."
    assert letters.aside == {}


def test_one_is_shown_and_dropped(letters: FakeDeadLetters, capsys: pytest.CaptureFixture[str]) -> None:
    for body in ("confirmation-1", POISON, "confirmation-2"):
        letters.lay(DELIVERIES if body is POISON else EMAILS, body)
    assert main(["--drop", "letter-2"]) == 0
    said = told(capsys)
    assert "deliveries: Wat er van een mail is geworden\n" in said
    assert "letter-2" in said
    assert said.endswith("\n1 deleted.\n")
    assert [letter.body for letter in letters.aside.values()] == ["confirmation-1", "confirmation-2"]
    assert (letters.offered, letters.hidden) == ([], {})


@pytest.mark.parametrize("option", ["--drop", "--redrive"])
def test_what_is_not_there_is_named(letters: FakeDeadLetters, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    letters.lay(EMAILS, "confirmation-1")
    assert main([option, "letter-9"]) == 1
    assert capsys.readouterr().err.startswith("No letter letter-9 is there now.")
    assert len(letters.aside) == 1


def test_dropping_and_offering_at_once_is_refused(letters: FakeDeadLetters) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--redrive", "--drop", "letter-1"])
    assert ended.value.code == 2


def test_those_that_somebody_else_looks_at_are_counted(
    letters: FakeDeadLetters, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        letters.lay(EMAILS, f"confirmation-{number}")
    letters.take(EMAILS)
    for options in ([], ["--redrive"]):
        assert main(options) == 0
        assert "There may be about 10 more" in told(capsys)


def test_when_the_queue_is_away_it_says_where_it_stopped(
    letters: FakeDeadLetters, capsys: pytest.CaptureFixture[str]
) -> None:
    letters.down = True
    for options in ([], ["--redrive"], ["--drop", "x"]):
        assert main(options) == 1
        assert capsys.readouterr().err.startswith("\nStopped: the queue did not answer (down).\n")


def test_while_stripe_or_the_table_is_silent_it_says_so(
    desk: Desk, letters: FakeDeadLetters, order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    letters.lay(PAYMENTS, order.session_id)
    desk.gateway.silent()
    assert main([]) == 0
    assert "Hoe het staat is nu niet te zien: de tabel of Stripe antwoordt niet." in told(capsys)


def test_nothing_personal_is_printed_whatever_a_letter_holds(
    letters: FakeDeadLetters, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = [
        POISON,
        ANSWERS.email,
        f"\x1b]0;{ANSWERS.email}\x07",
        json.dumps({ANSWERS.email: 1, "ada@": 2}),
        json.dumps([ANSWERS.email]),
        json.dumps(ANSWERS.email),
        json.dumps({"eventType": "Send", "mail": {"messageId": ANSWERS.email, "destination": [ANSWERS.email]}}),
    ]
    for queue in WorkerQueue:
        for body in bodies:
            letters.lay(queue, body)
    main([])
    main(["--redrive", "--language", "en"])
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "21 dead letters." in said
    for personal in (ANSWERS.email, "ada@", ANSWERS.name, "\x1b"):
        assert personal not in said


def test_there_are_words_for_everything_and_the_page_explains_them() -> None:
    assert set(dead_letter_words.WORDS) == set(Matter)
    assert set(dead_letter_words.STATES) == set(State)
    assert set(dead_letter_words.MAILS) == set(EmailKind)
    assert set(dead_letter_words.DELIVERIES) == set(Delivery)
    assert set(dead_letter_words.SUBJECTS) == set(dead_letter_words.CAUSES) == set(WorkerQueue)
    page = PAGE.read_text(encoding="utf-8")
    words = [
        text.within(language) for pair in dead_letter_words.WORDS.values() for text in pair for language in Language
    ]
    assert [each for each in words if re.sub(r"\{\w+\}", "…", each) not in page] == []
    assert f"{KEPT.days} days" in page


def test_both_languages_tell_the_same_facts() -> None:
    for pair in dead_letter_words.WORDS.values():
        for text in pair:
            assert re.findall(r"\{\w+\}", text.nl) == re.findall(r"\{\w+\}", text.en)


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ([], "devstack.command --port 8000 chalicelib.entrypoints.dead_letters"),
        (["REDRIVE=no"], "devstack.command --port 8000 chalicelib.entrypoints.dead_letters"),
        (["REDRIVE=yes"], "devstack.command --port 8000 chalicelib.entrypoints.dead_letters --redrive"),
        (["REDRIVE=a-1 b-2"], "devstack.command --port 8000 chalicelib.entrypoints.dead_letters --redrive a-1 b-2"),
        (["DROP=a-1", "PORT=9000"], 'devstack.command --port 9000 chalicelib.entrypoints.dead_letters --drop "a-1"'),
        (["REDRIVE=yes", "STAGE=prod"], "infra.command --stage prod chalicelib.entrypoints.dead_letters --redrive"),
    ],
)
def test_make_asks_for_nothing_but_what_was_said(given: list[str], options: str) -> None:
    named = {"STAGE", "PORT", "REDRIVE", "DROP"}
    shown = subprocess.run(
        ["make", "--no-print-directory", "-n", "-o", ".venv/ready", "dead-letters", *given],
        cwd=PAGE.parents[1],
        env={name: value for name, value in os.environ.items() if name not in named},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == [".venv/bin/python", "-m", *options.split()]


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "docs/dead-letters.md" in capsys.readouterr().out
