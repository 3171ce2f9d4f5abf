"""A mail service in memory."""

from collections.abc import Callable
from datetime import datetime

from chalicelib.domain.email import Letter


class FakeSender:
    """Keeps what was sent and when; `failures` are raised by the next calls, before or `after` a mail is accepted."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.sent: list[tuple[str, Letter]] = []
        self.moments: list[datetime] = []
        self.failures: list[Exception] = []
        self.failures_after: list[Exception] = []

    def send(self, letter: Letter, *, email_id: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((email_id, letter))
        self.moments.append(self._clock())
        if self.failures_after:
            raise self.failures_after.pop(0)
        return f"message-{len(self.sent)}"

    def ids(self) -> list[str]:
        return [email_id for email_id, _ in self.sent]
