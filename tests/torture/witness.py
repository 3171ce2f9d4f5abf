"""The witness: reads what the desk writes in its log, where an error that nobody expected shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.domain.error import Unavailable

_LOGGERS = ("chalicelib", "loket")


class Witness(logging.Handler):
    """Keeps the errors that no outside service explains, and the alarms that ask for a person."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.unexpected: list[str] = []
        self.alarms: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            self.alarms.append(record.msg.partition(" ")[0])
        elif not isinstance(error, Unavailable):
            where = error.__traceback__
            while where and where.tb_next:
                where = where.tb_next
            place = f"{where.tb_frame.f_code.co_filename.rpartition('/')[2]}:{where.tb_lineno}" if where else ""
            self.unexpected.append(f"unexpected {type(error).__name__}: {error} ({place})")


@contextmanager
def listening(witness: Witness) -> Iterator[None]:
    """Everything below an error is not even made."""
    kept = []
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        kept.append((logger, logger.level, logger.handlers, logger.propagate, logger.disabled))
        logger.setLevel(logging.ERROR)
        logger.handlers, logger.propagate = [witness], False
    try:
        yield
    finally:
        for logger, level, handlers, propagate, disabled in kept:
            logger.handlers, logger.propagate, logger.disabled = handlers, propagate, disabled
            logger.setLevel(level)
