"""The desk itself on a developer's machine: Chalice's local server, with some of its habits cured."""

from threading import Thread
from types import ModuleType
from typing import Any

from chalice import local
from chalice.config import Config

from devstack.serve import HOST


class QuietHandler(local.ChaliceRequestHandler):
    """Chalice's handler without a line per request."""

    # Buffered writes and no Nagle: as it stands, every keep-alive answer waits 44 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class PatientServer(local.ThreadedHTTPServer):
    """Chalice's server with room for a rush: its own queue of 5 drops connections."""

    request_queue_size = 512


def serve_desk(module: ModuleType, *, port: int) -> local.LocalDevServer:
    """Serve the Chalice app of app.py; `shutdown()` ends it. Raises OSError when the port is taken."""
    # as Chalice's own command does: the app keeps the current request, and here many threads share the app
    local.CustomLocalChalice.__bases__ = (local.LocalChalice, type(module.app))
    module.app.__class__ = local.CustomLocalChalice
    server = local.LocalDevServer(
        module.app,
        Config.create(lambda_timeout=29, lambda_memory_size=1024),
        HOST,
        port,
        handler_cls=QuietHandler,
        server_cls=PatientServer,
    )
    # the inner server: the outer one would print an address beside our own list
    Thread(target=server.server.serve_forever, name=f"desk-{port}", daemon=True).start()
    return server
