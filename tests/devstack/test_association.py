"""The demo's association: as many of everything as is promised, the same each time, and true in every book."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.lists import TableLists
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.adapters.stripe_books import StripeBooks
from chalicelib.adapters.stripe_gateway import Desk as Mark
from chalicelib.adapters.stripe_gateway import StripeGateway
from chalicelib.bootstrap import APP
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.availability import Sale, availability
from chalicelib.domain.calendar import local_date
from chalicelib.domain.checkout import CheckoutLine, CheckoutRequest
from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.email import Delivery
from chalicelib.domain.membership import Membership
from chalicelib.domain.order import Order
from chalicelib.domain.price import PriceRule
from chalicelib.domain.refund import RefundReason
from chalicelib.domain.seat import Seating
from chalicelib.domain.staff import Role
from chalicelib.domain.state import State
from chalicelib.domain.subscriber import Standing, Subscriber
from chalicelib.flows.find_staff import find_staff
from devstack.association import ORDERS, Place, play, seed_association
from devstack.association.editions import CONGRESS, LAST_CONGRESS, LATELY
from devstack.association.people import organisations
from devstack.association.till import Till
from devstack.environment import BEHEERDER, STAGE, STRIPE_KEY
from devstack.stripe import Books
from devstack.stripe.transport import client_of, quiet_stand_in
from tests.desk import TABLE, Desk

STRIPE_URL = "https://stripe.example.nl"
NOW = datetime.now(UTC).replace(microsecond=0)
LATER = (NOW, NOW + timedelta(days=2 * 365))
# Just before and after the moments at which a year turns into another for what is offered.
ODD = (
    datetime(2027, 1, 21, 14, tzinfo=UTC),
    datetime(2027, 10, 20, 23, 30, tzinfo=UTC),
    datetime(2027, 11, 13, 4, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
)
# What a person has to see to, and nothing else.
PLANTED = {
    DifferenceKind.REVIEW: 3,
    DifferenceKind.EMAIL_FAILED: 5,
    DifferenceKind.REFUND_FAILED: 1,
    DifferenceKind.DISPUTE_OPEN: 1,
}


@dataclass
class Seeded:
    """A desk in which the association was put, and Stripe's books of it."""

    desk: Desk
    books: Books
    now: datetime
    said: list[int]

    def nouns(self, record: Record[Any]) -> list[Any]:
        return [record.read(item) for item in self.desk.items(record.kind)]

    @cached_property
    def orders(self) -> dict[str, Order]:
        return {order.id: order for order in self.nouns(records.ORDER)}

    @property
    def movements(self) -> list[Any]:
        """What moved on Stripe's balance for us, without what was paid out."""
        return [each for each in self.books.balance_transactions() if each.type != "payout"]


def place_of(desk: Desk) -> Place:
    settings = desk.application.settings
    return Place(
        identity=desk.application.identity,
        limits=settings.limits,
        base_url=settings.base_url,
        stripe_url=STRIPE_URL,
    )


@pytest.fixture(scope="module", params=LATER, ids=["now", "two years on"])
def seeded(request: pytest.FixtureRequest) -> Seeded:
    desk, said = Desk(), list[int]()
    desk.clock.moment = request.param
    books = seed_association(store=desk.store, place=place_of(desk), now=request.param, say=said.append)
    stand_in = quiet_stand_in(clock=desk.clock, api_key=STRIPE_KEY, public_url=STRIPE_URL, books=books)
    client, mark = client_of(stand_in), Mark(app=APP, stage=STAGE)
    desk.application.gateway, desk.application.books = (
        StripeGateway(client, desk=mark),
        StripeBooks(client, desk=mark),
    )
    return Seeded(desk=desk, books=books, now=request.param, said=said)


