"""The order: its lines, its hold, and the whole table of states and news."""

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.answers import AttendeeAnswers
from chalicelib.domain.attendee import Attendee, number_attendees
from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer, OfferKind
from chalicelib.domain.order import DELAYED_PAYMENT_CHECK, HOLD, Order, OrderLine, Verdict
from chalicelib.domain.place import attendee_lines, membership_lines, place_order
from chalicelib.domain.price import Price, PriceRule, price_of
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import SEATING, TABLE, Effect, News, State
from tests.domain.summer_school import summer_school

NOW = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
OFFER = next(offer for offer in seed_files() if offer.id == "lidmaatschap")
SCHOOL = summer_school()


def order(**changes: object) -> Order:
    """An order of a membership, which has no seats."""
    lines = membership_lines(OFFER, price=price_of(OFFER, membership_id="", mail_domain="", now=NOW))
    return replace(_placed(OFFER, lines), **changes)  # type: ignore[arg-type]


def event_order(*groups: str, cents: int = 25_000, offer: Offer = SCHOOL, **changes: object) -> Order:
    """An order of seats, one in each of the groups."""
    people = tuple(AttendeeAnswers(name=f"Nr. {n}", email=f"{n}@stad.nl", group=name) for n, name in enumerate(groups))
    attendees = _attendees(people)
    price = price_of(offer, membership_id="", mail_domain="", now=NOW)
    lines = attendee_lines(offer, attendees=attendees, prices=[replace(price, cents=cents)] * len(attendees))
    return replace(_placed(offer, lines), **changes)  # type: ignore[arg-type]


def _attendees(people: tuple[AttendeeAnswers, ...]) -> tuple[Attendee, ...]:
    identity = Identity("a" * 32)
    return number_attendees(people, order_id="order-1", offer_id="zomerschool", buyer_attends=True, identity=identity)


def _placed(offer: Offer, lines: tuple[OrderLine, ...]) -> Order:
    return place_order(
        order_id="order-1",
        code="L26-7KQM",
        offer=offer,
        lines=lines,
        generation=0,
        fingerprint="f",
        language=Language.NL,
        draft_id="",
        now=NOW,
    )


def session(outcome: Outcome, **changes: object) -> CheckoutSession:
    plain = CheckoutSession(
        id="cs_1",
        order_id="order-1",
        attempt=1,
        outcome=outcome,
        url="",
        amount_cents=50000,
        currency="EUR",
        payment_id="pi_1" if outcome in (Outcome.PAID, Outcome.PROCESSING) else "",
        method="ideal",
        charged_at=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def in_state(state: State, start: Order) -> Order:
    paid = state in (State.PAID, State.REVIEW)
    return replace(
        start.turned(state), session_id="cs_1", payment_id="pi_1" if paid else "", paid_at=NOW if paid else None
    )


# One order without seats, and one with; both cost the same.
STARTS = {"membership": order(), "event": event_order("vuur", "lucht")}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """News as it comes: a session, and whether the order's seats turned out to be gone."""

    session: CheckoutSession
    seats_gone: bool = False

    def by(self, order: Order, *, now: datetime = NOW) -> Verdict:
        return order.hear(self.session, now=now, seats_gone=self.seats_gone)


HEARD = {
    News.STALE: Heard(session=session(Outcome.EXPIRED, attempt=2)),
    News.OPEN: Heard(session=session(Outcome.OPEN)),
    News.PROCESSING: Heard(session=session(Outcome.PROCESSING)),
    News.PAID: Heard(session=session(Outcome.PAID)),
    News.PAID_OTHER_AMOUNT: Heard(session=session(Outcome.PAID, amount_cents=49999)),
    News.PAID_WITHOUT_SEAT: Heard(session=session(Outcome.PAID), seats_gone=True),
    News.KNOWN_PAYMENT: Heard(session=session(Outcome.PAID)),
    News.SECOND_PAYMENT: Heard(session=session(Outcome.PAID, id="cs_2", payment_id="pi_2")),
    News.FAILED: Heard(session=session(Outcome.FAILED)),
    News.EXPIRED: Heard(session=session(Outcome.EXPIRED)),
}

# What each state makes of each news, written out a second time: reading it is how a change is noticed.
EXPECTED = {
    State.PENDING: "open: pending, processing: processing, paid: paid book confirm, paid_other_amount: review book, "
    "failed: expired, expired: expired",
    State.PROCESSING: "processing: processing, paid: paid book confirm, paid_other_amount: review book, "
    "paid_without_seat: review book, failed: expired",
    State.PAID: "known_payment: paid, second_payment: paid book",
    State.CONFIRMED: "",
    State.EXPIRED: "processing: processing, paid: paid book confirm, paid_other_amount: review book, "
    "paid_without_seat: review book, failed: expired, expired: expired",
    State.REVIEW: "known_payment: review, second_payment: review book",
}
# And what it refuses, so that no news is left unthought of.
REFUSED = {
    State.PENDING: "stale known_payment second_payment paid_without_seat",
    State.PROCESSING: "stale known_payment second_payment open expired",
    State.PAID: "stale open processing paid paid_other_amount paid_without_seat failed expired",
    State.CONFIRMED: " ".join(News),
    State.EXPIRED: "stale known_payment second_payment open",
    State.REVIEW: "stale open processing paid paid_other_amount paid_without_seat failed expired",
}


@pytest.mark.parametrize("state", State)
def test_the_table_is_as_agreed(state: State) -> None:
    cells = {
        f"{news.value}: {' '.join([TABLE[state, news].state.value, *TABLE[state, news].effects])}"
        for news in News
        if (state, news) in TABLE
    }
    assert cells == {cell for cell in EXPECTED[state].split(", ") if cell}
    assert {news for news in News if (state, news) not in TABLE} == set(REFUSED[state].split())


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("state", "heard"), list(itertools.product(State, HEARD.values())))
def test_every_cell_does_what_it_says_and_every_other_refuses(state: State, heard: Heard, start: str) -> None:
    before = in_state(state, STARTS[start])
    verdict = heard.by(before)
    cell = TABLE.get((state, verdict.news))
    if cell is None:
        refusal = Verdict(news=verdict.news, order=before, changed=False)
        assert verdict == refusal
        return
    assert verdict.order.state is cell.state
    assert (verdict.payment is not None) is (Effect.BOOK in cell.effects)
    assert verdict.confirmed is (Effect.CONFIRM in cell.effects)
    assert verdict.alarm == cell.alarm


