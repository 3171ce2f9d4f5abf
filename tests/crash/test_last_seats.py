"""The last seats: whoever buys, pays, sweeps or is too late at one moment, no seat is sold twice and none is lost."""

from __future__ import annotations

from collections import Counter

import pytest

from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from tests.crash import bugs
from tests.crash.sale import Sale

SEED = 20261125
ROUNDS = 25
BUGS = [bugs.GenerousUnit, bugs.GreedyUnit, bugs.SeatsFirstUnit, bugs.LateTicketsUnit, bugs.CarelessUnit]


@pytest.mark.parametrize("seed", range(SEED, SEED + 8))
def test_never_oversold_and_nothing_lost(seed: int) -> None:
    happened: Counter[str] = Counter()
    for seeded in range(seed * 1000, seed * 1000 + ROUNDS):
        sale = Sale(seeded)
        sale.hold()
        assert sale.found() == [], f"seed {seeded}"
        happened += sale.happened
    print(f"{ROUNDS} sales from seed {seed}000: {dict(happened)}")
    # sales where nobody is turned away and nobody pays prove nothing
    for what in ("paid", "expired", "sold out", "late money", "TooFewSeats", "NotOnSale"):
        assert happened[what], f"never {what}"


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_the_sales_notice(bug: type[TableUnitOfWork]) -> None:
    for seed in range(SEED, SEED + 60):
        sale = Sale(seed, build=lambda: bugs.desk_with(bug))
        sale.hold()
        if found := sale.found():
            print(f"{bug.__name__}: {sorted(set(found))[:3]}")
            return
    pytest.fail("nobody noticed")
