"""The books of a world: orders, seats, money and mails as they lie in the table, and whether they agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.difference import Difference
from chalicelib.domain.email import Email, EmailKind
from chalicelib.domain.hold import HoldCount
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.membership import Membership
from chalicelib.domain.offer import Offer, OfferKind
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.refund import RefundReason, RefundState
from chalicelib.domain.seat import SeatCount, Seating
from chalicelib.domain.state import State
from tests.desk import TABLE
from tests.torture.engine import Engine

WAITING = frozenset({State.PENDING, State.PROCESSING})
_KINDS: dict[str, Record[Any]] = {each.kind: each for each in vars(records).values() if isinstance(each, Record)}
_BOOKED = frozenset({State.PAID, State.REVIEW, State.REFUND_DUE})


class Reader:
    """Reads the table; what has not changed since it was last read is not read again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[Any, tuple[Any, str, Any]] = {}

    def twin(self, engine: Engine) -> Reader:
        """One that knows as much, of a table with the same in it."""
        twin = Reader(engine)
        twin._known = dict(self._known)
        return twin

    def books(self) -> Books:
        raw, known = self._engine.raw(TABLE), self._known
        nouns: dict[str, list[Any]] = defaultdict(list)
        for key, item in raw.items():
            found = known.get(key)
            if found is None or found[0] is not item:
                kind = item["record"]["S"]
                record = _KINDS.get(kind)
                found = known[key] = (item, kind, record.read(item) if record else item)
            nouns[found[1]].append(found[2])
        taken = {item["counter"]["S"]: int(item["taken"]["N"]) for item in raw.values() if "taken" in item}
        return Books(nouns, taken=taken)


class Books:
    """All that lies in a table at one moment."""

    def __init__(self, nouns: dict[str, list[Any]], *, taken: dict[str, int]) -> None:
        self.orders: list[Order] = nouns["order"]
        self.emails: list[Email] = nouns["email"]
        self.attendees: list[Attendee] = nouns["attendee"]
        self.attendances: list[Attendance] = nouns["attendance"]
        self.memberships: list[Membership] = nouns["membership"]
        self.buyers: list[Buyer] = nouns["buyer"]
        self.differences: list[Difference] = nouns["difference"]
        offers: list[Offer] = nouns["offer"]
        holds: list[HoldCount] = nouns["holds"]
        counts: list[SeatCount] = nouns["seats"]
        self.holds = {count.holder: count.open for count in holds}
        self.counts = {count.counter: count for count in counts}
        self.codes: Counter[str] = Counter(item["order_id"]["S"] for item in nouns["code"])
        self.taken = taken
        self.capacities = {
            name: capacity for offer in offers for name, capacity in offer.capacities().items() if capacity is not None
        }
        self.ledgers = {order.id: _ledger(order.id, nouns) for order in self.orders}
        self.strays = [
            noun.id
            for kind in ("payment", "refund", "dispute", "entry")
            for noun in nouns[kind]
            if noun.order_id not in self.ledgers
        ]

    def faults(self) -> list[str]:
        """What may be at no moment: each commit leaves the table so that all of this holds."""
        found = [*self._seats(), *self._holds(), *self._of_nothing()]
        for order in self.orders:
            found += [*self._beside(order), *self._money(order), *self._follows(order)]
        return found

    def _seats(self) -> Iterator[str]:
        """The counters are the sum of the orders, and never more than there are seats."""
        held, sold = self.seats(Seating.HELD), self.seats(Seating.SOLD)
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

    def seats(self, seating: Seating) -> Counter[str]:
        total: Counter[str] = Counter()
        for order in self.orders:
            total += order.seats() if order.seating is seating else Counter()
        return total

    def _beside(self, order: Order) -> Iterator[str]:
        """What is written with it stands beside it."""
        buyers = sum(each.order_id == order.id for each in self.buyers)
        people = sorted(each.number for each in self.attendees if each.order_id == order.id)
        if (buyers, self.codes[order.id], people) != (1, 1, _numbers(order)):
            yield f"order {order.code} has {buyers} buyers, {self.codes[order.id]} codes and attendees {people}"
        if order.holders and order.state is not State.PENDING:
            yield f"order {order.code} is {order.state.value} and counts as unpaid"
        if order.state in WAITING and order.due is None:
            yield f"order {order.code} is {order.state.value} and nobody will look at it"

    def _money(self, order: Order) -> Iterator[str]:
        """Its totals are those of its ledger, and no more goes back than came."""
        ledger = self.ledgers[order.id]
        if order != order.with_totals(ledger):
            yield f"order {order.code}: totals {order.kept_cents} are not those of its ledger"
        if ledger.paid_cents != sum(payment.amount_cents for payment in ledger.payments):
            yield f"order {order.code}: {ledger.paid_cents} entered is not what was paid"
        for payment in ledger.payments:
            # one that is only asked for may meet another that was made in Stripe's own pages: Stripe then refuses it
            made = [each for each in ledger.refunds if each.counts and each.state is not RefundState.REQUESTED]
            back = sum(each.amount_cents for each in made if each.payment_id == payment.id)
            if back > payment.amount_cents:
                yield f"order {order.code}: {back} goes back of {payment.amount_cents}"
        booked = order.payment_id in {payment.id for payment in ledger.payments}
        if order.state in _BOOKED and not booked:
            yield f"order {order.code} is {order.state.value} without its payment"
        if ledger.payments and (order.state in WAITING or order.state is State.EXPIRED):
            yield f"order {order.code} is {order.state.value} with payments"
        waits = [each for each in ledger.refunds if each.state.value == "requested" and each.due is None]
        if waits:
            yield f"order {order.code}: nobody will make the refund of {waits[0].amount_cents}"

    def _follows(self, order: Order) -> Iterator[str]:
        """All that follows from an order that is or was confirmed is there, and nothing of it before."""
        emails = {each.id: each for each in self.emails if each.order_id == order.id}
        wanted, allowed = wanted_emails(order, self.ledgers[order.id], told=emails.values(), guests=self._guests(order))
        if any(each.order_id == order.id and each.answers.newsletter for each in self.buyers):
            # confirmed or not any more, the newsletter was asked for
            allowed |= {f"{EmailKind.SUBSCRIPTION}-{order.id}"}
            wanted |= {f"{EmailKind.SUBSCRIPTION}-{order.id}"} if order.confirmed else set()
        if not wanted <= emails.keys() <= wanted | allowed:
            off = sorted(each.partition("-")[0] for each in emails.keys() ^ wanted if each not in allowed)
            yield f"order {order.code} is {order.state.value}; emails missing or too many: {off}"
        yield from [
            f"email {each.id} is {each.delivery.value} and nobody will send it"
            for each in emails.values()
            if each.delivery.value in ("queued", "sending") and each.due is None
        ]
        starts = any(line.starts is OfferKind.MEMBERSHIP for line in order.lines)
        memberships = [each for each in self.memberships if each.id == order.id]
        ended = order.state is State.CANCELLED
        if len(memberships) != (starts and (order.confirmed or ended)):
            yield f"order {order.code} is {order.state.value} with {len(memberships)} memberships"
        coming = {(each.order_id, each.id) for each in self.attendances}
        here = {(order.id, each.attendance) for each in self.attendees if each.order_id == order.id}
        if order.confirmed and not here <= coming:
            yield f"order {order.code}: {len(here - coming)} attendees are not known to come"

    def _guests(self, order: Order) -> list[int]:
        """Who has a ticket at an address of his own."""
        buyer = next((each.answers.email.lower() for each in self.buyers if each.order_id == order.id), "")
        return [each.number for each in self.attendees if each.order_id == order.id and each.email.lower() != buyer]

    def _of_nothing(self) -> Iterator[str]:
        """What belongs to no order, or to one that it does not follow from."""
        confirmed = {order.id for order in self.orders if order.confirmed}
        yield from [f"comes by {each.order_id}" for each in self.attendances if each.order_id not in confirmed]
        beside = {each.order_id for each in self.buyers} | {each.order_id for each in self.attendees}
        beside |= {each.order_id for each in self.emails} | set(self.codes)
        missing = beside - {order.id for order in self.orders}
        yield from [f"of an order that is not there: {each}" for each in (*missing, *self.strays)]


