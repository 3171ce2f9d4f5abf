"""An accepted message and how far it came."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from devstack.ses.letter import Letter


class State(StrEnum):
    """How far a message came, as the mailbox shows it."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One accepted message; its state is that of the last thing that happened to one of its copies."""

    id: str
    sent_at: datetime
    sender: str
    recipients: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    configuration_set: str | None
    letter: Letter
    state: State = State.ACCEPTED
    events: tuple[str, ...] = ()

    def is_about(self, words: str) -> bool:
        """Whether the words stand in its subject or in an address that it goes to."""
        return any(words in place for place in (self.letter.subject, *self.recipients))
