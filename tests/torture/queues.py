"""The queues of a world: what SQS holds, hides, hands out again and lays aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from infra.resources import QUEUES, TRIES, VISIBILITY_TIMEOUT

HIDDEN = timedelta(seconds=VISIBILITY_TIMEOUT)


@dataclass(slots=True)
class Message:
    """One message: from when it may be handed out, and how often it was."""

    number: int
    body: str
    visible_at: datetime
    taken: int = 0

    def record(self) -> dict[str, Any]:
        """As a worker is given it."""
        return {"messageId": f"m{self.number}", "receiptHandle": f"r{self.number}", "body": self.body}


class Queues:
    """Every queue of the desk by its name; a queue that is `dead` takes everything and hands out nothing."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock, self._numbers = clock, 0
        self.waiting: dict[str, list[Message]] = {name: [] for name in QUEUES}
        self.laid_aside: dict[str, list[Message]] = {name: [] for name in QUEUES}
        self.dead = False

    def become(self, other: Queues) -> None:
        """Hold what another holds."""
        self._numbers, self.dead = other._numbers, other.dead
        self.waiting = {name: [copy(each) for each in messages] for name, messages in other.waiting.items()}
        self.laid_aside = {name: [copy(each) for each in messages] for name, messages in other.laid_aside.items()}

    def put(self, queue: str, body: str, *, late: timedelta = timedelta(0)) -> None:
        self._numbers += 1
        if not self.dead:
            self.waiting[queue].append(Message(self._numbers, body, self._clock() + late))

    def take(self, queue: str, *, most: int) -> Sequence[Message]:
        """Messages that are hidden from others from now on; one that was taken too often is laid aside."""
        now, found = self._clock(), list[Message]()
        for message in list(self.waiting[queue]):
            if message.visible_at > now or len(found) == most:
                continue
            if message.taken >= TRIES:
                self.waiting[queue].remove(message)
                self.laid_aside[queue].append(message)
                continue
            message.taken, message.visible_at = message.taken + 1, now + HIDDEN
            found.append(message)
        return found

    def done(self, queue: str, messages: Iterable[Message]) -> None:
        for message in messages:
            if message in self.waiting[queue]:
                self.waiting[queue].remove(message)

    def reply(self, operation: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A call of the SDK."""
        name = asked["QueueUrl"].rpartition("/")[2]
        match operation:
            case "SendMessage":
                self.put(name, asked["MessageBody"])
                return 200, {"MessageId": f"m{self._numbers}"}
            case "GetQueueAttributes":
                aside = len(self.laid_aside[name.removesuffix("-dead")])
                counts = {"ApproximateNumberOfMessages": aside, "ApproximateNumberOfMessagesNotVisible": 0}
                return 200, {"Attributes": {key: str(count) for key, count in counts.items()}}
            case _:
                raise NotImplementedError(f"the queues in memory do not know {operation}")
