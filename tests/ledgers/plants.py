"""Plants: differences put into a finished season, each in an order of its own, here past every guard or at Stripe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from chalicelib.adapters.dynamodb import records
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.order import Order
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import State
from tests.desk import TABLE, Desk
from tests.flows import planted as by_hand
from tests.ledgers.fair import CONGRESS
from tests.torture.aws import wires
from tests.torture.people import People
from tests.torture.world import World

if TYPE_CHECKING:
    from devstack.stripe.refund import Refund

# An order that never was.
NOWHERE = "nergens"
# A word that is no state.
SPOILT = "spoilt"
_SHELVES = ("_sessions", "_charges", "_refunds", "_movements", "_payouts")
MEMBER, EVENT, ROOMY, FREE, REFUNDED = "membership", "event", "with seats left", "free event", "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A difference that must be reported, and the amounts (in cents) and words that its sentence must name."""

    code: str
    kind: DifferenceKind
    cents: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


class Ground:
    """Where something is planted; it offers what the plants of `tests.flows.planted` use of a desk.

    It notices what each plant changed, in the table and on Stripe's shelves, so that all of it can be put back.
    """

    def __init__(self, world: World) -> None:
        self.world, self.people = world, People(world)
        self.stripe, self.store, self.clock = world.stripe, world.application.store, world.time
        self.client = wires().dynamodb
        self.used: set[str] = set()
        self._items: dict[Any, Any] = {}
        self._things: dict[tuple[str, str], Any] = {}

    def watch(self, plant: Callable[[Ground, Order], list[Expected]], order: Order) -> list[Expected]:
        """Plant something that is to be put back: remember how all that this changes was before."""
        items = dict(self.world.engine.raw(TABLE))
        shelves = {name: dict(vars(self.stripe.books)[name]) for name in _SHELVES}
        expected = plant(self, order)
        now = self.world.engine.raw(TABLE)
        for key in items.keys() | now.keys():
            if items.get(key) is not now.get(key):
                self._items.setdefault(key, (items.get(key), now.get(key)))
        for name, before in shelves.items():
            after = vars(self.stripe.books)[name]
            for key in before:
                if before[key] is not after.get(key):
                    self._things.setdefault((name, key), before[key])
        return expected

    def put_back(self) -> None:
        """Everything as it was, here and there; what was done there, and not only put, stays done."""
        for before, after in self._items.values():
            if before is None:
                self.client.delete_item(TableName=TABLE, Key={name: after[name] for name in ("pk", "sk")})
            else:
                self.client.put_item(TableName=TABLE, Item=before)
        for (name, key), thing in self._things.items():
            vars(self.stripe.books)[name][key] = thing

    def desk(self) -> Desk:
        """As what the plants of the flows take; they use no more of it than is here."""
        return cast("Desk", self)

    def movement(self, order: Order) -> Any:
        """The payment of an order on Stripe's balance."""
        [payment] = self.store.ledger(order.id).payments
        return next(each for each in self.stripe.books.balance_transactions() if each.source == payment.charge_id)


@dataclass(frozen=True, kw_only=True)
class Plant:
    """What is put where, in what kind of order; `repair` is what somebody does about it, else it is put back."""

    name: str
    of: str
    plant: Callable[[Ground, Order], list[Expected]]
    repair: Callable[[Ground, Order], object] | None = None

    def __str__(self) -> str:
        return self.name


def _hand(
    name: str,
    of: str,
    *,
    also: tuple[DifferenceKind, ...] = (),
    says: Callable[[Order], tuple[int, ...]] = lambda _: (),
) -> Plant:
    """One of the plants by hand of `tests.flows.planted`."""
    planted = next(each for each in by_hand.PLANTED if each.name == name)

    def plant(ground: Ground, order: Order) -> list[Expected]:
        planted.plant(ground.desk(), order)
        first = Expected(code=order.code, kind=planted.found, cents=says(order))
        return [first, *(Expected(code=order.code, kind=kind) for kind in also)]

    return Plant(name=name, of=of, plant=plant)