def test_there_is_as_much_as_is_promised(seeded: Seeded) -> None:
    assert len(seeded.orders) == ORDERS == 600
    assert seeded.said[-1] == ORDERS
    assert seeded.said == sorted(seeded.said)
    memberships: list[Membership] = seeded.nouns(records.MEMBERSHIP)
    assert len({each.organisation for each in memberships}) == 120
    states = Counter(order.state for order in seeded.orders.values())
    # nothing leads to an invoice yet
    assert set(states) == set(State) - {State.INVOICED}
    assert states[State.PENDING] == 3
    assert states[State.PAID] > 300


def test_everything_that_can_happen_is_there(seeded: Seeded) -> None:
    orders, refunds = seeded.orders.values(), seeded.nouns(records.REFUND)
    cancelled = [order for order in orders if order.state is State.CANCELLED]
    assert {RefundReason(each.reason) for each in refunds} == set(RefundReason)
    assert any(order.paid_cents and not order.refunded_cents for order in cancelled)
    assert any(0 < order.refunded_cents < order.paid_cents for order in cancelled)
    assert any(order.refunded_cents == order.paid_cents > 0 for order in cancelled)
    assert any(order.state is State.PAID and order.refunded_cents for order in orders)
    assert {dispute.status for dispute in seeded.nouns(records.DISPUTE)} == {"needs_response", "won", "lost"}
    assert {line.reason.rule for order in orders for line in order.lines} == set(PriceRule)
    assert max(len(order.lines) for order in orders) >= 3
    assert len(seeded.nouns(records.NOTE)) > 20
    deliveries = Counter(email.delivery for email in seeded.nouns(records.EMAIL))
    assert set(deliveries) == {Delivery.DELIVERED, Delivery.BOUNCED, Delivery.COMPLAINED, Delivery.FAILED}
    days = {local_date(order.created_at) for order in orders}
    assert max(days) - min(days) > timedelta(days=690)


def test_the_newsletter_has_readers_with_their_proof(seeded: Seeded) -> None:
    subscribers: list[Subscriber] = seeded.nouns(records.SUBSCRIBER)
    standings = Counter(each.standing for each in subscribers)
    assert standings[Standing.CONFIRMED] > 100
    assert standings[Standing.UNSUBSCRIBED] > 0
    codes = {order.code for order in seeded.orders.values()}
    for each in subscribers:
        assert each.asked.detail in codes
        assert each.standing is Standing.UNCONFIRMED or (each.confirmed and each.confirmed.detail)
    assert not [each for each in subscribers if each.standing is Standing.CONFIRMED and each.wanted]


def test_nothing_of_the_past_is_left_to_be_done(seeded: Seeded) -> None:
    """The workers would send mails about it, or ask Stripe."""
    lately = seeded.now - LATELY
    soon = seeded.now + timedelta(minutes=1)
    assert seeded.desk.store.due_emails(before=soon, limit=10) == []
    assert seeded.desk.store.due_refunds(before=soon, limit=10) == []
    assert seeded.desk.store.due_orders(before=seeded.now, limit=10) == []
    waiting = [order for order in seeded.orders.values() if order.state is State.PENDING]
    assert all(order.created_at > lately and order.hold_until > seeded.now + timedelta(minutes=15) for order in waiting)
    assert all(seeded.books.session(order.session_id).status == "open" for order in waiting)
    assert not [session for session in seeded.books.sessions() if session.status == "open"][len(waiting) :]


def test_one_congress_is_over_and_one_is_to_come(seeded: Seeded) -> None:
    offers = {offer.id: offer for offer in seeded.desk.store.offers()}
    last, coming = offers[LAST_CONGRESS], offers[CONGRESS]
    assert last.event
    assert coming.event
    assert all(session.ends_at < seeded.now for session in last.event.sessions)
    assert all(session.starts_at > seeded.now for session in coming.event.sessions)
    counts = {name: seeded.desk.store.seats(name) for name in offers}
    sales = {name: availability(offer, counts[name], now=seeded.now).sale for name, offer in offers.items()}
    assert sales[LAST_CONGRESS] is Sale.CLOSED
    assert sales[CONGRESS] is sales["lidmaatschap"] is sales["werkgroep"] is sales["lancering"] is Sale.OPEN
    assert {order.offer_id for order in seeded.orders.values()} == set(offers)


