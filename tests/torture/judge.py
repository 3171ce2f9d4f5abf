"""The judge: what must hold when everybody has gone home, at Stripe, in the table and in the mailboxes alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.email import Delivery, Email, EmailKind
from chalicelib.domain.refund import RefundReason, RefundState
from chalicelib.domain.state import State
from chalicelib.flows.ask_subscriber import ASKED_TODAY, SUBSCRIBED
from devstack.stripe.charge import Charge
from tests.torture.books import WAITING, Books
from tests.torture.world import World

_DONE = frozenset({Delivery.SENT, Delivery.DELIVERED})
# With one fault and no reconciliation yet a mail comes within this: a hold, or a lease, and a sweep.
BOUND = timedelta(minutes=65)
# A process that dies here, or an answer that does not come, leaves open whether a mail was sent.
_SEND_WINDOW = ("mail.SendEmail",)


class Judge:
    """All that is wrong with a world in the end."""

    def __init__(self, world: World) -> None:
        self.world, self.books = world, world.books()
        self.stripe = world.stripe.books
        world.stripe.lapse()

    def violations(self) -> list[str]:
        world = self.world
        found = [*world.complaints, *world.witness.unexpected, *self.books.faults()]
        found += [*self._payable(), *self._twice(), *self._refunds(), *self._mails()]
        if world.habits.schedules:
            found += [*self._stuck(), *self._money(), *self._unbooked()]
        else:
            found += self._lost()
            if world.tells_itself():
                found += self._unbooked()
        return list(dict.fromkeys(found))

    # Money.

    def _charges(self) -> dict[str, list[Charge]]:
        """What was paid for each order, wherever it was paid."""
        found: dict[str, list[Charge]] = defaultdict(list)
        for charge in self.stripe.charges():
            if charge.status == "succeeded":
                found[charge.asked["metadata"]["order"]].append(charge)
        return found

    def _moved(self) -> dict[str, int]:
        """What each thing at Stripe has moved on the balance, by the thing's id."""
        moved: Counter[str] = Counter()
        for each in self.stripe.balance_transactions():
            moved[each.source] += each.amount
        return moved

    def _money(self) -> Iterator[str]:
        """An order's totals, its ledger and Stripe's balance say the same, to the cent."""
        moved, charges = self._moved(), self._charges()
        for order in self.books.orders:
            ours = charges[order.id]
            paid = sum(moved[each.id] for each in ours)
            refunded = -sum(moved[refund.id] for each in ours for refund in self.stripe.refunds_of(each.id))
            disputed = -sum(moved[dispute.id] for each in ours for dispute in self.stripe.disputes_of(each.id))
            there = (paid, refunded, disputed)
            here = (order.paid_cents, order.refunded_cents, order.disputed_cents)
            if here != there:
                yield f"order {order.code} {order.state.value}: paid, refunded, disputed {here}, at Stripe {there}"
            entries = {entry.source_id for entry in self.books.ledgers[order.id].entries}
            known = {each.id for each in ours} | {r.id for c in ours for r in self.stripe.refunds_of(c.id)}
            if not entries >= {each for each in known if each in moved}:
                yield f"order {order.code}: entries missing of what moved at Stripe"

    def _unbooked(self) -> Iterator[str]:
        """Every payment confirms one order, waits for a person, or has gone back."""
        for order_id, charges in self._charges().items():
            order = next((each for each in self.books.orders if each.id == order_id), None)
            if order is None:
                yield f"paid for an order that is not there: {order_id[:8]}"
                continue
            booked = {payment.id for payment in self.books.ledgers[order_id].payments}
            for charge in charges:
                if charge.payment_intent not in booked:
                    yield f"order {order.code} {order.state.value}: a payment of {charge.amount} is not booked"

    def _twice(self) -> Iterator[str]:
        """Whoever paid twice has one back, or will; and nobody has more back than he paid."""
        for order_id, charges in self._charges().items():
            ledger = self.books.ledgers.get(order_id)
            kept = [charge for charge in charges if charge.refundable > 0 and not charge.disputed]
            waiting = {
                refund.payment_id
                for refund in (ledger.refunds if ledger else ())
                if refund.state in (RefundState.REQUESTED, RefundState.FAILED)
            }
            kept = [charge for charge in kept if charge.payment_intent not in waiting]
            heard = {payment.id for payment in ledger.payments} if ledger else set()
            if self.world.habits.schedules and len(kept) > 1:
                yield f"order {order_id[:8]}: {len(kept)} payments are kept"
            elif len([charge for charge in kept if charge.payment_intent in heard]) > 1:
                yield f"order {order_id[:8]}: {len(kept)} payments are known and kept"
            for charge in charges:
                back = sum(
                    refund.amount
                    for refund in self.stripe.refunds_of(charge.id)
                    if refund.status in ("pending", "succeeded")
                )
                if back > charge.amount:
                    yield f"order {order_id[:8]}: {back} went back of {charge.amount}"

    def _refunds(self) -> Iterator[str]:
        """A command is carried out once at most, for as much as it says; and nobody is late who paid in time."""
        made: dict[str, list[int]] = defaultdict(list)
        for refund in self.stripe.refunds():
            command = refund.asked.get("metadata", {}).get("refund")
            if command:
                made[command].append(refund.amount)
        asked = {refund.id: refund for ledger in self.books.ledgers.values() for refund in ledger.refunds}
        for command, amounts in made.items():
            if command not in asked:
                yield f"a refund was made that nobody asked for: {command[:20]}"
            elif len(amounts) > 1 or amounts[0] != asked[command].amount_cents:
                yield f"refund {command[:20]} of {asked[command].amount_cents} was made as {amounts}"
        for ours in asked.values():
            if ours.reason is RefundReason.LATE and not self._late(ours.order_id):
                yield f"refunded as late although paid in time: {ours.id[:24]}"

    def _late(self, order_id: str) -> bool:
        """Whether a session of an order was closed before, or its money came days after: then its seats may be gone."""
        sessions = [each for each in self.stripe.sessions() if each.asked["client_reference_id"] == order_id]
        kinds = {event.type for session in sessions for event in self.stripe.events_of(session.id)}
        return bool({"checkout.session.expired", "checkout.session.async_payment_succeeded"} & kinds)

    # What is left behind.

    def _payable(self) -> Iterator[str]:
        """Nothing can be paid any more but what an order waits for."""
        orders = {order.id: order for order in self.books.orders}
        for session in self.stripe.sessions():
            if session.status == "open":
                order = orders.get(session.asked["client_reference_id"])
                attempt = int(session.asked["metadata"]["attempt"])
                waits = order is not None and order.state is State.PENDING and order.attempt == attempt
                if self.world.habits.schedules or not waits:
                    yield f"session of attempt {attempt} is still payable, its order is {order and order.state.value}"

    def _stuck(self) -> Iterator[str]:
        for order in self.books.orders:
            if order.state in WAITING:
                yield f"order {order.code} is {order.state.value} for ever"
            for refund in self.books.ledgers[order.id].refunds:
                if refund.state is RefundState.REQUESTED:
                    yield f"order {order.code}: a refund of {refund.amount_cents} is not made ({refund.trouble})"
        for name, count in self.books.counts.items():
            reviewed = sum(
                (order.seats() for order in self.books.orders if order.state is State.REVIEW), Counter[str]()
            )
            if count.held > reviewed[name]:
                yield f"{name}: {count.held} held for ever"

    def _lost(self) -> Iterator[str]:
        """Without schedules something may wait for them, but whatever waits can be found by them."""
        for email in self.books.emails:
            if email.delivery in (Delivery.QUEUED, Delivery.SENDING) and email.due is None:
                yield f"email {email.id} is lost"

    # The mails.

    def _mails(self) -> Iterator[str]:
        """Each was sent once, or is where a sweep will find it, or is not true any more."""
        sent = Counter(each.email_id for each in self.world.mailroom.sent)
        for email in self.books.emails:
            done = email.delivery in _DONE
            untrue = email.delivery is Delivery.FAILED and (email.reason == "cancelled" or self._made_in_vain(email))
            if not done and not untrue and self.world.habits.schedules:
                yield f"email {email.kind} is {email.delivery.value} ({email.reason})"
            count = sent[email.id]
            if count > 1 and self.world.excuses_second_mail(email.id):
                continue
            if count > 1 or (done and not count):
                yield f"{count} × {email.kind} sent, {email.delivery.value}"
        unknown = set(sent) - {email.id for email in self.books.emails}
        yield from [f"sent without a row: {each[:20]}" for each in unknown]

    def _made_in_vain(self, email: Email) -> bool:
        """Whether it tells of a refund that was refused before anybody knew of it, or asks what was asked already."""
        if email.kind is EmailKind.SUBSCRIPTION:
            return email.reason in (ASKED_TODAY, SUBSCRIBED)
        refund = self.books.ledgers[email.order_id].refund(email.refund_id) if email.refund_id else None
        return refund is not None and not refund.counts


def states(books: Books, *, others: set[str]) -> list[State]:
    """Where the visitor's orders stand, the first one first."""
    orders = sorted(books.orders, key=lambda order: (order.generation, order.created_at, order.id))
    return [order.state for order in orders if order.id not in others]
