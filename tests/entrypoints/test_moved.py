"""The command that moves an event: the real one, in this process, on a table in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import bootstrap
from chalicelib.domain.offer import Offer
from chalicelib.entrypoints.moved import main
from tests.crash.saboteur import Crash, Fault, Saboteur
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event
from tests.flows.test_tell_moved import ELSEWHERE, OTHER, moved_seed, registered

FAULTS = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.REFUSED, Fault.ANSWER_LOST)


def seeded(desk: Desk, *seeds: Offer) -> None:
    """The seeds as the package has them."""
    desk.application.seeds = lambda: seeds  # type: ignore[method-assign]  # other files than ours
    bootstrap.use(desk.application)


def two_orders(desk: Desk) -> tuple[str, str]:
    """Four people in two confirmed orders."""
    desk.put_offer(sample_event(**FREE))
    one = registered(desk, attending(ANSWERS, "bea@elders.nl", "cas@anders.nl"))
    return one, registered(desk, replace(OTHER, attending=True), key="key-2")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main([EVENT, *arguments])
    out, err = capsys.readouterr()
    return code, out + err


def test_it_is_shown_then_done_then_done_already(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = two_orders(desk)
    seeded(desk, moved_seed(place=ELSEWHERE))
    before = desk.items()
    code, said = run(capsys)
    assert code == 0
    assert said.startswith(f"{EVENT}, for https://aanmelden.example.nl (stage dev, table loket-dev)\n")
    assert "The Community House, Voorbeeldstad\nto " in said
    assert "The Greenhouse, Elders\n" in said
    assert "4 people would be told, of 2 orders; 0 were told before.\nNothing was written: this was a dry run." in said
    assert (desk.items(), desk.emails.messages) == (before, [])

    code, said = run(capsys, "--apply")
    assert (code, said.splitlines()[-1]) == (0, "4 people are told, of 2 orders; 0 were told before.")
    desk.work()
    assert sorted(desk.sender.ids()) == sorted(
        [*(f"moved-{one}-{number}-1" for number in (1, 2, 3)), f"moved-{two}-1-1"]
    )
    code, said = run(capsys, "--apply")
    assert "It was moved to " in said
    assert (code, said.splitlines()[-1]) == (0, "0 people are told, of 2 orders; 4 were told before.")
    desk.work()
    assert len(desk.sender.sent) == 4


def test_what_was_not_moved_tells_nobody(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    two_orders(desk)
    seeded(desk, moved_seed(weeks=0))
    for arguments in ([], ["--apply"]):
        code, said = run(capsys, *arguments)
        assert code == 1
        assert "was never moved: there is nothing to tell" in said
    assert desk.emails.messages == []


@pytest.mark.parametrize("weeks", [0, 1])
def test_another_last_moment_to_register_is_taken_over_and_nobody_is_told(
    desk: Desk, capsys: pytest.CaptureFixture[str], weeks: int
) -> None:
    two_orders(desk)
    if weeks:
        seeded(desk, moved_seed(weeks=weeks))
        assert run(capsys, "--apply")[0] == 0
        desk.work()
    seed = replace(moved_seed(weeks=weeks), closes_at=desk.clock() + timedelta(days=30))
    seeded(desk, seed)
    before, mails = desk.items(), len(desk.sender.sent)
    code, said = run(capsys)
    assert code == 0
    assert "From  no last moment to register\nto    registering until " in said
    assert "Nobody is told of that.\nNothing was written: this was a dry run." in said
    assert desk.items() == before

    assert run(capsys, "--apply")[0] == 0
    assert desk.offer(EVENT).closes_at == seed.closes_at
    assert (desk.emails.messages, len(desk.sender.sent)) == ([], mails)
    assert run(capsys, "--apply")[0] == (0 if weeks else 1), "and then there is nothing left of it"
    assert desk.emails.messages == []


@pytest.mark.parametrize("offer_id", ["lidmaatschap", "nergens"])
def test_only_an_event_can_be_moved(desk: Desk, capsys: pytest.CaptureFixture[str], offer_id: str) -> None:
    bootstrap.use(desk.application)
    desk.offer("lidmaatschap")
    assert main([offer_id, "--apply"]) == 1
    assert "There is no such event at this desk." in capsys.readouterr().err


def test_without_its_seed_a_move_can_still_be_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    two_orders(desk)
    seeded(desk, moved_seed())
    Saboteur({_calls_until_told(desk): Fault.REFUSED}).sit_on(desk)
    assert run(capsys, "--apply")[0] == 1
    seeded(desk)
    assert run(capsys, "--apply")[0] == 0
    desk.work()
    assert len([email_id for email_id in desk.sender.ids() if email_id.startswith("moved-")]) == 4


def _calls_until_told(desk: Desk) -> int:
    """The call that reads the first order, after the offer was changed."""
    other = Desk()
    two_orders(other)
    seeded(other, moved_seed())
    counting = Saboteur()
    counting.sit_on(other)
    main([EVENT, "--apply"])
    seeded(desk, moved_seed())
    return counting.calls.index("table.TransactWriteItems") + 3


def _fails_at(desk: Desk, at: int, fault: Fault) -> str:
    """Run it with one call going wrong; which one that was, empty when there are not so many."""
    saboteur = Saboteur({at: fault})
    saboteur.sit_on(desk)
    with suppress(Crash):
        main([EVENT, "--apply"])
    return "".join(saboteur.struck)


def _every_call(make: Callable[[], Desk], fault: Fault) -> list[Desk]:
    """A desk for each call that can go wrong, after that and one more run."""
    desks: list[Desk] = []
    for at in range(1, 60):
        desk = make()
        two_orders(desk)
        seeded(desk, moved_seed())
        if not _fails_at(desk, at, fault):
            return desks
        assert main([EVENT, "--apply"]) == 0
        desks.append(desk)
    raise AssertionError("there is no end of it")


@pytest.mark.parametrize("fault", FAULTS)
def test_it_may_stop_anywhere_and_nobody_is_forgotten_or_told_twice(fault: Fault) -> None:
    desks = _every_call(Desk, fault)
    assert len(desks) > 8
    for desk in desks:
        # what the queue did not get, the sweep finds
        desk.clock.advance(minutes=20)
        desk.sweep()
        desk.work()
        told = Counter(email_id for email_id in desk.sender.ids() if email_id.startswith("moved-"))
        assert sorted(told.values()) == [1, 1, 1, 1]
        event = desk.offer(EVENT).event
        assert event
        assert len(event.moves) == 1
