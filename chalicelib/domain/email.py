"""An email in the outbox: what is to be sent about what, and how far it got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from chalicelib.domain.calendar import local_date
from chalicelib.domain.language import Language

# Longer than any worker lives, so that two never send the same email at once.
LEASE = timedelta(minutes=15)
# How long after each definite refusal the next attempt comes.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))


class EmailKind(StrEnum):
    """Which mail it is; each has its templates."""

    CONFIRMATION = "confirmation"
    WELCOME = "welcome"
    TICKET = "ticket"
    MOVED = "moved"
    REFUND = "refund"
    CANCELLATION = "cancellation"
    PAYMENT_FAILED = "payment_failed"
    SUBSCRIPTION = "subscription"


# What the id of an email that is sent again has, between that of the first and the key of the form.
_AGAIN = "-again-"
# How the id of an email begins that is about a subscriber; all others begin with their kind.
OF_SUBSCRIBER = "subscriber"
# What is no longer true once its order is not confirmed any more, and is then not sent.
OF_CONFIRMED = frozenset({EmailKind.CONFIRMATION, EmailKind.WELCOME, EmailKind.TICKET, EmailKind.MOVED})


class Stream(StrEnum):
    """By which stream a mail goes: each has its own sender, so that trouble with the one does not stop the other."""

    TRANSACTIONAL = "transactional"
    BULK = "bulk"


# Why nothing is sent to somebody: he is not known any more, or his address is on the list of those not to be mailed.
ERASED, SUPPRESSED = "erased", "suppressed"


class Delivery(StrEnum):
    """How far an email got."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"


