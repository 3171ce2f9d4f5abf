"""A suppression: an address that nothing is sent to any more, until somebody says that it works again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.email import Delivery, EmailKind, MailNews
from chalicelib.domain.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Why an address is not mailed.

    The id stands for the address without telling it, so that it outlives an erasure. `email_id` is the mail that
    brought it about: whoever wants to know whose address it is, looks whom that mail is for.
    """

    id: str
    cause: Delivery
    reason: str
    email_id: str
    at: datetime

    @property
    def mark(self) -> str:
        """What tells it apart from what it may have become since somebody saw it."""
        return f"{self.cause.value} {self.email_id}"

    @property
    def kind(self) -> str:
        """The first word of its mail's id: which mail it was, or that it was a newsletter."""
        return self.email_id.partition("-")[0]

    @property
    def order_id(self) -> str:
        """The order that its mail was about; empty when it was about none."""
        return self.email_id.split("-")[1] if self.kind in set(EmailKind) and "-" in self.email_id else ""

    @property
    def complained(self) -> bool:
        return self.cause is Delivery.COMPLAINED


def suppression_id(address: str, *, identity: Identity) -> str:
    return identity.subject("suppression", address)


def suppress(news: MailNews, *, identity: Identity, now: datetime) -> Suppression:
    """The suppression that news for good brings about; the news says whose address it is."""
    return Suppression(
        id=suppression_id(news.address, identity=identity),
        cause=news.delivery,
        reason=news.reason,
        email_id=news.email_id,
        at=now,
    )
