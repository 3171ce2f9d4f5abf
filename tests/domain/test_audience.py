"""Audiences: what is written is read back, and a number that is agreed to holds for a few more."""

from __future__ import annotations

import pytest

from chalicelib.domain.audience import Reach, read_segment, segment_words
from chalicelib.domain.language import Language
from chalicelib.domain.segment import Segment, SegmentKind


@pytest.mark.parametrize("language", [None, *Language])
@pytest.mark.parametrize(
    "segment",
    [Segment(), Segment(kind=SegmentKind.MEMBERS), Segment(kind=SegmentKind.ATTENDEES, offer_id="congres-2027")],
)
def test_a_segment_is_read_back_from_its_words(segment: Segment, language: Language | None) -> None:
    whole = Segment(kind=segment.kind, offer_id=segment.offer_id, language=language)
    assert read_segment(segment_words(whole)) == whole


@pytest.mark.parametrize(
    ("words", "segment"),
    [
        (" Leden,  NL ", Segment(kind=SegmentKind.MEMBERS, language=Language.NL)),
        ("all", Segment()),
        ("", None),
        ("vrienden", None),
        ("leden van ons", None),
        ("deelnemers", None),
        ("deelnemers nl", None),
        ("deelnemers a b", None),
        ("deelnemers Congres#1", None),
        ("nl", None),
    ],
)
def test_other_words_are_none(words: str, segment: Segment | None) -> None:
    assert read_segment(words) == segment


@pytest.mark.parametrize(
    ("confirmed", "gets", "exceeds"),
    [
        (0, 5, False),
        (0, 6, True),
        (400, 405, False),
        (400, 406, True),
        (4_000, 4_040, False),
        (4_000, 4_041, True),
        (9, 1, False),
    ],
)
def test_a_few_more_are_agreed_to(confirmed: int, gets: int, *, exceeds: bool) -> None:
    assert Reach(gets=gets, passed_over={}).exceeds(confirmed) is exceeds
