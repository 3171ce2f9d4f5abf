"""An audience: who gets an issue, in the words of whoever writes it, and how many that are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.language import Language
from chalicelib.domain.segment import Segment, SegmentKind

KINDS: Mapping[str, SegmentKind] = {
    "iedereen": SegmentKind.ALL,
    "all": SegmentKind.ALL,
    "leden": SegmentKind.MEMBERS,
    "members": SegmentKind.MEMBERS,
    "deelnemers": SegmentKind.ATTENDEES,
    "attendees": SegmentKind.ATTENDEES,
}
_OFFER_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
# So many more than somebody agreed to are still what he agreed to: people subscribe all day.
A_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many get an issue, and how many are passed over, by reason."""

    gets: int
    passed_over: Mapping[str, int]

    def exceeds(self, confirmed: int) -> bool:
        """Whether it has become many more than somebody agreed to."""
        return self.gets > confirmed + max(A_FEW, confirmed // 100)


def read_segment(words: str) -> Segment | None:
    """The segment that is meant, such as `leden`, `deelnemers congres-2027` or `iedereen en`; None when none is."""
    kind, *rest = words.lower().replace(",", " ").split() or [""]
    if kind not in KINDS:
        return None
    language = Language(rest.pop()) if rest and rest[-1] in set(Language) else None
    if KINDS[kind] is not SegmentKind.ATTENDEES:
        return None if rest else Segment(kind=KINDS[kind], language=language)
    if len(rest) != 1 or not _OFFER_ID.fullmatch(rest[0]):
        return None
    return Segment(kind=SegmentKind.ATTENDEES, offer_id=rest[0], language=language)


def segment_words(segment: Segment) -> str:
    """How a segment is written."""
    words = {SegmentKind.ALL: "iedereen", SegmentKind.MEMBERS: "leden", SegmentKind.ATTENDEES: "deelnemers"}
    language = segment.language.value if segment.language else ""
    return " ".join(part for part in (words[segment.kind], segment.offer_id, language) if part)
