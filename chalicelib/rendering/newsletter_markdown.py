"""The Markdown of a newsletter as a tree of nodes: CommonMark and tables, with the desk's own braces and blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.domain.newsletter_text import UNWANTED
from chalicelib.domain.placeholder import BRACES, Placeholder, placeholder_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

# Deeper than anybody writes; what lies deeper still is not read at all.
DEEPEST = 60
FENCE = re.compile(r":::[ \t]*(?P<name>[^\s:]*)[ \t]*")
_LEAF = {"text", "code_inline", "code_block", "fence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A piece of the text, at a line of the source; `kind` is what markdown-it calls it, or placeholder or block.

    `text` is what a leaf says (of a block: its lines), `name` which block it is (of a list: nested in another), `url`
    where a link or image leads, `number` the level of a heading or the first number of a list, `align` that of a cell.
    In a tight list paragraphs are bare; a block that has no end is open.
    """

    kind: str
    line: int
    children: tuple[Node, ...] = ()
    text: str = ""
    name: str = ""
    url: str = ""
    number: int = 1
    align: str = ""
    tight: bool = False
    is_open: bool = False
    placeholder: Placeholder | None = None

    def everything(self) -> Iterator[Node]:
        """Itself and all that is in it."""
        yield self
        for child in self.children:
            yield from child.everything()


def read_markdown(text: str, *, first_line: int) -> tuple[Node, ...]:
    """The nodes of a text whose first line stands at this line of the source."""
    tokens = _parser().parse(text)
    nodes, _ = _nodes(tokens, start=0, line=first_line, first_line=first_line)
    return nodes


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": DEEPEST}).enable("table")

    parser.block.ruler.before("fence", "block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.inline.ruler.push("placeholder", _placeholder)
    return parser


def _placeholder(state: StateInline, silent: bool) -> bool:
    """A rule for markdown-it: braces with something to fill in."""
    found = BRACES.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("placeholder", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A rule for markdown-it: from :::name to ::: on lines of their own, not within a list or a quotation."""
    if state.level or state.is_code_block(start):
        return False
    found = FENCE.fullmatch(_line(state, start))
    if found is None:
        return False
    if silent:
        return True
    # one that is not closed is only its first line, so that the rest of the issue is still seen
    last = next((number for number in range(start + 1, end) if _line(state, number).strip() == ":::"), start)
    if not found["name"]:
        last = start
    token = state.push("block", "", 0)
    token.info, token.map, token.meta = found["name"], [start, last + 1], {"open": last == start}
    token.content = state.getLines(start + 1, last, 0, False) if last > start else ""
    state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _nodes(tokens: Sequence[Token], *, start: int, line: int, first_line: int) -> tuple[tuple[Node, ...], int]:
    """The nodes from a token up to the one that closes what they are in, and where that is."""
    found, at = list[Node](), start
    while at < len(tokens) and tokens[at].nesting >= 0:
        token = tokens[at]
        if token.map:
            line = first_line + token.map[0]
        if token.nesting == 1:
            children, at = _nodes(tokens, start=at + 1, line=line, first_line=first_line)
            found.append(_node(token, children, line=line))
            line += sum(child.kind in ("softbreak", "hardbreak") for node in children for child in node.everything())
        elif token.type == "inline":
            # what stands in a line of text has no line of its own
            children, _ = _nodes(token.children or (), start=0, line=line, first_line=first_line)
            found += children
        else:
            children, _ = _nodes(token.children or (), start=0, line=line, first_line=first_line)
            found.append(_node(token, children, line=line))
            line += token.type in ("softbreak", "hardbreak")
        at += 1
    return tuple(found), at


def _node(token: Token, children: tuple[Node, ...], *, line: int) -> Node:
    kind = token.type.removesuffix("_open")
    placeholder = None
    if kind == "placeholder":
        braces = BRACES.fullmatch(token.content)
        assert braces is not None, "the rule matched it"
        placeholder = placeholder_of(braces)
    return Node(
        kind=kind,
        line=line,
        children=children,
        # an entity becomes its sign here only: &#xE000; would be one of the marks of a slot
        text=UNWANTED.sub("", token.content) if kind in _LEAF | {"block"} else "",
        name=token.info.strip() if kind == "block" else "",
        url=str(token.attrs.get("href") or token.attrs.get("src") or ""),
        number=int(token.tag[1]) if kind == "heading" else int(token.attrs.get("start", 1)),
        align=str(token.attrs.get("style", "")).removeprefix("text-align:"),
        tight=token.hidden,
        is_open=bool(token.meta.get("open")),
        placeholder=placeholder,
    )
