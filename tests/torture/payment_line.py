"""The line to Stripe: the real SDK, whose calls end in the stand-in; what goes wrong does so below the SDK."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import stripe

from devstack.stripe.faults import Fault as Planned
from devstack.stripe.faults import Kind as PlannedKind
from devstack.stripe.operations import operation_at
from devstack.stripe.stand_in import StandIn
from devstack.stripe.transport import InProcess
from tests.torture.faults import Crash, Fault, Kind
from tests.torture.gate import Gate

_PLANNED: dict[Kind, tuple[PlannedKind, bool]] = {
    Kind.REFUSED: ("timeout_before", False),
    Kind.LOST: ("timeout_after", False),
    Kind.THROTTLED: ("rate_limit_429", False),
    Kind.ERROR_500: ("error_500", False),
    Kind.SAVED_500: ("error_500_saved", False),
    Kind.EXECUTED_500: ("error_500_saved", True),
    Kind.LOCKED_409: ("conflict_409", False),
    Kind.KEY_IN_USE_409: ("key_in_use_409", False),
    Kind.BAD_REQUEST_400: ("bad_request_400", False),
    Kind.BALANCE_400: ("balance_insufficient_400", False),
}


# Of the call under way; each thread and each actor of a schedule has its own.
_FAULTS: ContextVar[list[Fault]] = ContextVar("faults")


class PaymentLine(InProcess):
    """Counts each call of ours, however often the SDK tries it, and lets its attempts go wrong."""

    def __init__(
        self, stand_in: StandIn, *, gate: Gate, is_down: Callable[[], bool], news_first: Callable[[], None]
    ) -> None:
        super().__init__(stand_in)
        self._gate, self._is_down, self._news_first = gate, is_down, news_first

    def request_with_retries(self, method: str, url: str, headers: Mapping[str, str], *given: Any, **named: Any) -> Any:
        path = url.partition("//")[2].partition("/")[2].partition("?")[0]
        operation, _ = operation_at(method.upper(), f"/{path}")
        fault = self._gate.arrive(f"stripe.{operation}")
        _FAULTS.set([fault] if fault else [])
        return super().request_with_retries(method, url, headers, *given, **named)

    def request(  # type: ignore[override]  # as the one it takes the place of
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: str | None = None
    ) -> tuple[str, int, Mapping[str, str]]:
        faults = _FAULTS.get()
        kind = faults[0].kind if faults else None
        if faults and faults[0].once:
            faults.clear()
        if kind is Kind.DIES_BEFORE:
            raise Crash(url)
        if self._is_down():
            raise stripe.APIConnectionError("Nobody answers.", should_retry=True)  # type: ignore[no-untyped-call]  # the SDK's own
        if kind in _PLANNED:
            planned, executed = _PLANNED[kind]
            operation, _ = operation_at(method.upper(), url.partition("//")[2].partition("/")[2].partition("?")[0])
            assert operation is not None, "a call of ours is one that the stand-in knows"
            self.stand_in.faults.plan(Planned(operation=operation, kind=planned, executed=executed, seconds=0))
        answer = super().request(method, url, headers, post_data)
        if kind is Kind.NEWS_FIRST:
            self._news_first()
        if kind is Kind.DIES_AFTER:
            raise Crash(f"{url}, after")
        return answer

    # as the SDK waits: on the world's clock
    _sleep_time_seconds = stripe.HTTPClient._sleep_time_seconds