# In the table.


def _forget_order(ground: Ground, order: Order) -> list[Expected]:
    by_hand._forget_order(ground.desk(), order)
    kind = DifferenceKind.PAYMENT_WITHOUT_ORDER
    return [Expected(code=order.payment_id, kind=kind, cents=(order.paid_cents,), words=(order.payment_id,))]


def _count_one_seat_more(ground: Ground, order: Order) -> list[Expected]:
    counter = next(iter(order.seats()))
    taken = ground.store.seats(order.offer_id)[counter].taken
    by_hand._count_one_seat_more(ground.desk(), order)
    words = (str(taken + 1), str(taken))
    return [Expected(code=counter, kind=DifferenceKind.SEATS, words=words)]


def _free_its_seats(ground: Ground, order: Order) -> list[Expected]:
    by_hand.put(ground.desk(), records.ORDER, replace(order, seating=Seating.RELEASED))
    seating = Expected(code=order.code, kind=DifferenceKind.SEATING, words=("released", "confirmed"))
    return [seating, *(Expected(code=counter, kind=DifferenceKind.SEATS) for counter in order.seats())]


def _lower_capacity(ground: Ground, order: Order) -> list[Expected]:
    """Below what is taken; no order's, but the event's."""
    offer = ground.store.unit_of_work().offers.get(CONGRESS)
    assert offer is not None
    assert offer.event is not None
    by_hand.put(ground.desk(), records.OFFER, replace(offer, event=replace(offer.event, capacity=1)))
    taken = ground.store.seats(CONGRESS)[CONGRESS].taken
    return [Expected(code=CONGRESS, kind=DifferenceKind.OVERSOLD, words=(str(taken), "1"))]


def _cannot_take_it(ground: Ground, order: Order) -> list[Expected]:
    """As if it cost nothing: money for it is what no state of it expects."""
    ledger = ground.store.ledger(order.id)
    by_hand.delete(ground.desk(), records.PAYMENT, ledger.payments[0].key)
    by_hand.delete(ground.desk(), records.ENTRY, ledger.entries[0].key)
    free = replace(order, state=State.CONFIRMED, payment_id="", paid_cents=0)
    by_hand.put(ground.desk(), records.ORDER, free)
    kind = DifferenceKind.PAYMENT_NOT_BOOKED
    return [Expected(code=order.code, kind=kind, cents=(order.total_cents,), words=("confirmed",))]


def _leave_processing(ground: Ground, order: Order) -> list[Expected]:
    by_hand.put(ground.desk(), records.ORDER, replace(order, state=State.PROCESSING))
    stuck = Expected(code=order.code, kind=DifferenceKind.ORDER_STUCK, words=("processing",))
    return [stuck, Expected(code=order.code, kind=DifferenceKind.FOLLOW_UP_MISSING)]


def _spoil(ground: Ground, order: Order) -> list[Expected]:
    """A row that nobody can read any more; its session, its movement and itself cannot be compared."""
    item = records.ORDER.write(order) | {"state": {"S": SPOILT}}
    ground.client.put_item(TableName=TABLE, Item=item)
    return [Expected(code="", kind=DifferenceKind.NOT_COMPARED, words=("ValidationError",))]


# At Stripe.


def _lose_session(ground: Ground, order: Order) -> list[Expected]:
    del ground.stripe.books._sessions[order.session_id]
    return [Expected(code=order.code, kind=DifferenceKind.PAID_WITHOUT_PAYMENT, cents=(order.paid_cents,))]