def test_memberships_run_end_soon_ended_and_were_renewed(seeded: Seeded) -> None:
    today = local_date(seeded.now)
    terms: dict[str, list[Membership]] = {}
    for membership in sorted(seeded.nouns(records.MEMBERSHIP), key=lambda each: each.starts_on):
        terms.setdefault(membership.organisation, []).append(membership)
    last = {name: each[-1].ends_on for name, each in terms.items()}
    assert sum(len(each) == 2 for each in terms.values()) == 20
    assert sum(ends_on < today for ends_on in last.values()) == 12
    assert sum(today <= ends_on <= today + timedelta(days=60) for ends_on in last.values()) >= 15
    assert all(each.contact_email.partition("@")[2] in each.domains for each in seeded.nouns(records.MEMBERSHIP))


def test_seats_are_those_of_the_orders_and_of_who_comes(seeded: Seeded) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for order in seeded.orders.values():
        if order.state in (State.PENDING, State.PROCESSING, State.PAID, State.CONFIRMED, State.REVIEW):
            held = order.state in (State.PENDING, State.PROCESSING, State.REVIEW)
            for line in order.lines:
                counted.update((counter, "held" if held else "sold") for counter in line.counters)
    kept = {(each.counter, how): getattr(each, how) for each in seeded.nouns(records.SEATS) for how in ("held", "sold")}
    assert {name: count for name, count in kept.items() if count} == dict(counted)
    attendees: list[Attendee] = seeded.nouns(records.ATTENDEE)
    comes = {(each.id, each.order_id) for each in seeded.nouns(records.ATTENDANCE)}
    confirmed = [each for each in attendees if seeded.orders[each.order_id].confirmed]
    assert comes == {(each.attendance, each.order_id) for each in confirmed}
    assert all(order.seating is not Seating.NONE for order in seeded.orders.values() if order.seats())


def test_codes_and_holds_are_those_of_the_orders(seeded: Seeded) -> None:
    orders = seeded.orders.values()
    lists = TableLists(seeded.desk.client, table=TABLE)
    assert {lists.order_of_code(order.code) for order in orders} == set(seeded.orders)
    holders = Counter(holder for order in orders for holder in order.holders)
    assert {each.holder: each.open for each in seeded.nouns(records.HOLDS)} == dict(holders)
    assert {order.state for order in orders if order.holders} == {State.PENDING}


def test_the_ledgers_are_stripes_books(seeded: Seeded) -> None:
    """To the cent, each movement by itself, and each order's totals."""
    entries = seeded.nouns(records.ENTRY)
    assert Counter((each.transaction_id, each.amount_cents, each.fee_cents) for each in entries) == Counter(
        (each.id, each.amount, each.fee) for each in seeded.movements
    )
    in_payouts = {each.id: each.payout or "" for each in seeded.movements}
    assert {each.transaction_id: each.payout_id for each in entries} == in_payouts
    assert {each.id for each in seeded.nouns(records.PAYOUT)} == {each.id for each in seeded.books.payouts()}
    for order in seeded.orders.values():
        ledger = seeded.desk.store.ledger(order.id)
        assert order == order.with_totals(ledger)
        charges = [seeded.books.charge(payment.charge_id) for payment in ledger.payments]
        assert order.paid_cents == sum(charge.amount for charge in charges if charge.status == "succeeded")
        assert order.refunded_cents == sum(charge.refunded_cents for charge in charges)
    paid = sum(charge.amount for charge in seeded.books.charges() if charge.status == "succeeded")
    assert paid == sum(order.paid_cents for order in seeded.orders.values())


