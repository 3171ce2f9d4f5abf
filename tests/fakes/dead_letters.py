"""Dead letters in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.dead_letter import DeadLetter, WorkerQueue
from chalicelib.domain.error import QueueUnavailable

PAGE = 10


@dataclass(kw_only=True)
class FakeDeadLetters:
    """Keeps letters until they are deleted and hides those that are taken; `down` refuses everything.

    `offered` are the messages that were put in the queues of the workers, in order.
    """

    clock: Callable[[], datetime]
    hold: timedelta = timedelta(minutes=1)
    aside: dict[str, DeadLetter] = field(default_factory=dict)
    hidden: dict[str, datetime] = field(default_factory=dict)
    offered: list[tuple[WorkerQueue, str]] = field(default_factory=list)
    down: bool = False

    def __post_init__(self) -> None:
        self._ids = (f"letter-{number}" for number in itertools.count(1))

    def lay(self, queue: WorkerQueue, body: str) -> str:
        """Lay a letter aside, as a queue does after the last try; its id."""
        letter = DeadLetter(id=next(self._ids), queue=queue, body=body, put_at=self.clock(), handed_out=0)
        self.aside[letter.id] = letter
        return letter.id

    def count(self, queue: WorkerQueue) -> int:
        self._answer()
        return sum(letter.queue is queue for letter in self.aside.values())

    def take(self, queue: WorkerQueue) -> Sequence[DeadLetter]:
        self._answer()
        now = self.clock()
        shown = [each for each in self.aside.values() if each.queue is queue and self.hidden.get(each.id, now) <= now]
        taken = [replace(letter, handed_out=letter.handed_out + 1) for letter in shown[:PAGE]]
        self.aside |= {letter.id: letter for letter in taken}
        self.hidden |= {letter.id: now + self.hold for letter in taken}
        return taken

    def give_back(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            if not self.down:
                self.hidden.pop(letter.id, None)

    def offer_again(self, letter: DeadLetter) -> None:
        self._answer()
        self.offered.append((letter.queue, letter.body))

    def delete(self, letter: DeadLetter) -> None:
        self._answer()
        del self.aside[letter.id]
        del self.hidden[letter.id]

    def _answer(self) -> None:
        if self.down:
            raise QueueUnavailable("down")
