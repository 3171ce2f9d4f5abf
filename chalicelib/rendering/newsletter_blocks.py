"""The blocks of a newsletter: stretches of text, and between them pictures, buttons, offers and news of members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from chalicelib.domain.newsletter_finding import Finding, FindingKey
from chalicelib.domain.newsletter_text import FIELD, read_fields
from chalicelib.domain.offer import Offer
from chalicelib.rendering.newsletter_markdown import Node, read_markdown

# What the writer may call a field of a member's own activity, and what it is called here.
ACTIVITY_FIELDS: Mapping[str, str] = {
    "organisatie": "organisation",
    "organisation": "organisation",
    "titel": "title",
    "title": "title",
    "link": "link",
}
ACTIVITY_NAMES = frozenset({"netwerk", "network"})
_BREAKS = frozenset({"softbreak", "hardbreak"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Text, with all that Markdown can do."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A link that stands out."""

    label: tuple[Node, ...]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture over the whole width, with what is read instead of it; `link` is empty when it leads nowhere."""

    alt: tuple[Node, ...]
    url: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """What one can register for."""

    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What a member of the association organises; without a link it is only told."""

    organisation: str
    title: str
    link: str
    nodes: tuple[Node, ...]


type Block = Prose | Button | Picture | Teaser | Activity


def may_be_sent(url: str) -> bool:
    """Whether an address works from a mail: absolute, and https or mailto."""
    if url != "".join(url.split()):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path.strip("@")
    return parts.scheme == "https" and "." in host.strip(".")


def said(nodes: Iterable[Node]) -> str:
    """The words within a line; what is to be filled in is a sign, since it says something."""
    parts = []
    for node in nodes:
        if node.kind in _BREAKS:
            parts.append(" ")
        else:
            parts.append(node.placeholder.source if node.placeholder else node.text or said(node.children))
    return "".join(parts)


class BlockReader:
    """Reads blocks out of nodes; what is wrong with one is in the findings, and it is left out."""

    def __init__(self, *, offers: Mapping[str, Offer], now: datetime) -> None:
        self._offers, self._now = offers, now
        self.findings: list[Finding] = []
        self.nodes: list[Node] = []

    def read(self, nodes: Iterable[Node]) -> list[Block]:
        blocks: list[Block] = []
        for node in nodes:
            self.nodes.append(node)
            match node.kind:
                case "paragraph":
                    blocks += self._paragraph(node)
                case "block":
                    blocks += self._fenced(node)
                case _:
                    blocks.append(Prose(nodes=(node,)))
        return _joined(blocks)

    def _paragraph(self, paragraph: Node) -> list[Block]:
        """Lines that are blocks need no empty line around them."""
        blocks: list[Block] = []
        loose: list[Node] = []

        def end_of_text() -> None:
            if any(node.kind not in _BREAKS for node in loose):
                words = loose[1:] if loose[0].kind in _BREAKS else loose
                words = words[:-1] if words[-1].kind in _BREAKS else words
                blocks.append(Prose(nodes=(replace(paragraph, children=tuple(words)),)))
            loose.clear()

        for line in _lines(paragraph.children):
            found = self._line(line)
            if found is None:
                loose.extend(line)
            else:
                end_of_text()
                blocks += found
        end_of_text()
        return blocks

    def _line(self, line: list[Node]) -> list[Block] | None:
        """What a line is on its own; None when it is text."""
        words = [node for node in line if node.kind not in _BREAKS and (node.kind != "text" or node.text.strip())]
        if len(words) != 1:
            return None
        (node,) = words
        match node.kind:
            case "image":
                return self._picture(node)
            case "link" if len(node.children) == 1 and node.children[0].kind == "image":
                return self._picture(node.children[0], link=node.url)
            case "link" if said(node.children).startswith("[") and said(node.children).endswith("]"):
                return self._button(node)
            case "placeholder" if node.placeholder and node.placeholder.offer_id:
                return self._teaser(node, node.placeholder.offer_id)
            case _:
                return None

    def _picture(self, image: Node, *, link: str = "") -> list[Block]:
        if not said(image.children).strip():
            self._found(FindingKey.ALT_MISSING, image, url=image.url)
        if not may_be_sent(image.url) or image.url.startswith("mailto:"):
            return []
        return [Picture(alt=image.children, url=image.url, link=link if may_be_sent(link) else "")]

    def _button(self, link: Node) -> list[Block]:
        if not may_be_sent(link.url):
            return []
        return [Button(label=_unbracketed(link.children), url=link.url)]

    def _teaser(self, node: Node, offer_id: str) -> list[Block]:
        offer = self._offers.get(offer_id)
        if offer is None:
            self._found(FindingKey.OFFER_UNKNOWN, node, id=offer_id, known=", ".join(sorted(self._offers)))
            return []
        if offer.closes_at and offer.closes_at <= self._now:
            self._found(FindingKey.OFFER_CLOSED, node, id=offer_id)
        return [Teaser(offer=offer)]

    def _fenced(self, node: Node) -> list[Block]:
        if node.name.lower() not in ACTIVITY_NAMES:
            self._found(FindingKey.BLOCK_UNKNOWN, node, name=node.name or ":::")
            return []
        if node.is_open:
            self._found(FindingKey.BLOCK_OPEN, node, name=node.name)
            return []
        lines, first = node.text.split("\n"), node.line + 1
        while lines and not lines[0].strip():
            lines, first = lines[1:], first + 1
        # its fields end where a line is none
        end = next((number for number, line in enumerate(lines) if not FIELD.match(line)), len(lines))
        fields = read_fields(lines[:end], first_line=first, names=ACTIVITY_FIELDS)
        self.findings += fields.findings
        for wanted, name in (("organisation", "organisatie"), ("title", "titel")):
            if not fields.values.get(wanted):
                self._found(FindingKey.FIELD_MISSING, node, name=name)
        link = fields.values.get("link", "")
        if link and not may_be_sent(link):
            self.findings.append(
                Finding(key=FindingKey.LINK_NOT_HTTPS, line=fields.lines["link"], values={"url": link[:120]})
            )
        nodes = read_markdown("\n".join(lines[end:]), first_line=first + end)
        for each in nodes:
            if each.kind == "block":
                self._found(FindingKey.BLOCK_MISPLACED, each, text=f":::{each.name}")
        nodes = tuple(each for each in nodes if each.kind != "block")
        self.nodes += nodes
        return [
            Activity(
                organisation=fields.values.get("organisation", ""),
                title=fields.values.get("title", ""),
                link=link if may_be_sent(link) else "",
                nodes=nodes,
            )
        ]

    def _found(self, key: FindingKey, node: Node, **values: str) -> None:
        self.findings.append(Finding(key=key, line=node.line, values=values))


def _lines(nodes: Iterable[Node]) -> list[list[Node]]:
    """The nodes of a paragraph by line; what breaks a line ends it."""
    lines: list[list[Node]] = [[]]
    for node in nodes:
        lines[-1].append(node)
        if node.kind in _BREAKS:
            lines.append([])
    return lines


def _unbracketed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    first = replace(nodes[0], text=nodes[0].text.removeprefix("["))
    last = first if len(nodes) == 1 else nodes[-1]
    last = replace(last, text=last.text.removesuffix("]"))
    return (last,) if len(nodes) == 1 else (first, *nodes[1:-1], last)


def _joined(blocks: list[Block]) -> list[Block]:
    """Stretches of text that follow each other as one."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if isinstance(block, Prose) and isinstance(before, Prose):
            joined[-1] = Prose(nodes=(*before.nodes, *block.nodes))
        else:
            joined.append(block)
    return joined
