"""A finding: something in the source of a newsletter issue that the writer has to mend, or had better look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """An issue with an error is not sent; a warning is only said."""

    ERROR = "error"
    WARNING = "warning"


class FindingKey(StrEnum):
    """What was found; the catalogues have the words, as newsletter.finding.<key>."""

    SOURCE_TOO_LONG = "source_too_long"
    FRONT_MISSING = "front_missing"
    FRONT_OPEN = "front_open"
    FIELD_UNREADABLE = "field_unreadable"
    FIELD_UNKNOWN = "field_unknown"
    FIELD_TWICE = "field_twice"
    FIELD_MISSING = "field_missing"
    LANGUAGE_UNKNOWN = "language_unknown"
    SUBJECT_LENGTH = "subject_length"
    SUBJECT_SPACE = "subject_space"
    PREHEADER_MISSING = "preheader_missing"
    BODY_MISSING = "body_missing"
    PLACEHOLDER_UNKNOWN = "placeholder_unknown"
    PLACEHOLDER_BROKEN = "placeholder_broken"
    PLACEHOLDER_IN_LINK = "placeholder_in_link"
    PLACEHOLDER_IN_CODE = "placeholder_in_code"
    PLACEHOLDER_FOREIGN = "placeholder_foreign"
    OFFER_UNKNOWN = "offer_unknown"
    OFFER_CLOSED = "offer_closed"
    OFFER_NOT_ALONE = "offer_not_alone"
    BLOCK_UNKNOWN = "block_unknown"
    BLOCK_OPEN = "block_open"
    BLOCK_MISPLACED = "block_misplaced"
    LINK_NOT_HTTPS = "link_not_https"
    LINK_UNREADABLE = "link_unreadable"
    LINK_WITHOUT_WORDS = "link_without_words"
    LINK_NOT_IN_TEXT = "link_not_in_text"
    ADDRESS_WITHOUT_LINK = "address_without_link"
    ALT_MISSING = "alt_missing"
    IMAGE_NOT_ALONE = "image_not_alone"
    HTML_IS_TEXT = "html_is_text"
    TOO_LARGE = "too_large"
    UNSUBSCRIBE_MISSING = "unsubscribe_missing"


WARNINGS = frozenset(
    {
        FindingKey.PREHEADER_MISSING,
        FindingKey.OFFER_CLOSED,
        FindingKey.ADDRESS_WITHOUT_LINK,
        FindingKey.HTML_IS_TEXT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, at a line of the source (0: not at one line), with the values that its words name."""

    key: FindingKey
    line: int = 0
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.key in WARNINGS else Severity.ERROR


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, each kind in the order of the source; the same is said once."""
    once: list[Finding] = []
    for finding in findings:
        if finding not in once:
            once.append(finding)
    return tuple(sorted(once, key=lambda finding: (finding.severity is Severity.WARNING, finding.line)))
