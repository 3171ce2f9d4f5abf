"""The saboteur: counts every outside call of a desk, and lets one of them go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession
from chalicelib.domain.email import Letter
from chalicelib.domain.error import MailPostponed, MailUnknown, PaymentUnavailable, PaymentUnknown, QueueUnavailable
from chalicelib.domain.refund import RefundNews, RefundRequest
from chalicelib.ports import MailSender, PaymentGateway, Queue
from tests.desk import Desk


class Crash(BaseException):
    """The process is gone; nothing in the code may catch this."""


class Fault(StrEnum):
    """How a call goes wrong."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    REFUSED = "refused"
    ANSWER_LOST = "answer lost"
    # Stripe answers a 5xx: saved under the key or not, nobody can tell whether it was executed.
    BROKEN_BEFORE = "broken before"
    BROKEN_AFTER = "broken after"

    def differs_at(self, call: str) -> bool:
        """Whether it comes to something else there than another fault does."""
        if call in READS:  # whether it was done before it failed makes no difference
            return self in (Fault.CRASH_BEFORE, Fault.REFUSED)
        # only Stripe has two ways of saying nothing
        return call.startswith("gateway.") or self not in (Fault.BROKEN_BEFORE, Fault.BROKEN_AFTER)


READS = frozenset({"table.GetItem", "table.Query"})


class Saboteur:
    """Sits on every outside call; `plan` says which call numbers, from 1, go wrong and how."""

    def __init__(self, plan: Mapping[int, Fault] | None = None) -> None:
        self._plan = dict(plan or {})
        self._rests = False
        self.calls: list[str] = []

    @property
    def struck(self) -> list[str]:
        """Which calls went wrong."""
        return [self.calls[at - 1] for at in self._plan if at <= len(self.calls)]

    @contextmanager
    def resting(self) -> Iterator[None]:
        """What is done meanwhile is somebody else's: it does not count, and nothing of it goes wrong."""
        self._rests = True
        yield
        self._rests = False

    def sit_on(self, desk: Desk) -> None:
        """Take a place on every wire of the desk."""
        for operation in ("GetItem", "Query", "TransactWriteItems", "UpdateItem"):
            # by operation, since the engine itself answers at "before-call.dynamodb" and ends the round of handlers
            desk.client.meta.events.register_first(f"before-call.dynamodb.{operation}", self._before_table)
            desk.client.meta.events.register_last(f"after-call.dynamodb.{operation}", self._after_table)
        application = desk.application
        application.gateway = SabotagedGateway(application.gateway, self)
        application.emails = SabotagedQueue(application.emails, self, name="emails")
        application.payments = SabotagedQueue(application.payments, self, name="payments")
        application.sender = SabotagedSender(application.sender, self)

    def call[Answer](
        self,
        name: str,
        act: Callable[[], Answer],
        *,
        refused: Callable[[], Exception],
        lost: Callable[[], Exception],
        broken: Callable[[], Exception],
    ) -> Answer:
        """Make an outside call, unless it is one that goes wrong."""
        self._count(name)
        fault = self._fault()
        if fault is Fault.CRASH_BEFORE:
            raise Crash(name)
        if fault is Fault.REFUSED:
            raise refused()
        if fault is Fault.BROKEN_BEFORE:
            raise broken()
        answer = act()
        if fault is Fault.CRASH_AFTER:
            raise Crash(f"{name}, after {answer!r}")
        if fault is Fault.ANSWER_LOST:
            raise lost()
        if fault is Fault.BROKEN_AFTER:
            raise broken()
        return answer

    def _count(self, name: str) -> None:
        if not self._rests:
            self.calls.append(name)

    def _fault(self) -> Fault | None:
        return None if self._rests else self._plan.get(len(self.calls))

    def _before_table(self, model: Any, **_: object) -> None:
        self._count(f"table.{model.name}")
        if self._fault() is Fault.CRASH_BEFORE:
            raise Crash(model.name)
        if self._fault() in (Fault.REFUSED, Fault.BROKEN_BEFORE):
            raise ConnectTimeoutError(endpoint_url="sabotaged")

    def _after_table(self, model: Any, **_: object) -> None:
        if self._fault() is Fault.CRASH_AFTER:
            raise Crash(f"{model.name}, after")
        if self._fault() in (Fault.ANSWER_LOST, Fault.BROKEN_AFTER):
            raise ReadTimeoutError(endpoint_url="sabotaged")


class SabotagedGateway:
    """A payment service with the saboteur on its line."""

    def __init__(self, gateway: PaymentGateway, saboteur: Saboteur) -> None:
        self._gateway, self._saboteur = gateway, saboteur

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        return self._call("gateway.open_session", lambda: self._gateway.open_session(request))

    def fetch(self, session_id: str) -> CheckoutSession | None:
        return self._call("gateway.fetch", lambda: self._gateway.fetch(session_id))

    def close(self, session_id: str) -> CheckoutSession:
        return self._call("gateway.close", lambda: self._gateway.close(session_id))

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        return self._call("gateway.sessions_of", lambda: self._gateway.sessions_of(order_id, since=since))

    def find(self, payment_id: str) -> CheckoutSession | None:
        return self._call("gateway.find", lambda: self._gateway.find(payment_id))

    def refund(self, request: RefundRequest) -> RefundNews:
        return self._call("gateway.refund", lambda: self._gateway.refund(request))

    def _call[Answer](self, name: str, act: Callable[[], Answer]) -> Answer:
        def silent() -> Exception:
            return PaymentUnavailable("sabotaged")

        return self._saboteur.call(name, act, refused=silent, lost=silent, broken=lambda: PaymentUnknown("sabotaged"))


class SabotagedQueue:
    """A queue with the saboteur on its line."""

    def __init__(self, queue: Queue, saboteur: Saboteur, *, name: str) -> None:
        self._queue, self._saboteur, self._name = queue, saboteur, name

    def put(self, message: str) -> None:
        def down() -> Exception:
            return QueueUnavailable("sabotaged")

        self._saboteur.call(
            f"queue.{self._name}", lambda: self._queue.put(message), refused=down, lost=down, broken=down
        )


class SabotagedSender:
    """A mail service with the saboteur on its line."""

    def __init__(self, sender: MailSender, saboteur: Saboteur) -> None:
        self._sender, self._saboteur = sender, saboteur

    def send(self, letter: Letter, *, email_id: str) -> str:
        return self._saboteur.call(
            "sender.send",
            lambda: self._sender.send(letter, email_id=email_id),
            refused=lambda: MailPostponed("sabotaged"),
            lost=lambda: MailUnknown("sabotaged"),
            broken=lambda: MailUnknown("sabotaged"),
        )
