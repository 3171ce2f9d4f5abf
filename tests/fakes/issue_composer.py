"""A composer of issues that writes next to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.email import Letter
from chalicelib.domain.issue import Issue
from chalicelib.domain.offer import Offer


@dataclass(frozen=True)
class FakePrepared:
    """An issue's text with the reader's own links below it."""

    subject: str
    source: str

    def letter(self, *, to: str, name: str, unsubscribe_url: str, preferences_url: str, web_url: str) -> Letter:
        text = "\n".join((name, self.source, unsubscribe_url, preferences_url, web_url))
        return Letter(to=to, subject=self.subject, html=f"<p>{text}</p>", text=text)


class FakeIssueComposer:
    """Takes the source as it is."""

    def prepare(self, issue: Issue, *, source: str, offers: Sequence[Offer]) -> FakePrepared:  # no teasers
        return FakePrepared(issue.subject, source)
