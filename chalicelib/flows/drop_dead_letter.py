"""Drop a dead letter: delete it for good, after somebody has seen what it is."""

import logging
from collections.abc import Callable
from contextlib import closing

from chalicelib.domain.dead_letter import DeadLetter, Explained, WorkerQueue
from chalicelib.flows.look_at_dead_letters import take_each
from chalicelib.ports import DeadLetters

log = logging.getLogger(__name__)


def drop_dead_letter(
    letter_id: str,
    *,
    queue: WorkerQueue,
    dead_letters: DeadLetters,
    explain: Callable[[DeadLetter], Explained],
    show: Callable[[Explained], None],
) -> bool:
    """Show the letter, then delete it; whether it was there. Raises QueueUnavailable."""
    with closing(take_each(queue, dead_letters=dead_letters)) as taken:
        for letter in taken:
            if letter.id == letter_id:
                show(explain(letter))
                dead_letters.delete(letter)
                log.warning("dead_letter_dropped queue=%s letter_id=%s", queue.value, letter.id)
                return True
    return False
