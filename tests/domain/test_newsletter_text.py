"""The source of a newsletter: what its head says, where its text begins, and what is wrong with it at which line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.language import Language
from chalicelib.domain.newsletter_finding import Finding, FindingKey, Severity, in_order
from chalicelib.domain.newsletter_text import MOST_SIGNS, read_issue_text

WHOLE = """---
onderwerp: Nieuws: uit de wijk
preheader:   Lees snel verder.
taal: EN
rubriek: congres
doelgroep: leden

---

Beste lezer,
"""


def test_a_head_and_a_text() -> None:
    issue = read_issue_text(WHOLE)
    assert issue.findings == ()
    assert (issue.subject, issue.preheader) == ("Nieuws: uit de wijk", "Lees snel verder.")
    assert (issue.language, issue.topic, issue.segment) == (Language.EN, "congres", "leden")
    assert WHOLE.split("\n")[issue.body_line - 1 :] == issue.body.split("\n")
    assert issue.lines == {"subject": 2, "preheader": 3, "language": 4, "topic": 5, "segment": 6}


def test_english_names_and_any_line_end_say_the_same() -> None:
    dutch = "onderwerp", "taal", "rubriek", "doelgroep"
    english = "Subject", "LANGUAGE", "topic", "segment"
    source = WHOLE
    for one, other in zip(dutch, english, strict=True):
        source = source.replace(f"\n{one}:", f"\n{other} :")
    for written in (source, source.replace("\n", "\r\n"), source.replace("\n", "\r"), f"\ufeff\n{source}"[1:]):
        issue = read_issue_text(written)
        assert (issue.subject, issue.language, issue.body) == (
            "Nieuws: uit de wijk",
            Language.EN,
            "\nBeste lezer,\n",
        )


def test_what_is_wrong_is_told_by_line_and_the_rest_is_read() -> None:
    issue = read_issue_text("\n---\nonderwerp Nieuws\nkleur: groen\ntaal: fr\nTAAL: nl\nsubject: x\n---\nTekst")
    found = {finding.key: (finding.line, dict(finding.values)) for finding in issue.findings}
    assert found[FindingKey.FIELD_UNREADABLE] == (3, {"text": "onderwerp Nieuws"})
    assert found[FindingKey.FIELD_UNKNOWN][0] == 4
    assert "onderwerp" in found[FindingKey.FIELD_UNKNOWN][1]["known"]
    assert found[FindingKey.LANGUAGE_UNKNOWN] == (5, {"value": "fr"})
    assert found[FindingKey.FIELD_TWICE] == (6, {"name": "TAAL"})
    assert (issue.subject, issue.language, issue.body, issue.body_line) == ("x", Language.NL, "Tekst", 9)


@pytest.mark.parametrize("source", ["", "  \n", "Beste lezer,", "# Nieuws\n---\nonderwerp: x\n---"])
def test_without_a_head_all_is_text(source: str) -> None:
    issue = read_issue_text(source)
    assert [finding.key for finding in issue.findings] == [FindingKey.FRONT_MISSING]
    assert issue.subject == ""
    assert issue.body.strip() == source.strip()


def test_a_head_without_an_end_lasts_as_long_as_it_looks_like_one() -> None:
    issue = read_issue_text("---\nonderwerp: Nieuws uit de wijk\n\nBeste lezer")
    assert [(finding.key, finding.line) for finding in issue.findings] == [(FindingKey.FRONT_OPEN, 1)]
    assert (issue.subject, issue.body, issue.body_line) == ("Nieuws uit de wijk", "\nBeste lezer", 3)


def test_signs_that_nobody_sees_are_gone() -> None:
    issue = read_issue_text(
        "---\nonderwerp: Nieuws\u202e\x00 uit\x1b de wijk\n---\n\ue000name\ue001x\ue002 \u2067a\ttab 👩‍👩‍👧"
    )
    assert issue.subject == "Nieuws uit de wijk"
    assert issue.body == "namex a\ttab 👩‍👩‍👧"


def test_a_text_without_end_is_cut_and_told() -> None:
    issue = read_issue_text(WHOLE + "x" * MOST_SIGNS)
    assert [finding.key for finding in issue.findings] == [FindingKey.SOURCE_TOO_LONG]
    assert len(issue.body) < MOST_SIGNS


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("-:\n\r {}|#"), max_size=300))
def test_anything_can_be_read(source: str) -> None:
    issue = read_issue_text(source)
    lines = source.count("\n") + source.count("\r") + 1
    assert 1 <= issue.body_line <= lines + 1
    assert all(0 <= finding.line <= lines for finding in issue.findings)


def test_errors_come_first_and_everything_once() -> None:
    warning = Finding(key=FindingKey.HTML_IS_TEXT, line=1)
    late, early = (Finding(key=FindingKey.LINK_NOT_HTTPS, line=line) for line in (9, 2))
    assert warning.severity is Severity.WARNING
    assert in_order([warning, late, early, late]) == (early, late, warning)
