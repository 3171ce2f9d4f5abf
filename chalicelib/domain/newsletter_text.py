"""The source of a newsletter issue: lines of `name: value` between two lines of dashes, then Markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.language import Language
from chalicelib.domain.newsletter_finding import Finding, FindingKey

# Some fifteen thousand words, more than a mail can hold; reading on would only keep the desk busy.
MOST_SIGNS = 100_000
FENCE = "---"
# What the writer may call a field, and what it is called here.
FIELDS: Mapping[str, str] = {
    "onderwerp": "subject",
    "subject": "subject",
    "preheader": "preheader",
    "taal": "language",
    "language": "language",
    "rubriek": "topic",
    "topic": "topic",
    "doelgroep": "segment",
    "segment": "segment",
}
FIELD = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*:(?P<value>.*)")
# Signs that would turn the direction of all that follows them, or mark what the desk fills in.
UNWANTED = re.compile("[\u202a-\u202e\u2066-\u2069\ue000-\ue003\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Lines of `name: value`, by the names of the desk; `lines` says where each stands."""

    values: Mapping[str, str]
    lines: Mapping[str, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueText:
    """What the writer wrote, taken apart; `body_line` is the line of the source at which the Markdown begins.

    An empty topic or segment was not written. `lines` says at which line each field stands.
    """

    subject: str
    preheader: str = ""
    language: Language = Language.NL
    topic: str = ""
    segment: str = ""
    body: str = ""
    body_line: int = 1
    lines: Mapping[str, int]
    findings: tuple[Finding, ...] = ()


def read_issue_text(source: str) -> IssueText:
    """Take a source apart; all that is wrong with it is in the findings, and the rest is read all the same."""
    source, findings = _clean(source), list[Finding]()
    if len(source) > MOST_SIGNS:
        findings.append(_found(FindingKey.SOURCE_TOO_LONG, most=f"{MOST_SIGNS:,}".replace(",", ".")))
        source = source[:MOST_SIGNS]
    lines = source.split("\n")
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    front, body = list[str](), start
    if start == len(lines) or lines[start].strip() != FENCE:
        findings.append(_found(FindingKey.FRONT_MISSING, line=1))
    else:
        end = next((number for number in range(start + 1, len(lines)) if lines[number].strip() == FENCE), None)
        if end is None:
            findings.append(_found(FindingKey.FRONT_OPEN, line=start + 1))
            # without an end it lasts as long as it looks like one
            end = next((number for number in range(start + 1, len(lines)) if not FIELD.match(lines[number])), start)
            body = end
        else:
            body = end + 1
        front = lines[start + 1 : end]
    fields = read_fields(front, first_line=start + 2, names=FIELDS)
    language = fields.values.get("language", "").lower() or Language.NL.value
    if language not in {each.value for each in Language}:
        findings.append(_found(FindingKey.LANGUAGE_UNKNOWN, line=fields.lines["language"], value=language))
        language = Language.NL.value
    return IssueText(
        subject=fields.values.get("subject", ""),
        preheader=fields.values.get("preheader", ""),
        language=Language(language),
        topic=fields.values.get("topic", ""),
        segment=fields.values.get("segment", ""),
        body="\n".join(lines[body:]),
        body_line=body + 1,
        lines=fields.lines,
        findings=(*findings, *fields.findings),
    )


def read_fields(lines: Sequence[str], *, first_line: int, names: Mapping[str, str]) -> Fields:
    """Read lines of `name: value`; empty lines say nothing."""
    values, places, findings = dict[str, str](), dict[str, int](), list[Finding]()
    for number, line in enumerate(lines, start=first_line):
        if not line.strip():
            continue
        found = FIELD.fullmatch(line)
        if found is None:
            findings.append(_found(FindingKey.FIELD_UNREADABLE, line=number, text=line.strip()[:60]))
        elif (name := found["name"].lower()) not in names:
            findings.append(_found(FindingKey.FIELD_UNKNOWN, line=number, name=found["name"], known=_told(names)))
        elif names[name] in values:
            findings.append(_found(FindingKey.FIELD_TWICE, line=number, name=found["name"]))
        else:
            values[names[name]], places[names[name]] = found["value"].strip(), number
    return Fields(values=values, lines=places, findings=tuple(findings))


def _told(names: Iterable[str]) -> str:
    return ", ".join(names)


def _clean(source: str) -> str:
    """One kind of line end, and no signs that nobody sees."""
    plain = UNWANTED.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(sign for sign in plain if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cs"})


def _found(key: FindingKey, *, line: int = 0, **values: str) -> Finding:
    return Finding(key=key, line=line, values=values)