def _change_movement(ground: Ground, order: Order) -> list[Expected]:
    moved, books = ground.movement(order), ground.stripe.books
    books._movements[moved.id] = replace(moved, amount=moved.amount + 1)
    facts = (moved.amount + 1, moved.amount)
    found = [Expected(code=order.code, kind=DifferenceKind.TRANSACTION_AMOUNT, cents=facts, words=(moved.id,))]
    # of one that the bank sent back no sum is expected
    if moved.payout and books.payout(moved.payout).status == "paid":
        ground.used.add(moved.payout)
        sums = (books.payout(moved.payout).amount, books.payout(moved.payout).amount + 1)
        found.append(Expected(code=moved.payout, kind=DifferenceKind.PAYOUT_SUM, cents=sums))
    return found


def _change_refund(ground: Ground, order: Order) -> list[Expected]:
    books = ground.stripe.books
    [known] = ground.store.ledger(order.id).refunds
    refund: Refund = books.refund(known.service_id)
    books._refunds[refund.id] = replace(refund, amount=refund.amount - 1)
    return [Expected(code=order.code, kind=DifferenceKind.REFUND_NOT_BOOKED, cents=(refund.amount - 1,))]


def _pay_out_less(ground: Ground, order: Order) -> list[Expected]:
    """Less came to the bank than was on the balance."""
    books = ground.stripe.books
    payout = next(each for each in books.payouts() if each.id not in ground.used and each.status == "paid")
    books._payouts[payout.id] = replace(payout, amount=payout.amount - 1)
    cents = (payout.amount - 1, payout.amount)
    return [Expected(code=payout.id, kind=DifferenceKind.PAYOUT_SUM, cents=cents)]


def _give_back(ground: Ground, order: Order) -> list[Expected]:
    ground.stripe.give_back(order.session_id)
    return [Expected(code=order.code, kind=DifferenceKind.REFUNDED_AND_COMING, cents=(order.paid_cents,))]


def _dispute(ground: Ground, order: Order) -> list[Expected]:
    ground.stripe.open_dispute(order.session_id)
    return [Expected(code=order.code, kind=DifferenceKind.DISPUTE_OPEN, cents=(order.paid_cents,))]


def _lose(ground: Ground, order: Order) -> list[Expected]:
    """The bank decides for the buyer at once, and nobody thinks of the registration."""
    dispute, _events = ground.stripe.open_dispute(order.session_id)
    ground.stripe.act_on_dispute("lost", dispute.id)
    return [Expected(code=order.code, kind=DifferenceKind.DISPUTED_AND_COMING, cents=(order.paid_cents,))]


def _take_twice(ground: Ground, order: Order) -> list[Expected]:
    """A part went back, and then the bank takes all of it, as some do."""
    ground.stripe.give_back(order.session_id, amount=1_000)
    dispute, _events = ground.stripe.open_dispute(order.session_id)
    movements, moved_id = ground.stripe.books._movements, dispute.balance_transactions[0]
    movements[moved_id] = replace(movements[moved_id], amount=-order.paid_cents)
    twice = Expected(code=order.code, kind=DifferenceKind.PAID_BACK_TWICE, cents=(1_000,))
    return [twice, Expected(code=order.code, kind=DifferenceKind.DISPUTE_OPEN, cents=(order.paid_cents - 1_000,))]


def _win(ground: Ground, order: Order) -> None:
    [dispute] = ground.store.ledger(order.id).disputes
    ground.stripe.act_on_dispute("won", dispute.id)


def _cancel(ground: Ground, order: Order) -> None:
    found = ground.store.unit_of_work().orders.get(order.id)
    assert found is not None
    ground.people.cancel(found, 0)


def _pay_for_nothing(ground: Ground, _: Order) -> list[Expected]:
    """A payment with this desk's marks for an order that never was."""
    stripe, marks = ground.stripe, {"app": "loket", "stage": "dev", "order": NOWHERE, "attempt": "1"}
    price = {"currency": "eur", "unit_amount": 4_321, "product_data": {"name": "Niets"}}
    lines = [{"quantity": 1, "price_data": price}]
    asked: dict[str, Any] = {"line_items": lines, "metadata": marks, "client_reference_id": NOWHERE}
    asked |= {"payment_intent_data": {"metadata": marks}, "success_url": "https://nergens.example.nl"}
    opened = stripe.books.open_session(asked, now=stripe.now(), public_url=stripe.public_url)
    paid, _events = stripe.act("pay", opened.id, method="card")
    payment_id = paid.payment_intent or ""
    return [Expected(code=payment_id, kind=DifferenceKind.PAYMENT_WITHOUT_ORDER, cents=(4_321,), words=(payment_id,))]