def test_every_cell_is_reached_by_some_session() -> None:
    reached = {
        (state, heard.by(in_state(state, start)).news)
        for state, heard, start in itertools.product(State, HEARD.values(), STARTS.values())
    }
    # a bank's late promise about an order whose seats are gone
    late = replace(in_state(State.PROCESSING, STARTS["event"]), seating=Seating.RELEASED)
    reached |= {(late.state, heard.by(late).news) for heard in HEARD.values()}
    assert set(TABLE) <= reached


def test_what_costs_nothing_refuses_whatever_a_payment_service_may_say() -> None:
    free = event_order("vuur", cents=0)
    assert free.state is State.CONFIRMED
    for heard, amount in itertools.product(HEARD.values(), (0, 1, 50_000)):
        said = replace(heard, session=replace(heard.session, amount_cents=amount))
        verdict = said.by(free)
        assert (verdict.order, verdict.changed, verdict.payment, verdict.confirmed) == (free, False, None, False)


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_repeat_of_any_news_changes_nothing(start: Order) -> None:
    for state, heard in itertools.product(State, HEARD.values()):
        after = heard.by(in_state(state, start)).order
        again = heard.by(after, now=NOW + timedelta(minutes=1))
        # money that is booked twice is stopped by its own row, which the order does not know of
        if again.news is not News.SECOND_PAYMENT:
            assert not again.changed, f"{state} heard {heard.session.outcome} twice"


# Late money


@pytest.mark.parametrize("state", [State.EXPIRED, State.PROCESSING])
def test_late_money_without_a_seat_is_booked_and_seen_by_a_person(state: State) -> None:
    before = replace(in_state(state, STARTS["event"]), seating=Seating.RELEASED)
    verdict = HEARD[News.PAID_WITHOUT_SEAT].by(before)
    assert (verdict.order.state, verdict.order.seating) == (State.REVIEW, Seating.RELEASED)
    assert (verdict.alarm, verdict.confirmed) == ("paid_without_seat", False)
    assert verdict.payment is not None
    assert (verdict.order.payment_id, verdict.order.paid_at, verdict.order.due) == ("pi_1", NOW, None)
    assert verdict.order.seat_moves(before) == ()


def test_late_money_with_a_seat_is_as_good_as_any() -> None:
    before = in_state(State.EXPIRED, STARTS["event"])
    verdict = HEARD[News.PAID].by(before)
    assert (verdict.order.state, verdict.order.seating, verdict.confirmed) == (State.PAID, Seating.SOLD, True)
    assert {move.sold for move in verdict.order.seat_moves(before)} == {1, 2}


def test_a_late_promise_of_a_bank_is_heard_without_seats_too() -> None:
    before = in_state(State.EXPIRED, STARTS["event"])
    heard = HEARD[News.PROCESSING]
    with_seats, without = heard.by(before).order, replace(heard, seats_gone=True).by(before).order
    assert (with_seats.state, with_seats.seating) == (State.PROCESSING, Seating.HELD)
    assert (without.state, without.seating) == (State.PROCESSING, Seating.RELEASED)
    assert without.due == NOW + DELAYED_PAYMENT_CHECK


def test_seats_that_somebody_else_took_again_meanwhile_are_not_gone() -> None:
    before = in_state(State.PROCESSING, STARTS["event"])
    verdict = HEARD[News.PAID_WITHOUT_SEAT].by(before)
    assert (verdict.news, verdict.order.state, verdict.order.seating) == (News.PAID, State.PAID, Seating.SOLD)


