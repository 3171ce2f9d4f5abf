"""A subscription: all that lies here about one address and the newsletter."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.email import Email
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.suppression import Suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Who he is as a subscriber, why he is not mailed, and the mails that asked him; nothing of each if there is none.

    A suppression without its address is not his to be found: it is all that is left of somebody who was erased.
    """

    subscriber: Subscriber | None = None
    suppression: Suppression | None = None
    questions: tuple[Email, ...] = ()

    def __bool__(self) -> bool:
        return self.subscriber is not None or self.suppression is not None


NO_SUBSCRIPTION = Subscription()
