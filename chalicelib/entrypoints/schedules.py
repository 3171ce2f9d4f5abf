"""The doors of the clock: what each schedule finds to do, one piece at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from chalicelib.bootstrap import application
from chalicelib.flows.look_after import look_after

log = logging.getLogger(__name__)

# The fast path gets this long before the sweep offers an email again.
FAST_PATH = timedelta(seconds=30)
# How much one sweep takes on, and for how long: a slow Stripe must not run it into Lambda's time limit of 60 s.
MOST = 50
PATIENCE = timedelta(seconds=30)


def sweep() -> None:
    """Each minute: look after orders that are due, and hand on emails left behind."""
    app, now = application(), application().now()

    def look(order_id: str) -> None:
        if app.now() - now > PATIENCE:
            return  # it is found again by the next sweep
        look_after(order_id, store=app.store, gateway=app.gateway, emails=app.emails, links=app.links, now=app.now())

    _each(app.store.due_emails(before=now - FAST_PATH, limit=MOST), app.emails.put, kind="email")
    _each(app.store.due_orders(before=now, limit=MOST), look, kind="order")


def _each(found: Sequence[str], work: Callable[[str], None], *, kind: str) -> None:
    """Every piece is tried, whatever became of the one before; what failed is found again next time."""
    failed = 0
    for key in found:
        try:
            work(key)
        except Exception as error:  # a worker's door: one bad record must not stop the whole sweep
            log.exception("sweep_failed %s_id=%s", kind, key, exc_info=error)
            failed += 1
    if found:
        log.info("swept kind=%s found=%d failed=%d", kind, len(found), failed)
