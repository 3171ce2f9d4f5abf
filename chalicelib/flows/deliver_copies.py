"""Deliver copies: claim a few, send each once, write down what came of it."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from chalicelib.domain.copy import Copy
from chalicelib.domain.email import Delivery, Letter
from chalicelib.domain.error import Changed, MailBusy, MailPostponed, MailRejected, MailStopped, MailUnknown
from chalicelib.domain.identity import Identity
from chalicelib.domain.issue import Hindrance, Issue
from chalicelib.domain.link import Links
from chalicelib.domain.prepared_issue import Prepared
from chalicelib.domain.segment import Circle
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.suppression import suppression_id
from chalicelib.flows.copy_issue import why_not
from chalicelib.ports import Beat, MailSender, Readership, Store

log = logging.getLogger(__name__)

# So many in a row that were not sent, or of which nobody knows, are no coincidence any more.
TOO_MANY_IN_A_ROW = 5


class Postman:
    """Delivers copies of one issue; several threads may ask him at once. Once he has stopped he takes nothing more."""

    def __init__(
        self,
        issue: Issue,
        *,
        text: Prepared,
        store: Store,
        readership: Readership,
        sender: MailSender,
        beat: Beat,
        links: Links,
        identity: Identity,
    ) -> None:
        self._issue, self._text, self._store, self._readership = issue, text, store, readership
        self._sender, self._beat, self._links, self._identity = sender, beat, links, identity
        self._lock, self._in_a_row = Lock(), 0
        self.stopped: Hindrance | None = None

    def stop(self, hindrance: Hindrance) -> None:
        """Let whatever is not claimed yet lie."""
        self.stopped = self.stopped or hindrance

    def deliver(self, copies: Sequence[Copy], *, now: datetime) -> Counter[str]:
        """How many got how far. Raises StorageUnavailable, after which some may hang.

        Whoever unsubscribed or was suppressed since the copies were made gets none. What is claimed is never taken
        again: what hangs after a crash, or because nobody knows what became of it, waits for the mail service's news.
        So it is claimed when its turn has come and its letter is made, and not before.
        """
        going, staying = self._sorted(copies, now=now)
        self._write(staying)
        for _ in going:
            self._beat.wait()
        if self.stopped is not None:
            return Counter(each.delivery.value for each in staying)
        claimed = self._write([copy.claimed(now=now) for copy, _ in going])
        after = self._send_all(claimed, letters={copy.id: letter for copy, letter in going}, now=now)
        return Counter(each.delivery.value for each in (*staying, *after))

    def _sorted(self, copies: Sequence[Copy], *, now: datetime) -> tuple[list[tuple[Copy, Letter]], list[Copy]]:
        """Those that go, each with its letter, and those that do not any more."""
        readers = self._readership.these(copy.subscriber_id for copy in copies)
        keys = {each.id: suppression_id(each.email, identity=self._identity) for each in readers.values()}
        suppressed = self._readership.suppressed(keys.values())
        going, staying = list[tuple[Copy, Letter]](), list[Copy]()
        for copy in copies:
            reader = readers.get(copy.subscriber_id)
            blocked = reader is not None and keys[reader.id] in suppressed
            # whoever was in the circle when the copies were made is in it still
            reason = why_not(reader, issue=self._issue, circle=Circle(), suppressed=blocked, now=now) if reader else ""
            if reader is None or reason:
                staying.append(copy.failed(reason=reason or "erased"))
            else:
                going.append((copy, self._letter(reader)))
        return going, staying

    def _letter(self, reader: Subscriber) -> Letter:
        unsubscribe_url = self._links.unsubscribe(reader.id, reader.language, issue_id=self._issue.id)
        letter = self._text.letter(
            to=reader.email,
            name=reader.name,
            unsubscribe_url=unsubscribe_url,
            preferences_url=self._links.preferences(reader.id, reader.language),
            web_url=self._links.issue(self._issue.id, reader.language),
        )
        return letter.to_list(list_id=self._links.list_id(self._issue.topic), unsubscribe_url=unsubscribe_url)

    def _send_all(self, claimed: Sequence[Copy], *, letters: Mapping[str, Letter], now: datetime) -> list[Copy]:
        """The copies after their one attempt; whatever stops us, those that were not tried are free again."""
        after: list[Copy] = []
        tried = 0
        try:
            for copy in claimed:
                if self.stopped is not None:
                    break
                tried += 1
                after.append(self._send(copy, letters[copy.id], now=now))
        finally:
            free = [copy.waiting(until=now) for copy in claimed[tried:]]
            self._write([*after, *free])
        return [*after, *free]

    def _send(self, copy: Copy, letter: Letter, *, now: datetime) -> Copy:
        """The copy after its one attempt."""
        try:
            sent = copy.sent(message_id=self._sender.send(letter, email_id=copy.id))
        except MailBusy:
            self._beat.slow_down()
            return copy.out_of_breath(now=now)
        except MailStopped as refusal:
            log.warning("issue_stopped_by_mail_service issue_id=%s reason=%s", self._issue.id, refusal)
            self.stop(Hindrance.TROUBLE)
            return copy.waiting(until=now)
        except MailPostponed as refusal:
            self._goes_wrong()
            return copy.postponed(now=now, reason=str(refusal))
        except MailRejected as refusal:
            return copy.failed(reason=str(refusal))
        except MailUnknown as refusal:
            log.warning("copy_unknown copy_id=%s reason=%s", copy.id, refusal)
            self._goes_wrong()
            return copy.unknown(reason=str(refusal) or "unknown")
        with self._lock:
            self._in_a_row = 0
        return sent

    def _goes_wrong(self) -> None:
        """One may be bad luck; one after the other is a mail service that does not work, and would use up the issue."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= TOO_MANY_IN_A_ROW:
                self.stop(Hindrance.TROUBLE)

    def _write(self, copies: Sequence[Copy]) -> list[Copy]:
        """Those that were still as they were read, as they are stored now: in one commit, or else one by one."""
        if not copies:
            return []
        unit = self._store.unit_of_work()
        written = [unit.copies.update(copy) for copy in copies]
        try:
            unit.commit()
        except Changed:
            if len(copies) == 1:
                log.info("copy_changed_meanwhile copy_id=%s", copies[0].id)
                return []
            return [each for copy in copies for each in self._write([copy])]
        return written


def hangs(became: Counter[str]) -> bool:
    """Whether nobody knows what came of one of them."""
    return became[Delivery.SENDING.value] > 0
