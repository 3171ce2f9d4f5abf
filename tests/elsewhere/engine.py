"""What these tests ask of a browser, whichever it is."""

from __future__ import annotations

from typing import Any, Protocol


class Unanswered(Exception):
    """The browser could not do what was asked; between two pages that is usual."""


class Engine(Protocol):
    """A browser with one window. A script is the body of a function with `arguments`, as WebDriver takes it."""

    @property
    def name(self) -> str: ...

    @property
    def keeps_pages(self) -> bool:
        """Whether it keeps whole pages for the back button (bfcache)."""

    def open(self, url: str) -> None:
        """Go there, and wait until the page is loaded."""

    def ask(self, script: str, *given: Any) -> Any:
        """What the script returns, in the page as it is now."""

    def click(self, script: str, *given: Any) -> None:
        """Click with the mouse on the element that the script returns."""

    def type(self, text: str, script: str, *given: Any) -> None:
        """Type into the element that the script returns."""
