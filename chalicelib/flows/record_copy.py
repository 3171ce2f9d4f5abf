"""Record a copy: write down what the mail service tells of it, or that its reader unsubscribed by it."""

import logging
from datetime import datetime

from chalicelib.domain.copy import copy_id
from chalicelib.domain.email import MailNews
from chalicelib.domain.error import Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.flows.suppress import stage_suppression, suppress_address
from chalicelib.ports import Store

log = logging.getLogger(__name__)

TRIES = 5


def record_copy(news: MailNews, *, store: Store, identity: Identity, now: datetime) -> None:
    """Move the copy on; repeated or late news changes nothing. Raises StorageUnavailable.

    An address that bounces for good, or whose owner complains, is suppressed in the same commit, and also when the copy
    was erased.
    """
    for _ in range(TRIES):
        unit = store.unit_of_work()
        copy = unit.copies.get(news.email_id)
        if copy is None:
            log.info("copy_gone copy_id=%s delivery=%s", news.email_id, news.delivery.value)
            suppress_address(news, store=store, identity=identity, now=now)
            return
        after = copy.heard(news)
        if after is None:
            log.info("copy_news_ignored copy_id=%s delivery=%s", news.email_id, news.delivery.value)
            return
        unit.copies.update(after)
        stage_suppression(news, unit=unit, identity=identity, now=now)
        try:
            unit.commit()
        except Changed:
            continue  # whoever sent it wrote its own result at the same time: look again
        log.info("copy_%s copy_id=%s reason=%s", after.delivery.value, after.id, after.reason)
        return
    raise StorageUnavailable(f"copy {news.email_id} kept changing")


def record_leaving(subscriber_id: str, *, issue_id: str, store: Store) -> None:
    """Its reader unsubscribed by a link in it: for the results, which may miss one. Raises StorageUnavailable."""
    for _ in range(TRIES):
        unit = store.unit_of_work()
        copy = unit.copies.get(copy_id(issue_id=issue_id, subscriber_id=subscriber_id))
        if copy is None or copy.left:
            return
        unit.copies.update(copy.unsubscribed())
        try:
            unit.commit()
        except Changed:
            continue
        return
