"""The text part of a newsletter, written from the nodes: what a program reads that shows no HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable

from chalicelib.domain.placeholder import Placeholder
from chalicelib.rendering.newsletter_markdown import Node

WIDTH = 76
LEAST_WIDTH = 30
# A slot as it stands in a line, and what it most likely says.
_MARK = re.compile("\ue000\\w+\ue001([^\ue002]*)\ue002")

type Say = Callable[[Placeholder], str]


def shown_address(url: str) -> str:
    """An address as it is read: without mailto:."""
    return url.removeprefix("mailto:")


def wrapped(words: str, *, width: int = WIDTH) -> str:
    """Lines of at most this width, where words allow; line breaks in it stay."""
    return "\n".join(
        line
        for part in words.split("\n")
        for line in textwrap.wrap(part, width, break_long_words=False, break_on_hyphens=False) or [""]
    )


def underlined(words: str, *, sign: str, width: int = WIDTH) -> str:
    """A heading, with a line of this sign below it."""
    lines = wrapped(words, width=width)
    longest = max(map(_length, lines.split("\n")))
    return f"{lines}\n{sign * max(3, longest)}"


def inline_words(nodes: Iterable[Node], say: Say, *, links: bool = True) -> str:
    """What is said within a line; behind a link stands where it leads, unless that is not wanted."""
    return "".join(_inline(node, say, links=links) for node in nodes)


def _inline(node: Node, say: Say, *, links: bool) -> str:
    match node.kind:
        case "text" | "code_inline":
            return node.text
        case "softbreak":
            return " "
        case "hardbreak":
            return "\n"
        case "placeholder":
            assert node.placeholder is not None, "that is what it is"
            return say(node.placeholder)
        case "link" if links and node.url:
            words, address = inline_words(node.children, say), shown_address(node.url)
            return address if words in ("", address, node.url) else f"{words} ({address})"
        case _:
            return inline_words(node.children, say, links=links)


class PlainWriter:
    """Writes nodes as text."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def write(self, nodes: Iterable[Node], *, width: int = WIDTH, tight: bool = False) -> str:
        written = [self._written(node, width=max(width, LEAST_WIDTH)) for node in nodes]
        return ("\n" if tight else "\n\n").join(part for part in written if part)

    def _written(self, node: Node, *, width: int) -> str:
        match node.kind:
            case "heading" if node.number < 3:
                text = underlined(self._words(node), sign="=-"[node.number - 1], width=width)
            case "bullet_list" | "ordered_list":
                text = self._list(node, width=width)
            case "blockquote":
                quoted = self.write(node.children, width=width - 2).split("\n")
                text = "\n".join(f"> {line}".rstrip() for line in quoted)
            case "code_block" | "fence":
                text = textwrap.indent(node.text.rstrip("\n"), "    ")
            case "hr":
                text = "* * *"
            case "table":
                text = self._table(node, width=width)
            case _:
                text = wrapped(self._words(node).strip(), width=width)
        return text

    def _words(self, node: Node) -> str:
        return inline_words(node.children, self._say)

    def _list(self, node: Node, *, width: int) -> str:
        tight = not any(
            child.kind == "paragraph" and not child.tight for item in node.children for child in item.children
        )
        items = []
        for number, item in enumerate(node.children, start=node.number):
            mark = "- " if node.kind == "bullet_list" else f"{number}. "
            lines = self.write(item.children, width=width - len(mark), tight=tight)
            items.append(mark + textwrap.indent(lines, " " * len(mark)).lstrip(" "))
        return ("\n" if tight else "\n\n").join(items)

    def _table(self, node: Node, *, width: int) -> str:
        """Columns when they fit, and else each row as lines with the heading of their column."""
        rows = [row for part in node.children for row in part.children]
        aligns = [cell.align for cell in rows[0].children]
        head, *told = [[self._words(cell).replace("\n", " ") for cell in row.children] for row in rows]
        widths = [max(map(_length, column)) for column in zip(head, *told, strict=True)]
        if sum(widths) + 3 * (len(widths) - 1) <= width:
            line, *lines = [" | ".join(map(_padded, row, widths, aligns)).rstrip() for row in (head, *told)]
            return "\n".join((line, "-+-".join("-" * size for size in widths), *lines))
        return "\n\n".join(
            "\n".join(
                wrapped(f"{name}: {cell}" if name else cell, width=width)
                for name, cell in zip(head, row, strict=True)
                if cell
            )
            for row in told or [head]
        )


def _length(words: str) -> int:
    """How many signs it has as it is most likely read."""
    return len(_MARK.sub(r"\1", words))


def _padded(words: str, size: int, align: str) -> str:
    space = " " * (size - _length(words))
    return space + words if align == "right" else words + space
