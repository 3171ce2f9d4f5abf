"""The world around a desk: a visitor, Stripe, the queues and the clock, who all go on after a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import Unavailable
from chalicelib.domain.state import State
from chalicelib.entrypoints import schedules, workers
from devstack.environment import WEBHOOK_SECRET
from tests.crash.books import Books
from tests.crash.saboteur import Crash, Saboteur
from tests.desk import BASE_URL, Desk, strict_desk

# A visitor presses again a few times, Stripe and SQS for much longer.
PATIENCE = 6
CHECKOUT = "https://checkout.stripe.test/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the people and the schedule behave."""

    visitor_retries: bool
    sweeps: bool


class World:
    """Everybody around one desk, going on as in life; `violations` looks what came of it."""

    def __init__(self, *, saboteur: Saboteur, habits: Habits, build: Callable[[], Desk] = strict_desk) -> None:
        self.desk, self.saboteur, self.habits = build(), saboteur, habits
        # whether the visitor got where the form leads, and after how many calls he stopped trying
        self.arrived, self.visited = False, 0
        # what somebody noticed along the way, and the orders that are not the visitor's
        self.complaints: list[str] = []
        self.others: set[str] = set()

    def begin(self) -> None:
        """What was done until now was before the story."""
        self.saboteur.sit_on(self.desk)

    def go_home(self) -> None:
        """The queues get empty, and more than an hour goes by."""
        for _ in range(PATIENCE):
            self._work()
        self.wait(2, 10, 20, 20, 20, 20)

    def states(self) -> list[State]:
        """Where the visitor's orders stand, the first one first."""
        orders = sorted(Books(self.desk).orders, key=lambda order: order.generation)
        return [order.state for order in orders if order.id not in self.others]

    def violations(self) -> list[str]:
        """What must always hold and does not."""
        books = Books(self.desk)
        found = books.faults_at_the_end() if self.habits.sweeps else books.faults()
        living = [state for state in self.states() if state is not State.EXPIRED]
        found += [f"living orders of one form key: {living}"] if len(living) > 1 else []
        return [
            *found,
            *books.faults_of_money(),
            *self.complaints,
            *self._payable(),
            *self._mails(books),
            *self._hurried(books),
        ]

    # Who does what.

    def visit(self, path: str, form: Mapping[str, str]) -> str:
        """A visitor sends a form until it leads somewhere: the session to pay, or nothing when there is none."""
        for _ in range(PATIENCE if self.habits.visitor_retries else 1):
            answer = self._attempt(lambda: self.desk.post(path, dict(form)))
            place = answer.headers.get("Location", "") if answer else ""
            unavailable = place.endswith("?from=unavailable")
            self.visited = len(self.saboteur.calls)
            if place.startswith((CHECKOUT, BASE_URL)) and not unavailable:
                self.arrived = True
                return place.removeprefix(CHECKOUT) if place.startswith(CHECKOUT) else ""
        return ""

    def pay(self, session_id: str) -> None:
        """He pays, and Stripe tells of it."""
        if session_id:
            self.desk.gateway.pay(session_id)
            self.complaints += self._payable()
            self.bring_webhook(session_id)

    def pay_late(self, session_id: str) -> None:
        """Money arrives for a session that was closed, and Stripe tells of it."""
        if session_id:
            self.desk.gateway.pay_later(session_id)
            self.pay(session_id)

    def bring_webhook(self, session_id: str) -> None:
        """Stripe tells of a session until it is thanked."""
        body = _event(session_id, order_id=self.desk.gateway.stored[session_id].session.order_id)
        for _ in range(PATIENCE):
            moment = int(self.desk.clock().timestamp())
            signed = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET, timestamp=moment)
            answer = self._attempt(
                lambda signed=signed: self.desk.post(  # type: ignore[misc]
                    "/webhooks/stripe", body, content_type="application/json", stripe_signature=signed
                )
            )
            if answer is not None and answer.status_code == 200:
                return

    def wait(self, *minutes: int) -> None:
        """Time goes by, with a sweep and the workers after each while."""
        for duration in minutes:
            self.desk.clock.advance(minutes=duration)
            if self.habits.sweeps:
                self._attempt(schedules.sweep)
            self._work()

    def _work(self) -> None:
        """The queues give each message until a worker has done it."""
        self._drain(self.desk.payments.messages, workers.payments)
        self._drain(self.desk.emails.messages, workers.emails)

    def _drain(self, messages: list[str], worker: Callable[[list[dict[str, Any]]], workers.Failures]) -> None:
        for body in list(messages):
            answer = self._attempt(lambda body=body: worker([{"messageId": "m", "body": body}]))  # type: ignore[misc]
            if answer is not None and not answer["batchItemFailures"]:
                messages.remove(body)

    def _attempt[Answer](self, act: Callable[[], Answer]) -> Answer | None:
        try:
            return act()
        except (Crash, Unavailable):
            return None  # a function that failed is tried again, by whoever called it

    # What must hold of what happened outside the table.

    def _payable(self) -> list[str]:
        sessions = [self.desk.gateway.fetch(session_id) for session_id in list(self.desk.gateway.stored)]
        return [f"session {each.id} is still payable" for each in sessions if each and each.outcome is Outcome.OPEN]

    def _mails(self, books: Books) -> Iterator[str]:
        """Each email was sent once, or is where a sweep will find it."""
        sent = self.desk.sender.ids()
        # A process that dies after the mail service took a mail, before writing that down, sends it once more.
        most = 2 if {"sender.send", "table.TransactWriteItems"}.intersection(self.saboteur.struck) else 1
        for email in books.emails:
            done = email.delivery in (Delivery.SENT, Delivery.DELIVERED)
            if not done and (self.habits.sweeps or email.due is None):
                yield f"email {email.id} is {email.delivery.value}"
            if not (1 if done else 0) <= sent.count(email.id) <= most:
                yield f"{sent.count(email.id)} × {email.id} sent"

    def _hurried(self, books: Books) -> Iterator[str]:
        """Of a free offer nobody gets two mails of a kind shortly after each other, but one twice by a crash."""
        free = {order.id: order.offer_id for order in books.orders if not order.total_cents}
        kinds = {email.id: (email.kind, free[email.order_id]) for email in books.emails if email.order_id in free}
        last: dict[object, tuple[str, datetime]] = {}
        for (email_id, letter), moment in zip(self.desk.sender.sent, self.desk.sender.moments, strict=True):
            if email_id not in kinds:
                continue
            whose = (*kinds[email_id], letter.to)
            before, then = last.get(whose, (email_id, moment))
            if before != email_id and moment - then < self.desk.application.settings.limits.mail_pause:
                yield f"{email_id} was sent {moment - then} after {before}"
            last[whose] = (email_id, moment)


def _event(session_id: str, *, order_id: str) -> str:
    return (
        '{"id":"evt_1","object":"event","api_version":"2026-10-28.endive","livemode":false,'
        '"type":"checkout.session.completed","data":{"object":{"object":"checkout.session",'
        f'"id":"{session_id}","metadata":{{"app":"loket","stage":"dev","order":"{order_id}"}}}}}}}}'
    )
