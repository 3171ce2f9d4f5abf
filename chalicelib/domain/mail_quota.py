"""A mail quota: how fast and how much an account may send, and what share of that the newsletter takes."""

from __future__ import annotations

from dataclasses import dataclass

# Of what an account may send in a second, and in a day, so much is left to tickets and receipts.
LEFT_TO_OTHERS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuota:
    """What the mail service says of the account: recipients in a second and in 24 hours, and how many there were."""

    per_second: float
    per_day: float
    sent: float

    @property
    def rate(self) -> float:
        """Newsletters a second; never less than one in two seconds."""
        return max(0.5, self.per_second * (1 - LEFT_TO_OTHERS))

    @property
    def left(self) -> int:
        """Newsletters that may still go now; what is kept back are tickets and receipts."""
        return max(0, int(self.per_day * (1 - LEFT_TO_OTHERS) - self.sent))

    def covers(self, count: int) -> bool:
        """Whether so many newsletters may go now."""
        return self.unlimited or count <= self.left

    @property
    def unlimited(self) -> bool:
        """SES says so by a negative number."""
        return self.per_day < 0
