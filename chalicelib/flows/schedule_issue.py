"""Schedule an issue: to be sent now or at a time, to as many as whoever sends it has agreed to."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.audience import Reach
from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.calendar import AMSTERDAM
from chalicelib.domain.error import Changed, IssueRefused
from chalicelib.domain.identity import Identity
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.flows.count_audience import count_audience
from chalicelib.flows.keep_issue import IssueChanged, name_of
from chalicelib.ports import IssueComposer, Lists, Readership, Store

log = logging.getLogger(__name__)

# Whoever plans further ahead has mistyped the year.
FURTHEST = timedelta(days=366)


class TimeWrong(Exception):
    """The time is past, or further away than anybody plans."""


class IssueUnsound(Exception):
    """Something in the text must be mended first."""


class AudienceOther(Exception):
    """It goes to nobody, or to many more than was agreed to: to be looked at once more."""

    def __init__(self, reach: Reach) -> None:
        super().__init__(f"{reach.gets} recipients")
        self.reach = reach


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSchedule:
    """Schedules issues in the name of `by`; `entry_id` is that of what is written in the log."""

    store: Store
    readership: Readership
    lists: Lists
    composer: IssueComposer
    identity: Identity
    by: str
    entry_id: str
    now: datetime

    def schedule(self, issue_id: str, *, seen: int, at: datetime | None, confirmed: int) -> Issue:
        """As it is then stored; at None it goes now: whoever sends looks each minute.

        `seen` is the version of the draft that was looked at. Raises IssueRefused (it is no draft), IssueChanged,
        IssueUnsound, TimeWrong, AudienceOther or StorageUnavailable.
        """
        unit = self.store.unit_of_work()
        issue, text = unit.issues.get(issue_id), unit.issue_texts.get(issue_id)
        if issue is None or text is None or issue.state is not IssueState.DRAFT:
            raise IssueRefused(f"issue {issue_id} is {issue.state if issue else 'not there'}")
        if issue.version != seen:
            raise IssueChanged(issue, source=text.source)
        if at is not None and not self.now < at < self.now + FURTHEST:
            raise TimeWrong(f"{at}")
        if not self.composer.prepare_source(text.source, offers=self.store.offers(), now=self.now).sendable:
            raise IssueUnsound(issue_id)
        reach = count_audience(
            issue, readership=self.readership, lists=self.lists, identity=self.identity, now=self.now
        )
        if not reach.gets or reach.exceeds(confirmed):
            raise AudienceOther(reach)
        after = unit.issues.update(issue.scheduled(at=at or self.now, expected=confirmed, by=self.by))
        facts = {"expected": str(confirmed), "send_at": f"{at.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}" if at else "nu"}
        unit.audit.add(
            AuditEntry(
                id=self.entry_id,
                at=self.now,
                by=self.by,
                deed=Deed.ISSUE_SCHEDULED,
                subject=name_of(issue),
                facts=facts,
            )
        )
        try:
            unit.commit()
        except Changed:
            raise IssueChanged(self.store.unit_of_work().issues.get(issue_id) or issue) from None
        log.info("issue_scheduled issue_id=%s expected=%d", issue_id, confirmed)
        return after
