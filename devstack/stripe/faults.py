"""Faults on order: how the API fails for the next calls of one operation."""

from threading import Event as Signal
from threading import Lock
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from devstack.stripe.parameters import Operation
from devstack.stripe.wire import Json, Refused

type Kind = Literal[
    "timeout_before",
    "timeout_after",
    "slow",
    "error_500",
    "error_500_saved",
    "rate_limit_429",
    "conflict_409",
    "bad_request_400",
    "key_in_use_409",
    "balance_insufficient_400",
    "refund_fails_later",
    "refund_waits_for_balance",
]

AT_THE_DOOR: tuple[Kind, ...] = (
    "timeout_before",
    "error_500",
    "rate_limit_429",
    "conflict_409",
    "bad_request_400",
    "key_in_use_409",
)
WHILE_RUNNING: tuple[Kind, ...] = ("slow", "error_500_saved", "balance_insufficient_400")
AFTERWARDS: tuple[Kind, ...] = ("timeout_after",)
TIMED_OUT: tuple[Kind, ...] = ("timeout_before", "timeout_after")
# What becomes of the refund itself, which is made all the same.
FATES: tuple[Kind, ...] = ("refund_fails_later", "refund_waits_for_balance")
_A_MONTH = 31 * 24 * 60 * 60
_ONLY_FOR_REFUNDS: tuple[Kind, ...] = ("balance_insufficient_400", *FATES)

_REFUSALS: dict[Kind, tuple[int, str, str | None, str]] = {
    "timeout_before": (500, "api_error", None, "The request waited too long and was dropped; nothing was done."),
    "error_500": (500, "api_error", None, "An unknown error occurred before the request began."),
    "error_500_saved": (500, "api_error", None, "An unknown error occurred."),
    "rate_limit_429": (429, "invalid_request_error", "rate_limit", "Too many requests hit the API too quickly."),
    "conflict_409": (409, "invalid_request_error", "lock_timeout", "This object cannot be accessed right now."),
    "bad_request_400": (400, "invalid_request_error", None, "The stand-in was told to refuse this request."),
    "key_in_use_409": (
        *(409, "invalid_request_error", "idempotency_key_in_use"),
        "There is currently another in-progress request using this Idempotent Key. Please try again later.",
    ),
    "balance_insufficient_400": (
        *(400, "invalid_request_error", "balance_insufficient"),
        "Insufficient funds in your Stripe balance to refund this amount.",
    ),
}


class Fault(BaseModel):
    """One fault, for the next `times` calls; `seconds` is how long a held answer is held, or until a refund fails.

    `error_500_saved` leaves the thing undone unless `executed` says otherwise: whoever gets it cannot tell.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: Operation
    kind: Kind
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=10, ge=0, le=_A_MONTH)
    executed: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind in _ONLY_FOR_REFUNDS and self.operation != "refunds.create":
            raise ValueError(f"{self.kind} is for refunds.create only")
        return self

    def refusal(self) -> Refused:
        """Return the answer this fault gives."""
        status, kind, code, message = _REFUSALS[self.kind]
        return Refused(message, status=status, kind=kind, code=code)


class Faults:
    """The faults still to come, first in first out per operation; who is not `patient` is not really kept waiting."""

    def __init__(self, *, patient: bool = True) -> None:
        self._patient = patient
        self._lock = Lock()
        self._planned: list[Fault] = []
        self._released = Signal()

    def fork(self) -> "Faults":
        """Return a twin with the same to come."""
        twin = Faults(patient=self._patient)
        with self._lock:
            twin._planned = self._planned.copy()
        return twin

    def plan(self, fault: Fault) -> None:
        """Let it happen to the next calls."""
        with self._lock:
            self._planned += [fault] * fault.times

    def forget(self) -> None:
        """Let nothing more go wrong, and release who is kept waiting."""
        with self._lock:
            self._planned.clear()
            self._released.set()
            self._released = Signal()

    def hold(self, fault: Fault) -> None:
        """Keep somebody waiting for as long as the fault says, or until the faults are forgotten."""
        if self._patient:
            with self._lock:
                released = self._released
            released.wait(fault.seconds)

    def take(self, operation: Operation, kinds: tuple[Kind, ...]) -> Fault | None:
        """Return the operation's next fault, if it is one of these kinds."""
        with self._lock:
            fault = next((fault for fault in self._planned if fault.operation == operation), None)
            if fault is None or fault.kind not in kinds:
                return None
            self._planned.remove(fault)
            return fault

    def as_json(self) -> list[Json]:
        """Return what is still planned."""
        with self._lock:
            return [fault.model_dump() for fault in self._planned]
