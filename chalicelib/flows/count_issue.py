"""Count an issue: how many of its copies got how far."""

from collections import Counter
from datetime import datetime

from chalicelib.domain.copy import count
from chalicelib.domain.issue import IssueCount
from chalicelib.ports import Readership, Store

AT_ONCE = 1_000


def count_issue(issue_id: str, *, store: Store, readership: Readership, per_hour: int, now: datetime) -> IssueCount:
    """The count, which is kept for whoever wants to see it. Raises StorageUnavailable."""
    counts: Counter[str] = Counter()
    for shelf in readership.shelves(issue_id):
        rest = ""
        while True:
            page = readership.copies(shelf, rest=rest, limit=AT_ONCE)
            counts.update(count(page.items))
            rest = page.rest
            if not rest:
                break
    counted = IssueCount(issue_id=issue_id, counts=dict(counts), per_hour=per_hour, counted_at=now)
    unit = store.unit_of_work()
    unit.issue_counts.keep(counted)
    unit.commit()
    return counted
