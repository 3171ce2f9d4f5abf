"""Terms of whole months, and the day in Amsterdam."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.calendar import last_day_of_term, local_date


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2026-11-25", 12, "2027-11-24"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2027-03-01", 12, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-14"),
    ],
)
def test_a_term_ends_the_day_before_it_would_begin_again(first: str, months: int, last: str) -> None:
    assert last_day_of_term(first_day=date.fromisoformat(first), months=months) == date.fromisoformat(last)


@given(first=st.dates(date(2020, 1, 1), date(2090, 1, 1)), months=st.integers(1, 120))
def test_a_term_is_as_long_as_its_months(first: date, months: int) -> None:
    days = (last_day_of_term(first_day=first, months=months) - first).days + 1
    assert 28 * months <= days <= 31 * months


def test_the_day_is_amsterdams() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert local_date(late) == date(2027, 1, 1)
    assert local_date(late - timedelta(hours=1)) == date(2026, 12, 31)
    summer = datetime(2027, 6, 30, 22, 0, tzinfo=UTC)
    assert local_date(summer) == date(2027, 7, 1)
