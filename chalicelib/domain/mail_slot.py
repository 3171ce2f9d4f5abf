"""A mail slot: which email has gone to somebody, so that another of the same kind waits a while."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSlot:
    """Taken by one email until a moment; the id stands for a kind, an offer and an address, without telling which."""

    id: str
    email_id: str
    until: datetime
