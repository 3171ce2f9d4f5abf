"""The doors of the clock: what each schedule finds to do, one piece at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.bootstrap import Application, application
from chalicelib.domain.error import PaymentBusy, QueueUnavailable, Unavailable
from chalicelib.domain.metric import Metric
from chalicelib.domain.reconciliation import Round, Window
from chalicelib.flows.give_back import give_back
from chalicelib.flows.look_after import look_after
from chalicelib.flows.report_dead_letters import report_dead_letters
from chalicelib.flows.retain import Retention
from chalicelib.flows.send_email import send_email

if TYPE_CHECKING:
    from chalicelib.flows.reconcile import Reconciliation

log = logging.getLogger(__name__)

# The fast path gets this long before the sweep offers an email again.
FAST_PATH = timedelta(seconds=30)
# And this long it is offered; whoever has not taken it by then does not work, however willing the queue is.
QUEUE_PATIENCE = timedelta(minutes=10)
# How many are found at once, and how long it goes on: a slow Stripe must not run it into Lambda's time limit of 60 s.
MOST = 50
PATIENCE = timedelta(seconds=30)
# However many emails were left behind, there is time for the orders.
EMAIL_PATIENCE = PATIENCE / 3
# Of the five minutes that Lambda gives it; one page takes up to half a minute at the pace of a schedule.
RECONCILE_PATIENCE = timedelta(minutes=4)
# Of the minute that Lambda gives it; the next hour goes on.
RETAIN_PATIENCE = timedelta(seconds=40)
# Of the quarter of an hour that Lambda gives it: what is in hand then still has to go.
NEWSLETTER_PATIENCE = timedelta(minutes=13)


def sweep() -> None:
    """Each minute: emails left behind, refunds to be made, orders that are due; the next minute goes on."""
    app, now = application(), application().now()
    gateway = app.paced_gateway()
    mailroom = _Mailroom(app)

    def look(order_id: str) -> None:
        look_after(order_id, store=app.store, gateway=gateway, emails=app.emails, links=app.links, now=app.now())

    def refund(refund_key: str) -> None:
        give_back(refund_key, store=app.store, gateway=gateway, emails=app.emails, now=app.now())

    overdue = _pages(lambda limit: app.store.due_emails(before=now - QUEUE_PATIENCE, limit=limit))
    emails = _pages(lambda limit: app.store.due_emails(before=now - FAST_PATH, limit=limit))
    refunds = _pages(lambda limit: app.store.due_refunds(before=now, limit=limit))
    orders = _pages(lambda limit: app.store.due_orders(before=now, limit=limit))
    _each(overdue, mailroom.send, kind="email", until=now + EMAIL_PATIENCE)
    _each(emails, mailroom.see_to, kind="email", until=now + EMAIL_PATIENCE)
    _each(refunds, refund, kind="refund", until=now + 2 * EMAIL_PATIENCE)
    _each(orders, look, kind="order", until=now + PATIENCE)
    # what is overdue still; a sweep that does not come this far tells nothing, which is watched too
    app.metrics.tell(Metric.OVERDUE_SECONDS, int(app.store.overdue(now=now).total_seconds()), now=now)


def reconcile() -> None:
    """Every few minutes: compare with Stripe what is due to be, going on where the last run stopped."""
    app, now = application(), application().now()
    reconciliation = app.reconciliation()

    def goes_on(_: Round) -> bool:
        return app.now() - now < RECONCILE_PATIENCE

    try:
        for window in Window:
            _reconcile(reconciliation, window, goes_on=goes_on)
    except PaymentBusy:
        log.warning("reconcile_gives_way")  # visitors go first
    finally:
        report_dead_letters(dead_letters=app.dead_letters)
        app.metrics.tell(Metric.DIFFERENCES, len(app.store.differences()), now=now)


def _reconcile(reconciliation: Reconciliation, window: Window, *, goes_on: Callable[[Round], bool]) -> None:
    """One window; what stops it stops no other, and is tried again by the next run."""
    try:
        reconciliation.reconcile(window, goes_on=goes_on)
    except PaymentBusy:
        raise
    except Unavailable as error:
        log.warning("reconcile_stopped window=%s error=%s", window, type(error).__name__)
    except Exception as error:  # a worker's door
        log.exception("reconcile_failed window=%s", window, exc_info=error)


def retain() -> None:
    """Each hour: once a day erase what has been kept long enough, going on where the last run stopped."""
    app, now = application(), application().now()
    retention = Retention(store=app.store, lists=app.lists, terms=app.settings.terms, clock=app.now, tried=_tried)
    retention.run(goes_on=lambda: app.now() - now < RETAIN_PATIENCE)


def newsletter() -> None:
    """Each minute: issues that are due, one after the other; a run goes on for as long as Lambda lets it."""
    app, began = application(), application().now()

    def goes_on() -> bool:
        return app.now() - began < NEWSLETTER_PATIENCE

    for issue_id in app.readership.due_issues(before=began, limit=MOST):
        try:
            app.issue_sending(goes_on=goes_on).send(issue_id)
        except Unavailable as error:
            log.warning("issue_stopped issue_id=%s error=%s", issue_id, type(error).__name__)
        except Exception as error:  # a worker's door: one issue that cannot be sent must not stop the others
            log.exception("issue_failed issue_id=%s", issue_id, exc_info=error)


def _tried[Result](work: Callable[[], Result], *, about: str) -> Result | None:
    try:
        return work()
    except Unavailable:
        raise
    except Exception as error:  # a worker's door: one bad record must not keep all others for ever
        log.exception("retention_failed about=%s", about, exc_info=error)
        return None


class _Mailroom:
    """Sees to emails left behind: its worker sends them; we do, for the rest of a sweep, once the queue refuses one.

    A dead queue takes seconds to say so: asked for each email, it would leave no time to send any.
    """

    def __init__(self, app: Application) -> None:
        self._app, self._refused = app, False

    def see_to(self, email_id: str) -> None:
        if not self._refused:
            try:
                self._app.emails.put(email_id)
            except QueueUnavailable as error:
                log.warning("sweep_sends_itself error=%s", error)
                self._refused = True
        if self._refused:
            self.send(email_id)

    def send(self, email_id: str) -> None:
        app = self._app
        send_email(
            email_id,
            store=app.store,
            composer=app.composer,
            sender=app.sender,
            identity=app.identity,
            pause=app.settings.limits.mail_pause,
            now=app.now(),
        )


def _pages(find: Callable[[int], Sequence[str]]) -> Iterator[str]:
    """All that is found, each once: what was looked at may still be due, and then comes first again."""
    seen: set[str] = set()
    while fresh := [key for key in find(len(seen) + MOST) if key not in seen]:
        seen.update(fresh)
        yield from fresh


def _each(found: Iterable[str], work: Callable[[str], None], *, kind: str, until: datetime) -> None:
    """Every piece is tried, whatever became of the one before; what failed or was not reached is found next time."""
    tried = failed = 0
    for key in found:
        if application().now() > until:
            log.info("sweep_out_of_time kind=%s", kind)
            break
        tried += 1
        try:
            work(key)
        except PaymentBusy:
            log.warning("sweep_gives_way kind=%s %s_id=%s", kind, kind, key)
            break  # visitors go first
        except Exception as error:  # a worker's door: one bad record must not stop the whole sweep
            log.exception("sweep_failed %s_id=%s", kind, key, exc_info=error)
            failed += 1
    if tried:
        log.info("swept kind=%s tried=%d failed=%d", kind, tried, failed)
