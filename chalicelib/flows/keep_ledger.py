"""Keep the ledger of an order: stage what it has become, in the commit that changes the order."""

from collections.abc import Callable, Iterable
from datetime import datetime

from chalicelib.domain.email import Email, EmailKind, new_email
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason
from chalicelib.ports import UnitOfWork


def stage_ledger(ledger: Ledger, *, before: Ledger, unit: UnitOfWork) -> None:
    """Stage every noun that is new or has changed; what happened once must not be there yet.

    Only beside `unit.orders.update`: the order's version is what two changes at one moment meet at.
    """
    _stage(ledger.payments, before.payments, add=unit.payments.add, keep=unit.payments.keep, key=lambda each: each.key)
    _stage(ledger.refunds, before.refunds, add=unit.refunds.add, keep=unit.refunds.keep, key=lambda each: each.key)
    _stage(ledger.disputes, before.disputes, add=unit.disputes.add, keep=unit.disputes.keep, key=lambda each: each.key)
    _stage(ledger.entries, before.entries, add=unit.entries.add, keep=unit.entries.keep, key=lambda each: each.key)


def refund_in_full(
    ledger: Ledger,
    *,
    payment_id: str,
    reason: RefundReason,
    order: Order,
    unit: UnitOfWork,
    now: datetime,
    by: str = "",
) -> tuple[Ledger, list[Email]]:
    """The ledger with the command to refund all that is left of a payment, and the mail that says so; both once.

    When nothing is left, because it went back by another way, there is nothing to command and nothing to say.
    `by` is who of the secretariat decided it, empty for nobody.
    """
    amount_cents, refund_id = ledger.refundable(payment_id), f"{reason.value}-{payment_id}"
    if not amount_cents or ledger.refund(refund_id):
        return ledger, []
    asked = ledger.requested(payment_id, refund_id=refund_id, amount_cents=amount_cents, reason=reason, by=by, now=now)
    return asked, [stage_refund_email(refund_id, order=order, unit=unit, now=now)]


def stage_refund_email(refund_id: str, *, order: Order, unit: UnitOfWork, now: datetime) -> Email:
    """Stage the mail that tells of a refund."""
    email = new_email(kind=EmailKind.REFUND, order_id=order.id, language=order.language, now=now, refund_id=refund_id)
    unit.emails.add(email)
    return email


def _stage[Noun](
    after: Iterable[Noun],
    before: Iterable[Noun],
    *,
    add: Callable[[Noun], None],
    keep: Callable[[Noun], None],
    key: Callable[[Noun], str],
) -> None:
    known = {key(noun): noun for noun in before}
    for noun in after:
        if key(noun) not in known:
            add(noun)
        elif noun != known[key(noun)]:
            keep(noun)
