"""Bad post: a world in which Stripe's news is lost, comes twice, or much later, and some calls go wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from chalicelib.adapters import stripe_webhook
from devstack.stripe.event import Event
from tests.desk import TABLE
from tests.ledgers.agenda import Agenda
from tests.torture.engine import Engine
from tests.torture.faults import Fault, faults_at
from tests.torture.world import Alter, World

LOST, TWICE, LATE = 0.05, 0.05, 0.05
# How often a call meets a fault of those that it may meet; a refund, of which there are few, more often.
RATE, REFUND_RATE = 0.0005, 0.04
# A mail in the send window may go twice or not at all: that is the torture's subject, here each goes once.
_SPARED = ("mail.", "news.", "message.")


class BadPost(World):
    """`on_news` hears of all that happens at Stripe, whether the desk is told or not."""

    def __init__(self, *, table: Engine, chance: random.Random, agenda: Agenda, alter: Alter | None = None) -> None:
        super().__init__(table=table, alter=alter)
        self.watches = False  # a season is audited, not watched at each commit: that would take days
        self.gate.by_chance = self._fault
        self.happened: Counter[str] = Counter()
        self.on_news: Callable[[Event], object] = lambda _event: None
        self._chance, self._agenda = chance, agenda

    def bring(self) -> int:
        """Stripe tells what happened; what was not thanked for it tells again."""
        again, self._untold = self._untold, []
        for event in again:
            self._bring(event)
        fresh = self.stripe.books.events_since(self._told)
        self._told += len(fresh)
        for event in fresh:
            self.on_news(event)
            if event.type in stripe_webhook.EVENTS:
                self._send(event)
        return len(fresh) + len(again)

    def _send(self, event: Event) -> None:
        drawn = self._chance.random()
        self.happened["webhooks"] += 1
        if drawn < LOST:
            self.happened["webhooks lost"] += 1
        elif drawn < LOST + LATE:
            self.happened["webhooks late"] += 1
            late = timedelta(minutes=self._chance.choice([2, 20, 90, 600, 3000]))
            self._agenda.plan(self.time() + late, partial(self._bring, event))
        else:
            if drawn < LOST + LATE + TWICE:
                self.happened["webhooks twice"] += 1
                self._bring(event)
            self._bring(event)

    def _bring(self, event: Event) -> None:
        if not self.tell(event):
            self._untold.append(event)

    def _fault(self, name: str) -> Fault | None:
        if name.startswith(_SPARED):
            return None
        rate = REFUND_RATE if name == "stripe.refunds.create" else RATE
        if self._chance.random() >= rate:
            return None
        self.happened["calls gone wrong"] += 1
        return self._chance.choice(faults_at(name))

    def next_due(self) -> datetime | None:
        """When the sweep has something to do."""
        partitions = self.engine._tables[TABLE].secondary["due"].partitions.values()
        first = min((entries[0][0][0] for entries in partitions if entries), default=None)
        return datetime.fromisoformat(str(first)) if first else None
