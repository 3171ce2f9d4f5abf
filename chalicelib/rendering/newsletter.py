"""Newsletters: an issue as its writer wrote it becomes a mail with slots, its text part, and a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import shorten

from chalicelib.domain.language import Language
from chalicelib.domain.link import Links
from chalicelib.domain.newsletter_finding import in_order
from chalicelib.domain.newsletter_text import IssueText, read_issue_text
from chalicelib.domain.offer import Offer
from chalicelib.domain.placeholder import Placeholder, Slot, pieces
from chalicelib.domain.prepared_issue import Prepared, Slotted, marked
from chalicelib.rendering.event_view import event_view
from chalicelib.rendering.newsletter_blocks import Activity, Block, BlockReader, Button, Picture, Prose, Teaser
from chalicelib.rendering.newsletter_check import found_in_head, found_in_mail, found_in_nodes, found_in_prose
from chalicelib.rendering.newsletter_html import HtmlWriter, cleaned
from chalicelib.rendering.newsletter_markdown import Node, read_markdown
from chalicelib.rendering.newsletter_plain import PlainWriter, Say, inline_words, underlined, wrapped
from chalicelib.rendering.renderer import Renderer
from chalicelib.rendering.texts import Texts

# What stands in a slot: a mark for many subscribers, or the value for one.
type Filling = Callable[[Slot, str], str]
type View = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedIssue:
    """The three parts of a mail, with in each slot whatever it was filled with."""

    subject: str
    html: str
    text: str


class NewsletterComposer:
    """Makes newsletters of one association."""

    def __init__(self, renderer: Renderer, *, links: Links) -> None:
        self._renderer, self._links = renderer, links

    def prepare_source(self, source: str, *, offers: Sequence[Offer], now: datetime) -> Prepared:
        """Render what was written (the port IssueComposer)."""
        return self.prepare(read_issue_text(source), offers={offer.id: offer for offer in offers}, now=now)

    def prepare(self, issue: IssueText, *, offers: Mapping[str, Offer], now: datetime) -> Prepared:
        """Render an issue once, for all its subscribers; prices are those of this moment.

        What is wrong with it is among the findings, and the rest can be looked at all the same.
        """
        blocks, reader = _read(issue, offers=offers, now=now)
        rendered = self._rendered(issue, blocks, now=now, filling=marked)
        html, text = Slotted.cut(rendered.html), Slotted.cut(rendered.text)
        prose = [node for block in blocks if isinstance(block, Prose | Activity) for node in block.nodes]
        found = (
            *issue.findings,
            *found_in_head(issue),
            *reader.findings,
            *found_in_nodes(reader.nodes),
            *found_in_prose(prose),
            *found_in_mail(html=html, text=text),
        )
        return Prepared(
            language=issue.language,
            topic=issue.topic,
            segment=issue.segment,
            subject=Slotted.cut(rendered.subject),
            html=html,
            text=text,
            page_html=self._page(issue, blocks, now=now),
            links=self._links_of(issue, blocks, reader),
            findings=in_order(found),
        )

    def links(self, source: str, *, now: datetime) -> Sequence[str]:
        """Where the text leads, by number (the port IssueComposer)."""
        issue = read_issue_text(source)
        blocks, reader = _read(issue, offers={}, now=now)
        return self._links_of(issue, blocks, reader)

    def render(
        self, issue: IssueText, *, offers: Mapping[str, Offer], now: datetime, filling: Filling
    ) -> RenderedIssue:
        """Render an issue with this in its slots."""
        blocks, _ = _read(issue, offers=offers, now=now)
        return self._rendered(issue, blocks, now=now, filling=filling)

    def _rendered(self, issue: IssueText, blocks: Iterable[Block], *, now: datetime, filling: Filling) -> RenderedIssue:
        say = self._say(issue.language, filling)
        language, blocks = issue.language, _titled(blocks, issue)
        views = self._views(blocks, language=language, now=now, say=say, prose="mail/prose.html")
        subject = _filled(issue.subject, say)
        letter = self._renderer.letter(
            "newsletter",
            to="",
            language=language,
            subject=subject,
            title=subject,
            preheader=_filled(issue.preheader, say) or _beginning(blocks, self._say(language, _nobody)),
            blocks=views,
            wrapped=wrapped,
            body="\n\n".join(text for view in views if (text := str(view["text"]).strip("\n"))),
            **{slot.value: filling(slot, "") for slot in Slot if slot is not Slot.NAME},
        )
        return RenderedIssue(subject=subject, html=letter.html, text=letter.text)

    def _page(self, issue: IssueText, blocks: Iterable[Block], *, now: datetime) -> str:
        """What the archive shows: nobody's name, and whatever is said instead."""
        say = self._say(issue.language, _nobody)
        language, blocks = issue.language, _titled(blocks, issue)
        views = self._views(blocks, language=language, now=now, say=say, prose="site/prose.html")
        return self._renderer.fragment("newsletter_issue", language=language, blocks=views)

    def _links_of(self, issue: IssueText, blocks: Iterable[Block], reader: BlockReader) -> tuple[str, ...]:
        """The same whatever has become of an offer since."""
        urls = list[str]()
        for node in (each for root in reader.nodes for each in root.everything()):
            if node.kind == "link":
                urls.append(node.url)
            elif node.placeholder and node.placeholder.offer_id:
                urls.append(self._links.form(node.placeholder.offer_id, issue.language))
        urls += [block.link for block in blocks if isinstance(block, Activity)]
        return tuple(dict.fromkeys(url for url in urls if url.startswith(("https:", "http:"))))

    def _say(self, language: Language, filling: Filling) -> Say:
        reader = self._renderer.texts(language)("newsletter.reader")

        def say(placeholder: Placeholder) -> str:
            if placeholder.slot is None:
                return placeholder.source
            return filling(placeholder.slot, reader if placeholder.fallback is None else placeholder.fallback)

        return say

    def _views(self, blocks: Iterable[Block], *, language: Language, now: datetime, say: Say, prose: str) -> list[View]:
        texts = self._renderer.texts(language)
        html = HtmlWriter(self._renderer.macros(prose, language=language), say)
        plain = PlainWriter(say)
        views: list[View] = []
        for block in blocks:
            match block:
                case Prose(nodes=nodes):
                    views.append({"kind": "prose", "html": cleaned(html.write(nodes)), "text": plain.write(nodes)})
                case Button(label=label, url=url):
                    words = inline_words(label, say, links=False)
                    views.append({"kind": "button", "label": words, "url": url, "text": f"{wrapped(words)}:\n{url}"})
                case Picture(alt=alt, url=url, link=link):
                    words = inline_words(alt, say, links=False)
                    text = wrapped(f"[{words}]") + (f"\n{link}" if link else "")
                    views.append({"kind": "picture", "alt": words, "url": url, "link": link, "text": text})
                case Teaser(offer=offer):
                    views.append(_teaser(offer, texts=texts, language=language, links=self._links, now=now))
                case Activity():
                    views.append(_activity(block, texts=texts, html=html, plain=plain))
        return views


