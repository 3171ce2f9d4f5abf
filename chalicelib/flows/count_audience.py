"""Count an audience: how many would get an issue now, and why others would not."""

from collections import Counter
from datetime import datetime

from chalicelib.domain.audience import Reach
from chalicelib.domain.identity import Identity
from chalicelib.domain.issue import Issue
from chalicelib.domain.suppression import suppression_id
from chalicelib.flows.copy_issue import why_not
from chalicelib.flows.draw_circle import draw_circle
from chalicelib.ports import Lists, Readership

# A page of an answer is at most 1 MB, which is more than so many.
AT_ONCE = 500


def count_audience(issue: Issue, *, readership: Readership, lists: Lists, identity: Identity, now: datetime) -> Reach:
    """Everybody who asked for the newsletter is looked at: a question per 500. Raises StorageUnavailable."""
    circle, after = draw_circle(issue.segment, lists=lists, now=now), ""
    gets, passed_over = 0, Counter[str]()
    while True:
        page = readership.subscribers(after=after, limit=AT_ONCE)
        wanted: list[str] = []
        for each in page.items:
            if reason := why_not(each, issue=issue, circle=circle, suppressed=False, now=now):
                passed_over[reason] += 1
            else:
                wanted.append(suppression_id(each.email, identity=identity))
        known = readership.suppressed(wanted)
        suppressed = sum(each in known for each in wanted)
        gets += len(wanted) - suppressed
        if suppressed:
            passed_over["suppressed"] += suppressed
        after = page.rest
        if not after:
            return Reach(gets=gets, passed_over=dict(passed_over))
