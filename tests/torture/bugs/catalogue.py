"""All seeded bugs, by name, and what was found out about each by playing it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.torture.bugs.bug import Bug
from tests.torture.bugs.checkouts import CHECKOUTS
from tests.torture.bugs.doors import DOORS
from tests.torture.bugs.mails import MAILS
from tests.torture.bugs.orders import ORDERS
from tests.torture.bugs.payments import PAYMENTS
from tests.torture.bugs.refunds import REFUNDS
from tests.torture.bugs.rounds import ROUNDS

BUGS = (*ORDERS, *CHECKOUTS, *PAYMENTS, *REFUNDS, *MAILS, *DOORS, *ROUNDS)
BUGS_BY_NAME = {each.name: each for each in BUGS}
NOTICED = Path(__file__).parent / "noticed.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The cheapest case that notices a bug, in words that can be played again, and after how many cases it came."""

    case: str
    after: int


def noticed() -> dict[str, Noticed]:
    """What the search wrote down: `python -m tests.torture.bugs search --write` does it again."""
    told = tomllib.loads(NOTICED.read_text()) if NOTICED.exists() else {}
    return {name: Noticed(**each) for name, each in told.items()}


def untouched() -> tuple[Bug, ...]:
    """The bugs that this harness has not noticed."""
    return tuple(each for each in BUGS if each.name not in noticed())
