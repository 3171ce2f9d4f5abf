"""Record a delivery: write down what the mail service tells of an email."""

import logging
from datetime import datetime

from chalicelib.domain.email import ARRIVED_NOT, Delivery, Email, MailNews
from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.suppression import suppression_id
from chalicelib.flows.check_order import check_order
from chalicelib.flows.suppress import stage_suppression, suppress_address
from chalicelib.ports import Store, UnitOfWork

log = logging.getLogger(__name__)


def record_delivery(news: MailNews, *, store: Store, identity: Identity, now: datetime) -> None:
    """Move the email on; repeated or late news changes nothing. Raises StorageUnavailable.

    One that did not arrive is on the list of what needs a person from now on. An address that bounces for good, or
    whose owner complains, is suppressed in the same commit, and also when the email is not kept (any more); one to
    which a mail was sent again all the same, and came there, is so no longer.
    """
    for _ in range(5):
        unit = store.unit_of_work()
        email = unit.emails.get(news.email_id)
        if email is None:
            log.info("mail_gone email_id=%s delivery=%s", news.email_id, news.delivery.value)
            suppress_address(news, store=store, identity=identity, now=now)
            return
        after = email.heard(news)
        if after is None:
            log.info("mail_news_ignored email_id=%s delivery=%s", news.email_id, news.delivery.value)
            if email.order_id and email.delivery in ARRIVED_NOT:
                check_order(email.order_id, store=store, now=now)  # we may have stopped before that, the last time
            return
        unit.emails.update(after)
        _keep_suppressions(news, after, unit=unit, identity=identity, now=now)
        try:
            unit.commit()
        except Changed:
            continue  # the sender wrote its own result at the same time, or he complained: look again
        log.info("email_%s email_id=%s reason=%s", after.delivery.value, after.id, after.reason)
        if after.order_id and after.delivery in ARRIVED_NOT:
            check_order(after.order_id, store=store, now=now)
        return
    raise StorageUnavailable(f"email {news.email_id} kept changing")


def _keep_suppressions(news: MailNews, email: Email, *, unit: UnitOfWork, identity: Identity, now: datetime) -> None:
    stage_suppression(news, unit=unit, identity=identity, now=now)
    if news.address and news.delivery is Delivery.DELIVERED and email.again:
        known = unit.suppressions.get(suppression_id(news.address, identity=identity))
        if known and not known.complained:
            unit.suppressions.remove(known)
