"""Record a proof: where one bounces for good, or its reader complains, nothing is mailed any more."""

import logging
from datetime import datetime

from chalicelib.domain.email import MailNews
from chalicelib.domain.identity import Identity
from chalicelib.flows.suppress import suppress_address
from chalicelib.ports import Store

log = logging.getLogger(__name__)


def record_proof(news: MailNews, *, store: Store, identity: Identity, now: datetime) -> None:
    """Keep what the mail service tells of its address: a proof itself is in no outbox.

    Raises StorageUnavailable; repeating is harmless.
    """
    suppress_address(news, store=store, identity=identity, now=now)
    log.info("issue_proof_%s email_id=%s reason=%s", news.delivery.value, news.email_id, news.reason)
