"""WebKitGTK's own small browser, over WebDriver, on a screen that nobody sees."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import requests

from tests.browser.stack import free_block, plain_session, wait_until
from tests.elsewhere.engine import Engine, Unanswered
from tests.elsewhere.installation import SCREEN, WEBKIT, path

PATIENCE = 120
MIDDLE = """if (!found) return null;
found.scrollIntoView({block: 'center', behavior: 'instant'});
const box = found.getBoundingClientRect();
return {x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2)};"""


@dataclass(frozen=True, kw_only=True)
class WebKit:
    """One window of WebKitGTK; the wire protocol is the W3C's WebDriver."""

    name: str
    keeps_pages: bool
    session: str
    http: requests.Session

    def open(self, url: str) -> None:
        self._tell("url", url=url)

    def ask(self, script: str, *given: Any) -> Any:
        return self._tell("execute/sync", script=script, args=given)

    def click(self, script: str, *given: Any) -> None:
        # not by element/click: that takes whatever lies in a shadow root for covered by its host
        place = self.ask(f"const found = (function () {{ {script} }}).apply(null, arguments); {MIDDLE}", *given)
        if not place:
            raise Unanswered("no such element")
        move = {"type": "pointerMove", "duration": 0, "origin": "viewport", **place}
        press = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._tell("actions", actions=[{"type": "pointer", "id": "mouse", "actions": press}])

    def type(self, text: str, script: str, *given: Any) -> None:
        self._tell(f"element/{self._element(script, *given)}/value", text=text)

    def _element(self, script: str, *given: Any) -> str:
        found = self.ask(script, *given)
        if not found:
            raise Unanswered("no such element")
        [name] = found.values()
        return str(name)

    def _tell(self, what: str, **wish: Any) -> Any:
        answer = self.http.post(f"{self.session}/{what}", json=wish, timeout=PATIENCE)
        if not answer.ok:
            raise Unanswered(answer.text)
        return answer.json()["value"]


@contextmanager
def webkit(*, keeps_pages: bool) -> Iterator[Engine]:
    """A WebKitGTK with a screen and a driver of its own; all three are ended afterwards."""
    with _screen() as display, _driver(display) as driver:
        http = plain_session()
        options = {"args": ["--automation", f"--enable-page-cache={str(keeps_pages).lower()}"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        started = http.post(f"{driver}/session", json=wanted, timeout=PATIENCE).json()["value"]
        session = f"{driver}/session/{started['sessionId']}"
        http.post(f"{session}/window/rect", json={"width": 1280, "height": 900}, timeout=PATIENCE)
        try:
            yield WebKit(name="WebKitGTK", keeps_pages=keeps_pages, session=session, http=http)
        finally:
            http.delete(session, timeout=PATIENCE)


@contextmanager
def _screen() -> Iterator[str]:
    read, write = os.pipe()
    command = [path(SCREEN), "-displayfd", str(write), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    with _running(command, pass_fds=[write]):
        os.close(write)
        # it says which number is its own as soon as it is there
        with os.fdopen(read) as said:
            number = said.readline().strip()
            assert number, "Xvfb does not start"
            yield f":{number}"


@contextmanager
def _driver(display: str) -> Iterator[str]:
    port = free_block()
    environment = {**os.environ, "DISPLAY": display, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
    with _running([path(WEBKIT), "--host=127.0.0.1", f"--port={port}"], env=environment):
        url = f"http://127.0.0.1:{port}"

        def ready() -> bool:
            with suppress(requests.ConnectionError):
                return plain_session().get(f"{url}/status", timeout=PATIENCE).ok
            return False

        wait_until(ready, seconds=PATIENCE, what=lambda: "WebKitWebDriver answers")
        yield url


@contextmanager
def _running(command: list[str], **more: Any) -> Iterator[None]:
    """A process in a group of its own: a browser has children, and none may stay behind."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **more
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE)
