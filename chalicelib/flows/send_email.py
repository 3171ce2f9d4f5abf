"""Send an email of the outbox: claim it, send it once, write down what came of it."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.email import ERASED, SUPPRESSED, Email, EmailKind, Letter
from chalicelib.domain.error import Changed, MailPostponed, MailRejected, MailUnknown, SlotTaken
from chalicelib.domain.identity import Identity
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.topic import Topic
from chalicelib.flows.ask_subscriber import Question
from chalicelib.flows.compose_email import compose_email, is_latest, is_true
from chalicelib.flows.subscribe import suppressed
from chalicelib.ports import MailComposer, MailSender, Store

log = logging.getLogger(__name__)

SUPERSEDED = "superseded"
# Why an email is not sent without anybody having to see to that.
NOBODY_MINDS = frozenset({ERASED, SUPERSEDED})


def send_email(
    email_id: str,
    *,
    store: Store,
    composer: MailComposer,
    sender: MailSender,
    identity: Identity,
    topics: Sequence[Topic],
    pause: timedelta,
    now: datetime,
) -> None:
    """Send unless it was sent, or is being sent by another. Raises StorageUnavailable; repeating is harmless.

    What costs nothing can be ordered without end in somebody else's name: of that, a mail waits while another of its
    kind, of the same offer, went to the same address less than a `pause` ago; not one that the secretariat sends again.
    Nothing goes to an address that is suppressed, unless somebody asked to send it again all the same. `topics` are
    what somebody can subscribe to.

    A result nobody knows leaves the claim standing: the mail service's own news settles it, or the lease runs out
    and it is sent again, since a rare second confirmation beats none.
    """
    claimed = _claim(email_id, store=store, now=now)
    if claimed is None:
        return
    mail: _OfOrder | Question
    if claimed.kind is EmailKind.SUBSCRIPTION:
        mail = Question(claimed, store=store, composer=composer, identity=identity, topics=topics, now=now)
    else:
        mail = _OfOrder(claimed, store=store, composer=composer, identity=identity, pause=pause, now=now)
    after = mail.unsent()
    if after is None:
        after = _send(claimed, mail.letter, sender=sender, now=now)
    if after:
        _write(after, store=store)


def _claim(email_id: str, *, store: Store, now: datetime) -> Email | None:
    """The email as nobody else has it, None when it is not to be sent.

    It is claimed before it is composed: whatever fails from here on is counted, and given up in the end.
    """
    unit = store.unit_of_work()
    email = unit.emails.get(email_id)
    if email is None or not email.claimable(now=now):
        log.info("email_not_taken email_id=%s delivery=%s", email_id, email.delivery.value if email else "unknown")
        return None
    if email.exhausted:
        _write(email.failed(reason=email.reason or "no_result"), store=store)
        return None
    claimed = unit.emails.update(email.claimed(now=now))
    try:
        unit.commit()
    except Changed:
        log.info("email_taken_by_another email_id=%s", email_id)
        return None
    return claimed


def _send(email: Email, letter: Letter, *, sender: MailSender, now: datetime) -> Email | None:
    """The email after one attempt; None when nobody knows what came of it."""
    try:
        return email.sent(message_id=sender.send(letter, email_id=email.id))
    except MailPostponed as refusal:
        return email.postponed(now=now, reason=str(refusal))
    except MailRejected as refusal:
        return email.failed(reason=str(refusal))
    except MailUnknown as refusal:
        log.warning("email_unknown email_id=%s attempt=%d reason=%s", email.id, email.attempt, refusal)
        return None


class _OfOrder:
    """A claimed email about an order, and what it says."""

    def __init__(
        self,
        email: Email,
        *,
        store: Store,
        composer: MailComposer,
        identity: Identity,
        pause: timedelta,
        now: datetime,
    ) -> None:
        self._email, self._store, self._identity, self._pause, self._now = email, store, identity, pause, now
        order = store.unit_of_work().orders.get(email.order_id)
        assert order is not None, "an email is written in the same commit as what it is about"
        self._order = order
        self._letter = compose_email(email, order=order, store=store, composer=composer, now=now)

    @property
    def letter(self) -> Letter:
        assert self._letter is not None, "somebody asked first why it is not sent"
        return self._letter

    def unsent(self) -> Email | None:
        """The email when it is not sent now, with the reason; None when nothing is in its way."""
        email = self._email
        if self._letter is None:
            reason = self._why_not()
            return replace(email.failed(reason=reason), waived=email.waived or reason in NOBODY_MINDS)
        if not email.again and self._suppressed():
            return email.failed(reason=SUPPRESSED)
        free = not (self._order.total_cents or email.again)
        until = self._wait() if free and self._pause else None
        return email.waiting(until=until) if until else None

    def _why_not(self) -> str:
        """Why there is no letter: what it tells of is not so any more, or there is nobody."""
        email = self._email
        if not is_true(email, order=self._order):
            return "cancelled"
        offer = self._store.unit_of_work().offers.get(self._order.offer_id) if email.move else None
        if offer and not is_latest(email, offer=offer):
            return SUPERSEDED
        ledger = self._store.ledger(email.order_id)
        refund = ledger.refund(email.refund_id) if email.kind is EmailKind.REFUND else None
        return "refund_failed" if refund and not refund.counts else ERASED

    def _suppressed(self) -> bool:
        return suppressed(self.letter.to, unit=self._store.unit_of_work(), identity=self._identity)

    def _wait(self) -> datetime | None:
        """Until when it has to wait; None when it may go, and then others like it to this address wait.

        The slot names the email that has it, so that one that was interrupted still has it when it comes again.
        """
        email = self._email
        slot_id = self._identity.subject(f"mail {email.kind.value} {self._order.offer_id}", self.letter.to)
        unit = self._store.unit_of_work()
        unit.slots.take(MailSlot(id=slot_id, email_id=email.id, until=self._now + self._pause), now=self._now)
        try:
            unit.commit()
        except SlotTaken:
            taken = unit.slots.get(slot_id)
            return taken.until if taken else self._now
        return None


def _write(email: Email, *, store: Store) -> None:
    unit = store.unit_of_work()
    unit.emails.update(email)
    try:
        unit.commit()
    except Changed:
        log.info("email_settled_by_news email_id=%s", email.id)
        return
    failed = email.delivery.value == "failed" and not email.waived and email.reason != "cancelled"
    level = logging.ERROR if failed else logging.INFO
    log.log(
        level, "email_%s email_id=%s attempt=%d reason=%s", email.delivery.value, email.id, email.attempt, email.reason
    )
