"""The post of the past: nothing is composed and nothing is sent, but it is written down what became of each mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.domain.email import Email, Letter
from chalicelib.domain.error import MailRejected
from chalicelib.domain.subscriber import Subscriber


class Pen:
    """Makes empty letters (the port MailComposer)."""

    def compose(self, email: Email, **_: Any) -> Letter:
        return Letter(to=email.id, subject="", html="", text="")

    def compose_question(self, _subscriber: Subscriber, *, email: Email) -> Letter:
        return Letter(to=email.id, subject="", html="", text="")


class Postman:
    """Takes note of what is to be sent (the port Queue), and sends it nowhere (the port MailSender)."""

    def __init__(self, take_note: Callable[[str], object]) -> None:
        self._take_note = take_note
        # the ids of those that the mail service will not take
        self.rejected = set[str]()

    def put(self, message: str) -> None:
        self._take_note(message)

    def send(self, letter: Letter, *, email_id: str) -> str:  # noqa: ARG002  # there is nothing in it
        if email_id in self.rejected:
            raise MailRejected("MessageRejected")
        return f"voorbeeld-{email_id}"
