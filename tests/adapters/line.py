"""A line between a client and a server on which requests and answers get lost on order."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Literal

import requests

type Fault = Literal["answer lost", "hung up before", "hung up after", "throttled", "broken before", "broken after"]

_ANSWERS: dict[Fault, tuple[int, bytes]] = {
    "throttled": (400, json.dumps({"__type": "com.amazonaws#ThrottlingException", "message": "Slow down."}).encode()),
    "broken before": (500, json.dumps({"__type": "com.amazonaws#InternalServerError", "message": "Oh."}).encode()),
    "broken after": (500, json.dumps({"__type": "com.amazonaws#InternalServerError", "message": "Oh."}).encode()),
}
_BEFORE: tuple[Fault, ...] = ("throttled", "broken before")


class Line:
    """Passes calls on to the server behind it, unless a fault is planned for the next one; keeps what was asked."""

    def __init__(self, *, to: str) -> None:
        self._to = to
        self._over = Event()
        self._session = requests.Session()
        self._session.trust_env = False
        self.faults: deque[Fault] = deque()
        self.asked: list[dict[str, Any]] = []

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.asked.append(json.loads(body))
        fault = self.faults.popleft() if self.faults else None
        if fault == "hung up before":
            handler.close_connection = True
            return
        status, headers, content = self._answer(fault, handler, body)
        if fault == "answer lost":
            self._over.wait(10)
        if fault in ("answer lost", "hung up after"):
            handler.close_connection = True
            return
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _answer(
        self, fault: Fault | None, handler: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if fault not in _BEFORE:
            left_out = ("host", "connection")
            passed = {name: value for name, value in handler.headers.items() if name.lower() not in left_out}
            answer = self._session.post(self._to + handler.path, data=body, headers=passed, timeout=10)
        if fault in _ANSWERS:
            status, content = _ANSWERS[fault]
            return status, {}, content
        kept = {name: value for name, value in answer.headers.items() if name.lower().startswith("x-amz")}
        return answer.status_code, kept, answer.content

    def close(self) -> None:
        self._over.set()
        self._session.close()


@contextmanager
def line(*, to: str) -> Iterator[tuple[Line, str]]:
    """A line to a server, and the address of its near end."""
    between = Line(to=to)

    class Handler(BaseHTTPRequestHandler):
        """One call."""

        # in one piece and at once: otherwise an answer waits 40 ms for an acknowledgement
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            between.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield between, f"http://127.0.0.1:{server.server_port}"
    finally:
        between.close()
        server.shutdown()
        thread.join()
        server.server_close()
