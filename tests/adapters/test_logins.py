"""Logins: tries are counted by the table itself, before anything is compared, and no more than five."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.adapters.dynamodb.logins import TableLogins
from chalicelib.domain.login import LIFE, MOST_TRIES
from tests.adapters.bench import Bench
from tests.adapters.samples import NOW
from tests.adapters.staff_samples import LOGIN


@pytest.fixture
def logins(bench: Bench) -> TableLogins:
    logins = TableLogins(bench.client, table=bench.table)
    logins.keep(LOGIN)
    return logins


def test_what_is_kept_is_there(logins: TableLogins) -> None:
    assert logins.get(LOGIN.id) == LOGIN
    assert logins.get("another") is None


def test_a_try_is_counted_and_the_sixth_is_none(logins: TableLogins) -> None:
    for number in range(1, MOST_TRIES + 1):
        assert logins.count_try(LOGIN.id, now=NOW) == replace(LOGIN, tries=number)
    assert logins.count_try(LOGIN.id, now=NOW) is None
    assert logins.get(LOGIN.id) == replace(LOGIN, tries=MOST_TRIES)


def test_what_has_run_out_or_never_was_has_no_tries(logins: TableLogins) -> None:
    assert logins.count_try(LOGIN.id, now=NOW + LIFE) is None
    assert logins.count_try(LOGIN.id, now=NOW + LIFE - timedelta(seconds=1)) is not None
    assert logins.count_try("another", now=NOW) is None
    assert logins.get("another") is None, "nothing comes into being by trying"


def test_tries_at_one_moment_are_all_counted(logins: TableLogins) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda _: logins.count_try(LOGIN.id, now=NOW), range(30)))
    assert Counter(each is not None for each in found) == {True: MOST_TRIES, False: 30 - MOST_TRIES}
