"""A subscription: all that lies here about one address and the newsletter."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.copy import Copy
from chalicelib.domain.email import Email
from chalicelib.domain.issue import Issue
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.suppression import Suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who he is as a subscriber, why he is not mailed, the mails that asked him, and each issue that went to him with
    its copy; nothing of each if there is none.

    A suppression alone is nobody's subscription: it is all that is left of somebody who was erased.
    """

    subscriber: Subscriber | None = None
    suppression: Suppression | None = None
    questions: tuple[Email, ...] = ()
    received: tuple[tuple[Issue, Copy], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.subscriber or self.questions or self.received)


NO_SUBSCRIPTION = Subscription()
