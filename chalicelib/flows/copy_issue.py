"""Copy an issue: make the row of each who gets it, page by page, so that it goes on where it stopped."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.copy import new_copy
from chalicelib.domain.error import Changed
from chalicelib.domain.identity import Identity
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.domain.segment import Circle
from chalicelib.domain.subscriber import Standing, Subscriber
from chalicelib.domain.suppression import suppression_id
from chalicelib.ports import Readership, Store

log = logging.getLogger(__name__)

# A transaction takes a hundred writes; one of them says how far it got.
AT_ONCE = 50


def copy_issue(
    issue: Issue,
    *,
    circle: Circle,
    store: Store,
    readership: Readership,
    identity: Identity,
    goes_on: Callable[[], bool],
    now: datetime,
) -> Issue:
    """The issue once it is copied, or as far as it got. Raises StorageUnavailable; repeating goes on.

    The copies of a page and the place where the next begins are one commit: nobody is left out and nobody gets two.
    """
    while issue.state is IssueState.SENDING and not issue.prepared and goes_on():
        page = readership.subscribers(after=issue.cursor, limit=AT_ONCE)
        ids = {each.id: suppression_id(each.email, identity=identity) for each in page.items}
        suppressed = readership.suppressed(ids.values())
        passed_over, readers = Counter[str](), list[Subscriber]()
        for each in page.items:
            reason = why_not(each, issue=issue, circle=circle, suppressed=ids[each.id] in suppressed, now=now)
            if reason:
                passed_over[reason] += 1
            else:
                readers.append(each)
        cursor = page.items[-1].id if page.items else issue.cursor
        unit = store.unit_of_work()
        # the issue first: whoever was at these readers too has changed it, and that is what a conflict is about
        after = unit.issues.update(
            issue.copied(cursor=cursor, copies=len(readers), passed_over=passed_over, done=not page.rest)
        )
        for each in readers:
            unit.copies.add(new_copy(issue, subscriber_id=each.id, now=now))
        try:
            unit.commit()
        except Changed:
            log.info("issue_changed_meanwhile issue_id=%s", issue.id)
            issue = store.unit_of_work().issues.get(issue.id) or issue
            continue
        issue = after
    if issue.prepared:
        log.info("issue_copied issue_id=%s copies=%d passed_over=%s", issue.id, issue.copies, dict(issue.passed_over))
    return issue


def why_not(subscriber: Subscriber, *, issue: Issue, circle: Circle, suppressed: bool, now: datetime) -> str:
    """Why an issue does not go to somebody; empty when it does."""
    if subscriber.standing is not Standing.CONFIRMED:
        return subscriber.standing.value
    if issue.topic not in subscriber.topics:
        return "other_topic"
    if not subscriber.mailed(issue.topic, now=now):
        return "paused"
    language = issue.segment.language
    if not circle.holds(subscriber) or (language and subscriber.language is not language):
        return "other_segment"
    return "suppressed" if suppressed else ""
