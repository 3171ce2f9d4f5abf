"""The log of the whole process, as it would be written: each record formatted, with its exception and all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

# What Lambda gives its root logger, so what libraries may say at most; at INFO Stripe's SDK repeats Stripe's messages.
LIBRARIES = logging.INFO


class Log(logging.Handler):
    """Keeps every line."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Iterator[Log]:
    """Everything of our own, and of libraries what is heard on Lambda."""
    log, root, own = Log(), logging.getLogger(), logging.getLogger("chalicelib")
    before = root.level, own.level
    root.addHandler(log)
    root.setLevel(LIBRARIES)
    own.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        root.removeHandler(log)
        root.setLevel(before[0])
        own.setLevel(before[1])
