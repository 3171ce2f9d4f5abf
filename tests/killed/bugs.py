"""Bugs put in on purpose, and the journey that brings each to light: killing that notices nothing proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork
from chalicelib.adapters.stripe_gateway import Desk, StripeGateway
from chalicelib.bootstrap import APP, Application
from tests.crash import bugs

type Bug = Callable[[Application], None]


class EagerGateway(StripeGateway):
    """The bug: every call gets a fresh idempotency key."""

    def _create(self, parameters: Any, *, key: str) -> Any:
        return super()._create(parameters, key=f"{key}-{uuid4().hex}")


def _eager(application: Application) -> None:
    desk = Desk(app=APP, stage=application.settings.stage)
    application.gateway = EagerGateway(application._stripe, desk=desk)


def _unit(unit: type[TableUnitOfWork]) -> Bug:
    class BuggyStore(TableStore):
        """A store whose units of work have the bug."""

        def unit_of_work(self) -> TableUnitOfWork:
            return unit(self._client, table=self._table, token=self._new_token())

    def put_in(application: Application) -> None:
        application.store = BuggyStore(
            application._dynamodb, table=application.settings.table, new_token=application.new_token
        )

    return put_in


# By its name: the journey, the calls at which it shows, and how it is put in.
BUGS: Mapping[str, tuple[str, tuple[str, ...], Bug]] = {
    "seats in a commit before the order's": ("congress for two", ("Transact",), _unit(bugs.SeatsFirstUnit)),
    "seats in a commit after the order's": ("cancelled for half", ("Transact",), _unit(bugs.SeatsLastUnit)),
    "tickets in a second commit": ("found by comparing", ("Transact",), _unit(bugs.LateTicketsUnit)),
    "the command to refund in a second commit": ("money too late", ("Transact",), _unit(bugs.LateRefundUnit)),
    "marked as sent before it is sent": ("money too late", ("SendEmail",), _unit(bugs.ForgetfulUnit)),
    "a claim without a lease": ("money too late", ("SendEmail",), _unit(bugs.LeaselessUnit)),
    "a fresh idempotency key for each call": ("congress for two", ("checkout/sessions",), _eager),
}
