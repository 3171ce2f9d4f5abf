"""Serve a WSGI app in a thread, on loopback."""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.serving import BaseWSGIServer

HOST = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Serves without a line per request: what matters is logged by the apps themselves."""

    # Buffered writes and no Nagle: as it stands, every keep-alive answer waits 44 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def serve(app: Flask, *, port: int) -> BaseWSGIServer:
    """Start serving; `shutdown()` of the server ends it. Raises OSError when the port is taken."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(HOST, port, app, threaded=True, request_handler=QuietHandler)
    Thread(target=server.serve_forever, name=f"serve-{port}", daemon=True).start()
    return server
