"""An account at a mail service in memory."""

from chalicelib.domain.error import MailUnavailable
from chalicelib.domain.mail_quota import MailQuota


class FakeMailAccount:
    """Says what it is told to say, and nothing while it is `down`."""

    def __init__(self, *, per_second: float = 14, per_day: float = 50_000, sent: float = 0) -> None:
        self.per_second, self.per_day, self.sent = per_second, per_day, sent
        self.down = False

    def quota(self) -> MailQuota:
        if self.down:
            raise MailUnavailable("ServiceUnavailable")
        return MailQuota(per_second=self.per_second, per_day=self.per_day, sent=self.sent)
