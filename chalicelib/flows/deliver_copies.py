"""Deliver copies: claim a few, send each once, write down what came of it."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.copy import Copy
from chalicelib.domain.email import Stream
from chalicelib.domain.error import Changed, MailBusy, MailPostponed, MailRejected, MailUnknown
from chalicelib.domain.identity import Identity
from chalicelib.domain.issue import Issue
from chalicelib.domain.link import Links
from chalicelib.domain.prepared_issue import Prepared
from chalicelib.domain.segment import Circle
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.suppression import suppression_id
from chalicelib.flows.copy_issue import why_not
from chalicelib.ports import Beat, MailSender, Readership, Store

log = logging.getLogger(__name__)


class Postman:
    """Delivers copies of one issue; several threads may ask him at once."""

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

    def deliver(self, copies: Sequence[Copy], *, now: datetime) -> Counter[str]:
        """How many got how far. Raises StorageUnavailable, after which some may hang.

        Whoever unsubscribed or was suppressed since the copies were made gets none. What is claimed is never taken
        again: what hangs after a crash, or because nobody knows what became of it, waits for the mail service's news.
        """
        readers = self._readership.these(copy.subscriber_id for copy in copies)
        keys = {each.id: suppression_id(each.email, identity=self._identity) for each in readers.values()}
        suppressed = self._readership.suppressed(keys.values())
        going, staying = list[Copy](), list[Copy]()
        for copy in copies:
            reader = readers.get(copy.subscriber_id)
            reason = self._why_not(reader, suppressed=bool(reader) and keys[copy.subscriber_id] in suppressed, now=now)
            if reason:
                staying.append(copy.failed(reason=reason))
            else:
                going.append(copy.claimed(now=now))
        self._write(staying)
        claimed = self._write(going)
        after = [self._send(copy, readers[copy.subscriber_id], now=now) for copy in claimed]
        self._write(after)
        return Counter(each.delivery.value for each in (*staying, *after))

    def _why_not(self, reader: Subscriber | None, *, suppressed: bool, now: datetime) -> str:
        # whoever was in the circle when the copies were made is in it still
        return (
            why_not(reader, issue=self._issue, circle=Circle(), suppressed=suppressed, now=now) if reader else "erased"
        )

    def _send(self, copy: Copy, reader: Subscriber, *, now: datetime) -> Copy:
        """The copy after its one attempt."""
        unsubscribe_url = self._links.unsubscribe(reader.id, reader.language, issue_id=self._issue.id)
        letter = self._text.letter(
            to=reader.email,
            name=reader.name,
            unsubscribe_url=unsubscribe_url,
            preferences_url=self._links.preferences(reader.id, reader.language),
            web_url=self._links.issue(self._issue.id, reader.language),
        )
        letter = replace(
            letter,
            stream=Stream.BULK,
            # RFC 8058 knows one click over https only, which a developer's machine does not have
            unsubscribe_url=unsubscribe_url if unsubscribe_url.startswith("https:") else "",
            list_id=self._links.list_id(self._issue.topic),
        )
        self._beat.wait()
        try:
            return copy.sent(message_id=self._sender.send(letter, email_id=copy.id))
        except MailBusy:
            self._beat.slow_down()
            return copy.out_of_breath(now=now)
        except MailPostponed as refusal:
            return copy.postponed(now=now, reason=str(refusal))
        except MailRejected as refusal:
            return copy.failed(reason=str(refusal))
        except MailUnknown as refusal:
            log.warning("copy_unknown copy_id=%s reason=%s", copy.id, refusal)
            return copy.unknown(reason=str(refusal) or "unknown")

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
