"""The words of a finding, as the writer of a newsletter reads it."""

from chalicelib.domain.newsletter_finding import Finding
from chalicelib.rendering.texts import Texts


def finding_words(finding: Finding, *, texts: Texts) -> str:
    """What is wrong, and at which line of the source."""
    words = texts(f"newsletter.finding.{finding.key.value}", **finding.values)
    return texts("newsletter.finding.at_line", line=finding.line, words=words) if finding.line else words
