"""Days: as people write them, in Dutch or as ISO has them."""

from __future__ import annotations

import re
from datetime import date

from chalicelib.web.formats import Malformed

_DATES = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<day>[0-9]{1,2})(?P<sign>[-/])(?P<month>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4})"),
)
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([-/])[0-9]{1,2}\1[0-9]{2}")


def read_day(text: str) -> date:
    """A day as people write it. Raises Malformed: date_missing, date_short_year or date_malformed."""
    raw = text.strip()
    if not raw:
        raise Malformed("date_missing")
    if match := next(filter(None, (pattern.fullmatch(raw) for pattern in _DATES)), None):
        try:
            return date(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            pass  # there is no such day
    raise Malformed("date_short_year" if _SHORT_YEAR.fullmatch(raw) else "date_malformed")
