"""A season of an association: its ledgers equal Stripe's to the cent, and what is planted in them is found.

`make test` tells one of 250 orders; LOKET_TORTURE=1 one of 2,500, and `make torture` four of these, each with a seed of
its own. `LOKET_SEED` chooses another.
"""

from __future__ import annotations

import os

from chalicelib.domain.difference import DifferenceKind
from tests.ledgers.garden import Garden
from tests.ledgers.plants import PLANTS, UNREADABLE
from tests.ledgers.season import Season
from tests.ledgers.summary import summary

ORDERS, WEEKS = (2_500, 3) if os.environ.get("LOKET_TORTURE") == "1" else (250, 2)
SEED = int(os.environ.get("LOKET_SEED", "20261126"))
# A season in which this does not happen proves less than it says.
WANTED = (
    *("pays", "pays later", "pays later in vain", "pays too late", "pays twice", "pays another amount"),
    *("walks away", "changes his mind", "found no seat", "came for free", "cancelled", "part back"),
    *("part by dashboard", "all by dashboard", "disputed", "dispute: won", "dispute: lost", "inquired"),
    *("refund: settle", "refund: fail", "review: accept", "review: return", "payout", "strange payment"),
    *("webhooks lost", "webhooks twice", "webhooks late", "calls gone wrong"),
)


def test_a_season_balances_and_what_is_planted_is_found() -> None:
    season = Season(SEED, orders=ORDERS, weeks=WEEKS, say=lambda line: print(line, flush=True))
    print(f"Season {SEED}, {ORDERS:,} orders", flush=True)
    wrong = season.pass_by()
    print(summary(season), flush=True)
    assert wrong == []
    assert [what for what in WANTED if not season.happened[what]] == []
    kinds: set[DifferenceKind] = set()
    with season.world.running(), season.world.gate.resting():
        for plants in (PLANTS, UNREADABLE):
            garden = Garden(season, plants)
            assert garden.grow() == []
            for name, kind, sentence in garden.sentences():
                print(f"{name} ({kind}): {sentence}")
            kinds |= {expected.kind for _, expected in garden.planted}
            assert garden.clear() == []
    assert kinds == set(DifferenceKind)


def test_at_least_twelve_kinds_are_planted_here_and_at_stripe() -> None:
    assert len(PLANTS) >= 20
    assert len({plant.name for plant in PLANTS}) == len(PLANTS)
