"""The post office: it checks, keeps and reports on every message handed in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from threading import Event, Lock, Thread
from uuid import uuid4

from devstack.ses import inspection
from devstack.ses.events import SEND, event_text, steps_for
from devstack.ses.faults import CALL_FAULTS, NEWS_FAULTS, Fault, FaultBox, FaultKind
from devstack.ses.identities import Identities
from devstack.ses.letter import Letter
from devstack.ses.message import Message, State
from devstack.ses.refusals import Refusal, bad_request

MAX_24_HOUR_SEND = 50_000
MAX_SEND_RATE = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One SendEmail call, unpacked but not yet judged."""

    source: str | None
    destination: tuple[str, ...]
    raw: bytes
    tags: tuple[tuple[str, str], ...] = ()
    configuration_set: str | None = None


class PostOffice:
    """All messages accepted since the start, newest first; safe to use from many threads."""

    def __init__(
        self,
        *,
        verified: frozenset[str],
        clock: Callable[[], datetime],
        publish: Callable[[str], None],
        delivery_seconds: float = 0.3,
    ) -> None:
        self.faults = FaultBox()
        self.identities = Identities(verified)
        self.in_sandbox, self.may_send = False, True
        self._clock = clock
        self._publish = publish
        self._delivery_seconds = delivery_seconds
        self._lock = Lock()
        self._messages: dict[str, Message] = {}
        self._handed_in: list[tuple[datetime, int]] = []
        self._closing = Event()

    def send(self, posting: Posting) -> str:
        """Accept a message and answer its id, unless a check or an ordered misfortune prevents it."""
        fault = self.faults.take(CALL_FAULTS)
        if fault is not None:
            self._strike(fault)
        message = self._accept(posting)
        if fault is not None and fault.kind is FaultKind.TIMEOUT_AFTER:
            self._closing.wait(fault.seconds)
        return message.id

    def messages(self) -> tuple[Message, ...]:
        """Every message, newest first."""
        with self._lock:
            return tuple(reversed(self._messages.values()))

    def message(self, message_id: str) -> Message | None:
        """One message by its id."""
        with self._lock:
            return self._messages.get(message_id)

    def empty(self) -> None:
        """Throw the kept messages away; news about them still goes out, as it would at SES."""
        with self._lock:
            self._messages.clear()

    def sent_last_24_hours(self) -> int:
        """How many recipients counted against the daily quota."""
        since = self._clock() - timedelta(hours=24)
        with self._lock:
            return sum(recipients for moment, recipients in self._handed_in if moment > since)

    def close(self) -> None:
        """End every wait and drop the news that is still to come."""
        self._closing.set()

    def _strike(self, fault: Fault) -> None:
        if fault.kind is FaultKind.REFUSE:
            raise Refusal(code=fault.error, message="Refused because a test asked for it.")
        if fault.kind is FaultKind.THROTTLE:
            raise Refusal(code="TooManyRequestsException", message="Maximum sending rate exceeded.")
        if fault.kind is FaultKind.TIMEOUT_BEFORE:
            self._closing.wait(fault.seconds)
        if fault.kind in {FaultKind.ERROR_500, FaultKind.TIMEOUT_BEFORE}:
            raise Refusal(code="InternalServiceErrorException", message="The message was not accepted.")

    def _accept(self, posting: Posting) -> Message:
        raw = inspection.checked_raw(posting.raw)
        fields = inspection.fields_of(raw.partition(b"\r\n\r\n")[0])
        sender = inspection.from_address(fields, announced=posting.source)
        inspection.check_verified([sender], verified=self.identities.verified())
        recipients = tuple(map(inspection.address_of, posting.destination)) or tuple(
            inspection.header_recipients(fields)
        )
        inspection.check_recipients(recipients)
        inspection.check_tags(posting.tags)
        if posting.configuration_set is not None:
            inspection.check_word(posting.configuration_set, noun="configuration set name")
        message = self._keep(posting, raw=raw, sender=sender, recipients=recipients)
        news = self.faults.take(NEWS_FAULTS)
        Thread(target=self._deliver, kwargs={"message": message, "news": news}, daemon=True).start()
        return message

    def _keep(self, posting: Posting, *, raw: bytes, sender: str, recipients: tuple[str, ...]) -> Message:
        now = self._clock()
        message_id = f"0102{int(now.timestamp() * 1000):012x}-{uuid4()}-000000"
        full_id = f"<{message_id}@{inspection.REGION}.amazonses.com>"
        message = Message(
            id=message_id,
            sent_at=now,
            sender=sender,
            recipients=recipients,
            tags=posting.tags,
            configuration_set=posting.configuration_set,
            letter=_read(inspection.stamped(raw, message_id=full_id, date=format_datetime(now))),
        )
        with self._lock:
            self._messages[message_id] = message
            self._handed_in.append((now, len(recipients)))
        return message

    def _deliver(self, *, message: Message, news: Fault | None) -> None:
        """Let the copies arrive; the news about it goes out at once, too late, or never."""
        kind = news.kind if news is not None else None
        lost = message.configuration_set is None or kind is FaultKind.LOSE_EVENTS
        held: list[tuple[str, str]] = []
        fates = [(recipient, step) for recipient in message.recipients for step in steps_for(recipient)]
        for recipient, step in [(message.recipients[0], SEND), *fates]:
            if step is not SEND and self._closing.wait(self._delivery_seconds):
                return
            self._note_state(message.id, state=step.state)
            text = event_text(message=message, step=step, recipient=recipient, when=self._clock())
            if kind is FaultKind.LATE_EVENTS:
                held.append((step.event_type, text))
            elif not lost:
                self._tell(message.id, event_type=step.event_type, text=text)
        if news is None or not held or lost or self._closing.wait(news.seconds):
            return
        for event_type, text in held:
            self._tell(message.id, event_type=event_type, text=text)

    def _tell(self, message_id: str, *, event_type: str, text: str) -> None:
        self._publish(text)
        with self._lock:
            if kept := self._messages.get(message_id):
                self._messages[message_id] = replace(kept, events=(*kept.events, event_type))

    def _note_state(self, message_id: str, *, state: State) -> None:
        with self._lock:
            if kept := self._messages.get(message_id):
                self._messages[message_id] = replace(kept, state=state)


def _read(raw: bytes) -> Letter:
    try:
        return Letter.read(raw)
    except (ValueError, LookupError, AttributeError) as error:
        # Python's parser breaks in these ways on some mangled addresses, an encoded line end (=0D=0A) among them.
        raise bad_request(f"A header of the message cannot be read: {error}.") from error