def _refund_nothing(ground: Ground, _: Order) -> None:
    """The treasurer does what the sentence says."""
    stranger = next(each for each in ground.stripe.books.sessions() if each.asked["client_reference_id"] == NOWHERE)
    ground.stripe.give_back(stranger.id)


_AMOUNT, _TOTALS = DifferenceKind.PAYMENT_AMOUNT, DifferenceKind.TOTALS
PLANTS = (
    Plant(name="the order is gone", of=MEMBER, plant=_forget_order),
    _hand(
        "booked with another amount",
        MEMBER,
        also=(_TOTALS,),
        says=lambda order: (order.paid_cents, order.paid_cents - 1),
    ),
    _hand("a refund that was never made", MEMBER, says=lambda _: (100,)),
    _hand("a refund that waits", MEMBER, says=lambda _: (100,)),
    _hand("a refund that failed", MEMBER, says=lambda _: (100,)),
    _hand("other totals", MEMBER, says=lambda order: (order.paid_cents + 1, order.paid_cents)),
    _hand("a money row is gone", EVENT, also=(_TOTALS,), says=lambda order: (order.paid_cents,)),
    _hand("a money row too many", EVENT, also=(_TOTALS,), says=lambda _: (-1,)),
    _hand("an attendee is not known to come", EVENT),
    _hand("no confirmation", EVENT),
    _hand("the confirmation bounced", EVENT),
    _hand("the confirmation waits for ever", EVENT),
    _hand(
        "nobody decides",
        MEMBER,
        also=(DifferenceKind.FOLLOW_UP_MISSING,),
        says=lambda order: (order.paid_cents, order.total_cents),
    ),
    Plant(name="one seat too many is counted", of=ROOMY, plant=_count_one_seat_more),
    Plant(name="its seats are free", of=FREE, plant=_free_its_seats),
    Plant(name="fewer seats than are taken", of=EVENT, plant=_lower_capacity),
    Plant(name="money for what costs nothing", of=MEMBER, plant=_cannot_take_it),
    Plant(name="longer under way than any bank", of=MEMBER, plant=_leave_processing),
    Plant(name="no such payment there", of=MEMBER, plant=_lose_session),
    Plant(name="another amount in their books", of=EVENT, plant=_change_movement),
    Plant(name="another refund there", of=REFUNDED, plant=_change_refund),
    Plant(name="a payout of another sum", of=MEMBER, plant=_pay_out_less),
    Plant(name="refunded there, still coming", of=EVENT, plant=_give_back, repair=_cancel),
    Plant(name="a dispute", of=EVENT, plant=_dispute, repair=_win),
    Plant(name="a dispute that was lost", of=MEMBER, plant=_lose, repair=_cancel),
    Plant(name="back twice", of=MEMBER, plant=_take_twice, repair=_win),
    Plant(name="money for an order that never was", of=MEMBER, plant=_pay_for_nothing, repair=_refund_nothing),
)


# In a round of its own: with an order that nobody can read no seats can be counted.
UNREADABLE = (Plant(name="a row that cannot be read", of=MEMBER, plant=_spoil),)


def choose(plants: Iterable[Plant], orders: Mapping[str, list[Order]]) -> Iterator[tuple[Plant, Order]]:
    """Each plant with an order of its own, of the kind that it needs."""
    left = {kind: list(found) for kind, found in orders.items()}
    for plant in plants:
        assert left[plant.of], f"no order is left for: {plant}"
        yield plant, left[plant.of].pop()
