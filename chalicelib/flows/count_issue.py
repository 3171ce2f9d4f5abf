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
        counts += count_shelf(shelf, readership=readership)
    return keep_count(counts, issue_id=issue_id, store=store, per_hour=per_hour, now=now)


def count_shelf(shelf: str, *, readership: Readership) -> Counter[str]:
    """How many of the copies on a shelf got how far. Raises StorageUnavailable."""
    counts: Counter[str] = Counter()
    rest = ""
    while True:
        page = readership.copies(shelf, rest=rest, limit=AT_ONCE)
        counts += count(page.items)
        rest = page.rest
        if not rest:
            return counts


def keep_count(counts: Counter[str], *, issue_id: str, store: Store, per_hour: int, now: datetime) -> IssueCount:
    """The count as it is kept. Raises StorageUnavailable."""
    counted = IssueCount(issue_id=issue_id, counts=dict(counts), per_hour=per_hour, counted_at=now)
    unit = store.unit_of_work()
    unit.issue_counts.keep(counted)
    unit.commit()
    return counted
