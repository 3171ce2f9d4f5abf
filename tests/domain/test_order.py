"""The order: its price, its hold, and the whole table of states and news."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.language import Language
from chalicelib.domain.order import HOLD, Order
from chalicelib.domain.place import place_order
from chalicelib.domain.state import TABLE, Effect, News, State

NOW = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
OFFER = next(offer for offer in seed_files() if offer.id == "lidmaatschap")


def order(**changes: object) -> Order:
    placed = place_order(
        order_id="order-1",
        code="L26-7KQM",
        offer=OFFER,
        generation=0,
        fingerprint="f",
        language=Language.NL,
        now=NOW,
    )
    return replace(placed, **changes)  # type: ignore[arg-type]


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


def in_state(state: State) -> Order:
    paid = state in (State.PAID, State.REVIEW)
    return order(state=state, session_id="cs_1", payment_id="pi_1" if paid else "", paid_at=NOW if paid else None)


NEWS = {
    News.STALE: session(Outcome.EXPIRED, attempt=2),
    News.OPEN: session(Outcome.OPEN),
    News.PROCESSING: session(Outcome.PROCESSING),
    News.PAID: session(Outcome.PAID),
    News.PAID_OTHER_AMOUNT: session(Outcome.PAID, amount_cents=49999),
    News.KNOWN_PAYMENT: session(Outcome.PAID),
    News.SECOND_PAYMENT: session(Outcome.PAID, id="cs_2", payment_id="pi_2"),
    News.FAILED: session(Outcome.FAILED),
    News.EXPIRED: session(Outcome.EXPIRED),
}

# What each state makes of each news, written out a second time: reading it is how a change is noticed.
EXPECTED = {
    State.PENDING: "open: pending, processing: processing, paid: paid book confirm, paid_other_amount: review book, "
    "failed: expired, expired: expired",
    State.PROCESSING: "processing: processing, paid: paid book confirm, paid_other_amount: review book, "
    "failed: expired",
    State.PAID: "known_payment: paid, second_payment: paid book",
    State.EXPIRED: "processing: processing, paid: paid book confirm, paid_other_amount: review book, "
    "failed: expired, expired: expired",
    State.REVIEW: "known_payment: review, second_payment: review book",
}


@pytest.mark.parametrize("state", State)
def test_the_table_is_as_agreed(state: State) -> None:
    cells = {
        f"{news.value}: {' '.join([TABLE[state, news].state.value, *TABLE[state, news].effects])}"
        for news in News
        if (state, news) in TABLE
    }
    assert cells == set(EXPECTED[state].split(", "))


@pytest.mark.parametrize(("state", "heard"), list(itertools.product(State, NEWS.values())))
def test_every_cell_does_what_it_says_and_every_other_refuses(state: State, heard: CheckoutSession) -> None:
    before = in_state(state)
    verdict = before.hear(heard, now=NOW)
    cell = TABLE.get((state, verdict.news))
    if cell is None:
        assert (verdict.order, verdict.changed, verdict.payment, verdict.confirmed) == (before, False, None, False)
        return
    assert verdict.order.state is cell.state
    assert (verdict.payment is not None) is (Effect.BOOK in cell.effects)
    assert verdict.confirmed is (Effect.CONFIRM in cell.effects)
    assert verdict.alarm == cell.alarm


def test_every_cell_is_reached_by_some_session() -> None:
    reached = {(state, in_state(state).news(heard)) for state, heard in itertools.product(State, NEWS.values())}
    assert set(TABLE) <= reached


def test_a_repeat_of_any_news_changes_nothing() -> None:
    for state, news in itertools.product(State, NEWS.values()):
        after = in_state(state).hear(news, now=NOW).order
        again = after.hear(news, now=NOW + timedelta(minutes=1))
        # money that is booked twice is stopped by its own row, which the order does not know of
        if again.news is not News.SECOND_PAYMENT:
            assert not again.changed, f"{state} heard {news.outcome} twice"


def test_the_hold_ends_in_whole_seconds_and_outlasts_the_shortest_session() -> None:
    placed = order()
    assert placed.hold_until == NOW.replace(microsecond=0) + HOLD
    assert placed.due is not None
    assert placed.due > placed.hold_until


def test_price_and_vat_are_frozen_on_the_line() -> None:
    (line,) = order().lines
    assert (line.unit_cents, line.total_cents, line.price_reason) == (50000, 50000, "list_price")
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
