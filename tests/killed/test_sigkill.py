"""A real process is killed at an outside call, and the world goes on: whatever died, in the end all is right.

`make test` kills at some places of each journey, LOKET_TORTURE=1 at all of them. `LOKET_SEED` chooses others;
`LOKET_PLACE=17.3.after` with `-k` and the name of a journey plays one again.
"""

from __future__ import annotations

import os
import time

import pytest

from tests.killed.bugs import BUGS
from tests.killed.journeys import JOURNEYS, Journey, play
from tests.killed.judge import second_mails, violations
from tests.killed.places import Place, places, spread
from tests.killed.servers import Servers
from tests.killed.world import World

EVERYWHERE = os.environ.get("LOKET_TORTURE") == "1"
SEED = int(os.environ.get("LOKET_SEED", "20261125"))
ONLY = os.environ.get("LOKET_PLACE", "")
MOST = 8


def chosen(found: list[Place]) -> list[Place]:
    """Where it is done this time."""
    if ONLY:
        return [place for place in found if str(place).startswith(f"{ONLY} ")]
    return found if EVERYWHERE else spread(found, most=MOST, seed=SEED)


def cases(found: list[Place]) -> list[tuple[Place, bool]]:
    """Each place; and those after which nobody knows whether a mail went, without the news that would tell."""
    return [(place, tells) for place in found for tells in ((True, False) if place.in_send_window else (True,))]


@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
def test_whoever_is_killed_all_is_right_in_the_end(journey: Journey, servers: Servers) -> None:
    began, plain = time.monotonic(), play(journey, World(servers))
    assert [*journey.missed(plain), *violations(plain)] == []
    assert set(plain.mails().values()) == {1}
    everywhere, bad, doubled = places(plain.played), list[str](), 0
    todo = cases(chosen(everywhere))
    for place, tells in todo:
        world = play(journey, World(servers, place=place, tells_of_mail=tells))
        found = [*journey.missed(world), *violations(world)]
        # a case in which nobody died proves nothing
        found += [] if world.killed == 1 else [f"{world.killed} were killed"]
        bad += [f"{place}{'' if tells else ' (no news of mail)'}: {each}" for each in found]
        doubled += second_mails(world)
    print(
        f"\n{journey}: killed at {len({str(place) for place, _ in todo})} of {len(everywhere)} places"
        f" (seed {SEED}), {len(todo)} cases, {doubled} mails twice,"
        f" {len(bad)} violations, {time.monotonic() - began:.0f} s"
    )
    assert bad == []


@pytest.mark.skipif(not EVERYWHERE, reason="the long form: LOKET_TORTURE=1")
@pytest.mark.parametrize("bug", BUGS)
def test_the_killing_notices(bug: str, servers: Servers) -> None:
    name, calls, _ = BUGS[bug]
    journey = next(journey for journey in JOURNEYS if journey.name == name)
    plain = play(journey, World(servers, bug=bug))
    found = [*journey.missed(plain), *violations(plain)]
    tries = 0
    for place in places(plain.played) if not found else []:
        if any(call in place.name for call in calls):
            world = play(journey, World(servers, place=place, tells_of_mail=False, bug=bug))
            tries, found = tries + 1, [f"{place}: {each}" for each in (*journey.missed(world), *violations(world))]
            if found:
                break
    print(f"\n{bug}: noticed at the {tries}th place tried: {found[:2]}")
    assert found, f"nobody noticed: {bug}"


def test_a_mail_goes_twice_only_when_its_sender_dies_and_nobody_tells(servers: Servers) -> None:
    """What is left: the process dies in the send window, and the mail service's news does not come in 15 minutes."""
    journey = JOURNEYS[1]
    [window] = [place for place in places(play(journey, World(servers)).played) if place.in_send_window]
    told, untold = (play(journey, World(servers, place=window, tells_of_mail=tells)) for tells in (True, False))
    assert (told.killed, sorted(told.mails().values())) == (1, [1, 1, 1, 1])
    assert (untold.killed, sorted(untold.mails().values())) == (1, [1, 1, 1, 2])
