"""`make run` with a bug put in on purpose: seats are taken without asking the table whether there are any.

python -m tests.browser.careless --port 8000
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from datetime import UTC, datetime
from functools import cached_property

from chalicelib.adapters.dynamodb.shelves import SeatTableShelf
from chalicelib.adapters.dynamodb.store import TableStore, dynamodb_client
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.bootstrap import Application, use
from chalicelib.domain.seat import SeatMove
from chalicelib.ports import Store
from chalicelib.settings import Settings, read_settings
from devstack.__main__ import main


class CarelessSeats(SeatTableShelf):
    """The bug: counts what is taken, and lets everybody through."""

    def move(self, move: SeatMove, *, capacity: int | None, astray: bool = False) -> None:
        super().move(move, capacity=None)


class CarelessStore(TableStore):
    """A store whose units of work have the bug."""

    def unit_of_work(self) -> TableUnitOfWork:
        unit = super().unit_of_work()
        unit.seats = CarelessSeats(table=self._table, stage=unit._writes.append)
        return unit


class CarelessApplication(Application):
    """The real application in all else; its settings are there only once the stack has named its ports."""

    def __init__(self) -> None:
        self.now, self.new_token = lambda: datetime.now(UTC), lambda: secrets.token_hex(16)
        self.sleep = time.sleep

    @cached_property
    def settings(self) -> Settings:  # type: ignore[override]  # read when it is first asked for
        return read_settings(os.environ)

    @cached_property
    def store(self) -> Store:
        return CarelessStore(dynamodb_client(), table=self.settings.table, new_token=self.new_token)


if __name__ == "__main__":
    use(CarelessApplication())
    sys.exit(main())
