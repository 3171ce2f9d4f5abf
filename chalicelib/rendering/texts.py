"""Texts: the catalogue of one language, and how amounts, dates and times are written in it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chalicelib.domain.calendar import AMSTERDAM


class Texts:
    """The catalogue of one language, by dotted key."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._texts = dict(_flat(tables))

    def __call__(self, key: str, **values: object) -> str:
        """The text with its values filled in. Raises KeyError for an unknown key or a missing value."""
        return self._texts[key].format(**values)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def euro(self, cents: int) -> str:
        """An amount of whole cents, such as € 1.234,50."""
        whole, rest = divmod(abs(cents), 100)
        grouped = f"{whole:,}".replace(",", self("number.thousands"))
        amount = f"{grouped}{self('number.decimal')}{rest:02}"
        return self("number.negative" if cents < 0 else "number.euro", amount=amount)

    def price(self, cents: int) -> str:
        """An amount as a price is told: whole euros without their cents, such as € 549."""
        amount = self.euro(cents)
        return amount if cents % 100 else amount.removesuffix(f"{self('number.decimal')}00")

    def date(self, day: date) -> str:
        """A date, or the date in Amsterdam of a moment, such as 25 november 2026."""
        local = day.astimezone(AMSTERDAM).date() if isinstance(day, datetime) else day
        return self("date.date", day=local.day, month=self(f"date.month_{local.month}"), year=local.year)

    def weekday(self, moment: datetime) -> str:
        """A date in Amsterdam with its day, such as woensdag 25 november 2026."""
        local = moment.astimezone(AMSTERDAM)
        return self("date.weekday", weekday=self(f"date.weekday_{local.isoweekday()}"), date=self.date(moment))

    def time(self, moment: datetime) -> str:
        return f"{moment.astimezone(AMSTERDAM):%H:%M}"

    def wait(self, minutes: int) -> str:
        """After how long something may be done again, such as over 7 minuten."""
        if minutes >= 2 * 60:
            return self("limit.hours", hours=-(-minutes // 60))
        return self("limit.minute") if minutes == 1 else self("limit.minutes", minutes=minutes)

    def moment(self, moment: datetime) -> str:
        return self("date.moment", date=self.date(moment), time=self.time(moment))


def _flat(tables: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in tables.items():
        key = f"{path}.{name}" if path else name
        found += _flat(value, key) if isinstance(value, Mapping) else [(key, value)]
    return found
