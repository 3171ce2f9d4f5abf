"""The fair copy: everything in a notebook written into the table, through its own unit of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry, OrderDeed
from chalicelib.domain.difference import Difference
from chalicelib.domain.dispute import Dispute
from chalicelib.domain.email import Email
from chalicelib.domain.hold import HoldCount, HoldMove
from chalicelib.domain.ledger import Entry
from chalicelib.domain.membership import Membership
from chalicelib.domain.note import Note
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.payment import Payment
from chalicelib.domain.payout import Payout
from chalicelib.domain.reconciliation import Round
from chalicelib.domain.refund import Refund
from chalicelib.domain.seat import SeatCount, SeatMove
from chalicelib.domain.staff import Staff
from chalicelib.domain.subscriber import Subscriber
from chalicelib.ports import Store, UnitOfWork
from devstack.association.notebook import Code, Notebook

# DynamoDB takes a hundred writes in one transaction; a membership is a row more for each of its domains.
MOST_WRITES = 90
AT_ONCE = 3

type Write = tuple[Callable[[UnitOfWork, Any], object], Any]

# Where the nouns of each kind stand; whatever is not here follows from another noun, or is of no use any more.
_SHELVES: dict[type, str] = {
    Offer: "offers",
    Order: "orders",
    Buyer: "buyers",
    Consent: "consents",
    Payment: "payments",
    Refund: "refunds",
    Dispute: "disputes",
    Entry: "entries",
    Payout: "payouts",
    Difference: "differences",
    Round: "rounds",
    Membership: "memberships",
    Email: "emails",
    Attendee: "attendees",
    Attendance: "attendances",
    Staff: "staff",
    AuditEntry: "audit",
    OrderDeed: "deeds",
    Note: "notes",
    Subscriber: "subscribers",
}


def fair_copy(notebook: Notebook, *, store: Store, say: Callable[[int], object]) -> None:
    """Write all of it; `say` hears now and then how many orders are written."""

    def commit(writes: list[Write]) -> int:
        unit = store.unit_of_work()
        for write, noun in writes:
            write(unit, noun)
        unit.commit()
        return sum(isinstance(noun, Order) for _, noun in writes)

    done = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for orders in pool.map(commit, _lots(_writes(notebook))):
            if orders:
                done += orders
                say(done)


def _lots(writes: Iterator[Write]) -> Iterator[list[Write]]:
    """As many at a time as go into one transaction."""
    lot, rows = list[Write](), 0
    for write, noun in writes:
        more = 1 + len(noun.domains) if isinstance(noun, Membership) else 1
        if rows + more > MOST_WRITES:
            yield lot
            lot, rows = [], 0
        lot.append((write, noun))
        rows += more
    yield lot


def _writes(notebook: Notebook) -> Iterator[Write]:
    """Every write; the domains of a membership come with it."""
    for noun in notebook.everything():
        match noun:
            case SeatCount():
                yield _take_seats, noun
            case HoldCount():
                if noun.open:
                    yield _hold, noun
            case Code():
                yield _use_code, noun
            case _:
                if type(noun) in _SHELVES:
                    yield _add, noun


def _add(unit: UnitOfWork, noun: Any) -> None:
    getattr(unit, _SHELVES[type(noun)]).add(noun)


def _take_seats(unit: UnitOfWork, count: SeatCount) -> None:
    move = SeatMove(counter=count.counter, held=count.held, sold=count.sold, held_until=count.held_until)
    unit.seats.move(move, capacity=None)


def _hold(unit: UnitOfWork, count: HoldCount) -> None:
    unit.holds.move(HoldMove(holder=count.holder, change=count.open, held_until=count.held_until), most=None)


def _use_code(unit: UnitOfWork, code: Code) -> None:
    unit.codes.add(code=code.code, order_id=code.order_id)
