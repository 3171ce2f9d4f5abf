"""A prepared issue: a newsletter that is rendered once, with slots in it that each subscriber's mail fills."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape, unescape

from chalicelib.domain.email import Letter
from chalicelib.domain.language import Language
from chalicelib.domain.newsletter_finding import Finding, Severity
from chalicelib.domain.placeholder import Slot

# A slot in a rendered text: signs that no source has (see newsletter_text), around its name and what is said instead.
# A space in there has a sign of its own, so that no line is broken within a slot.
_MARK = re.compile("\ue000(\\w+)\ue001([^\ue002]*)\ue002")
# Control signs, half signs, and signs that mean something to one program only.
_UNSEEN = frozenset({"Cc", "Cs", "Co"})
_HREF = re.compile(r'\bhref="([^"]+)"')
# Turn the direction of what follows, so that a name could write over its surroundings.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def marked(slot: Slot, fallback: str = "") -> str:
    """What stands in a rendered text where a slot will be; it goes through escaping and wrapping unharmed."""
    return f"\ue000{slot.value}\ue001{fallback.replace(' ', '\ue003')}\ue002"


def plain_name(name: str) -> str:
    """A name on one line, as it can stand in a subject: without what nobody can read, whatever somebody typed."""
    # a line end is a control sign too, and separates words
    spaced = " ".join(_TURNS.sub("", name).split())
    return " ".join("".join(sign for sign in spaced if unicodedata.category(sign) not in _UNSEEN).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    """A text cut at its slots: one literal more than there are slots, each with what is said when it stays empty."""

    literals: tuple[str, ...]
    slots: tuple[tuple[Slot, str], ...]

    @classmethod
    def cut(cls, text: str) -> Slotted:
        """Cut a text at its marks."""
        parts = _MARK.split(text)
        slots = zip(parts[1::3], parts[2::3], strict=True)
        return cls(
            literals=tuple(parts[::3]),
            slots=tuple((Slot(name), fallback.replace("\ue003", " ")) for name, fallback in slots),
        )

    def fill(self, values: Mapping[Slot, str]) -> str:
        """The text with these values, which are escaped as it needs."""
        filled = [self.literals[0]]
        for (slot, fallback), literal in zip(self.slots, self.literals[1:], strict=True):
            filled += (values[slot] or fallback, literal)
        return "".join(filled)

    def size(self, *, slot_bytes: int) -> int:
        """How many bytes it is, with so many for each slot."""
        return sum(len(literal.encode()) for literal in self.literals) + slot_bytes * len(self.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One issue in its language, ready for any number of subscribers; plain data, so that it can be kept.

    `page_html` is what the web archive shows: headings and all, with nobody's name and without styles of its own.
    `links` are where its text leads, each once; what was written alone decides which number each has.
    """

    language: Language
    topic: str
    segment: str
    subject: Slotted
    html: Slotted
    text: Slotted
    page_html: str
    links: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def sendable(self) -> bool:
        """Whether nothing has to be mended first."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    @property
    def title(self) -> str:
        """The subject as nobody in particular reads it."""
        return self.subject.fill(dict.fromkeys(Slot, ""))

    def through(self, way: Callable[[int], str]) -> Prepared:
        """The same with each link of its HTML leading by this way, of its number from 1; its text part stays."""
        ways = {url: escape(way(number)) for number, url in enumerate(self.links, start=1)}

        def led(href: re.Match[str]) -> str:
            url = unescape(href[1])
            return f'href="{ways[url]}"' if url in ways else href[0]

        literals = tuple(_HREF.sub(led, each) for each in self.html.literals)
        return replace(self, html=replace(self.html, literals=literals))

    def letter(self, *, to: str, name: str, unsubscribe_url: str, preferences_url: str, web_url: str) -> Letter:
        """The mail of one subscriber."""
        plain = {
            Slot.NAME: plain_name(name),
            Slot.UNSUBSCRIBE_URL: unsubscribe_url,
            Slot.PREFERENCES_URL: preferences_url,
            Slot.WEB_URL: web_url,
        }
        escaped = {slot: escape(value) for slot, value in plain.items()}
        return Letter(to=to, subject=self.subject.fill(plain), html=self.html.fill(escaped), text=self.text.fill(plain))

    def page(self) -> str:
        """What the web archive shows within its own page."""
        return self.page_html
