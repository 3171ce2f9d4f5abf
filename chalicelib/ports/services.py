"""The sockets of the services outside: payments, queues, mail and files to fetch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.attendee import Attendee
from chalicelib.domain.checkout import CheckoutRequest, CheckoutSession
from chalicelib.domain.dead_letter import DeadLetter, WorkerQueue
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import Email, Letter
from chalicelib.domain.export import ExportKind
from chalicelib.domain.language import Language
from chalicelib.domain.mail_quota import MailQuota
from chalicelib.domain.membership import Membership
from chalicelib.domain.metric import Metric
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.page import Page
from chalicelib.domain.payout import PaidOut, Transaction
from chalicelib.domain.prepared_issue import Prepared
from chalicelib.domain.refund import Refund, RefundNews, RefundRequest
from chalicelib.domain.subscriber import Subscriber


class PaymentGateway(Protocol):
    """The payment service; every answer is as it is there at that moment, with all that became of a payment."""

    def open_session(self, request: CheckoutRequest) -> CheckoutSession:
        """Open a session, or get the one this same request opened before.

        Raises PaymentRefused (nothing executed), PaymentUnknown (look first) or PaymentUnavailable (ask again).
        """

    def fetch(self, session_id: str) -> CheckoutSession | None:
        """The session as it is now; None when it is not one of this desk. Raises PaymentUnavailable."""

    def find(self, payment_id: str) -> CheckoutSession | None:
        """The session that a payment was made in; None when it is not one of this desk. Raises PaymentUnavailable."""

    def close(self, session_id: str) -> CheckoutSession:
        """Close an open session. Raises SessionNotOpen when it is not open any more, or PaymentUnavailable."""

    def sessions_of(self, order_id: str, *, since: datetime) -> Sequence[CheckoutSession]:
        """All sessions of an order opened since then, newest first. Raises PaymentUnavailable."""

    def refund(self, request: RefundRequest) -> RefundNews:
        """Make a refund, or get the one that this same request made before.

        Raises PaymentRefused (nothing executed), PaymentUnknown (look first) or PaymentUnavailable (ask again).
        """


class PaymentBooks(Protocol):
    """The payment service's own books, to be compared with ours; all of this raises PaymentUnavailable.

    `rest` is where a page goes on, empty for the first. Each page is newest first.
    """

    def sessions(self, *, since: datetime, until: datetime, rest: str) -> Page[CheckoutSession]:
        """The sessions of this desk that were opened in a period."""

    def refunded(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        """Ids of payments of this desk of which something was refunded in a period."""

    def disputed(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        """Ids of payments of this desk about which a dispute was begun in a period."""

    def transactions(self, *, since: datetime, until: datetime, rest: str) -> Page[Transaction]:
        """All transactions of the balance in a period; those of others have no order."""

    def payouts(self, *, since: datetime, until: datetime, rest: str) -> Page[PaidOut]:
        """What was paid out to the bank in a period."""

    def transactions_of(self, payout_id: str, *, rest: str) -> Page[Transaction]:
        """The transactions that a payout is made of, its own not among them."""


class Queue(Protocol):
    """A fast path to a worker; what must not be lost is in the table as well."""

    def put(self, message: str) -> None:
        """Raises QueueUnavailable."""


class DeadLetters(Protocol):
    """The messages that the workers' queues laid aside; one that is taken is hidden from others for a minute."""

    def count(self, queue: WorkerQueue) -> int:
        """About how many there are, hidden ones too. Raises QueueUnavailable."""

    def take(self, queue: WorkerQueue) -> Sequence[DeadLetter]:
        """Some of those that are not hidden; none when there are no more. Raises QueueUnavailable."""

    def give_back(self, letters: Sequence[DeadLetter]) -> None:
        """Hide them no longer, those of them that were not deleted; when that fails, the minute passes."""

    def offer_again(self, letter: DeadLetter) -> None:
        """Put its body in the queue of its worker; it is here as well until it is deleted. Raises QueueUnavailable."""

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter that was taken. Raises QueueUnavailable."""


class MailComposer(Protocol):
    """Makes the text of a mail from what is stored."""

    def compose(
        self,
        email: Email,
        *,
        order: Order,
        buyer: Buyer,
        offer: Offer,
        membership: Membership | None,
        attendees: Sequence[Attendee],
        draft: Draft | None,
        refund: Refund | None,
    ) -> Letter:
        """The letter in the email's language: to the attendee whose number it carries, else to the buyer.

        `draft` is the form that the buyer wants to go on with, as long as it is there; `refund` the one that the email
        tells of.
        """

    def compose_question(self, subscriber: Subscriber, *, email: Email) -> Letter:
        """The letter that asks a subscriber to confirm; one who has confirmed is told where to change what he gets."""


class CodeComposer(Protocol):
    """Makes the text of the mail with a code to log in with."""

    def compose_code(self, code: str, *, to: str, name: str, language: Language) -> Letter:
        """The letter to somebody who works here; `name` may be empty."""


class MailSender(Protocol):
    """The mail service."""

    def send(self, letter: Letter, *, email_id: str) -> str:
        """Send once, never twice by itself; the mail service's message id.

        Raises MailPostponed or MailRejected (surely not sent), or MailUnknown.
        """


class IssueComposer(Protocol):
    """Makes an issue's letters from what was written."""

    def prepare_source(self, source: str, *, offers: Sequence[Offer], now: datetime) -> Prepared:
        """The issue, rendered once for all who get it, and what is wrong with it; prices are those of this moment."""

    def links(self, source: str, *, now: datetime) -> Sequence[str]:
        """Where its text leads, in the order of their numbers; whatever has become of an offer, they stay these."""


class MailAccount(Protocol):
    """What the mail service says of the account that sends."""

    def quota(self) -> MailQuota:
        """How much it may send. Raises MailUnavailable."""


class Beat(Protocol):
    """The pace at which an issue goes."""

    def wait(self) -> None:
        """Until the next mail may go; several who wait get their turns one after the other."""

    def slow_down(self) -> None:
        """The mail service admits less than it said."""


class Exports(Protocol):
    """Where files lie for somebody to fetch; each goes after a day."""

    def put(self, content: bytes, *, name: str, kind: ExportKind) -> str:
        """Lay a file ready; for five minutes the address that this gives leads to it, under that name.

        Raises ExportUnavailable.
        """


class Metrics(Protocol):
    """Whoever watches the desk."""

    def tell(self, metric: Metric, value: int, *, now: datetime) -> None:
        """How it is now. Never raises."""
