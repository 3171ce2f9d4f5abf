"""An issue of the newsletter: what is sent to whom, when, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.language import Language
from chalicelib.domain.segment import Segment

# How long one who sends is believed to be at it; after that another goes on.
TURN = timedelta(minutes=2)
# When those that were sent are counted once more: mailboxes answer for days.
COUNTED_AGAIN = tuple(timedelta(hours=hours) for hours in (1, 24, 72))


class IssueState(StrEnum):
    """Where an issue stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


# From which states each may be reached; whatever is sent stays sent.
FROM: dict[IssueState, frozenset[IssueState]] = {
    IssueState.DRAFT: frozenset({IssueState.SCHEDULED}),
    IssueState.SCHEDULED: frozenset({IssueState.DRAFT}),
    # one that was sent goes on when a copy turns out to be left
    IssueState.SENDING: frozenset({IssueState.SCHEDULED, IssueState.PAUSED, IssueState.SENT}),
    IssueState.PAUSED: frozenset({IssueState.SENDING}),
    IssueState.SENT: frozenset({IssueState.SENDING}),
    IssueState.CANCELLED: frozenset({IssueState.DRAFT, IssueState.SCHEDULED, IssueState.SENDING, IssueState.PAUSED}),
}


class Hindrance(StrEnum):
    """Why an issue that was being sent waits."""

    NONE = ""
    # the account may send no more today
    QUOTA = "quota"
    # the mail service, or a mailbox, said: later
    LATER = "later"
    # the mail service takes nobody's mail, or says of one after the other that it does not know
    TROUBLE = "trouble"
    # what it speaks of is not there any more
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue without its text, which lies beside it.

    `due` is when somebody has to see to it: at its time, or when whoever sends it was heard of no more. `expected` is
    how many recipients were confirmed when it was scheduled. `cursor` is the last subscriber whom a copy was made for,
    or who was passed over, as long as `prepared` is False; `copies` counts the former and `passed_over` the latter by
    reason. `counted` is how often it was counted again since it was sent.
    """

    id: str
    subject: str
    language: Language
    topic: str
    segment: Segment
    state: IssueState
    by: str
    created_at: datetime
    send_at: datetime | None
    due: datetime | None
    expected: int
    cursor: str
    prepared: bool
    copies: int
    passed_over: Mapping[str, int]
    started_at: datetime | None
    finished_at: datetime | None
    hindrance: Hindrance
    counted: int
    version: int

    def may_become(self, state: IssueState) -> bool:
        return self.state in FROM[state]

    def rewritten(self, *, subject: str, language: Language, topic: str, segment: Segment, by: str) -> Issue:
        assert self.state is IssueState.DRAFT, "what is sent stays as it is"
        return replace(self, subject=subject, language=language, topic=topic, segment=segment, by=by)

    def scheduled(self, *, at: datetime, expected: int, by: str) -> Issue:
        return replace(self._become(IssueState.SCHEDULED), send_at=at, due=at, expected=expected, by=by)

    def drafted(self) -> Issue:
        """Not to be sent after all, and to be written on."""
        return replace(self._become(IssueState.DRAFT), send_at=None, due=None)

    def started(self, *, now: datetime) -> Issue:
        return replace(self._become(IssueState.SENDING), started_at=self.started_at or now, due=now + TURN)

    def paused(self, *, hindrance: Hindrance = Hindrance.NONE) -> Issue:
        return replace(self._become(IssueState.PAUSED), due=None, hindrance=hindrance)

    def resumed(self, *, now: datetime) -> Issue:
        return replace(self._become(IssueState.SENDING), due=now, hindrance=Hindrance.NONE)

    def cancelled(self, *, now: datetime) -> Issue:
        """What is sent is sent; nothing more is."""
        after = self._become(IssueState.CANCELLED)
        after = replace(after, finished_at=now)
        return replace(after, due=after._count_at() if self.copies else None)

    def copied(self, *, cursor: str, copies: int, passed_over: Mapping[str, int], done: bool) -> Issue:
        """After copies were made for some more subscribers."""
        reasons = {**self.passed_over, **passed_over}
        sums = {reason: self.passed_over.get(reason, 0) + passed_over.get(reason, 0) for reason in reasons}
        return replace(
            self, cursor="" if done else cursor, prepared=done, copies=self.copies + copies, passed_over=sums
        )

    def goes_on(self, *, at: datetime, hindrance: Hindrance = Hindrance.NONE) -> Issue:
        """Somebody sees to it again then."""
        return replace(self, due=at, hindrance=hindrance)

    def finished(self, *, now: datetime) -> Issue:
        after = replace(self._become(IssueState.SENT), finished_at=now, hindrance=Hindrance.NONE)
        return replace(after, due=after._count_at())

    def counted_again(self) -> Issue:
        after = replace(self, counted=self.counted + 1)
        return replace(after, due=after._count_at())

    @property
    def public(self) -> bool:
        """Whether mails with a link to it in the archive have gone, or are about to."""
        return self.started_at is not None

    @property
    def over(self) -> bool:
        return self.state in (IssueState.SENT, IssueState.CANCELLED)

    def _count_at(self) -> datetime | None:
        assert self.finished_at is not None, "what is over is counted"
        return self.finished_at + COUNTED_AGAIN[self.counted] if self.counted < len(COUNTED_AGAIN) else None

    def _become(self, state: IssueState) -> Issue:
        assert self.may_become(state), f"an issue that is {self.state} does not become {state}"
        return replace(self, state=state)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueText:
    """What was written for an issue: Markdown with front matter."""

    issue_id: str
    source: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCount:
    """How many of an issue's copies got how far, at a moment: by delivery, `unknown` and `unsubscribed` among them.

    `per_hour` is the pace at which it was going then, 0 when it was not.
    """

    issue_id: str
    counts: Mapping[str, int]
    per_hour: int
    counted_at: datetime


def new_issue(
    *, issue_id: str, subject: str, language: Language, topic: str, segment: Segment, by: str, now: datetime
) -> Issue:
    return Issue(
        id=issue_id,
        subject=subject,
        language=language,
        topic=topic,
        segment=segment,
        state=IssueState.DRAFT,
        by=by,
        created_at=now,
        send_at=None,
        due=None,
        expected=0,
        cursor="",
        prepared=False,
        copies=0,
        passed_over={},
        started_at=None,
        finished_at=None,
        hindrance=Hindrance.NONE,
        counted=0,
        version=1,
    )
