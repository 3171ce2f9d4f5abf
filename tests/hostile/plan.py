"""How much is tried, and with which seed: little in every test run, all of it in the long one."""

from __future__ import annotations

import os
import sys

from hypothesis import HealthCheck, Phase, settings

LONG = os.environ.get("LOKET_TORTURE") == "1"
SEED = int(os.environ.get("LOKET_HOSTILE_SEED", "20261126"))
TIMES = 8 if LONG else 1


def plan(examples: int, *, steps: int = 20) -> settings:
    """So many examples, eight times as many in the long run."""
    return settings(
        max_examples=examples * TIMES,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def tell(text: str) -> None:
    """Say it where it is seen also when all is well."""
    print(f"\n{text}", file=sys.stderr)
