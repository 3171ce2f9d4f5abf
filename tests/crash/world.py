"""The world around a desk: a visitor, Stripe, the queues and the clock, who all go on after a fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe

from chalicelib.domain.checkout import Outcome
from chalicelib.domain.error import Unavailable
from chalicelib.domain.state import State
from chalicelib.entrypoints import schedules, workers
from devstack.environment import WEBHOOK_SECRET
from tests.crash.saboteur import Crash, Saboteur
from tests.desk import FORM, Desk

# A visitor presses again a few times, Stripe and SQS for much longer.
PATIENCE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How the people and the schedule behave."""

    visitor_retries: bool
    sweeps: bool


class World:
    """Plays one whole journey, with everybody going on as in life; then `violations` looks what came of it."""

    def __init__(self, *, saboteur: Saboteur, habits: Habits, build: Callable[[], Desk] = Desk) -> None:
        self.desk, self.saboteur, self.habits = build(), saboteur, habits
        self.desk.offer()  # the seed is there since the day of deployment
        saboteur.sit_on(self.desk)
        self.paid = False
        self.payable_twice: list[str] = []

    def play(self) -> None:
        """Form, payment, webhook, mail; then an hour of the clock."""
        with self.desk.running():
            self._visit()
            self._bring_webhook()
            for _ in range(PATIENCE):
                self._work()
            for minutes in (2, 10, 20, 20, 20):
                self.desk.clock.advance(minutes=minutes)
                if self.habits.sweeps:
                    self._attempt(schedules.sweep)
                self._work()

    def violations(self) -> list[str]:
        """What must always hold and does not."""
        found = [self._orders_of_one_key(), *self.payable_twice, *self._sessions_left_open(), *self._emails_left()]
        found += self._when_paid() if self.paid else self._when_unpaid()
        return [violation for violation in found if violation]

    # Who does what.

    def _visit(self) -> None:
        for _ in range(PATIENCE if self.habits.visitor_retries else 1):
            answer = self._attempt(lambda: self.desk.post("/nl/lidmaatschap", FORM))
            place = answer.headers.get("Location", "") if answer else ""
            if place.startswith("https://checkout.stripe.test/"):
                self.desk.gateway.pay(place.rpartition("/")[2])
                self.paid, self.payable_twice = True, self._sessions_left_open()
                return

    def _bring_webhook(self) -> None:
        """Stripe tells of the payment until it is thanked."""
        if not self.paid:
            return
        (paid,) = [each.session for each in self.desk.gateway.stored.values() if each.session.outcome is Outcome.PAID]
        body = _event(paid.id, order_id=paid.order_id)
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

    # What must hold.

    def _orders_of_one_key(self) -> str:
        alive = [item["id"]["S"] for item in self.desk.items("order") if item["state"]["S"] != State.EXPIRED.value]
        return f"{len(alive)} living orders of one form key" if len(alive) > 1 else ""

    def _sessions_left_open(self) -> list[str]:
        sessions = [self.desk.gateway.fetch(session_id) for session_id in list(self.desk.gateway.stored)]
        return [f"session {each.id} is still payable" for each in sessions if each and each.outcome is Outcome.OPEN]

    def _emails_left(self) -> list[str]:
        left = [item for item in self.desk.items("email") if item["delivery"]["S"] not in {"sent", "delivered"}]
        # without a sweep an email may be left behind, but never where no sweep would find it
        lost = [item for item in left if self.habits.sweeps or "due" not in item]
        return [f"email {item['id']['S']} is {item['delivery']['S']}" for item in lost]

    def _when_paid(self) -> list[str]:
        states = [item["state"]["S"] for item in self.desk.items("order") if item["state"]["S"] != State.EXPIRED.value]
        counts = {record: len(self.desk.items(record)) for record in ("payment", "membership", "domain", "email")}
        found = [] if states == [State.PAID.value] else [f"paid, but the orders are {states}"]
        wanted = {"payment": 1, "membership": 1, "domain": 1, "email": 2}
        found += [f"{counts[record]} × {record}" for record in wanted if counts[record] != wanted[record]]
        return found + self._mails_sent()

    def _mails_sent(self) -> list[str]:
        sent = self.desk.sender.ids()
        found = []
        # A process that dies after the mail service took a mail, before writing that down, sends it once more.
        rare = {"sender.send", "table.TransactWriteItems"}.intersection(self.saboteur.struck)
        waiting = [item["id"]["S"] for item in self.desk.items("email") if "due" in item]
        for kind in ("confirmation", "welcome"):
            count = sum(email_id.startswith(kind) for email_id in sent)
            least = 0 if any(email_id.startswith(kind) for email_id in waiting) else 1
            if not least <= count <= (2 if rare else 1):
                found.append(f"{count} × {kind} sent")
        return found

    def _when_unpaid(self) -> list[str]:
        living = [item["state"]["S"] for item in self.desk.items("order") if item["state"]["S"] != State.EXPIRED.value]
        found = [f"never paid, but the orders are {living}"] if living and self.habits.sweeps else []
        kept = [record for record in ("payment", "membership", "email") if self.desk.items(record)]
        return found + [f"never paid, but there is a {record}" for record in kept]


def _event(session_id: str, *, order_id: str) -> str:
    return (
        '{"id":"evt_1","object":"event","api_version":"2026-10-28.endive","livemode":false,'
        '"type":"checkout.session.completed","data":{"object":{"object":"checkout.session",'
        f'"id":"{session_id}","metadata":{{"app":"loket","stage":"dev","order":"{order_id}"}}}}}}}}'
    )
