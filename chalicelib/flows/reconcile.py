"""Reconcile: Stripe, money rows, orders, seats and mails, page by page; put right by settling, or else reported."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.error import AlreadyExists, Changed, Conflict, SessionNotOpen, Unavailable
from chalicelib.domain.link import Links
from chalicelib.domain.order import Order
from chalicelib.domain.payout import PaidOut, Transaction
from chalicelib.domain.reconciliation import Phase, Round, Seen, Window, due, new_round
from chalicelib.domain.refund import RefundState
from chalicelib.domain.state import State
from chalicelib.flows import compare_order as of_order
from chalicelib.flows import compare_payments as of_payments
from chalicelib.flows.compare_books import compare_payout, forget_entries, look_at_entry, match_transaction
from chalicelib.flows.compare_seats import add_order, as_sums, compare_seats, counters
from chalicelib.flows.look_after import look_after
from chalicelib.flows.report_differences import Differences
from chalicelib.flows.settle_payment import settle_payment
from chalicelib.ports import PaymentBooks, PaymentGateway, Queue, Store

log = logging.getLogger(__name__)

PAGE = 50
# Long before the first order.
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The books that are compared, and the clock; it goes on where the last one stopped."""

    store: Store
    gateway: PaymentGateway
    books: PaymentBooks
    emails: Queue
    links: Links
    clock: Callable[[], datetime]

    def reconcile(self, window: Window, *, goes_on: Callable[[Round], bool], anew: bool = False) -> Round | None:
        """Go on with the round of this window, or begin one when it is time (`anew`: in any case).

        After each page the round is written down, and `goes_on` is asked: whatever is left is done next time.
        None when there is nothing to do yet. Raises Unavailable; repeating is harmless.
        """
        current = self._begun(window, anew=anew)
        if current is None:
            return None
        differences = Differences(store=self.store, now=self.clock())
        while current.phase is not None and goes_on(current):
            seen = self._look(current, differences)
            current = self._kept(current.looked(seen))
        if current.phase is None and current.finished_at is None:
            current = self._kept(current.finished(now=self.clock()))
            log.info("reconciled window=%s looked_at=%s repaired=%d", window, dict(current.looked_at), current.repaired)
        return current

    def _begun(self, window: Window, *, anew: bool) -> Round | None:
        now, last = self.clock(), self.store.unit_of_work().rounds.get(window.value)
        if last is not None and last.stuck(now=now):
            log.error("round_given_up window=%s phase=%s since=%s", window, last.phase, last.started_at.isoformat())
        elif last is not None and last.phase is not None and not anew:
            return last
        elif not anew and not due(window, last, now=now):
            return None
        begun = new_round(window, now=now, version=last.version if last else 1)
        if last:
            return self._kept(begun)
        unit = self.store.unit_of_work()
        unit.rounds.add(begun)
        try:
            unit.commit()
        except AlreadyExists:
            return self.store.unit_of_work().rounds.get(window.value)
        return begun

    def _kept(self, current: Round) -> Round:
        """The round as it now is: as we leave it, or as somebody else does who goes on with it at the same time."""
        unit = self.store.unit_of_work()
        after = unit.rounds.update(current)
        try:
            unit.commit()
        except Changed:
            return self.store.unit_of_work().rounds.get(current.window.value) or current
        return after

    def _try(self, subject: str, differences: Differences, work: Callable[[], bool]) -> bool:
        """Whether something was put right; one record that cannot be read or compared stops no other."""
        found: dict[DifferenceKind, Mapping[str, str]] = {}
        repaired = False
        try:
            repaired = work()
        except (Unavailable, Conflict):
            raise
        except Exception as error:  # a door, too: whatever is the matter with this one, it is on the list
            log.exception("not_compared subject=%s", subject, exc_info=error)
            found[DifferenceKind.NOT_COMPARED] = {"error": type(error).__name__}
        differences.report(subject, code="", checked=(DifferenceKind.NOT_COMPARED,), found=found)
        return repaired

    def _look(self, current: Round, differences: Differences) -> Seen:
        """One page of the phase that the round is in."""
        looks: Mapping[Phase, Callable[[Round, Differences], Seen]] = {
            Phase.SESSIONS: self._sessions,
            Phase.REFUNDS: self._moved,
            Phase.DISPUTES: self._moved,
            Phase.ORDERS: self._orders,
            Phase.TRANSACTIONS: self._transactions,
            Phase.ENTRIES: self._entries,
            Phase.PAYOUTS: self._payouts,
            Phase.SEATS: self._seats,
        }
        assert current.phase is not None, "a round that is done looks at nothing"
        return looks[current.phase](current, differences)

    def _sessions(self, current: Round, differences: Differences) -> Seen:
        """What the payment service has of ours: applied, and closed when nobody may pay it any more."""
        page = self.books.sessions(since=current.since, until=current.until, rest=current.cursor)
        repaired = sum(
            self._try(f"session/{session.id}", differences, partial(self._see, session, differences))
            for session in page.items
        )
        return Seen(count=len(page.items), rest=page.rest, repaired=repaired)

    def _see(self, session: CheckoutSession, differences: Differences) -> bool:
        before = self.store.unit_of_work().orders.get(session.order_id)
        order = self._settle(session)
        closed = self._close_stray(session, order)
        differences.report(
            f"session/{session.id}",
            code=order.code if order else session.payment_id,
            checked=(DifferenceKind.PAYMENT_WITHOUT_ORDER, DifferenceKind.PAYMENT_NOT_BOOKED),
            found=self._lost(session, order) if session.outcome is Outcome.PAID else {},
        )
        return closed or before != order

    def _lost(self, session: CheckoutSession, order: Order | None) -> dict[DifferenceKind, Mapping[str, str]]:
        """Money there that no order has here, although it was applied; nothing once all of it went back."""
        went_back = sum(news.amount_cents for news in session.refunds if news.state is not RefundState.FAILED)
        facts = {"amount": str(session.amount_cents - went_back)}
        if went_back >= session.amount_cents:
            return {}
        if order is None:
            return {DifferenceKind.PAYMENT_WITHOUT_ORDER: facts | {"payment": session.payment_id}}
        if self.store.ledger(order.id).payment(session.payment_id) is None:
            return {DifferenceKind.PAYMENT_NOT_BOOKED: facts | {"state": order.state.value}}
        return {}

    def _close_stray(self, session: CheckoutSession, order: Order | None) -> bool:
        """Close a session that could still be paid although its order waits for another one, or for none."""
        waits = order is not None and order.state is State.PENDING and session.attempt == order.attempt
        if session.outcome is not Outcome.OPEN or waits:
            return False
        log.warning("stray_session_closed order_id=%s session_id=%s", session.order_id, session.id)
        try:
            self._settle(self.gateway.close(session.id))
        except SessionNotOpen:
            fetched = self.gateway.fetch(session.id)
            if fetched:
                self._settle(fetched)
        return True

    def _moved(self, current: Round, differences: Differences) -> Seen:
        """Payments to which something happened, however long ago they were made: refunds or disputes."""
        ask = self.books.refunded if current.phase is Phase.REFUNDS else self.books.disputed
        page = ask(since=current.since, until=current.until, rest=current.cursor)
        repaired = sum(
            self._try(f"payment/{payment_id}", differences, partial(self._ask, payment_id, differences))
            for payment_id in page.items
        )
        return Seen(count=len(page.items), rest=page.rest, repaired=repaired)

    def _ask(self, payment_id: str, differences: Differences) -> bool:
        session = self.gateway.find(payment_id)
        if session is None:
            return False
        before = self.store.unit_of_work().orders.get(session.order_id)
        order = self._settle(session)
        if order is not None:
            self._compare(order.id, differences)
        return before != order

    def _orders(self, current: Round, differences: Differences) -> Seen:
        """What was ordered here, and first what is on the list: its money asked for afresh, and all of it compared."""
        page = self.store.orders_made(since=current.since, until=current.until, rest=current.cursor, limit=PAGE)
        listed = [] if current.cursor else [each.subject for each in self.store.differences() if each.of_order]
        repaired = sum(
            self._try(order_id, differences, partial(self._compare, order_id, differences))
            for order_id in dict.fromkeys((*listed, *page.items))
        )
        return Seen(count=len(page.items), rest=page.rest, repaired=repaired)

    def _compare(self, order_id: str, differences: Differences) -> bool:
        """Whether it was put right. What differs is looked at twice: books are read one after the other, and go on."""
        before = self.store.unit_of_work().orders.get(order_id)
        if before is None:
            return False
        order, found = self._found(order_id)
        if found:
            order, again = self._found(order_id)
            found = {kind: facts for kind, facts in again.items() if kind in found}
        differences.report(order_id, code=order.code, checked=of_order.CHECKED + of_payments.CHECKED, found=found)
        return before != order

    def _found(self, order_id: str) -> tuple[Order, dict[DifferenceKind, Mapping[str, str]]]:
        look_after(
            order_id, store=self.store, gateway=self.gateway, emails=self.emails, links=self.links, now=self.clock()
        )
        sessions = self._sessions_of(order_id)
        for session in sessions:
            self._settle(session)
        order, ledger = self.store.unit_of_work().orders.get(order_id), self.store.ledger(order_id)
        assert order is not None, "orders are never deleted"
        found = of_order.compare_order(order, ledger=ledger, store=self.store, now=self.clock())
        return order, found | of_payments.compare_payments(order, ledger=ledger, sessions=sessions)

    def _sessions_of(self, order_id: str) -> list[CheckoutSession]:
        """The sessions in which its payments were made, as they are now."""
        payments = self.store.ledger(order_id).payments
        found = [self.gateway.fetch(payment.session_id) for payment in payments]
        return [session for session in found if session is not None]

    def _transactions(self, current: Round, differences: Differences) -> Seen:
        """What the payment service's books say: each transaction of ours is an entry of a ledger."""
        page = self.books.transactions(since=current.since, until=current.until, rest=current.cursor)
        ours = [transaction for transaction in page.items if transaction.order_id and transaction.entry_id]
        repaired = sum(
            self._try(f"transaction/{transaction.id}", differences, partial(self._match, transaction, differences))
            for transaction in ours
        )
        return Seen(count=len(page.items), rest=page.rest, repaired=repaired)

    def _match(self, transaction: Transaction, differences: Differences) -> bool:
        return match_transaction(
            transaction,
            store=self.store,
            gateway=self.gateway,
            emails=self.emails,
            differences=differences,
            now=self.clock(),
        )

    def _entries(self, current: Round, differences: Differences) -> Seen:
        """And each entry is a transaction there."""
        page = self.store.entries_made(since=current.since, until=current.until, rest=current.cursor, limit=PAGE)
        for key in page.items:
            self._try(f"entry/{key}", differences, partial(self._look_at, key, differences))
        if not page.rest:
            forget_entries(store=self.store, differences=differences)
        return Seen(count=len(page.items), rest=page.rest)

    def _look_at(self, entry_key: str, differences: Differences) -> bool:
        look_at_entry(entry_key, store=self.store, differences=differences, now=self.clock())
        return False

    def _payouts(self, current: Round, differences: Differences) -> Seen:
        page = self.books.payouts(since=current.since, until=current.until, rest=current.cursor)
        for paid_out in page.items:
            self._try(f"payout/{paid_out.id}", differences, partial(self._add_up, paid_out, differences))
        return Seen(count=len(page.items), rest=page.rest)

    def _add_up(self, paid_out: PaidOut, differences: Differences) -> bool:
        compare_payout(paid_out, store=self.store, books=self.books, differences=differences)
        return False

    def _seats(self, current: Round, differences: Differences) -> Seen:
        """All orders there ever were, whatever the window: a counter is the sum of them all."""
        sums = Counter(current.sums) if current.sums else Counter(as_sums(counters(self.store).values()))
        page = self.store.orders_made(since=FIRST_DAY, until=self.clock(), rest=current.cursor, limit=PAGE)
        for order_id in page.items:
            self._try(f"seats/{order_id}", differences, partial(self._add, order_id, sums))
        sums["orders"] += len(page.items)
        if not page.rest and sums["orders"] == sums["added"]:
            compare_seats(sums, store=self.store, differences=differences)
        return Seen(count=len(page.items), rest=page.rest, sums=sums)

    def _add(self, order_id: str, sums: Counter[str]) -> bool:
        order = self.store.unit_of_work().orders.get(order_id)
        if order is not None:
            add_order(order, sums)
        sums["added"] += 1
        return False

    def _settle(self, session: CheckoutSession) -> Order | None:
        return settle_payment(session, store=self.store, emails=self.emails, now=self.clock())
