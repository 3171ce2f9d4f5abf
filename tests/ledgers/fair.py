"""The fair: what the association offers in a season, and the forms that people fill in for it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.domain.answers import Answers
from tests.desk import ANSWERS
from tests.events import FREE, attending, groups, sample_event
from tests.torture.world import World, put_offer

MEMBERSHIP, CONGRESS, WORKSHOP, MEETING = "lidmaatschap", "congres", "werkplaats", "bijeenkomst"
# What is wanted how often; the congress by many more than have a seat, so that what is let go is taken by others.
WANTED = {MEMBERSHIP: 45, CONGRESS: 20, WORKSHOP: 20, MEETING: 15}
_MEMBERS = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One form as somebody sends it: to which offer, with which key."""

    offer_id: str
    key: str
    answers: Answers

    @property
    def path(self) -> str:
        return f"/nl/{self.offer_id}"

    @property
    def form(self) -> dict[str, str]:
        asked = {"member": "nee"} if self.offer_id in (CONGRESS, WORKSHOP) else {}
        return self.answers.fields() | {"key": self.key, "do": "pay"} | asked

    def changed(self) -> Visit:
        """He changes his mind about something that costs as much."""
        return replace(self, answers=replace(self.answers, organisation=f"{self.answers.organisation} Noord"))


def prepared_for(orders: int) -> Callable[[World], None]:
    """The offers, as large as so many orders ask for."""

    def prepare(world: World) -> None:
        put_offer(world, sample_event(id=CONGRESS, event={"capacity": max(8, orders // 8)}))
        rooms = groups(noord=max(8, orders // 6), zuid=None)
        put_offer(
            world,
            sample_event(id=WORKSHOP, price_cents=12_345, member_price_cents=9_995, event={"capacity": orders} | rooms),
        )
        put_offer(world, sample_event(id=MEETING, **FREE, event={"capacity": max(20, orders // 5)}))

    return prepare


class Crowd:
    """Whoever comes along; members of old come for the price of members."""

    def __init__(self, chance: random.Random, *, rarely: int) -> None:
        self._chance, self._number, self._bounces = chance, 0, 0.003 * rarely
        self.member_domains: list[str] = []

    def somebody(self) -> Visit:
        self._number += 1
        number, chance = self._number, self._chance
        offer_id = chance.choices(list(WANTED), list(WANTED.values()))[0]
        known = self.member_domains and offer_id != MEMBERSHIP and chance.random() < _MEMBERS
        domain = chance.choice(self.member_domains) if known else f"gemeente-{number}.nl"
        who = "bounce" if chance.random() < self._bounces else "koper"
        answers = replace(ANSWERS, organisation=f"Gemeente {number}", email=f"{who}-{number}@{domain}")
        if offer_id != MEMBERSHIP:
            others = [f"gast-{number}-{guest}@elders.nl" for guest in range(chance.choice([0, 0, 1, 1, 2]))]
            group = chance.choice(["noord", "zuid"]) if offer_id == WORKSHOP else ""
            answers = attending(answers, *others, group=group)
        return Visit(offer_id=offer_id, key=f"the-form-key-of-buyer-{number}", answers=answers)
