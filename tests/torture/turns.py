"""Turns: several actors in one world, of whom one goes on at a time; who, is drawn before each outside call."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import greenlet  # type: ignore[import-untyped]  # it has no types

from tests.torture.faults import Fault, faults_at
from tests.torture.world import World

# Nobody makes as many calls as this: an actor that does goes round in circles.
MOST = 20_000


class Turns:
    """The order in which things happen, drawn from a seed; `rate` is how often a call of an actor goes wrong."""

    def __init__(self, world: World, *, chance: random.Random, rate: float) -> None:
        self._world, self._chance, self._rate = world, chance, rate
        self._living: list[greenlet.greenlet] = []
        self.changes = 0

    def run(self, actors: Mapping[str, Callable[[], object]]) -> None:
        """Let all actors come to their end."""
        gate, time = self._world.gate, self._world.time
        hub = greenlet.getcurrent()
        self._living = [greenlet.greenlet(run=act, parent=hub) for act in actors.values()]
        gate.on_arrival, gate.by_chance, time.on_sleep = self._change_over, self._fault, self.pause
        try:
            while self._living:
                actor = self._chance.choice(self._living)
                actor.switch()
                if actor.dead:
                    self._living.remove(actor)
        finally:
            gate.on_arrival, gate.by_chance, time.on_sleep = _nobody, _nothing, _no_pause

    def pause(self) -> None:
        """Somebody else goes on, or oneself."""
        actor = greenlet.getcurrent()
        if actor in self._living:
            self.changes += 1
            assert self.changes < MOST, "an actor goes round in circles"
            with self._world.meanwhile():
                assert actor.parent is not None, "every actor was begun by the hub"
                actor.parent.switch()

    def _change_over(self, _name: str) -> None:
        self.pause()

    def _fault(self, name: str) -> Fault | None:
        acting = greenlet.getcurrent() in self._living
        return self._chance.choice(faults_at(name)) if acting and self._chance.random() < self._rate else None


def _nobody(_name: str) -> None:
    """Nobody waits for his turn."""


def _nothing(_name: str) -> None:
    """Nothing goes wrong."""


def _no_pause() -> None:
    """Time goes by, and that is all."""
