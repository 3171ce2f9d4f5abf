"""Bugs put in on purpose: a harness that does not notice them proves nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters.dynamodb.store import TableStore
from chalicelib.adapters.dynamodb.unit_of_work import TableUnitOfWork, Write
from chalicelib.domain.email import Delivery, Email
from tests.crash.saboteur import Fault, Saboteur
from tests.crash.world import Habits, World
from tests.desk import TABLE, Desk
from tests.fakes.gateway import FakeGateway

if TYPE_CHECKING:
    from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession


class SplitUnit(TableUnitOfWork):
    """The bug: what belongs together is written one by one."""

    def commit(self) -> None:
        writes: list[Write] = list(self._writes)
        for number, write in enumerate(writes):
            self._writes[:] = [write]
            self._token = f"{self._token}-{number}"[-36:]
            super().commit()


class ForgetfulUnit(TableUnitOfWork):
    """The bug: a claimed email is written down as sent before it is sent."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever the store gives
        update = self.emails.update

        def early(email: Email) -> Email:
            return update(email.sent(message_id="") if email.delivery is Delivery.SENDING else email)

        self.emails.update = early  # type: ignore[method-assign,assignment]


class LeaselessUnit(TableUnitOfWork):
    """The bug: a claim has no end."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever the store gives
        update = self.emails.update

        def endless(email: Email) -> Email:
            return update(replace(email, due=None) if email.delivery is Delivery.SENDING else email)

        self.emails.update = endless  # type: ignore[method-assign,assignment]


class EagerGateway(FakeGateway):
    """The bug: every call gets a fresh idempotency key."""

    opened = 0

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        self.requests.clear()
        self.opened += 1
        return super().open_session(request)

    def _id(self, key: tuple[str, int]) -> str:
        return f"{super()._id(key)}_{self.opened}"


def desk_with(unit: type[TableUnitOfWork]) -> Desk:
    desk = Desk()

    class BuggyStore(TableStore):
        """A store whose units of work have the bug."""

        def unit_of_work(self) -> TableUnitOfWork:
            return unit(self._client, table=self._table, token=self._new_token())

    desk.store = BuggyStore(desk.client, table=TABLE, new_token=desk.application.new_token)
    desk.application.store = desk.store
    return desk


def eager_desk() -> Desk:
    desk = Desk()
    desk.gateway = desk.application.gateway = EagerGateway(clock=desk.clock)
    return desk


BUGS: dict[str, Callable[[], Desk]] = {
    "writes that belong together are split": lambda: desk_with(SplitUnit),
    "marked as sent before it is sent": lambda: desk_with(ForgetfulUnit),
    "a claim without a lease": lambda: desk_with(LeaselessUnit),
    "a fresh idempotency key for each call": eager_desk,
}


def violations(build: Callable[[], Desk]) -> set[str]:
    """All that the single faults bring to light."""
    found: set[str] = set()
    for fault, at in itertools.product(Fault, range(1, 32)):
        for retries in (True, False):
            world = World(
                saboteur=Saboteur({at: fault}), habits=Habits(visitor_retries=retries, sweeps=True), build=build
            )
            world.play()
            found |= set(world.violations())
        if found:
            return found
    return found


@pytest.mark.parametrize("bug", BUGS)
def test_the_harness_notices(bug: str) -> None:
    found = violations(BUGS[bug])
    print(f"{bug}: {sorted(found)}")
    assert found, f"nobody noticed: {bug}"
