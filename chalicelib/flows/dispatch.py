"""Dispatch: hand emails of the outbox to the fast path."""

import logging
from collections.abc import Iterable

from chalicelib.domain.email import Email
from chalicelib.domain.error import QueueUnavailable
from chalicelib.ports import Queue

log = logging.getLogger(__name__)


def dispatch(outbox: Iterable[Email], *, queue: Queue) -> None:
    """Hand emails to the fast path; what it does not take is found by the sweep."""
    for email in outbox:
        try:
            queue.put(email.id)
        except QueueUnavailable:
            log.warning("email_left_for_sweep email_id=%s", email.id)
