"""The price list, and what some usage costs by it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.cost.usage import Unit, Usage

LIST = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What so many of a unit cost, and how many of them cost nothing."""

    service: str
    usd: float
    per: int
    free: float
    source: str

    def of(self, amount: float, *, always_free: bool) -> float:
        """In dollars."""
        charged = max(0.0, amount - self.free) if always_free else amount
        return charged * self.usd / self.per


def read_prices() -> Mapping[Unit, Price]:
    """The price of every unit, in the order of the list."""
    found = tomllib.loads(LIST.read_text(encoding="utf-8"))
    prices = {Unit(name): Price(**entry) for name, entry in found.items()}
    assert prices.keys() == set(Unit), "every unit has a price"
    return prices


def bill(usage: Usage, prices: Mapping[Unit, Price], *, always_free: bool) -> Mapping[str, float]:
    """Dollars by service, in the order of the list."""
    dollars = dict.fromkeys((price.service for price in prices.values()), 0.0)
    for unit, price in prices.items():
        dollars[price.service] += price.of(usage[unit], always_free=always_free)
    return dollars
