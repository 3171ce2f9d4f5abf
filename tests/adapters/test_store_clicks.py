"""The contract of clicks, on every engine: each link of each issue by itself, and nobody is missed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.adapters.dynamodb.clicks import TableClicks
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.issue import IssueText
from tests.adapters.bench import Bench

ISSUE, OTHER = "q7mmnf2nqzv4k3bq", "aaaaaaaaaaaaaaaa"


def _clicks(bench: Bench) -> TableClicks:
    return TableClicks(bench.client, table=bench.table)


def test_each_link_of_each_issue_is_counted_by_itself(bench: Bench) -> None:
    bench.write(lambda unit: unit.issue_texts.add(IssueText(issue_id=ISSUE, source="x", version=1)))
    clicks = _clicks(bench)
    assert clicks.counts(ISSUE) == {}
    for issue_id, number in ((ISSUE, 1), (ISSUE, 12), (ISSUE, 1), (OTHER, 1)):
        clicks.count(issue_id, number)
    assert clicks.counts(ISSUE) == {1: 2, 12: 1}
    assert clicks.counts(OTHER) == {1: 1}


def test_many_who_follow_it_at_once_are_all_counted(bench: Bench) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _clicks(bench).count(ISSUE, 3), range(40)))
    assert _clicks(bench).counts(ISSUE) == {3: 40}


def test_a_table_that_does_not_count_is_said_to_be_unavailable(bench: Bench) -> None:
    clicks = TableClicks(bench.client, table="loket-nowhere")
    with pytest.raises(StorageUnavailable):
        clicks.count(ISSUE, 1)
    with pytest.raises(StorageUnavailable):
        clicks.counts(ISSUE)
