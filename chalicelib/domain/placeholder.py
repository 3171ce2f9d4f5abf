"""A placeholder: what the writer of a newsletter leaves between braces, for the desk to fill in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Slot(StrEnum):
    """What is different in the mail of each subscriber."""

    NAME = "name"
    UNSUBSCRIBE_URL = "unsubscribe_url"
    PREFERENCES_URL = "preferences_url"
    WEB_URL = "web_url"


# What a writer may name; the links are put into each mail by its template.
WRITABLE: Mapping[str, Slot] = {"naam": Slot.NAME, "name": Slot.NAME}
# {naam}, {naam|lezer} or {aanbod congres-2027}; any other brace is a brace.
BRACES = re.compile(
    r"(?<!\{)\{(?:(?P<word>[^\W\d]\w*)(?:\|(?P<fallback>[^{}|\n]*))?|(?:aanbod|offer)[ \t]+(?P<offer>[\w-]+)[ \t]*)\}",
    re.IGNORECASE,
)
# A placeholder in which something went wrong, and those of other programs.
BROKEN = re.compile(r"\{\s*(?:naam|name|aanbod|offer)\b[^{}\n]{0,40}\}?", re.IGNORECASE)
FOREIGN = re.compile(
    r"\{\{[^{}\n]{0,40}\}?\}?|\{%[^{}\n]{0,40}%?\}?|\*?\|[A-Z][A-Z_]+\|\*?|%%\w+%%|\[%\w[^\]\n]{0,40}%\]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """What stood between braces: a word with what is said when there is nothing to fill in, or an offer's id."""

    source: str
    word: str = ""
    fallback: str | None = None
    offer_id: str = ""

    @property
    def slot(self) -> Slot | None:
        """None when there is no such thing to fill in."""
        return WRITABLE.get(self.word.lower())


def placeholder_of(found: re.Match[str]) -> Placeholder:
    """What BRACES found."""
    fallback = found["fallback"]
    return Placeholder(
        source=found[0],
        word=found["word"] or "",
        fallback=fallback.strip() if fallback is not None else None,
        offer_id=found["offer"] or "",
    )


def pieces(line: str) -> Iterator[str | Placeholder]:
    """A line without Markdown, such as a subject: its words and its placeholders."""
    end = 0
    for found in BRACES.finditer(line):
        if found.start() > end:
            yield line[end : found.start()]
        yield placeholder_of(found)
        end = found.end()
    if end < len(line):
        yield line[end:]
