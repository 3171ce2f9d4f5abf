"""Refuse too many: over the limit of any of whom it is counted for, until the next period, in every process."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.tallies import TableTallies
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.limit import Limit, Limits, Tally
from chalicelib.domain.refusal import TooMany
from chalicelib.flows.refuse_too_many import Sender, may_look_up, refuse_too_many
from tests.desk import TABLE, Desk

MINUTE = timedelta(minutes=1)
LIMITS = Limits(
    address=Limit(name="address", most=3, period=10 * MINUTE),
    recipient=Limit(name="recipient", most=2, period=60 * MINUTE),
    form=Limit(name="form", most=5, period=10 * MINUTE),
    lookup=Limit(name="lookup", most=4, period=10 * MINUTE),
    most_holds_address=0,
    most_holds_recipient=0,
    mail_pause=timedelta(0),
)
SENDER = Sender(address="192.0.2.1", recipients=("ada@voorbeeldstad.nl",), offer_id="lidmaatschap")


def send(desk: Desk, *, limits: Limits = LIMITS, **changes: Any) -> str:
    """The limit that was met and after how many minutes it may go on; empty when nothing was."""
    sender = replace(SENDER, **changes)
    identity = desk.application.identity
    try:
        refuse_too_many(sender, tallies=desk.application.tallies, identity=identity, limits=limits, now=desk.clock())
    except TooMany as refusal:
        return f"{refusal.limit} {refusal.minutes}"
    return ""


def somebody(number: int) -> dict[str, Any]:
    return {"address": f"192.0.2.{number}", "recipients": (f"persoon{number}@elders.nl",)}


def may(desk: Desk, address: str = "192.0.2.1") -> bool:
    tallies, identity = desk.application.tallies, desk.application.identity
    return may_look_up(address, tallies=tallies, identity=identity, limits=LIMITS, now=desk.clock())


def test_one_address_may_send_so_many_times_in_a_period(desk: Desk) -> None:
    desk.clock.advance(minutes=3, seconds=20)
    sent = [send(desk, recipients=(f"{number}@elders.nl",)) for number in range(4)]
    assert sent == ["", "", "", "address 7"]
    assert send(desk, **somebody(2)) == "", "another address is not in the way"
    desk.clock.advance(minutes=7)
    assert send(desk) == ""


def test_one_address_for_mail_is_written_to_so_many_times_whoever_sends_and_however_it_is_spelled(desk: Desk) -> None:
    sent = [
        send(desk, address=f"192.0.2.{number}", recipients=(f"{number}@elders.nl", spelled))
        for number, spelled in enumerate(("ada@voorbeeldstad.nl", "Ada@Voorbeeldstad.NL", "ADA@voorbeeldstad.nl"))
    ]
    assert sent == ["", "", "recipient 60"]
    assert send(desk, **somebody(9)) == ""


def test_the_same_address_twice_in_one_form_counts_once(desk: Desk) -> None:
    """A buyer who comes himself is among those who come."""
    twice = ("ada@voorbeeldstad.nl", "Ada@voorbeeldstad.nl")
    assert [send(desk, recipients=twice) for _ in range(2)] == ["", ""]


def test_one_form_takes_so_many_and_another_takes_its_own(desk: Desk) -> None:
    assert [send(desk, **somebody(number)) for number in range(6)] == [*[""] * 5, "form 10"]
    assert send(desk, **somebody(7), offer_id="congres-2027") == ""


def test_whoever_is_refused_takes_nothing_from_the_others(desk: Desk) -> None:
    for _ in range(50):
        send(desk)
    assert [send(desk, **somebody(number)) for number in range(2, 5)] == [""] * 3


def test_a_limit_of_nothing_is_none_and_leaves_no_row(desk: Desk) -> None:
    off = Limit(name="", most=0, period=MINUTE)
    limits = replace(LIMITS, address=off, recipient=off, form=off, lookup=off)
    assert {send(desk, limits=limits) for _ in range(50)} == {""}
    assert desk.items("limit") == []


def test_two_processes_count_together(desk: Desk) -> None:
    sent = []
    for number in range(4):
        client = desk.dynamo.client() if number % 2 else desk.client
        desk.application.tallies = TableTallies(client, table=TABLE)
        sent.append(send(desk, recipients=(f"{number}@elders.nl",)))
    assert sent == ["", "", "", "address 10"]


def test_no_address_lies_readable_in_the_table(desk: Desk) -> None:
    send(desk)
    assert len(desk.items("limit")) == 3
    assert not any(word in str(desk.items("limit")) for word in ("192.0.2", "ada", "voorbeeldstad", "lidmaatschap"))


def test_while_nothing_can_be_counted_everybody_may_go_on(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        """Tallies that do not answer, and how often they were asked."""

        asked = 0

        def count(self, tally: Tally) -> int:
            Broken.asked += 1
            raise StorageUnavailable("ReadTimeoutError")

    desk.application.tallies = Broken()
    assert [send(desk) for _ in range(9)] == [""] * 9
    assert Broken.asked == 9, "waiting for one that does not answer is enough"
    assert "tally_unavailable limit=address" in caplog.text
    assert may(desk)


def test_prices_are_looked_up_so_many_times_and_no_registration_is_lost_by_it(desk: Desk) -> None:
    assert [may(desk) for _ in range(5)] == [True] * 4 + [False]
    assert may(desk, "192.0.2.2")
    assert send(desk) == ""
    desk.clock.advance(minutes=10)
    assert may(desk)
