"""Re-drive dead letters: offer them to their worker again."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import closing

from chalicelib.domain.dead_letter import DeadLetter, Explained, Redriven, WorkerQueue
from chalicelib.flows.look_at_dead_letters import take_each
from chalicelib.ports import DeadLetters

log = logging.getLogger(__name__)


def redrive_dead_letters(
    queue: WorkerQueue,
    *,
    dead_letters: DeadLetters,
    explain: Callable[[DeadLetter], Explained],
    only: Collection[str] = (),
) -> Iterator[Redriven]:
    """Offer each letter to its worker again when it is asked for; `only` those with these ids, if any are named.

    A letter that nobody can read is left unless it is named: its worker would fail at it as before.

    It is put in the worker's queue first, and deleted here only after that was accepted: after a stop in between it is
    in both, and comes to its worker twice. That is harmless, since every worker's work is. A letter whose work was
    done meanwhile goes the same way: its worker finds nothing to do, and it is gone. Raises QueueUnavailable.
    """
    wanted = set(only)
    with closing(take_each(queue, dead_letters=dead_letters)) as taken:
        for letter in taken:
            if only and letter.id not in wanted:
                continue
            explained = explain(letter)
            offered = explained.readable or letter.id in wanted
            if offered:
                dead_letters.offer_again(letter)
                dead_letters.delete(letter)
                log.info("dead_letter_offered queue=%s letter_id=%s", queue.value, letter.id)
            yield Redriven(explained=explained, offered=offered)
            wanted.discard(letter.id)
            if only and not wanted:
                return