def wanted_emails(
    order: Order, ledger: Ledger, *, told: Iterable[Email], guests: Sequence[int]
) -> tuple[set[str], set[str]]:
    """The ids of the mails that an order must have led to, and of those that it may have led to besides."""
    starts = any(line.starts is OfferKind.MEMBERSHIP for line in order.lines)
    confirming = {f"{EmailKind.CONFIRMATION}-{order.id}"}
    confirming |= {f"{EmailKind.TICKET}-{order.id}-{number}" for number in _numbers(order)}
    confirming |= {f"{EmailKind.WELCOME}-{order.id}"} if starts else set()
    wanted = confirming if order.confirmed or order.state is State.CANCELLED else set()
    if order.state is State.CANCELLED:
        wanted |= {f"{EmailKind.CANCELLATION}-{order.id}"}
        wanted |= {f"{EmailKind.CANCELLATION}-{order.id}-{number}" for number in guests}
    # of what goes back by cancelling, the mail about that tells one part
    told_there = {each.refund_id for each in told if each.kind is EmailKind.CANCELLATION and each.refund_id}
    asked = [each for each in ledger.refunds if each.reason is not RefundReason.ELSEWHERE and each.id not in told_there]
    wanted |= {f"{EmailKind.REFUND}-{order.id}-{each.id}" for each in asked}
    return wanted, {f"{EmailKind.PAYMENT_FAILED}-{order.id}"}


def _numbers(order: Order) -> list[int]:
    return sorted(line.attendee for line in order.lines if line.attendee)


def _ledger(order_id: str, nouns: dict[str, list[Any]]) -> Ledger:
    def of(kind: str) -> tuple[Any, ...]:
        return tuple(noun for noun in nouns[kind] if noun.order_id == order_id)

    return Ledger(payments=of("payment"), refunds=of("refund"), disputes=of("dispute"), entries=of("entry"))
