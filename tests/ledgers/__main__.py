"""A season and its garden, from the command line: what happened, the sums on both sides, and every plant."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence

from tests.ledgers.garden import Garden
from tests.ledgers.plants import PLANTS, UNREADABLE
from tests.ledgers.season import Season
from tests.ledgers.summary import summary


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ledgers", description=__doc__)
    parser.add_argument("--orders", type=int, default=250, help="how many orders (250)")
    parser.add_argument("--seed", type=int, default=20261126, help="which season (20261126)")
    given = parser.parse_args(arguments)
    logging.getLogger().setLevel(logging.CRITICAL)
    print(f"Seed {given.seed}.", flush=True)
    wrong = run(given.seed, orders=given.orders)
    print("\n".join(wrong) or "Nothing is wrong.")
    return 1 if wrong else 0


def run(seed: int, *, orders: int) -> list[str]:
    """All of it, with progress; what was wrong."""
    season = Season(seed, orders=orders, say=_say)
    wrong = season.pass_by()
    _say(f"\n{summary(season)}\n")
    if wrong:
        return wrong
    begun = time.process_time()
    with season.world.running(), season.world.gate.resting():
        for plants in (PLANTS, UNREADABLE):
            garden = Garden(season, plants)
            wrong += garden.grow()
            kinds = {each.kind for _, each in garden.planted}
            _say(f"{len(garden.planted)} differences planted, of {len(kinds)} kinds:")
            for name, kind, sentence in garden.sentences():
                _say(f"  {name} ({kind}): {sentence}")
            wrong += garden.clear()
    _say(f"\n{time.process_time() - begun:,.0f} seconds for the plants")
    return wrong


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
