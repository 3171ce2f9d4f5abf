"""The socket of who reads the newsletter: subscribers, issues and their copies, in large numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.copy import Copy
from chalicelib.domain.issue import Issue, IssueCount
from chalicelib.domain.page import Page
from chalicelib.domain.subscriber import Subscriber


class Clicks(Protocol):
    """How often the links of an issue were followed, by their number; by whom nobody knows.

    Each is a row of its own, in no transaction, so that a busy one stops nobody. All of this raises StorageUnavailable.
    """

    def count(self, issue_id: str, number: int) -> None:
        """One more, when it is not refused."""

    def counts(self, issue_id: str) -> Mapping[int, int]:
        """Of all that were ever followed."""


class Readership(Protocol):
    """What the newsletter asks of the table; all of this raises StorageUnavailable."""

    def subscribers(self, *, after: str, limit: int) -> Page[Subscriber]:
        """Everybody who asked for it, by id, from the one after the id `after` (empty: the first); `rest` goes on."""

    def these(self, subscriber_ids: Iterable[str]) -> Mapping[str, Subscriber]:
        """Those of these that there are, as they are now."""

    def suppressed(self, suppression_ids: Iterable[str]) -> frozenset[str]:
        """Those of these suppressions that there are, as they are now."""

    def issues(self) -> Sequence[Issue]:
        """All issues, without their texts, newest first."""

    def counts(self, issue_ids: Iterable[str]) -> Mapping[str, IssueCount]:
        """The last count of each of these issues that was counted."""

    def due_issues(self, *, before: datetime, limit: int) -> Sequence[str]:
        """Ids of issues that somebody has to see to, longest overdue first; may lag behind by a second."""

    def shelves(self, issue_id: str) -> Sequence[str]:
        """The names of the parts in which the copies of an issue lie."""

    def copies(self, shelf: str, *, rest: str, limit: int) -> Page[Copy]:
        """So many of the copies of a part, from where `rest` of the page before says (empty: the first)."""
