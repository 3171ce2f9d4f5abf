"""Issues of the newsletter, from what is stored of them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from chalicelib.domain.error import IssueMalformed
from chalicelib.domain.issue import Issue
from chalicelib.domain.newsletter_finding import Severity
from chalicelib.domain.newsletter_text import read_issue_text
from chalicelib.domain.offer import Offer
from chalicelib.domain.prepared_issue import Prepared
from chalicelib.rendering.newsletter import NewsletterComposer


class MarkdownIssues:
    """Prepares issues that are written in Markdown (the port IssueComposer)."""

    def __init__(self, newsletters: NewsletterComposer, *, clock: Callable[[], datetime]) -> None:
        self._newsletters, self._clock = newsletters, clock

    def prepare(self, issue: Issue, *, source: str, offers: Sequence[Offer]) -> Prepared:
        prepared = self.look(source, offers=offers)
        if not prepared.sendable:
            errors = [each.key.value for each in prepared.findings if each.severity is Severity.ERROR]
            raise IssueMalformed(f"issue {issue.id}: {', '.join(errors)}")
        return prepared

    def look(self, source: str, *, offers: Sequence[Offer]) -> Prepared:
        by_id = {each.id: each for each in offers}
        return self._newsletters.prepare(read_issue_text(source), offers=by_id, now=self._clock())
