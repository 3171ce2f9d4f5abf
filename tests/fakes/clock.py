"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Gives the same moment until it is advanced."""

    def __init__(self, moment: datetime = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> datetime:
        self.moment += timedelta(**duration)
        return self.moment