# How the reason of a bounce begins that will happen again.
PERMANENT = "Permanent"
# What nobody has read, and a person has to see to.
ARRIVED_NOT = frozenset({Delivery.BOUNCED, Delivery.FAILED})
# What news from the mail service may still change; anything else is repeated or late, and ignored.
# A queued email can already have been sent: its news came before we could write that down, or instead of it.
_ON_ITS_WAY = frozenset({Delivery.QUEUED, Delivery.SENDING})
FOLLOWS: dict[Delivery, frozenset[Delivery]] = {
    Delivery.SENT: _ON_ITS_WAY,
    # one that was given up because nobody knew what became of it may have arrived all the same
    Delivery.DELIVERED: _ON_ITS_WAY | {Delivery.SENT, Delivery.FAILED},
    Delivery.BOUNCED: _ON_ITS_WAY | {Delivery.SENT, Delivery.DELIVERED, Delivery.FAILED},
    Delivery.COMPLAINED: _ON_ITS_WAY | {Delivery.SENT, Delivery.DELIVERED, Delivery.FAILED},
    Delivery.FAILED: _ON_ITS_WAY | {Delivery.SENT},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail on its way: no address and no text, those are read when it is sent.

    `due` is from when somebody may take it: at once, after a pause, or when a lease has run out.
    """

    id: str
    language: Language
    delivery: Delivery
    attempt: int
    due: datetime | None
    created_at: datetime
    message_id: str
    reason: str
    version: int

    def claimable(self, *, now: datetime) -> bool:
        return self.delivery in _ON_ITS_WAY and self.due is not None and self.due <= now

    @property
    def exhausted(self) -> bool:
        """Whether it was taken as often as it may be."""
        return self.attempt > len(PAUSES)

    def claimed(self, *, now: datetime) -> Self:
        return replace(self, delivery=Delivery.SENDING, attempt=self.attempt + 1, due=now + LEASE)

    def sent(self, *, message_id: str) -> Self:
        return replace(self, delivery=Delivery.SENT, due=None, message_id=message_id, reason="")

    def postponed(self, *, now: datetime, reason: str) -> Self:
        """After a definite no: again after a pause, or given up when all pauses are used."""
        if self.exhausted:
            return self.failed(reason=reason)
        return replace(self, delivery=Delivery.QUEUED, due=now + PAUSES[self.attempt - 1], reason=reason)

    def waiting(self, *, until: datetime) -> Self:
        """After finding that it has to wait for another: again then, as if it was never claimed."""
        return replace(self, delivery=Delivery.QUEUED, attempt=self.attempt - 1, due=until, reason="pause")

    def failed(self, *, reason: str) -> Self:
        return replace(self, delivery=Delivery.FAILED, due=None, reason=reason)

    def heard(self, news: MailNews) -> Self | None:
        """The mail after news from the mail service; None when the news is repeated or late."""
        if self.delivery not in FOLLOWS.get(news.delivery, frozenset()):
            return None
        message_id = news.message_id or self.message_id
        return replace(self, delivery=news.delivery, due=None, message_id=message_id, reason=news.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Outgoing):
    """A row of the outbox, about an order or a subscriber.

    `attendee` is the number of the attendee whom it goes to, 0 for the buyer; `refund_id` is the refund that it tells
    of, empty for all others. `again` is the key of the form that asked to send one again, empty for the first;
    `waived`: somebody has said that nothing has to be done about it any more. `order_id` is empty when it is about
    nobody's order, and `subscriber_id` unless it asks somebody whether he wants to subscribe.
    """

    kind: EmailKind
    order_id: str
    attendee: int
    refund_id: str
    again: str
    waived: bool
    subscriber_id: str

    @property
    def move(self) -> int:
        """Which move of its event it tells of; 0 when it tells of none."""
        return int(self.id.partition(_AGAIN)[0].rpartition("-")[2]) if self.kind is EmailKind.MOVED else 0

    def waive(self) -> Email:
        """Nothing has to be done about it any more."""
        return replace(self, waived=True)

    def sent_again(self, *, key: str, now: datetime) -> Email:
        """Another email that says the same, asked for by the form with this key."""
        first = self.id.partition(_AGAIN)[0]
        return replace(
            self,
            id=f"{first}{_AGAIN}{key}",
            again=key,
            waived=False,
            delivery=Delivery.QUEUED,
            attempt=0,
            due=now,
            created_at=now,
            message_id="",
            reason="",
            version=1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailNews:
    """What the mail service tells of an email it was given; `address` is whose mailbox it speaks of, if it says so."""

    email_id: str
    delivery: Delivery
    message_id: str
    reason: str
    address: str = ""

    @property
    def for_good(self) -> bool:
        """Whether whoever this was for is not to be mailed again: his mailbox is not there, or he complained."""
        bounced = self.delivery is Delivery.BOUNCED and self.reason.startswith(PERMANENT)
        return bounced or self.delivery is Delivery.COMPLAINED


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFile:
    """A file for somebody's calendar: an entry, or that it is `cancelled`."""

    content: bytes
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A composed mail: one recipient, both texts, and the calendar files that go with it.

    In bulk `unsubscribe_url` is where one click ends it, a page of ours with https, and `list_id` names the list as a
    domain is named; both are empty in what somebody asked for.
    """

    to: str
    subject: str
    html: str
    text: str
    calendars: tuple[CalendarFile, ...] = ()
    stream: Stream = Stream.TRANSACTIONAL
    unsubscribe_url: str = ""
    list_id: str = ""

    def to_list(self, *, list_id: str, unsubscribe_url: str) -> Letter:
        """The letter in bulk."""
        # RFC 8058 knows one click over https only, which a developer's machine does not have
        one_click = unsubscribe_url if unsubscribe_url.startswith("https:") else ""
        return replace(self, stream=Stream.BULK, list_id=list_id, unsubscribe_url=one_click)


def new_email(
    *,
    kind: EmailKind,
    order_id: str,
    language: Language,
    now: datetime,
    attendee: int = 0,
    refund_id: str = "",
    move: int = 0,
) -> Email:
    """An email to be sent once about an order; its id is made of stable facts, so that it cannot exist twice."""
    about = "-".join(str(part) for part in (kind.value, order_id, attendee or refund_id, move) if part)
    return Email(
        id=about,
        kind=kind,
        order_id=order_id,
        attendee=attendee,
        refund_id=refund_id,
        language=language,
        delivery=Delivery.QUEUED,
        attempt=0,
        due=now,
        created_at=now,
        message_id="",
        reason="",
        again="",
        waived=False,
        subscriber_id="",
        version=1,
    )


def new_question(*, subscriber_id: str, language: Language, now: datetime) -> Email:
    """An email that asks somebody whether it is he who wants to subscribe: by its id at most one a day.

    Nobody has to see to it when it does not arrive: whoever typed a wrong address gets no newsletter.
    """
    question = new_email(kind=EmailKind.SUBSCRIPTION, order_id="", language=language, now=now)
    day = f"{local_date(now):%Y%m%d}"
    return replace(question, id=f"{OF_SUBSCRIBER}-{subscriber_id}-{day}", subscriber_id=subscriber_id, waived=True)


def unread(emails: Sequence[Email]) -> tuple[Email, ...]:
    """Those of an order that did not arrive: none of its kind went after it, and nobody has said that this is all
    right."""
    last = {(each.kind, each.attendee): each.id for each in sorted(emails, key=lambda each: each.created_at)}
    return tuple(
        each for each in emails if each.delivery in ARRIVED_NOT and not each.waived and each.id in last.values()
    )
