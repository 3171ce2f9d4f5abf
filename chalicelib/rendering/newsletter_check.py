"""The preflight of a newsletter: what must be mended before it is sent, or had better be looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote

from chalicelib.domain.newsletter_finding import Finding, FindingKey
from chalicelib.domain.newsletter_text import IssueText
from chalicelib.domain.placeholder import BRACES, BROKEN, FOREIGN, WRITABLE, Placeholder, Slot, pieces
from chalicelib.domain.prepared_issue import Slotted
from chalicelib.rendering.newsletter_blocks import may_be_sent, said
from chalicelib.rendering.newsletter_markdown import Node
from chalicelib.rendering.newsletter_plain import shown_address

# Gmail cuts off what comes after 102 kB; SES and lists add some.
MOST_BYTES = 90_000
# As long as a name or a link of ours can become.
SLOT_BYTES = 400
SUBJECT_LENGTHS = range(10, 79)
_HREF = re.compile(r'\bhref="([^"]+)"')
_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>()]+", re.IGNORECASE)
_HALF_A_LINK = re.compile(r"\][ \t]?\((?=[^()\s]*[:/.@])[^()\s]*\)?")
_TAG = re.compile(r"<[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)


def found_in_head(issue: IssueText) -> Iterator[Finding]:
    """Findings about the subject and the preheader."""
    line = issue.lines.get("subject", 0)
    if not issue.subject:
        yield Finding(key=FindingKey.FIELD_MISSING, line=1, values={"name": "onderwerp"})
    else:
        length = sum(len(_least(piece)) for piece in pieces(issue.subject))
        if length not in SUBJECT_LENGTHS:
            yield Finding(key=FindingKey.SUBJECT_LENGTH, line=line, values={"length": str(length)})
        if issue.subject != issue.subject.strip():
            yield Finding(key=FindingKey.SUBJECT_SPACE, line=line)
    if not issue.preheader:
        yield Finding(key=FindingKey.PREHEADER_MISSING, line=line)
    if not issue.body.strip():
        yield Finding(key=FindingKey.BODY_MISSING, line=issue.body_line)
    for name, value in (("subject", issue.subject), ("preheader", issue.preheader)):
        for piece in pieces(value):
            if isinstance(piece, str):
                yield from _found_in_words(piece, line=issue.lines.get(name, 0))
            elif piece.offer_id:
                yield Finding(
                    key=FindingKey.OFFER_NOT_ALONE, line=issue.lines.get(name, 0), values={"text": piece.source}
                )
            else:
                yield from _found_in_placeholder(piece, line=issue.lines.get(name, 0))


def found_in_nodes(nodes: Iterable[Node], *, linked: bool = False) -> Iterator[Finding]:
    """Findings about words, links and placeholders, wherever they stand."""
    for node in nodes:
        match node.kind:
            case "link" | "image":
                yield from _found_in_address(node)
            case "placeholder" if node.placeholder:
                yield from _found_in_placeholder(node.placeholder, line=node.line)
            case "text":
                yield from _found_in_words(node.text, line=node.line)
                yield from _found_in_text(node, linked=linked)
            case "code_inline" | "code_block" | "fence":
                for found in BRACES.finditer(node.text):
                    if (found["word"] or "").lower() in WRITABLE:
                        yield _finding(FindingKey.PLACEHOLDER_IN_CODE, node, text=found[0])
            case _:
                pass
        yield from found_in_nodes(node.children, linked=linked or node.kind == "link")


def found_in_prose(nodes: Iterable[Node]) -> Iterator[Finding]:
    """Findings about what stands within text, and should stand on a line of its own."""
    for root in nodes:
        for node in root.everything():
            if node.kind == "image":
                yield _finding(FindingKey.IMAGE_NOT_ALONE, node, url=node.url)
            elif node.placeholder and node.placeholder.offer_id:
                yield _finding(FindingKey.OFFER_NOT_ALONE, node, text=node.placeholder.source)


def found_in_mail(*, html: Slotted, text: Slotted) -> Iterator[Finding]:
    """Findings about the mail as it will be."""
    size = html.size(slot_bytes=SLOT_BYTES)
    if size > MOST_BYTES:
        values = {"size": str(-(-size // 1000)), "most": str(MOST_BYTES // 1000)}
        yield Finding(key=FindingKey.TOO_LARGE, values=values)
    if not all(Slot.UNSUBSCRIBE_URL in {slot for slot, _ in part.slots} for part in (html, text)):
        yield Finding(key=FindingKey.UNSUBSCRIBE_MISSING)
    filled = {slot: f"https://{slot.value}.invalid" for slot in Slot}
    read = text.fill(filled)
    for url in dict.fromkeys(unescape(found) for found in _HREF.findall(html.fill(filled))):
        if shown_address(url) not in read:
            yield Finding(key=FindingKey.LINK_NOT_IN_TEXT, values={"url": url})


def _least(piece: str | Placeholder) -> str:
    return piece if isinstance(piece, str) else piece.fallback or ""


def _found_in_address(node: Node) -> Iterator[Finding]:
    url = unquote(node.url)
    if BRACES.search(url) or FOREIGN.search(url):
        yield _finding(FindingKey.PLACEHOLDER_IN_LINK, node, url=url)
    elif not may_be_sent(node.url) or (node.kind == "image" and node.url.startswith("mailto:")):
        yield _finding(FindingKey.LINK_NOT_HTTPS, node, url=url)
    # a picture is a link's words too, and without words of its own it is told of as such
    pictured = any(each.kind == "image" for each in node.everything())
    if node.kind == "link" and not pictured and not said(node.children).strip(" []"):
        yield _finding(FindingKey.LINK_WITHOUT_WORDS, node, url=url)


def _found_in_placeholder(placeholder: Placeholder, *, line: int) -> Iterator[Finding]:
    if placeholder.slot is None and not placeholder.offer_id:
        yield Finding(
            key=FindingKey.PLACEHOLDER_UNKNOWN,
            line=line,
            values={"text": placeholder.source, "known": "{naam}, {name}"},
        )


def _found_in_words(words: str, *, line: int) -> Iterator[Finding]:
    for found in FOREIGN.finditer(words):
        yield Finding(key=FindingKey.PLACEHOLDER_FOREIGN, line=line, values={"text": found[0]})
    for found in BROKEN.finditer(FOREIGN.sub("", words)):
        # a whole one is left where the writer said that it is none, with a backslash
        if not BRACES.fullmatch(found[0]):
            yield Finding(key=FindingKey.PLACEHOLDER_BROKEN, line=line, values={"text": found[0]})


def _found_in_text(node: Node, *, linked: bool) -> Iterator[Finding]:
    if node.text.startswith(":::"):
        yield _finding(FindingKey.BLOCK_MISPLACED, node, text=node.text[:40])
    for found in _HALF_A_LINK.finditer(node.text):
        yield _finding(FindingKey.LINK_UNREADABLE, node, text=found[0])
    for found in _TAG.finditer(node.text):
        yield _finding(FindingKey.HTML_IS_TEXT, node, text=found[0])
    if not linked:
        for found in _ADDRESS.finditer(_HALF_A_LINK.sub("", node.text)):
            yield _finding(FindingKey.ADDRESS_WITHOUT_LINK, node, url=found[0].rstrip(".,;:!?"))


def _finding(key: FindingKey, node: Node, **values: str) -> Finding:
    return Finding(key=key, line=node.line, values={name: value[:120] for name, value in values.items()})
