"""Debian's Firefox, over WebDriver BiDi: puppeteer-core in a Node process does what it is told line by line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.elsewhere.engine import Engine, Unanswered
from tests.elsewhere.installation import FIREFOX, HERE, NODE, node_modules, path


@dataclass(frozen=True, kw_only=True)
class Firefox:
    """One window of Firefox."""

    name: str
    keeps_pages: bool
    process: subprocess.Popen[str]

    def open(self, url: str) -> None:
        self._tell("open", url=url)

    def ask(self, script: str, *given: Any) -> Any:
        return self._tell("ask", script=script, given=given)

    def click(self, script: str, *given: Any) -> None:
        self._tell("click", script=script, given=given)

    def type(self, text: str, script: str, *given: Any) -> None:
        self._tell("type", text=text, script=script, given=given)

    def answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"Firefox ended with {self.process.wait()}"
        said = json.loads(line)
        if "fault" in said:
            raise Unanswered(said["fault"])
        return said["answer"]

    def _tell(self, do: str, **wish: Any) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, **wish}) + "\n")
        self.process.stdin.flush()
        return self.answer()


@contextmanager
def firefox(*, profile: Path, keeps_pages: bool) -> Iterator[Engine]:
    """A Firefox that is closed afterwards, and its profile with it."""
    node_modules(HERE)
    preferences = {} if keeps_pages else {"browser.sessionhistory.max_total_viewers": 0}
    command = [path(NODE), str(HERE / "firefox.mjs"), path(FIREFOX), str(profile), json.dumps(preferences)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        started = Firefox(name="Firefox", keeps_pages=keeps_pages, process=process)
        started.answer()
        yield started
        # the end of the input is its sign to close