def _read(issue: IssueText, *, offers: Mapping[str, Offer], now: datetime) -> tuple[list[Block], BlockReader]:
    reader = BlockReader(offers=offers, now=now)
    return reader.read(read_markdown(issue.body, first_line=issue.body_line)), reader


def _beginning(blocks: Iterable[Block], say: Say) -> str:
    """What a mailbox shows behind the subject when the writer left that open: how the text begins."""
    paragraphs = (
        node for block in blocks if isinstance(block, Prose) for node in block.nodes if node.kind == "paragraph"
    )
    words = " ".join(inline_words(node.children, say, links=False) for node in paragraphs)
    return shorten(words, width=110, placeholder="…")


def _nobody(_slot: Slot, fallback: str) -> str:
    return fallback


def _filled(line: str, say: Say) -> str:
    return "".join(piece if isinstance(piece, str) else say(piece) for piece in pieces(line))


def _titled(blocks: Iterable[Block], issue: IssueText) -> list[Block]:
    """One main heading, which is the first of the text or else the subject, and no level passed over below it."""
    found, deepest = list[Block](), 1
    first = next(iter(blocks), None)
    if not (isinstance(first, Prose) and first.nodes[0].kind == "heading" and first.nodes[0].number == 1):
        words = tuple(
            Node(kind="text", line=0, text=piece)
            if isinstance(piece, str)
            else Node(kind="placeholder", line=0, placeholder=piece)
            for piece in pieces(issue.subject)
        )
        found.append(Prose(nodes=(Node(kind="heading", line=0, number=1, children=words),)))
        deepest = 2
    for block in blocks:
        if isinstance(block, Activity):
            found.append(replace(block, nodes=tuple(_levelled(node, 3) for node in block.nodes)))
            deepest = 3
        elif isinstance(block, Prose):
            nodes = []
            for node in block.nodes:
                level = 1 if deepest == 1 else min(max(node.number, 2), deepest)
                nodes.append(_levelled(node, level if node.kind == "heading" else deepest))
                if node.kind == "heading":
                    deepest = min(max(deepest, level + 1), 3)
            found.append(Prose(nodes=tuple(nodes)))
        else:
            found.append(block)
            deepest = 3 if isinstance(block, Teaser) else deepest
    return found


