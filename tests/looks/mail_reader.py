"""A reader of mails as strict as the strictest mail program: it says what is wrong with a letter."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

from chalicelib.adapters.ses_sender import mime
from chalicelib.domain.email import Letter
from tests.adapters.mail_desk import SENDER

# Above 102 kB Gmail cuts a mail off, with whatever stands at its end.
MOST_BYTES = 90_000
# What is never shown, or shown elsewhere than in the mail.
UNSEEN = {"style", "title"}
LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\{[a-z_.]*\}|\|[a-z_]+\||\b(?:None|Undefined|True|False|NaN)\b")
LOADED = re.compile(r"<(?:script|link|iframe|object|embed|form|base)\b|\son[a-z]+=|@import|url\(", re.IGNORECASE)
HTML = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\w+);|</\w+>")
# Many a mail program turns these into their opposite, and nothing near them.
PURE = re.compile(r"#(?:000|fff|000000|ffffff)\b", re.IGNORECASE)


class HtmlPart(HTMLParser):
    """What stands in the HTML part of a mail."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lang, self.title, self.preheader, self.words = "", "", "", ""
        self.headings: list[str] = []
        self.links: set[str] = set()
        self.pictures: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._hidden = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links |= {given[name] for name in ("href", "src", "background", "action") if name in given}
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag == "h1":
            self.headings.append("")
        if tag == "img":
            self.pictures.append((given.get("src", ""), given.get("alt", "").strip()))
        if tag not in {"img", "br", "meta", "hr"}:
            self._open.append(tag)
            if not self._hidden and "display:none" in given.get("style", ""):
                self._hidden = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1:] == [tag], f"</{tag}> closes {self._open[-1:]}"
        self._hidden = 0 if self._hidden == len(self._open) else self._hidden
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        if "h1" in self._open:
            self.headings[-1] += data
        if self._hidden:
            self.preheader += data
        elif not UNSEEN & set(self._open):
            self.words += data

    def close(self) -> None:
        super().close()
        assert not self._open, f"left open: {self._open}"


def complaints(letter: Letter, *, lang: str) -> list[str]:
    """All that is wrong with a letter."""
    part = HtmlPart(letter.html)
    return [*_about_html(part, letter=letter, lang=lang), *_about_text(letter), *_about_both(part, letter=letter)]


def _about_html(part: HtmlPart, *, letter: Letter, lang: str) -> Iterator[str]:
    if part.lang != lang:
        yield f"says that it is in {part.lang or 'no language'}"
    if not part.title.strip():
        yield "no title"
    if len(part.headings) != 1 or not part.headings[0].strip():
        yield f"main headings: {part.headings}"
    yield from _about_preheader(part.preheader, subject=letter.subject)
    yield from (f"no words for the picture {source}" for source, alt in part.pictures if not alt)
    yield from (f"leads to {link}" for link in part.links if not re.match(r"https://[^/]|mailto:[^@]+@", link))
    yield from (f"left over: {found}" for found in LEFT_OVER.findall(f"{part.words}{part.title}{part.preheader}"))
    yield from (f"loads or runs something: {found}" for found in LOADED.findall(letter.html))
    yield from (f"pure colour: {found}" for found in PURE.findall(letter.html))


def _about_preheader(preheader: str, *, subject: str) -> Iterator[str]:
    """It stands behind the subject in the list of mails, so at least half of it has to be new there."""
    said, new = _words(preheader), _words(preheader) - _words(subject)
    if not said:
        yield "no preheader"
    elif len(new) * 2 < len(said):
        yield f"the preheader repeats the subject: {preheader}"


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _about_text(letter: Letter) -> Iterator[str]:
    yield from (f"left over in the text: {found}" for found in LEFT_OVER.findall(f"{letter.subject}\n{letter.text}"))
    yield from (f"HTML in the text: {found}" for found in HTML.findall(letter.text))
    if "\n\n\n" in letter.text or letter.text.startswith("\n") or letter.text.endswith("\n\n"):
        yield "a hole in the text"


def _about_both(part: HtmlPart, *, letter: Letter) -> Iterator[str]:
    pictures = {source for source, _ in part.pictures}
    only = {link.removeprefix("mailto:") for link in part.links - pictures} ^ _linked(letter.text, also=part.links)
    yield from (f"in one of the two parts only: {link}" for link in sorted(only))
    raw = mime(letter, sender=SENDER)
    if len(raw) > MOST_BYTES:
        yield f"{len(raw)} bytes"
    sent = message_from_bytes(raw, policy=default)
    kinds = [each.get_content_type() for each in sent.walk() if not each.is_multipart()]
    if kinds[:2] != ["text/plain", "text/html"]:
        yield f"parts: {kinds}"


def _linked(text: str, *, also: set[str]) -> set[str]:
    """What a mail program makes links of in a text: up to a space, without what ends a sentence."""
    addresses = {link.removeprefix("mailto:") for link in also if link.startswith("mailto:")}
    found = {word.strip("(<>),;").rstrip(".:") for word in text.split() if "://" in word}
    return found | {address for address in addresses if address in text}
