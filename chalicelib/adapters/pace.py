"""The payment service at the pace of a schedule: what nobody waits for leaves room for those who do."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

# Stripe admits 25 calls a second to one endpoint and 100 to an account. Two schedules at once ask 20 at most, of
# several endpoints: of the one that opens sessions, which a rush of visitors needs, almost nothing.
CALLS_PER_SECOND = 10


class Pace:
    """Lets a call go at its turn, a while after the one before; `clock` counts seconds from any moment."""

    def __init__(self, *, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock, self._sleep = clock, sleep
        self._next = clock()

    def keep[Service](self, service: Service) -> Service:
        """The same service, each of its methods at this pace; several services take turns."""
        return cast("Service", _Paced(service, wait=self._wait))

    def _wait(self) -> None:
        early = self._next - self._clock()
        if early > 0:
            self._sleep(early)
        self._next = self._clock() + 1 / CALLS_PER_SECOND


class _Paced:
    """Passes on each call after a wait; so it has every method that the service has, also those it will learn."""

    def __init__(self, service: object, *, wait: Callable[[], None]) -> None:
        self._service, self._wait = service, wait

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._service, name)

        @wraps(call)
        def paced(*given: Any, **named: Any) -> Any:
            self._wait()
            return call(*given, **named)

        return paced
