"""A schedule: lets one of several actors go on at a time, changing over by chance before each outside call."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from tests.crash.saboteur import Saboteur


class Schedule(Saboteur):
    """Lets one actor go on at a time, changing over by chance before each outside call; some calls break."""

    def __init__(self, chance: random.Random, *, breaks: str = "gateway.open_session", rate: float = 0.3) -> None:
        super().__init__()
        self._chance, self._breaks, self._rate = chance, breaks, rate
        self._turn = threading.Condition()
        self._running: list[str] = []
        self._at = ""

    def run(self, actors: dict[str, Callable[[], None]]) -> None:
        """Let all actors come to their end."""
        self._running, self._at = list(actors), self._chance.choice(list(actors))
        threads = [threading.Thread(target=self._act, args=each, name=each[0]) for each in actors.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
            assert not thread.is_alive(), "an actor never came to its end"

    def _act(self, name: str, work: Callable[[], None]) -> None:
        self._wait(name)
        try:
            work()
        finally:
            with self._turn:
                self._running.remove(name)
                self._at = self._running[0] if self._running else ""
                self._turn.notify_all()

    def call[Answer](self, name: str, act: Callable[[], Answer], **failing: Callable[[], Exception]) -> Answer:
        """Change over, then make the call; one that breaks does so before or after it was done."""
        self.change_over()
        acting = threading.current_thread().name in self._running
        fails = acting and name.startswith(self._breaks) and self._chance.random() < self._rate
        if fails and self._chance.random() < 0.5:
            raise failing["broken"]()
        answer = act()
        if fails:
            raise failing["broken"]()
        return answer

    def _before_table(self, model: Any, **_: object) -> None:
        self.change_over()

    def _after_table(self, model: Any, **_: object) -> None:
        """Nothing happens after a call: the next one changes over."""

    def change_over(self) -> None:
        """Let somebody else go on, or oneself."""
        name = threading.current_thread().name
        if name in self._running:
            with self._turn:
                self._at = self._chance.choice(self._running)
                self._turn.notify_all()
            self._wait(name)

    def _wait(self, name: str) -> None:
        with self._turn:
            assert self._turn.wait_for(lambda: self._at == name, timeout=20)
