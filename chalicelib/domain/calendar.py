"""Dates as the association's members read them: in Europe/Amsterdam."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local_date(moment: datetime) -> date:
    """The date in Amsterdam at a moment in UTC."""
    return moment.astimezone(AMSTERDAM).date()


def end_of_day(moment: datetime) -> datetime:
    """When the day in Amsterdam of a moment is over, in UTC."""
    return datetime.combine(local_date(moment) + timedelta(days=1), time(), tzinfo=AMSTERDAM).astimezone(UTC)


def last_day_of_term(*, first_day: date, months: int) -> date:
    """The last day of a term of whole months: from 15 March, 12 months last through 14 March."""
    years, month = divmod(first_day.month - 1 + months, 12)
    year, month = first_day.year + years, month + 1
    length = monthrange(year, month)[1]
    if first_day.day > length:
        return date(year, month, length)
    return date(year, month, first_day.day) - timedelta(days=1)
