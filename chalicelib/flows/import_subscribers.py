"""Import subscribers: plan or write what an existing list of readers comes to, some rows at a time."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.calendar import local_date
from chalicelib.domain.email import new_question
from chalicelib.domain.error import AlreadyExists, Changed, StorageUnavailable
from chalicelib.domain.identity import Identity
from chalicelib.domain.subscriber_import import Ask, Later, SubscriberList, SubscriberRow, Verdict, Writing, plan_row
from chalicelib.domain.suppression import suppression_id
from chalicelib.ports import Readership, Store

log = logging.getLogger(__name__)

TRIES = 5
# As many as one transaction takes with a question for each, and room for the log.
AT_ONCE = 40
# As many questions go out in one run, and so much later each than the one before it: tickets always go first.
MOST_QUESTIONS = 500
GAP = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class SubscriberImport:
    """One run over a list."""

    of: SubscriberList
    store: Store
    readership: Readership
    identity: Identity
    now: datetime
    most_questions: int = MOST_QUESTIONS

    def plan(self) -> list[Verdict]:
        """What a run would do with each row; writes nothing. Raises StorageUnavailable."""
        return self._within(self._planned(self._rows()), asked=0)

    def run(self, *, entry: AuditEntry | None = None) -> Iterator[Verdict]:
        """Write some rows in a commit of their own before their verdicts are given: what has one is in the table.

        The entry is written with the first of them, so that nothing is imported that the log does not tell of. After a
        stop anywhere, importing the whole list again finishes it. Raises StorageUnavailable.
        """
        rows, asked = self._rows(), 0
        for start in range(0, len(rows), AT_ONCE):
            verdicts, wrote = self._written(rows[start : start + AT_ONCE], asked=asked, entry=entry)
            entry = None if wrote else entry
            asked += sum(isinstance(each, Ask) for each in verdicts)
            yield from verdicts

    def _rows(self) -> Sequence[SubscriberRow]:
        return self.of.judged(today=local_date(self.now))

    def _planned(self, rows: Sequence[SubscriberRow]) -> list[Verdict]:
        """Each row by itself, in as few questions to the table as there can be."""
        right = [row.email for row in rows if not row.faults]
        known = self.readership.these(self.identity.subscriber_id(email) for email in right)
        suppressed = self.readership.suppressed(suppression_id(email, identity=self.identity) for email in right)
        return [
            plan_row(
                row,
                of=self.of,
                known=known.get(self.identity.subscriber_id(row.email)),
                suppressed=suppression_id(row.email, identity=self.identity) in suppressed,
                subscriber_id=self.identity.subscriber_id(row.email),
                now=self.now,
            )
            for row in rows
        ]

    def _within(self, verdicts: Sequence[Verdict], *, asked: int) -> list[Verdict]:
        """Those for whom there is no question left in this run come later."""
        found: list[Verdict] = []
        for verdict in verdicts:
            if isinstance(verdict, Ask):
                asked += 1
            if isinstance(verdict, Ask) and asked > self.most_questions:
                found.append(Later(row=verdict.row, email=verdict.subscriber.email))
            else:
                found.append(verdict)
        return found

    def _written(
        self, rows: Sequence[SubscriberRow], *, asked: int, entry: AuditEntry | None
    ) -> tuple[list[Verdict], bool]:
        for attempt in range(TRIES):
            verdicts = self._within(self._planned(rows), asked=asked)
            if not any(isinstance(each, Writing) for each in verdicts):
                return verdicts, False
            try:
                self._write(verdicts, asked=asked, entry=entry, look=attempt > 0)
            except (Changed, AlreadyExists):
                continue  # somebody of them answers, or leaves, at this moment: look at what he made of it
            return verdicts, True
        raise StorageUnavailable("a subscriber kept changing")

    def _write(self, verdicts: Sequence[Verdict], *, asked: int, entry: AuditEntry | None, look: bool) -> None:
        unit = self.store.unit_of_work()
        if entry is not None:
            unit.audit.add(entry)
        for verdict in verdicts:
            if not isinstance(verdict, Writing):
                continue
            if verdict.known:
                unit.subscribers.update(verdict.subscriber)
            else:
                unit.subscribers.add(verdict.subscriber)
            if isinstance(verdict, Ask):
                question = new_question(
                    subscriber_id=verdict.subscriber.id, language=verdict.subscriber.language, now=self.now
                )
                # a question that was made while somebody was being erased may have stayed behind
                if not (look and unit.emails.get(question.id)):
                    unit.emails.add(replace(question, due=self.now + asked * GAP))
                asked += 1
        unit.commit()
        wrote = [each for each in verdicts if isinstance(each, Writing)]
        log.info("subscribers_imported rows=%d first=%d last=%d", len(wrote), wrote[0].row, wrote[-1].row)


def plan_fingerprint(plan: Sequence[Verdict], *, of: SubscriberList) -> str:
    """Tells whether a plan is still the one that somebody agreed to, though it was made a while ago."""
    said = [(type(each).__name__, each.row) for each in plan]
    return hashlib.sha256(repr((said, of)).encode()).hexdigest()
