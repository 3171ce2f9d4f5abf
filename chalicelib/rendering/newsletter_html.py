"""The prose of a newsletter as HTML, by the macros of a template, which have the looks; nh3 is the second wall."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from markupsafe import Markup, escape

from chalicelib.rendering.newsletter_blocks import may_be_sent
from chalicelib.rendering.newsletter_markdown import Node
from chalicelib.rendering.newsletter_plain import Say, inline_words

# Whatever else would come out of the first wall does not get through this one.
TAGS = frozenset(
    "p br h1 h2 h3 strong em a ul ol li blockquote pre code hr table thead tbody tr th td span div".split()
)
SCHEMES = frozenset({"https", "mailto"})
_LOOKS = frozenset({"class", "style", "dir"})
ATTRIBUTES = {
    "*": set(_LOOKS),
    "a": {"href"},
    "ol": {"start"},
    "th": {"scope", "align"},
    "td": {"align"},
    "table": {"width", "cellpadding", "cellspacing", "border"},
}

type Macros = Mapping[str, Callable[..., str]]


def cleaned(html: str) -> Markup:
    """What is left of HTML when only what a newsletter has is let through."""
    import nh3

    return Markup(  # noqa: S704  # this is the wall itself
        nh3.clean(
            html,
            tags=set(TAGS),
            attributes=ATTRIBUTES,
            url_schemes=set(SCHEMES),
            url_relative="deny",
            link_rel=None,
            strip_comments=True,
        )
    )


class HtmlWriter:
    """Writes nodes as HTML; each kind has its macro."""

    def __init__(self, macros: Macros, say: Say) -> None:
        self._macros, self._say = macros, say

    def write(self, nodes: Iterable[Node]) -> Markup:
        return Markup("").join(self._written(node) for node in nodes)

    def _written(self, node: Node) -> Markup:
        match node.kind:
            case "text" | "image":
                # a picture within text is only told
                html = escape(node.text or inline_words(node.children, self._say))
            case "softbreak" | "hardbreak":
                html = Markup("\n") if node.kind == "softbreak" else Markup("<br>\n")
            case "placeholder":
                assert node.placeholder is not None, "that is what it is"
                # a name may run from right to left
                html = Markup('<span dir="auto">{}</span>').format(self._say(node.placeholder))
            case "link" if not may_be_sent(node.url):
                html = self.write(node.children)
            case "paragraph" if node.tight:
                html = self.write(node.children)
            case "code_inline" | "code_block" | "fence":
                html = self._macro("code" if node.kind == "code_inline" else "pre", node.text, node)
            case "list_item":
                html = self._macro(node.kind, self.write(map(_within_item, node.children)), node)
            case _:
                html = self._macro(node.kind, self.write(node.children), node)
        return html

    def _macro(self, name: str, words: str, node: Node) -> Markup:
        return Markup(self._macros[name](words, node))  # noqa: S704  # made by a template that escapes


def _within_item(node: Node) -> Node:
    return replace(node, name="nested") if node.kind.endswith("_list") else node
