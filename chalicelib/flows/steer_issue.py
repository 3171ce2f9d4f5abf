"""Steer an issue that is scheduled or being sent: hold it, go on, stop it for good, or write on it again."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.error import Changed, IssueRefused, StorageUnavailable
from chalicelib.domain.issue import Issue, IssueState
from chalicelib.flows.keep_issue import name_of
from chalicelib.ports import Store

log = logging.getLogger(__name__)

TRIES = 5


class Wheel(StrEnum):
    """What is done with it."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class _Turn:
    """What it becomes, and what the log calls that."""

    deed: Deed
    becomes: IssueState
    after: Callable[[Issue, datetime], Issue]


TURNS: Mapping[Wheel, _Turn] = {
    Wheel.PAUSE: _Turn(Deed.ISSUE_PAUSED, IssueState.PAUSED, lambda issue, _: issue.paused()),
    Wheel.RESUME: _Turn(Deed.ISSUE_RESUMED, IssueState.SENDING, lambda issue, now: issue.resumed(now=now)),
    Wheel.CANCEL: _Turn(Deed.ISSUE_CANCELLED, IssueState.CANCELLED, lambda issue, now: issue.cancelled(now=now)),
    Wheel.DRAFT: _Turn(Deed.ISSUE_DRAFTED, IssueState.DRAFT, lambda issue, _: issue.drafted()),
}


def may_be(wheel: Wheel, issue: Issue) -> bool:
    """Whether it can be done now."""
    # one that is scheduled goes on by itself
    held = issue.state is IssueState.PAUSED if wheel is Wheel.RESUME else True
    return held and issue.may_become(TURNS[wheel].becomes)


def steer_issue(issue_id: str, wheel: Wheel, *, store: Store, by: str, entry_id: str, now: datetime) -> Issue:
    """The issue afterwards; what is so already stays so. Raises IssueRefused or StorageUnavailable.

    Whoever sends it writes to it all the time, so that only its state is looked at, and it is tried again.
    """
    for _ in range(TRIES):
        unit, turn = store.unit_of_work(), TURNS[wheel]
        issue = unit.issues.get(issue_id)
        if issue is not None and issue.state is turn.becomes:
            return issue
        if issue is None or not may_be(wheel, issue):
            raise IssueRefused(f"{wheel} of issue {issue_id}, which is {issue.state if issue else 'not there'}")
        after = unit.issues.update(turn.after(issue, now))
        unit.audit.add(AuditEntry(id=entry_id, at=now, by=by, deed=turn.deed, subject=name_of(issue), facts={}))
        try:
            unit.commit()
        except Changed:
            continue
        log.info("issue_%s issue_id=%s", after.state.value, issue_id)
        return after
    raise StorageUnavailable(f"issue {issue_id} kept changing")
