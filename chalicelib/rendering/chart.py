"""A chart: how many there were on each day, as bars of an SVG and as the rows of its table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT, GAP = 600, 110, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day: its place and height in the picture, and how many there were."""

    day: date
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The bars from the first day to the last; `most` is how many the highest stands for."""

    bars: tuple[Bar, ...]
    most: int
    total: int
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(moments: Iterable[date], *, last: date, days: int) -> Chart:
    """How many of these days are each of the `days` days that end with `last`."""
    counts = Counter(moments)
    shown = [last - timedelta(days=days - 1 - place) for place in range(days)]
    most = max(counts[day] for day in shown)
    step = WIDTH / days
    bars = []
    for place, day in enumerate(shown):
        height = HEIGHT * counts[day] / most if most else 0
        bars.append(
            Bar(
                day=day,
                count=counts[day],
                x=round(place * step + GAP / 2, 1),
                y=round(HEIGHT - height, 1),
                width=round(step - GAP, 1),
                height=round(height, 1),
            )
        )
    return Chart(bars=tuple(bars), most=most, total=sum(bar.count for bar in bars))
