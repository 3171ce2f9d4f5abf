"""Report dead letters: an error in the log as long as there are any, for whoever or whatever watches it."""

import logging
from collections.abc import Mapping

from chalicelib.domain.dead_letter import WorkerQueue
from chalicelib.domain.error import QueueUnavailable
from chalicelib.ports import DeadLetters

log = logging.getLogger(__name__)


def report_dead_letters(*, dead_letters: DeadLetters) -> Mapping[WorkerQueue, int]:
    """How many letters each queue has laid aside; a queue that does not answer is absent."""
    counts: dict[WorkerQueue, int] = {}
    for queue in WorkerQueue:
        try:
            counts[queue] = dead_letters.count(queue)
        except QueueUnavailable as error:
            log.warning("dead_letters_not_counted queue=%s error=%s", queue.value, error)
            continue
        if counts[queue]:
            log.error("dead_letters queue=%s count=%d", queue.value, counts[queue])
    return counts
