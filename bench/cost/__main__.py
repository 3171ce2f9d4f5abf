"""What a month of Loket costs at AWS, counted from the real code.

    make cost

Everything is played at a desk in memory: forms, payments, webhooks, workers, mails, schedules, pages behind the desk.
What it asks of AWS is counted, DynamoDB's units from the sizes of the items that are really read and written. Prices
are those of bench/cost/prices.toml; all that is assumed stands in bench/cost/assumptions.py.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from bench.cost import report
from bench.cost.acts import Measured, measure
from bench.cost.assumptions import COMPUTING, CONGRESS, EUROS_PER_DOLLAR, Act
from bench.cost.months import months
from bench.cost.prices import bill, read_prices

# An idle month costs less than this, in euros.
MOST_IDLE = 1.0


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and whether it is as promised."""

    text: str
    as_promised: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=EUROS_PER_DOLLAR, help="euros for a dollar (%(default)s)")
    parser.add_argument(
        "--orders",
        type=int,
        default=CONGRESS[Act.CONGRESS_ONE] + CONGRESS[Act.CONGRESS_TWO],
        help="how many orders of the congress are really placed (%(default)s); fewer are faster, and too cheap: lists "
        "behind the desk are shorter then, and rounds of reconciliation have one page",
    )
    given = parser.parse_args()
    told = tell(measure(orders=given.orders), rate=given.rate)
    print(told.text)
    return 0 if told.as_promised else 1


def tell(measured: Measured, *, rate: float) -> Report:
    """What was measured, as months and euros."""
    prices = read_prices()
    found = months(measured)
    idle = [sum(bill(month.usage, prices, always_free=True).values()) * rate for month in found[:2]]
    as_promised = max(idle) < MOST_IDLE
    promise = f"An idle month costs less than € {MOST_IDLE:.0f}: {'as promised' if as_promised else 'NOT as promised'}."
    parts = {
        "A month, with AWS's always-free parts": report.monthly(found, prices, rate=rate, always_free=True),
        "The same without them": report.monthly(found, prices, rate=rate, always_free=False),
        "A congress, here and at pretix Hosted": report.comparison(found, prices, rate=rate),
        "What each act uses": report.acts(measured, prices, rate=rate),
        "What the schedules use": report.upkeep(measured),
        "What a month uses": report.amounts(found, prices),
    }
    text = "\n\n".join(f"### {title}\n\n{part}" for title, part in parts.items())
    computed = (
        f"A run of a function computed for {measured.computed * 1000:.0f} ms here; {COMPUTING * 1000:.0f} are assumed."
    )
    return Report(f"{text}\n\n{promise} One dollar is € {rate:.2f}; all without VAT. {computed}", as_promised)


if __name__ == "__main__":
    sys.exit(main())
