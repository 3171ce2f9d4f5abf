"""The books of a desk: orders, seats, money and emails as they lie in the table, and whether they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.domain.checkout import Outcome
from chalicelib.domain.email import OF_CONFIRMED, EmailKind
from chalicelib.domain.ledger import EntryKind, Ledger
from chalicelib.domain.offer import OfferKind
from chalicelib.domain.order import Order
from chalicelib.domain.refund import RefundReason, RefundState
from chalicelib.domain.seat import SeatCount, Seating
from chalicelib.domain.state import SEATING, State
from tests.desk import Desk

WAITING = frozenset({State.PENDING, State.PROCESSING})
# The states in which money came for an order, unless it costs nothing.
PAID = frozenset({State.PAID, State.REVIEW, State.REFUND_DUE, State.CANCELLED})
# Refunds of which a mail of another kind tells, or none of ours.
TOLD_OTHERWISE = frozenset({RefundReason.CANCELLED, RefundReason.ELSEWHERE})


class Books:
    """All that one desk has written, read at once; `capacities` when there were more seats than are offered now."""

    def __init__(self, desk: Desk, *, capacities: Mapping[str, int] | None = None) -> None:
        kinds: dict[str, list[dict[str, object]]] = {}
        for item in desk.items():
            kinds.setdefault(item["record"]["S"], []).append(item)

        def read[Noun](record: Record[Noun]) -> list[Noun]:
            return [record.read(item) for item in kinds.get(record.kind, [])]

        self.desk = desk
        self.orders, self.payments, self.emails = read(records.ORDER), read(records.PAYMENT), read(records.EMAIL)
        self.refunds, self.disputes, self.entries = read(records.REFUND), read(records.DISPUTE), read(records.ENTRY)
        self.attendees, self.attendances = read(records.ATTENDEE), read(records.ATTENDANCE)
        self.memberships, self.buyers = read(records.MEMBERSHIP), read(records.BUYER)
        self.holds = {count.holder: count.open for count in read(records.HOLDS)}
        self.counts = {count.counter: count for count in read(records.SEATS)}
        self.taken = {item["counter"]["S"]: int(item["taken"]["N"]) for item in desk.items("seats")}
        self.offered = {
            name: capacity
            for offer in read(records.OFFER)
            for name, capacity in offer.capacities().items()
            if capacity is not None
        }
        self.capacities = capacities or self.offered

    def faults(self) -> list[str]:
        """What may be at no moment: each commit leaves the table so that all of this holds."""
        of_orders = [
            fault
            for order in self.orders
            for fault in (*self._of_order(order), *self._follows(order), *self._money(order))
        ]
        return [*self._seats(), *self._holds(), *of_orders, *self._of_nothing()]

    def faults_at_the_end(self) -> list[str]:
        """What may not be left once everybody has gone home and the sweeps have been."""
        found = self.faults()
        found += [f"order {each.code} is {each.state.value} for ever" for each in self.orders if each.state in WAITING]
        waiting = [each for each in self.refunds if each.state is RefundState.REQUESTED]
        found += [f"refund {each.id} is {each.state.value} for ever" for each in waiting]
        reviewed: Counter[str] = Counter()
        for order in self.orders:
            reviewed += order.seats() if order.state is State.REVIEW else Counter()
        stuck = [count for name, count in self.counts.items() if count.held > reviewed[name]]
        return found + [f"{count.counter}: {count.held} held for ever" for count in stuck]

    def faults_of_money(self) -> list[str]:
        """Whether what was paid and refunded at the payment service is what was booked, each to one order."""
        sessions = [each.session for each in self.desk.gateway.stored.values()]
        paid = sorted(session.payment_id for session in sessions if session.outcome is Outcome.PAID)
        booked = sorted(payment.id for payment in self.payments)
        heard = sorted(order.payment_id for order in self.orders if order.payment_id)
        found = [] if paid == booked == heard else [f"paid {paid}, booked {booked}, heard {heard}"]
        back = sorted((each.id, each.amount_cents) for session in sessions for each in session.refunds)
        known = sorted((each.service_id, each.amount_cents) for each in self.refunds if each.service_id)
        found += [] if back == known else [f"refunded {back}, booked {known}"]
        # what was commanded, and the service has not got or did not do
        unmade = {each.order_id for each in self.refunds if not each.service_id}
        for order in self.orders:
            if order.state is State.REFUND_DUE and order.kept_cents and order.id not in unmade:
                found.append(f"order {order.code} is refunded, and {order.kept_cents} of it are kept")
        return found

    def ledger(self, order_id: str) -> Ledger:
        """All money of one order."""
        return Ledger(
            payments=tuple(each for each in self.payments if each.order_id == order_id),
            refunds=tuple(each for each in self.refunds if each.order_id == order_id),
            disputes=tuple(each for each in self.disputes if each.order_id == order_id),
            entries=tuple(each for each in self.entries if each.order_id == order_id),
        )

    def _seats(self) -> Iterator[str]:
        """The counters are the sum of the orders, and never more than there are seats."""
        held, sold = self._sum(Seating.HELD), self._sum(Seating.SOLD)
        for name in sorted({*held, *sold, *self.counts}):
            count = self.counts.get(name) or SeatCount(counter=name, held=0, sold=0)
            if (count.held, count.sold) != (held[name], sold[name]):
                yield f"{name}: {count.held} held, {count.sold} sold, but orders have {held[name]} and {sold[name]}"
            if count.taken != self.taken.get(name, 0) or min(count.held, count.sold) < 0:
                yield f"{name}: {self.taken.get(name)} taken is not {count.held} held and {count.sold} sold"
            if count.taken > self.capacities.get(name, count.taken):
                yield f"{name}: oversold, {count.taken} taken of {self.capacities[name]}"

    def _holds(self) -> Iterator[str]:
        """Whoever has unpaid orders open has as many as his counter says."""
        open_orders = Counter(holder for order in self.orders for holder in order.holders)
        for holder in sorted({*open_orders, *self.holds}):
            if open_orders[holder] != self.holds.get(holder, 0):
                yield f"{holder[:14]}: {self.holds.get(holder)} counted, but {open_orders[holder]} orders are open"

    def _sum(self, seating: Seating) -> Counter[str]:
        total: Counter[str] = Counter()
        for order in self.orders:
            total += order.seats() if order.seating is seating else Counter()
        return total

    def _of_order(self, order: Order) -> Iterator[str]:
        """What is written with it stands beside it, and its seats are where its state says."""
        beside = [each for each in self.buyers if each.order_id == order.id]
        codes = [item for item in self.desk.items("code") if item["order_id"]["S"] == order.id]
        people = sorted(each.number for each in self.attendees if each.order_id == order.id)
        if (len(beside), len(codes), people) != (1, 1, _numbers(order)):
            yield f"order {order.code} has {len(beside)} buyers, {len(codes)} codes and attendees {people}"
        if order.holders and order.state is not State.PENDING:
            yield f"order {order.code} is {order.state.value} and counts as unpaid"
        wanted = SEATING.get(order.state, order.seating) if order.seats() else Seating.NONE
        # late money may be on its way again while the seats are somebody else's
        late = (order.state, order.seating) == (State.PROCESSING, Seating.RELEASED)
        if order.seating is not wanted and not late:
            yield f"order {order.code} is {order.state.value} with its seats {order.seating.value}"

    def _follows(self, order: Order) -> Iterator[str]:
        """All that follows from a confirmed order is there, and nothing of it before."""
        starts = [line for line in order.lines if line.starts is OfferKind.MEMBERSHIP]
        wanted = {f"confirmation-{order.id}"} | {f"welcome-{order.id}" for _ in starts}
        wanted |= {f"ticket-{order.id}-{number}" for number in _numbers(order)}
        confirmations = {each.id for each in self.emails if each.order_id == order.id and each.kind in OF_CONFIRMED}
        cancelled = order.state is State.CANCELLED  # out of a state in which all of it was there
        if confirmations != (wanted if order.confirmed or cancelled else set()):
            yield f"order {order.code} is {order.state.value} with emails {sorted(confirmations)}"
        memberships = [each for each in self.memberships if each.id == order.id]
        if len(memberships) != (len(starts) if order.confirmed or cancelled else 0):
            yield f"order {order.code} is {order.state.value} with {len(memberships)} memberships"
        coming = {(each.order_id, each.id) for each in self.attendances}
        here = {(order.id, each.attendance) for each in self.attendees if each.order_id == order.id}
        if order.confirmed and not here <= coming:
            yield f"order {order.code}: {len(here - coming)} attendees are not known to come"
        told = {each.id for each in self.emails if each.order_id == order.id and each.kind not in OF_CONFIRMED}
        told -= {f"{EmailKind.PAYMENT_FAILED.value}-{order.id}"}
        wanted = {
            f"{EmailKind.REFUND.value}-{order.id}-{refund.id}"
            for refund in self.refunds
            if refund.order_id == order.id and refund.reason not in TOLD_OTHERWISE
        }
        wanted |= {each for each in told if cancelled and each.startswith(EmailKind.CANCELLATION.value)}
        ticked = any(each.order_id == order.id and each.answers.newsletter for each in self.buyers)
        wanted |= {f"{EmailKind.SUBSCRIPTION.value}-{order.id}"} if ticked and (order.confirmed or cancelled) else set()
        if told != wanted or (cancelled and f"{EmailKind.CANCELLATION.value}-{order.id}" not in told):
            yield f"order {order.code} is {order.state.value} and told {sorted(told)}"

    def _money(self, order: Order) -> Iterator[str]:
        """Its payment is booked, its totals are those of its ledger, and never more goes back than came."""
        ledger = self.ledger(order.id)
        booked = {each.id for each in ledger.payments}
        paid = order.state in PAID and bool(order.total_cents)
        if bool(order.payment_id) != paid or (paid and order.payment_id not in booked):
            yield f"order {order.code} is {order.state.value} with payments {sorted(booked)}"
        if order.with_totals(ledger) != order:
            yield f"order {order.code} has {order.paid_cents} paid, {order.refunded_cents} back, its ledger does not"
        for payment in ledger.payments:
            back = [each.amount_cents for each in ledger.refunds if each.payment_id == payment.id and each.counts]
            if sum(back) > payment.amount_cents:
                yield f"order {order.code}: {sum(back)} goes back of {payment.amount_cents}"
            came = [each for each in ledger.entries if (each.payment_id, each.kind) == (payment.id, EntryKind.PAYMENT)]
            if [each.amount_cents for each in came] != [payment.amount_cents]:
                yield f"order {order.code}: {payment.id} has {len(came)} money rows"
        failed = [each for each in ledger.refunds if not each.counts]
        if order.state is State.REFUND_DUE and not failed and any(map(ledger.refundable, booked)):
            yield f"order {order.code} is to be refunded, and nobody asked for it"

    def _of_nothing(self) -> Iterator[str]:
        """What belongs to no order, or to one that it does not follow from."""
        confirmed = {order.id for order in self.orders if order.confirmed}
        yield from [f"comes by {each.order_id}" for each in self.attendances if each.order_id not in confirmed]
        beside = {each.order_id for each in self.buyers} | {each.order_id for each in self.attendees}
        # a question to a subscriber is about no order
        beside |= {each.order_id for each in self.emails if each.order_id} | {each.order_id for each in self.payments}
        beside |= {each.order_id for each in self.refunds} | {each.order_id for each in self.disputes}
        beside |= {each.order_id for each in self.entries}
        beside |= {item["order_id"]["S"] for item in self.desk.items("code")}
        yield from [f"of an order that is not there: {each}" for each in beside - {order.id for order in self.orders}]


def _numbers(order: Order) -> list[int]:
    return sorted(line.attendee for line in order.lines if line.attendee)