def test_the_past_was_told_as_stripe_would_have(seeded: Seeded) -> None:
    """By the SDK, of every session, with all that became of its payment."""
    desk, by_sdk = seeded.desk, seeded.desk.application.gateway
    stand_in = quiet_stand_in(clock=desk.clock, api_key=STRIPE_KEY, public_url=STRIPE_URL, books=seeded.books)
    till = Till(stand_in, client_of(stand_in), desk=Mark(app=APP, stage=STAGE))
    ids = [session.id for session in seeded.books.sessions()]
    assert len(ids) > 450
    assert [till.fetch(each) for each in ids] == [by_sdk.fetch(each) for each in ids]
    request = CheckoutRequest(
        order_id="o1",
        attempt=1,
        code="C26-7KQM",
        language="nl",
        email="ada@voorbeeldstad.example.nl",
        currency="EUR",
        lines=(CheckoutLine(name="Congres", description="drie dagen", quantity=2, unit_cents=39_900),),
        expires_at=seeded.now + timedelta(minutes=35),
        success_url="https://desk.example.nl/paid",
        cancel_url="https://desk.example.nl/back",
    )
    twin = stand_in.fork(clock=desk.clock)
    other = StripeGateway(client_of(twin), desk=Mark(app=APP, stage=STAGE)).open_session(request)
    till = Till(twin, client_of(twin), desk=Mark(app=APP, stage=STAGE))
    mine = till.open_session(request)
    assert replace(mine, id="", url="") == replace(other, id="", url="")
    assert twin.books.session(mine.id).asked == twin.books.session(other.id).asked


def test_nobody_real_can_be_reached(seeded: Seeded) -> None:
    people = [*(each.answers for each in seeded.nouns(records.BUYER)), *seeded.nouns(records.ATTENDEE)]
    assert all(person.email.endswith(".example.nl") for person in people)
    assert len({each.domain for each in organisations(160, chance=Random("somebody"))}) == 160
    assert max(len(each.answers.organisation) for each in seeded.nouns(records.BUYER)) > 90


def test_somebody_of_each_role_can_log_in(seeded: Seeded) -> None:
    staff = seeded.desk.store.staff()
    roles = [find_staff(email, first=BEHEERDER, among=staff) for email in (BEHEERDER, *(each.email for each in staff))]
    assert {each.role for each in roles if each} == set(Role)


def test_reconciliation_finds_what_was_left_to_a_person_and_nothing_else(seeded: Seeded) -> None:
    """The last of this file: it writes. What it finds was on the list from the beginning."""
    before = {each.id: each for each in seeded.desk.store.differences()}
    assert Counter(each.kind for each in before.values()) == PLANTED
    # and when it was seeded there was nothing to be put right either
    assert [each.repaired for each in seeded.nouns(records.ROUND)] == [0]
    done = seeded.desk.reconcile()
    assert done.repaired == 0
    assert done.looked_at["orders"] == ORDERS
    assert {each.id: each for each in seeded.desk.store.differences()} == before


@pytest.mark.parametrize("now", ODD, ids=lambda now: f"{now:%Y-%m-%d}")
def test_any_other_day_does_as_well(now: datetime) -> None:
    desk = Desk()
    history = play(place=place_of(desk), now=now)
    assert len(list(history.notebook.all(records.ORDER.kind))) == ORDERS
    assert Counter(each.kind for each in history.notebook.differences()) == PLANTED
    assert history.notebook.due_emails(before=now + timedelta(minutes=1), limit=10) == []


def test_it_is_the_same_each_time() -> None:
    desk = Desk()
    first, second = (play(place=place_of(desk), now=NOW) for _ in range(2))
    assert list(first.notebook.everything()) == list(second.notebook.everything())
    assert [first.stripe.books.as_json()[name] for name in ("sessions", "balance_transactions", "refunds")] == [
        second.stripe.books.as_json()[name] for name in ("sessions", "balance_transactions", "refunds")
    ]
