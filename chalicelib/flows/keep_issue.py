"""Keep an issue: a new draft, or what is written on it, in the log with it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.audience import read_segment, segment_words
from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.error import AlreadyExists, Changed, IssueRefused
from chalicelib.domain.issue import Issue, IssueState, IssueText, new_issue
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.domain.placeholder import pieces
from chalicelib.domain.segment import Segment, SegmentKind
from chalicelib.domain.topic import Topic
from chalicelib.ports import Store, UnitOfWork

log = logging.getLogger(__name__)

# A row of the table holds four times as much; a mail may be 90 kB.
MOST_BYTES = 100_000
LONGEST_SUBJECT = 200


class IssueFault(StrEnum):
    """What of it cannot be kept."""

    TOO_LONG = "too_long"
    TOPIC = "topic"
    SEGMENT = "segment"


class IssueUnfit(Exception):
    """What was typed cannot be kept; says all that is wrong with it."""

    def __init__(self, faults: Sequence[IssueFault]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class IssueChanged(Exception):
    """A colleague changed the same meanwhile; `issue` and `source` are what he made of it."""

    def __init__(self, issue: Issue, *, source: str = "") -> None:
        super().__init__(issue.id)
        self.issue, self.source = issue, source


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was typed: the text, and for whom it is. Where the text itself says for whom, that counts."""

    source: str
    topic: str
    segment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKeeping:
    """Keeps issues in the name of `by`; `entry_id` is that of what is written in the log."""

    store: Store
    topics: Sequence[Topic]
    by: str
    entry_id: str
    now: datetime

    def add(self, written: Written, *, issue_id: str) -> Issue:
        """A new draft; the same again is the same draft. Raises IssueUnfit, IssueChanged or StorageUnavailable."""
        issue, text = self._read(written, issue_id=issue_id)
        unit = self.store.unit_of_work()
        unit.issues.add(issue)
        unit.issue_texts.add(text)
        unit.audit.add(self._entry(Deed.ISSUE_ADDED, issue))
        try:
            unit.commit()
        except AlreadyExists:
            unit = self.store.unit_of_work()
            stored, there = unit.issues.get(issue_id), unit.issue_texts.get(issue_id)
            assert stored is not None, "it is there already"
            assert there is not None, "an issue and its text are written in one commit"
            if _same(stored, there, issue, text):
                return stored
            raise IssueChanged(stored, source=there.source) from None
        log.info("issue_added issue_id=%s", issue.id)
        return issue

    def save(self, written: Written, *, issue_id: str, seen: int) -> Issue:
        """What is written on a draft; `seen` is the version that it was typed over. The same again writes nothing.

        Raises IssueUnfit, IssueChanged, IssueRefused (it is no draft any more, or was never there) or
        StorageUnavailable.
        """
        typed, text = self._read(written, issue_id=issue_id)
        unit = self.store.unit_of_work()
        before, there = unit.issues.get(issue_id), unit.issue_texts.get(issue_id)
        if before is None or there is None:
            raise IssueRefused(f"there is no issue {issue_id}")
        if _same(before, there, typed, text):
            return before
        if before.state is not IssueState.DRAFT:
            raise IssueRefused(f"issue {issue_id} is {before.state}")
        if before.version != seen:
            raise IssueChanged(before, source=there.source)
        after = self._rewritten(unit, before, typed)
        unit.issue_texts.update(IssueText(issue_id=issue_id, source=text.source, version=there.version))
        unit.audit.add(self._entry(Deed.ISSUE_CHANGED, after))
        try:
            unit.commit()
        except Changed:
            unit = self.store.unit_of_work()
            current, there = unit.issues.get(issue_id), unit.issue_texts.get(issue_id)
            raise IssueChanged(current or before, source=there.source if there else "") from None
        return after

    def _rewritten(self, unit: UnitOfWork, before: Issue, typed: Issue) -> Issue:
        return unit.issues.update(
            before.rewritten(
                subject=typed.subject, language=typed.language, topic=typed.topic, segment=typed.segment, by=self.by
            )
        )

    def _read(self, written: Written, *, issue_id: str) -> tuple[Issue, IssueText]:
        """As a new draft with its text. Raises IssueUnfit."""
        source = written.source.replace("\r\n", "\n")
        head, faults = read_issue_text(source), list[IssueFault]()
        topic, segment = head.topic or written.topic, read_segment(head.segment or written.segment)
        if len(source.encode()) > MOST_BYTES:
            faults.append(IssueFault.TOO_LONG)
        if topic not in {each.id for each in self.topics}:
            faults.append(IssueFault.TOPIC)
        if segment is None or not self._is_there(segment):
            faults.append(IssueFault.SEGMENT)
        if faults or segment is None:
            raise IssueUnfit(faults)
        issue = new_issue(
            issue_id=issue_id,
            subject=_without_names(head.subject),
            language=head.language,
            topic=topic,
            segment=segment,
            by=self.by,
            now=self.now,
        )
        return issue, IssueText(issue_id=issue_id, source=source, version=1)

    def _is_there(self, segment: Segment) -> bool:
        if segment.kind is not SegmentKind.ATTENDEES:
            return True
        return any(each.id == segment.offer_id and each.event for each in self.store.offers())

    def _entry(self, deed: Deed, issue: Issue) -> AuditEntry:
        facts = {"topic": issue.topic, "segment": segment_words(issue.segment)}
        return AuditEntry(id=self.entry_id, at=self.now, by=self.by, deed=deed, subject=name_of(issue), facts=facts)


def name_of(issue: Issue) -> str:
    """What the log calls it."""
    return issue.subject or issue.id


def _without_names(subject: str) -> str:
    """As nobody in particular reads it."""
    said = (piece if isinstance(piece, str) else piece.fallback or "…" for piece in pieces(subject))
    return "".join(said)[:LONGEST_SUBJECT]


def _same(stored: Issue, there: IssueText, typed: Issue, text: IssueText) -> bool:
    return there.source == text.source and (stored.topic, stored.segment) == (typed.topic, typed.segment)
