"""Dispatch: hand emails of the outbox to the fast path."""

import logging
from collections.abc import Sequence

from chalicelib.domain.email import Email
from chalicelib.domain.error import QueueUnavailable
from chalicelib.ports import Queue

log = logging.getLogger(__name__)


def dispatch(outbox: Sequence[Email], *, queue: Queue) -> None:
    """Hand emails to the fast path; what it does not take is found by the sweep.

    After the first refusal no more is asked: a queue that does not answer takes seconds to say so, a visitor waits.
    """
    for place, email in enumerate(outbox):
        try:
            queue.put(email.id)
        except QueueUnavailable:
            log.warning("emails_left_for_sweep first_email_id=%s count=%d", email.id, len(outbox) - place)
            return
