"""The command that compares with Stripe: the real one, in this process, with Stripe's books in memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib import bootstrap
from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.error import PaymentUnavailable
from chalicelib.domain.order import Order
from chalicelib.domain.page import Page
from chalicelib.domain.reconciliation import PHASES, Phase, Window
from chalicelib.entrypoints.reconcile import main
from tests.desk import Desk

HEAD = "Reconciling https://aanmelden.example.nl (stage dev, table loket-dev) with Stripe.\n\n"


@pytest.fixture
def order(desk: Desk) -> Order:
    """A membership that was paid an hour and a half ago."""
    bootstrap.use(desk.application)
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.payments.put(order.session_id)
    desk.work()
    desk.clock.advance(minutes=90)
    return desk.order(order.id)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, below its heading."""
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(HEAD)
    return out.removeprefix(HEAD)


def test_when_everything_agrees_it_shows_how_far_it_is_and_the_sums(
    desk: Desk, order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.books.pay_out()
    desk.clock.advance(minutes=5)
    assert main([]) == 0
    out = told(capsys)
    assert "\r[0/8] " in out
    assert "\r[8/8] sessions 1, refunds 0, disputes 0, orders 1, transactions 2, entries 1, payouts 1, seats 1" in out
    assert "Looked at 7 things; 0 orders were brought up to date." in out
    amounts = r"2026-11-25 +€ 500,00 +€ 0,00 +€ 0,00 +−€ 0,29 .*€ 499,71"
    assert len(re.findall(amounts, out.replace("\xa0", " "))) == 2  # the day, and the payout
    assert "Day  " in out
    assert "Payout  " in out
    assert out.endswith("Everything agrees.\n")


def test_what_no_webhook_told_is_put_right_and_counted(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.use(desk.application)
    order = desk.open_checkout(desk.register().order).order
    desk.gateway.pay(order.session_id)
    desk.clock.advance(minutes=5)
    assert main(["--window", "hour"]) == 0
    assert "1 orders were brought up to date." in told(capsys)
    assert desk.order(order.id).confirmed


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nl", "Loket heeft € 500,00 als betaald geboekt, maar bij Stripe is die betaling er niet."),
        ("en", "Loket has booked €500.00 as paid, but Stripe has no such payment."),
    ],
)
def test_a_difference_is_named_in_words(
    desk: Desk, order: Order, language: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del desk.gateway.stored[order.session_id]
    assert main(["--language", language] if language != "nl" else []) == 1
    out = told(capsys).replace("\xa0", " ")
    assert f"1 difference:\n\n  {order.code} (paid_without_payment, since 2026-11-25)\n    {sentence}" in out


def test_a_window_looks_back_no_further(desk: Desk, order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    desk.clock.advance(minutes=30 * 60)
    assert main(["--window", "hour"]) == 0
    out = told(capsys)
    assert f"[{len(PHASES[Window.HOUR])}/{len(PHASES[Window.HOUR])}]" in out
    assert "sessions 0, refunds 0, disputes 0, orders 0, transactions 0" in out
    assert "Looked at 0 things" in out
    assert "Day  " not in out


def test_what_stripe_stops_goes_on_where_it_was(desk: Desk, order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    desk.books.failures = [PaymentUnavailable("silent")]
    assert main([]) == 1
    out, err = capsys.readouterr()
    assert "Everything agrees" not in out
    assert err == "\nStopped: PaymentUnavailable (silent). Run it again with --go-on (make: GO_ON=yes).\n"
    before = desk.store.unit_of_work().rounds.get(Window.ALL.value)
    assert before is not None
    desk.clock.advance(minutes=1)
    assert main(["--go-on"]) == 0
    after = desk.store.unit_of_work().rounds.get(Window.ALL.value)
    assert after is not None
    assert (after.started_at, after.phase) == (before.started_at, None)
    assert "Everything agrees." in told(capsys)


def test_a_day_is_shown_whole_or_not_at_all(desk: Desk, order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    """What was paid on the first day of the window, before it begins, belongs to that day's sum."""
    desk.clock.advance(minutes=6 * 60)
    assert main(["--window", "hour"]) == 0
    assert "2026-11-25     € 500,00" in told(capsys).replace("\xa0", " ")


def test_without_go_on_it_begins_anew(desk: Desk, order: Order) -> None:
    desk.books.failures = [PaymentUnavailable("silent")]
    assert main([]) == 1
    desk.clock.advance(minutes=1)
    assert main([]) == 0
    after = desk.store.unit_of_work().rounds.get(Window.ALL.value)
    assert after is not None
    assert after.started_at == desk.clock()


def test_there_may_be_nothing_to_go_on_with(desk: Desk, order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told(capsys)
    assert main(["--go-on"]) == 0
    assert told(capsys) == "There is nothing to go on with. This is what was found before.\n\nEverything agrees.\n"


def test_beside_the_schedule_both_go_on(
    desk: Desk, order: Order, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the schedule wrote of the round meanwhile stays written."""
    sessions = desk.books.sessions

    def meanwhile(since: datetime, until: datetime, rest: str) -> Page[CheckoutSession]:
        unit = desk.store.unit_of_work()
        current = unit.rounds.get(Window.ALL.value)
        assert current is not None
        unit.rounds.update(replace(current, phase=Phase.ENTRIES))
        unit.commit()
        return sessions(since=since, until=until, rest=rest)

    monkeypatch.setattr(desk.books, "sessions", meanwhile)
    assert main([]) == 0
    out = told(capsys)
    assert "orders" not in out.partition("\nLooked")[0]
    assert "entries 1" in out


def test_without_settings_it_says_which() -> None:
    """As a process of its own, in an environment in which nothing is set."""
    ran = subprocess.run(
        [sys.executable, "-m", "chalicelib.entrypoints.reconcile"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "LOKET_TABLE" in ran.stderr