# Placing


def test_the_hold_ends_in_whole_seconds_and_outlasts_the_shortest_session() -> None:
    placed = order()
    assert placed.hold_until == NOW.replace(microsecond=0) + HOLD
    assert placed.due is not None
    assert placed.due > placed.hold_until


def test_price_and_vat_are_frozen_on_the_line() -> None:
    (line,) = order().lines
    assert (line.unit_cents, line.total_cents, line.reason.rule) == (50000, 50000, PriceRule.LIST)
    assert (line.attendee, line.counters, line.starts) == (0, (), OfferKind.MEMBERSHIP)
    (part,) = order().vat_parts()
    assert (part.net_cents, part.vat_cents, part.gross_cents) == (41322, 8678, 50000)


def test_paying_keeps_the_moment_and_ends_the_waiting() -> None:
    verdict = order().hear(session(Outcome.PAID), now=NOW)
    assert (verdict.order.paid_at, verdict.order.payment_id, verdict.order.due) == (NOW, "pi_1", None)
    assert verdict.order.session_id == "cs_1"


def test_news_of_an_older_attempt_counts_only_when_it_is_paid() -> None:
    renewed = order().renewed(now=NOW + timedelta(minutes=10))
    assert renewed.news(session(Outcome.EXPIRED)) is News.STALE
    assert renewed.news(session(Outcome.OPEN)) is News.STALE
    assert renewed.news(session(Outcome.PAID)) is News.PAID


@pytest.mark.parametrize("other", [{"amount_cents": 50001}, {"amount_cents": 1}, {"currency": "USD"}])
def test_another_amount_or_currency_is_never_settled_silently(other: dict[str, object]) -> None:
    verdict = order().hear(session(Outcome.PAID, **other), now=NOW)
    assert (verdict.order.state, verdict.confirmed, verdict.alarm) == (State.REVIEW, False, "payment_amount_differs")
    assert verdict.payment is not None


def test_an_event_has_a_line_for_each_attendee_with_his_own_price() -> None:
    people = tuple(
        AttendeeAnswers(name=name, email=f"{name}@stad.nl", group=group)
        for name, group in (("ada", "vuur"), ("jelle", ""), ("fenna", "lucht"))
    )
    prices = [
        price_of(SCHOOL, membership_id=member, mail_domain=member and "stad.nl", now=NOW)
        for member in ("m-1", "", "m-2")
    ]
    lines = attendee_lines(SCHOOL, attendees=_attendees(people), prices=prices)
    placed = _placed(SCHOOL, lines)
    assert [(line.attendee, line.quantity, line.unit_cents, line.reason) for line in lines] == [
        (number, 1, price.cents, price.reason) for number, price in enumerate(prices, start=1)
    ]
    assert [line.reason.membership_id for line in lines] == ["m-1", "", "m-2"]
    assert [line.counters for line in lines] == [
        ("zomerschool", "zomerschool/vuur"),
        ("zomerschool",),
        ("zomerschool", "zomerschool/lucht"),
    ]
    assert placed.total_cents == 15_000 + 25_000 + 15_000
    assert placed.seats() == Counter({"zomerschool": 3, "zomerschool/vuur": 1, "zomerschool/lucht": 1})
    assert {line.description.en for line in lines} == {"lunch included"}


def test_a_price_for_each_attendee_or_no_lines_at_all() -> None:
    price: Price = price_of(SCHOOL, membership_id="", mail_domain="", now=NOW)
    attendees = _attendees((AttendeeAnswers(name="a", email="a@b.nl"),) * 2)
    with pytest.raises(ValueError, match="shorter"):
        attendee_lines(SCHOOL, attendees=attendees, prices=[price])


def test_what_costs_nothing_is_confirmed_at_once() -> None:
    free = event_order("vuur", "vuur", cents=0)
    assert (free.state, free.seating, free.confirmed) == (State.CONFIRMED, Seating.SOLD, True)
    assert (free.due, free.paid_at, free.hold_until) == (None, None, NOW)
    assert {(move.counter, move.held, move.sold, move.held_until) for move in free.seat_moves(None)} == {
        ("zomerschool", 0, 2, None),
        ("zomerschool/vuur", 0, 2, None),
    }


def test_one_paying_attendee_makes_the_whole_order_wait() -> None:
    start = event_order("vuur", "lucht", cents=0)
    lines = (start.lines[0], replace(start.lines[1], unit_cents=1))
    placed = _placed(SCHOOL, lines)
    assert (placed.state, placed.seating, placed.confirmed) == (State.PENDING, Seating.HELD, False)
    assert placed.due is not None


def test_every_state_but_review_says_where_the_seats_are() -> None:
    assert set(State) - set(SEATING) == {State.REVIEW}
    for state in State:
        assert order().turned(state).seating is Seating.NONE
        assert event_order("vuur").turned(state).seating is SEATING.get(state, Seating.HELD)
