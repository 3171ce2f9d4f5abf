"""Follow a link of an issue: where it leads, and one more who went there."""

import logging
from datetime import datetime

from chalicelib.domain.error import StorageUnavailable
from chalicelib.ports import Clicks, IssueComposer, Store

log = logging.getLogger(__name__)


def follow_link(
    issue_id: str, number: int, *, store: Store, composer: IssueComposer, clicks: Clicks | None, now: datetime
) -> str | None:
    """Where the link leads that has this number in the issue as it was sent; None when there is none.

    It leads nowhere else, whatever was asked. Without `clicks` nobody counts; and whoever cannot be counted gets there
    all the same. Raises StorageUnavailable when the issue itself cannot be read.
    """
    unit = store.unit_of_work()
    issue = unit.issues.get(issue_id)
    text = unit.issue_texts.get(issue_id) if issue and issue.public else None
    links = composer.links(text.source, now=now) if text else ()
    if not 0 < number <= len(links):
        return None
    if clicks:
        try:
            clicks.count(issue_id, number)
        except StorageUnavailable as error:
            log.warning("click_not_counted issue_id=%s number=%d reason=%s", issue_id, number, error)
    return links[number - 1]
