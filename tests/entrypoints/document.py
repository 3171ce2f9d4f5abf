"""A page or fragment as a visitor's browser reads it: elements, texts, and what a button would post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from tests.desk import BASE_URL

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

VOID = frozenset({"base", "meta", "input", "br", "img", "path", "circle", "link", "hr"})


@dataclass(eq=False)
class Element:
    """One element with the text in it and the elements around it."""

    tag: str
    attributes: dict[str, str]
    around: tuple[Element, ...]
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def has(self, name: str) -> bool:
        return name in self.attributes


class Document(HTMLParser):
    """Reads HTML and insists that it is well formed."""

    def __init__(self, response: HTTPResponse) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(response.body.decode())
        self.close()
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"

    # What the parser calls.

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice at {tag}: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes {self._open[-1].tag}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)

    # What a test asks.

    def all(self, tag: str = "", **attributes: str) -> Iterator[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        for element in self.elements:
            if (not tag or element.tag == tag) and all(element.get(name) == value for name, value in wanted.items()):
                yield element

    def one(self, tag: str = "", **attributes: str) -> Element:
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def title(self) -> str:
        return next((element.text for element in self.all("title")), "")

    @property
    def language(self) -> str:
        """Of the page, or of the fragment."""
        return next(element.get("lang") for element in self.elements if element.has("lang"))

    @property
    def text(self) -> str:
        outermost = [element.text for element in self.elements if not element.around]
        return " ".join(outermost)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The errors above the form: where each leads and what it says."""
        return [
            (link.get("href"), link.text) for link in self.all("a") if any(e.get("class") == "sum" for e in link.around)
        ]

    @property
    def notice(self) -> str:
        return next((element.text for element in self.all("p", class_="notice")), "")

    def field(self, name: str) -> Element:
        return next(self.all("input", name=name))

    def error_at(self, name: str) -> str:
        """What is said at a field, found the way a screen reader finds it."""
        described = self.field(name).get("aria-describedby").split()
        return next((self.one(id=each).text for each in described if each.endswith("-e")), "")

    def buttons(self) -> list[str]:
        """What the buttons of the page itself do; the one to the other language stands apart."""
        return [button.get("value") for button in self._buttons()]

    def press(self, value: str) -> tuple[str, dict[str, str]]:
        """Where a button posts to, as a path of this desk, and the fields that go along."""
        return self._pressed(next(each for each in self._buttons() if each.get("value") == value))

    def switch_language(self) -> tuple[str, dict[str, str]]:
        """What the button to the other language posts, and where."""
        return self._pressed(self.one("button", class_="language"))

    def _buttons(self) -> Iterator[Element]:
        for button in self.all("button"):
            if not button.has("aria-hidden") and button.get("class") != "language":
                yield button

    def _pressed(self, button: Element) -> tuple[str, dict[str, str]]:
        around = [element for element in button.around if element.tag == "form"]
        form = self.one("form", id=button.get("form")) if button.has("form") else around[-1]
        action = button.get("formaction") or form.get("action")
        assert action.startswith(BASE_URL), "links are absolute: a relative one leaves the stage of API Gateway"
        fields = {
            each.get("name"): each.get("value") or ("on" if each.get("type") == "checkbox" else "")
            for each in self.all("input")
            if form in each.around and (each.get("type") not in {"checkbox", "radio"} or each.has("checked"))
        }
        return action.removeprefix(BASE_URL), fields | {button.get("name"): button.get("value")}
