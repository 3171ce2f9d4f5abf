"""Send an email of the outbox: claim it, send it once, write down what came of it."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.email import Email, EmailKind, Letter
from chalicelib.domain.error import Changed, MailPostponed, MailRejected, MailUnknown, SlotTaken
from chalicelib.domain.identity import Identity
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.order import Order
from chalicelib.flows.compose_email import compose_email, is_latest, is_true
from chalicelib.ports import MailComposer, MailSender, Store

log = logging.getLogger(__name__)

ERASED, SUPERSEDED = "erased", "superseded"
# Why an email is not sent without anybody having to see to that.
NOBODY_MINDS = frozenset({ERASED, SUPERSEDED})


def send_email(
    email_id: str,
    *,
    store: Store,
    composer: MailComposer,
    sender: MailSender,
    identity: Identity,
    pause: timedelta,
    now: datetime,
) -> None:
    """Send unless it was sent, or is being sent by another. Raises StorageUnavailable; repeating is harmless.

    What costs nothing can be ordered without end in somebody else's name: of that, a mail waits while another of its
    kind, of the same offer, went to the same address less than a `pause` ago; not one that the secretariat sends again.

    A result nobody knows leaves the claim standing: the mail service's own news settles it, or the lease runs out
    and it is sent again, since a rare second confirmation beats none.
    """
    unit = store.unit_of_work()
    email = unit.emails.get(email_id)
    if email is None or not email.claimable(now=now):
        log.info("email_not_taken email_id=%s delivery=%s", email_id, email.delivery.value if email else "unknown")
        return
    if email.exhausted:
        _write(email.failed(reason=email.reason or "no_result"), store=store)
        return
    # claimed before it is composed: whatever fails from here on is counted, and given up in the end
    claimed = unit.emails.update(email.claimed(now=now))
    try:
        unit.commit()
    except Changed:
        log.info("email_taken_by_another email_id=%s", email_id)
        return
    order = store.unit_of_work().orders.get(claimed.order_id)
    assert order is not None, "an email is written in the same commit as what it is about"
    letter = compose_email(claimed, order=order, store=store, composer=composer, now=now)
    if letter is None:
        reason = _why_not(claimed, order=order, store=store)
        _write(replace(claimed.failed(reason=reason), waived=claimed.waived or reason in NOBODY_MINDS), store=store)
        return
    free = not (order.total_cents or claimed.again)
    waits_until = (
        _wait(claimed, letter, order=order, store=store, identity=identity, pause=pause, now=now) if free else None
    )
    if waits_until:
        _write(claimed.waiting(until=waits_until), store=store)
        return
    try:
        message_id = sender.send(letter, email_id=email.id)
    except MailPostponed as refusal:
        _write(claimed.postponed(now=now, reason=str(refusal)), store=store)
    except MailRejected as refusal:
        _write(claimed.failed(reason=str(refusal)), store=store)
    except MailUnknown as refusal:
        log.warning("email_unknown email_id=%s attempt=%d reason=%s", email.id, claimed.attempt, refusal)
    else:
        _write(claimed.sent(message_id=message_id), store=store)


def _why_not(email: Email, *, order: Order, store: Store) -> str:
    """Why there is no letter: what it tells of is not so any more, or there is nobody."""
    if not is_true(email, order=order):
        return "cancelled"
    offer = store.unit_of_work().offers.get(order.offer_id) if email.move else None
    if offer and not is_latest(email, offer=offer):
        return SUPERSEDED
    refund = store.ledger(order.id).refund(email.refund_id) if email.kind is EmailKind.REFUND else None
    return "refund_failed" if refund and not refund.counts else ERASED


def _wait(
    email: Email, letter: Letter, *, order: Order, store: Store, identity: Identity, pause: timedelta, now: datetime
) -> datetime | None:
    """Until when the letter has to wait; None when it may go, and then others like it to this address wait.

    The slot names the email that has it, so that one that was interrupted still has it when it comes again.
    """
    if not pause:
        return None
    slot_id = identity.subject(f"mail {email.kind.value} {order.offer_id}", letter.to)
    unit = store.unit_of_work()
    unit.slots.take(MailSlot(id=slot_id, email_id=email.id, until=now + pause), now=now)
    try:
        unit.commit()
    except SlotTaken:
        taken = unit.slots.get(slot_id)
        return taken.until if taken else now
    return None


def _write(email: Email, *, store: Store) -> None:
    unit = store.unit_of_work()
    unit.emails.update(email)
    try:
        unit.commit()
    except Changed:
        log.info("email_settled_by_news email_id=%s", email.id)
        return
    failed = email.delivery.value == "failed" and email.reason not in {"cancelled", *NOBODY_MINDS}
    level = logging.ERROR if failed else logging.INFO
    log.log(
        level, "email_%s email_id=%s attempt=%d reason=%s", email.delivery.value, email.id, email.attempt, email.reason
    )
