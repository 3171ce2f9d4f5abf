"""A tally of what was tried: how many requests each route got, and what became of them."""

from __future__ import annotations

from collections import Counter

from tests.hostile.attack import Answer, Attack


class Tally:
    """Counts by route."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.orders = 0

    def count(self, attack: Attack, answer: Answer) -> None:
        (self.taken if answer.status < 400 else self.refused)[attack.resource] += 1
        self.statuses[answer.status] += 1
        self.orders += attack.resource == "/{lang}/{slug}" and bool(answer.location)

    @property
    def all(self) -> int:
        return self.taken.total() + self.refused.total()

    def share(self, resource: str) -> float:
        """Which part of a route's requests was taken."""
        return self.taken[resource] / max(1, self.taken[resource] + self.refused[resource])

    def told(self) -> str:
        lines = [
            f"  {resource:26} {self.taken[resource]:6} taken {self.refused[resource]:6} refused"
            for resource in sorted(self.taken | self.refused)
        ]
        return "\n".join(
            [f"{self.all} requests, {self.orders} forms led on, {dict(sorted(self.statuses.items()))}", *lines]
        )
