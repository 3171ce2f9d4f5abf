"""The order: its lines, its hold, late money, and its totals."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.answers import AttendeeAnswers
from chalicelib.domain.checkout import Outcome
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.offer import OfferKind
from chalicelib.domain.order import DELAYED_PAYMENT_CHECK, HOLD
from chalicelib.domain.place import attendee_lines
from chalicelib.domain.price import Price, PriceRule, price_of
from chalicelib.domain.seat import Seating
from chalicelib.domain.state import Effect, News, State
from tests.domain.order_samples import (
    HEARD,
    NOW,
    SCHOOL,
    STARTS,
    event_order,
    in_state,
    numbered,
    order,
    placed,
    session,
)

# Late money


@pytest.mark.parametrize("state", [State.EXPIRED, State.PROCESSING])
def test_late_money_without_a_seat_is_booked_and_goes_back_by_itself(state: State) -> None:
    before = replace(in_state(state, STARTS["event"]), seating=Seating.RELEASED)
    verdict = HEARD[News.PAID_WITHOUT_SEAT].by(before)
    assert (verdict.order.state, verdict.order.seating) == (State.REFUND_DUE, Seating.RELEASED)
    assert (verdict.alarm, verdict.effects) == ("", (Effect.BOOK, Effect.GIVE_BACK))
    assert (verdict.order.payment_id, verdict.order.paid_at, verdict.order.due) == ("pi_1", NOW, None)
    assert verdict.order.seat_moves(before) == ()


def test_late_money_with_a_seat_is_as_good_as_any() -> None:
    before = in_state(State.EXPIRED, STARTS["event"])
    verdict = HEARD[News.PAID].by(before)
    assert (verdict.order.state, verdict.order.seating) == (State.PAID, Seating.SOLD)
    assert verdict.effects == (Effect.BOOK, Effect.CONFIRM)
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
    made = order()
    assert made.hold_until == NOW.replace(microsecond=0) + HOLD
    assert made.due is not None
    assert made.due > made.hold_until


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
    assert (verdict.order.state, verdict.alarm) == (State.REVIEW, "payment_amount_differs")
    assert verdict.effects == (Effect.BOOK,)


def test_an_event_has_a_line_for_each_attendee_with_his_own_price() -> None:
    people = tuple(
        AttendeeAnswers(name=name, email=f"{name}@stad.nl", group=group)
        for name, group in (("ada", "vuur"), ("jelle", ""), ("fenna", "lucht"))
    )
    prices = [
        price_of(SCHOOL, membership_id=member, mail_domain=member and "stad.nl", now=NOW)
        for member in ("m-1", "", "m-2")
    ]
    lines = attendee_lines(SCHOOL, attendees=numbered(people), prices=prices)
    made = placed(SCHOOL, lines)
    assert [(line.attendee, line.quantity, line.unit_cents, line.reason) for line in lines] == [
        (number, 1, price.cents, price.reason) for number, price in enumerate(prices, start=1)
    ]
    assert [line.reason.membership_id for line in lines] == ["m-1", "", "m-2"]
    assert [line.counters for line in lines] == [
        ("zomerschool", "zomerschool/vuur"),
        ("zomerschool",),
        ("zomerschool", "zomerschool/lucht"),
    ]
    assert made.total_cents == 15_000 + 25_000 + 15_000
    assert made.seats() == Counter({"zomerschool": 3, "zomerschool/vuur": 1, "zomerschool/lucht": 1})
    assert {line.description.en for line in lines} == {"lunch included"}


def test_a_price_for_each_attendee_or_no_lines_at_all() -> None:
    price: Price = price_of(SCHOOL, membership_id="", mail_domain="", now=NOW)
    attendees = numbered((AttendeeAnswers(name="a", email="a@b.nl"),) * 2)
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
    made = placed(SCHOOL, lines)
    assert (made.state, made.seating, made.confirmed) == (State.PENDING, Seating.HELD, False)
    assert made.due is not None


# Money


def test_the_first_payment_stays_the_orders_own_whatever_comes_after_it() -> None:
    paid = order().hear(session(Outcome.PAID), now=NOW).order
    second = session(Outcome.PAID, id="cs_2", payment_id="pi_2", amount_cents=1)
    verdict = paid.hear(second, now=NOW + timedelta(days=1))
    assert (verdict.news, verdict.effects) == (News.SECOND_PAYMENT, (Effect.BOOK, Effect.GIVE_BACK))
    assert (verdict.order.payment_id, verdict.order.paid_at, verdict.order.session_id) == ("pi_1", NOW, "cs_1")
    again = verdict.order.hear(second, now=NOW + timedelta(days=2), booked=True)
    assert (again.news, again.changed) == (News.KNOWN_PAYMENT, False)


def test_an_order_without_money_has_kept_nothing() -> None:
    start = order()
    assert start.with_totals(Ledger()) == start
    assert (start.paid_cents, start.refunded_cents, start.disputed_cents, start.kept_cents) == (0, 0, 0, 0)


def test_what_is_kept_is_what_came_and_neither_went_back_nor_was_taken() -> None:
    assert order(paid_cents=50_000, refunded_cents=12_500, disputed_cents=37_500).kept_cents == 0
    assert order(paid_cents=50_000, refunded_cents=12_500).kept_cents == 37_500
