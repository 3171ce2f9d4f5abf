"""The pace of a schedule: every call of a port goes through, and never sooner than its turn."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from chalicelib.adapters.pace import CALLS_PER_SECOND, Pace
from chalicelib.domain.error import PaymentBusy
from chalicelib.ports import PaymentBooks, PaymentGateway

TURN = 1 / CALLS_PER_SECOND


@dataclass
class Watch:
    """A clock in seconds that moves only when somebody sleeps, or is said to have been busy."""

    moment: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


@dataclass
class Counter:
    """A payment service that notes when each of its methods was called, and with what."""

    watch: Watch
    lasts: float = 0.0
    calls: list[tuple[str, float, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., str]:
        def note(*given: Any, **named: Any) -> str:
            self.calls.append((name, self.watch(), given, named))
            self.watch.moment += self.lasts
            return f"what {name} answers"

        return note


def paced(counter: Counter) -> PaymentGateway:
    return pace(counter.watch).keep(cast("PaymentGateway", counter))


def pace(watch: Watch) -> Pace:
    return Pace(clock=watch, sleep=watch.sleep)


def methods(port: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("port", [PaymentGateway, PaymentBooks])
def test_every_method_of_the_port_goes_through_at_its_turn(port: type) -> None:
    """A method that the port learns is paced as well: nobody has to think of it."""
    counter, names = Counter(Watch()), methods(port)
    service = pace(counter.watch).keep(counter)
    assert len(names) >= 6
    for name in names:
        assert getattr(service, name)("one", other="two") == f"what {name} answers"
    assert [(name, given, named) for name, _, given, named in counter.calls] == [
        (name, ("one",), {"other": "two"}) for name in names
    ]
    moments = [moment for _, moment, _, _ in counter.calls]
    assert moments == pytest.approx([1000 + number * TURN for number in range(len(names))])


def test_two_services_take_turns() -> None:
    counter = Counter(Watch())
    kept = pace(counter.watch)
    gateway, books = kept.keep(cast("PaymentGateway", counter)), kept.keep(cast("PaymentBooks", counter))
    for _ in range(3):
        gateway.fetch("cs_1")
        books.transactions_of("po_1", rest="")
    moments = [moment for _, moment, _, _ in counter.calls]
    assert moments == pytest.approx([1000 + number * TURN for number in range(6)])


def test_nobody_waits_who_comes_late_enough() -> None:
    counter = Counter(Watch(), lasts=2 * TURN)
    gateway = paced(counter)
    for _ in range(5):
        gateway.fetch("cs_1")
    assert counter.watch.slept == []


def test_time_that_was_not_used_is_not_saved_up() -> None:
    counter = Counter(Watch())
    gateway = paced(counter)
    gateway.fetch("cs_1")
    counter.watch.moment += 60
    for _ in range(4):
        gateway.fetch("cs_1")
    moments = [moment for _, moment, _, _ in counter.calls[1:]]
    assert moments == pytest.approx([moments[0] + number * TURN for number in range(4)])


def test_what_goes_wrong_goes_through() -> None:
    class Busy:
        """A payment service that is asked too much."""

        def fetch(self, session_id: str) -> None:
            raise PaymentBusy(session_id)

    watch = Watch()
    gateway = pace(watch).keep(Busy())
    for _ in range(2):
        with pytest.raises(PaymentBusy):
            gateway.fetch("cs_1")
    assert watch.slept == [pytest.approx(TURN)], "a refused call took its turn too"


def test_a_method_that_no_gateway_has_is_not_made_up() -> None:
    with pytest.raises(AttributeError):
        pace(Watch()).keep(cast("PaymentGateway", object())).fetch("cs_1")
