"""What a visitor does with a form and sees of it, in whatever browser and wherever the form stands."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.browser.stack import wait_until
from tests.elsewhere.engine import Engine, Unanswered

PATIENCE = 30
# Each script begins with `here`: the document, or the inside of the embedded form, if that is there.
PAGE = "const here = document;"
EMBEDDED = """const here = [...document.querySelectorAll('loket-form')]
  .find(form => form.shadowRoot?.querySelector('form')?.action.includes('PATH'))?.shadowRoot;"""
BUTTON = """return [...here?.querySelectorAll('button') ?? []]
  .find(button => !button.matches('.vh') && button.innerText.trim() === arguments[0]);"""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody in front of a browser, at the page where the form stands."""

    engine: Engine
    url: str
    here: str = PAGE

    def come(self) -> None:
        """Open the page, and wait for the form."""
        self.engine.open(self.url)
        self.wait("return !!here?.querySelector('[name=email]')", what="the form is there")

    def ask(self, script: str, *given: Any) -> Any:
        return self.engine.ask(f"{self.here}\n{script}", *given)

    def wait(self, script: str, *given: Any, what: str) -> None:
        """Ask until the answer is yes; while one page makes way for another there is none."""

        def yes() -> bool:
            with suppress(Unanswered):
                return bool(self.ask(script, *given))
            return False

        wait_until(yes, seconds=PATIENCE, what=lambda: f"{what}, in {self.engine.name} at {self.address()}")

    def type(self, **answers: str) -> None:
        for name, text in answers.items():
            self.engine.type(text, f"{self.here}\nreturn here?.querySelector(arguments[0])", f"[name={name}]")

    def press(self, label: str) -> None:
        """The button of the form with exactly this on it."""
        self.engine.click(f"{self.here}\n{BUTTON}", label)

    def answers(self) -> dict[str, str]:
        """What stands in the fields of the form."""
        found: dict[str, str] = self.ask(
            "return Object.fromEntries([...here.querySelectorAll('form input')].map(e => [e.name, e.value]))"
        )
        return found

    def focus(self) -> str:
        """The name of the field that has the keyboard, or the class of whatever else has it."""
        return str(self.ask("const e = here.activeElement; return e.name || e.className"))

    # On pages that are a whole of their own

    def press_there(self, label: str) -> None:
        self.engine.click(f"{PAGE}\n{BUTTON}", label)

    def wait_for_heading(self, text: str) -> None:
        self.wait("return document.querySelector('h1')?.innerText === arguments[0]", text, what=text)

    def wait_for_address(self, beginning: str) -> str:
        """Wait until the page at this address, or below it, is there whole."""
        self.wait(
            "return location.href.startsWith(arguments[0]) && document.readyState === 'complete'",
            beginning,
            what=beginning,
        )
        return self.address()

    def address(self) -> str:
        return str(self.engine.ask("return location.href"))

    def go_back(self) -> None:
        """The Back button, to the form."""
        self.engine.ask("setTimeout(() => history.back(), 50)")
        self.wait_for_address(self.url)
        self.wait("return !!here?.querySelector('[name=email]')", what="the form is there again")


def at_desk(engine: Engine, form: str) -> Visitor:
    """A visitor of the hosted page."""
    return Visitor(engine=engine, url=form)


def at_website(engine: Engine, website: str, *, path: str) -> Visitor:
    """A visitor of a website with the form in it."""
    return Visitor(engine=engine, url=website, here=EMBEDDED.replace("PATH", path))