def _levelled(node: Node, level: int) -> Node:
    """The same with each heading in it at this level."""
    children = tuple(_levelled(child, level) for child in node.children)
    return replace(node, children=children, number=level if node.kind == "heading" else node.number)


def _teaser(offer: Offer, *, texts: Texts, language: Language, links: Links, now: datetime) -> View:
    """When, where and for how much, at the prices of now."""
    facts: list[tuple[str, str]] = []
    if offer.event:
        event = event_view(offer, texts=texts, language=language)
        facts += [(texts("event.when"), event.days or texts("event.dates_follow")), (texts("event.where"), event.place)]
    facts.append((texts("order.costs"), _price(offer, texts=texts, language=language, now=now)))
    title, summary = offer.title.within(language), offer.summary.within(language)
    url, go = links.form(offer.id, language), texts("newsletter.teaser.go")
    lines = [underlined(title, sign="-"), *([wrapped(summary)] if summary else [])]
    lines += ["\n".join(wrapped(f"{label}: {value}") for label, value in facts), f"{go}:\n{url}"]
    return {
        "kind": "teaser",
        "title": title,
        "summary": summary,
        "facts": facts,
        "url": url,
        "text": "\n\n".join(lines),
    }


def _price(offer: Offer, *, texts: Texts, language: Language, now: datetime) -> str:
    prices = offer.prices_at(now)
    said = [texts.price(prices.list_cents) if prices.list_cents else texts("offer.free")]
    if offer.event is None:
        return f"{said[0]} {texts('offer.membership_term', months=offer.term_months)}"
    if prices.member_cents is not None:
        member = texts.price(prices.member_cents) if prices.member_cents else texts("offer.free").lower()
        said.append(texts("offer.members_pay", price=member))
    if offer.event.members_only:
        said.append(texts("offer.members_only"))
    if offer.price_note:
        said.append(offer.price_note.within(language))
    line = ", ".join(said)
    if offer.early and now < offer.early.ends_at:
        line += f". {texts('offer.early_until', moment=texts.moment(offer.early.ends_at))}"
    return line


def _activity(block: Activity, *, texts: Texts, html: HtmlWriter, plain: PlainWriter) -> View:
    label = texts("newsletter.network")
    # its heading stands below the newsletter's own
    lines = [underlined(block.title, sign="-"), wrapped(f"{label}: {block.organisation}")]
    lines += [part for part in (plain.write(block.nodes), block.link) if part]
    return {
        "kind": "activity",
        "label": label,
        "organisation": block.organisation,
        "title": block.title,
        "url": block.link,
        "html": cleaned(html.write(block.nodes)),
        "text": "\n\n".join(lines),
    }
