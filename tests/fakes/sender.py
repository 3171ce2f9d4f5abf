"""A mail service in memory."""

from chalicelib.domain.email import Letter


class FakeSender:
    """Keeps what was sent; `failures` are raised by the next calls, before (or `after`) the mail is accepted."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Letter]] = []
        self.failures: list[Exception] = []
        self.failures_after: list[Exception] = []

    def send(self, letter: Letter, *, email_id: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((email_id, letter))
        if self.failures_after:
            raise self.failures_after.pop(0)
        return f"message-{len(self.sent)}"

    def ids(self) -> list[str]:
        return [email_id for email_id, _ in self.sent]
