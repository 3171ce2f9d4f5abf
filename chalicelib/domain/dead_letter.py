"""A dead letter: a message that its worker kept failing at, and what became of its work meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.email import Delivery, Email
from chalicelib.domain.order import Order
from chalicelib.domain.state import State

# How long the queue service keeps a letter, counted from when it was first put, not from when it was laid aside.
KEPT = timedelta(days=14)


class WorkerQueue(StrEnum):
    """The queues to the workers, each of which lays its dead letters aside."""

    PAYMENTS = "payments"
    EMAILS = "emails"
    DELIVERIES = "deliveries"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message as it lies aside; `body` may hold personal data, and is for its worker's eyes only.

    `handed_out` counts the tries of its worker, and each look at it since.
    """

    id: str
    queue: WorkerQueue
    body: str
    put_at: datetime
    handed_out: int

    @property
    def kept_until(self) -> datetime:
        return self.put_at + KEPT


class Matter(StrEnum):
    """What a letter is about, and how that stands now."""

    # the worker of payments: a checkout session
    ORDER_BEHIND = "order_behind"
    ORDER_UP_TO_DATE = "order_up_to_date"
    ORDER_UNKNOWN = "order_unknown"
    SESSION_UNKNOWN = "session_unknown"
    # the worker of emails: an email of the outbox
    EMAIL_DUE = "email_due"
    EMAIL_LATER = "email_later"
    EMAIL_GONE = "email_gone"
    EMAIL_GIVEN_UP = "email_given_up"
    EMAIL_UNKNOWN = "email_unknown"
    # the worker of deliveries: what the mail service tells of an email
    NEWS_NEW = "news_new"
    NEWS_KNOWN = "news_known"
    NEWS_OF_NOTHING = "news_of_nothing"
    # any worker
    UNREADABLE = "unreadable"
    NOT_SEEN = "not_seen"


# What an offered letter still brings about; the others ask for what is done already, or cannot be done any more.
_TO_DO = frozenset({Matter.ORDER_BEHIND, Matter.EMAIL_DUE, Matter.NEWS_NEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A dead letter and how its work stands; no address and no text is in here but in the letter's body.

    `becomes` is what offering it again makes of the order or the email.
    """

    letter: DeadLetter
    matter: Matter
    order: Order | None = None
    email: Email | None = None
    becomes: State | Delivery | None = None

    @property
    def readable(self) -> bool:
        return self.matter is not Matter.UNREADABLE

    @property
    def to_do(self) -> bool:
        """Whether offering it again still brings something about, as far as can be seen."""
        return self.matter in _TO_DO


@dataclass(frozen=True, slots=True, kw_only=True)
class Redriven:
    """What was done with a dead letter: offered to its worker again, or left where it was."""

    explained: Explained
    offered: bool
