"""The doors of the clock: each schedule runs one flow."""

from __future__ import annotations

import logging

from chalicelib.bootstrap import application
from chalicelib.flows.sweep import sweep as sweep_up

log = logging.getLogger(__name__)


def sweep() -> None:
    """Each minute: look after overdue orders and emails left behind."""
    app = application()
    swept = sweep_up(store=app.store, gateway=app.gateway, emails=app.emails, links=app.links, now=app.now())
    if swept.orders or swept.emails or swept.failed:
        log.info("swept orders=%d emails=%d failed=%d", swept.orders, swept.emails, swept.failed)
