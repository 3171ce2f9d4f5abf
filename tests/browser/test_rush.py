"""500 buyers at once for 100 seats, over HTTP: never one seat too many, and a true page for everybody else."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from secrets import token_urlsafe

import pytest

from tests.browser import patient
from tests.browser.buyer import Buyer
from tests.browser.crowd import Answer, press_at_once
from tests.browser.events import PAID, put_event
from tests.browser.pages import NL
from tests.browser.stack import Json, Stack, running_stack, wait_until

CROWD, SEATS = 500, 100
# More than Stripe admits while they come: most have to wait.
MANY = 200
# The hold of 35 and the sweep of 2; less by as long as the rush lasts, or one more for who began before the last hold.
MINUTES = range(35, 39)


def rush(stack: Stack, offer_id: str, *, people: int = 1, buyers: int = CROWD, **more: str) -> list[Answer]:
    began = time.monotonic()
    answers = press_at_once(stack, offer_id=offer_id, buyers=buyers, people=people, **more)
    took, statuses = time.monotonic() - began, Counter(answer.status for answer in answers)
    print(f"\n{buyers} at once, {people} each: {took:.1f} s, {dict(statuses)}, {seats(stack, offer_id)} held and sold")
    return answers


def seats(stack: Stack, offer_id: str) -> tuple[int, int]:
    """How many are held and how many are sold."""
    count = stack.store().seats(offer_id)[offer_id]
    return count.held, count.sold


def orders(stack: Stack, offer_id: str) -> list[Json]:
    return stack.items("order", offer_id=offer_id)


def must_be_booked_once(stack: Stack, offer_id: str, answers: list[Answer], *, people: int = 1) -> list[Answer]:
    """Each who was let through has an order of his own, nobody else has one, and the counters say the same."""
    through, booked = [answer for answer in answers if answer.status == 303], orders(stack, offer_id)
    assert len({answer.location for answer in through}) == len(through) == len(booked)
    buyers = {buyer["order_id"]: buyer["answers"]["email"] for buyer in stack.items("buyer")}
    assert {buyers[order["id"]] for order in booked} == {answer.email for answer in through}
    assert sum(len(order["lines"]) for order in booked) == sum(seats(stack, offer_id)) == people * len(through)
    return through


def pays_at_last(stack: Stack, answer: Answer) -> bool:
    """He was led to the payment page; or told that it cannot be reached, and then his button leads there."""
    if answer.location.endswith(("?from=busy", "?from=unavailable")):
        asked = stack.http.post(answer.location, data={"do": "pay"}, allow_redirects=False, timeout=30)
        return asked.headers["Location"].startswith(f"{stack.stripe}/pay/")
    return answer.location.startswith(f"{stack.stripe}/pay/")


def test_free_seats(stack: Stack) -> None:
    offer = put_event(stack, event={"capacity": SEATS})
    answers = rush(stack, offer.id)
    through = must_be_booked_once(stack, offer.id, answers)
    assert (len(through), seats(stack, offer.id)) == (SEATS, (0, SEATS))
    refused = [answer for answer in answers if answer not in through]
    assert {(answer.status, answer.heading) for answer in refused} == {(409, NL["sale.sold_out.title"])}
    assert all(NL["sale.refused"] in answer.page for answer in refused)
    # a confirmation and a ticket for each who has a seat, in the commit that gave it to him
    booked = {order["id"] for order in orders(stack, offer.id)}
    outbox = [email for email in stack.items("email") if email["order_id"] in booked]
    assert Counter(email["kind"] for email in outbox) == {"confirmation": SEATS, "ticket": SEATS}


def test_paid_seats(stack: Stack) -> None:
    offer = put_event(stack, **PAID, event={"capacity": SEATS})
    answers = rush(stack, offer.id, member="nee")
    through = must_be_booked_once(stack, offer.id, answers)
    assert (len(through), seats(stack, offer.id)) == (SEATS, (SEATS, 0))
    assert all(pays_at_last(stack, answer) for answer in through)
    refused = [answer for answer in answers if answer not in through]
    assert {(answer.status, answer.heading) for answer in refused} == {(409, NL["sale.all_held.title"])}
    words = [NL["sale.all_held.text"].format(minutes=minutes) for minutes in MINUTES]
    assert all(any(text in answer.page for text in words) for answer in refused)
    # what one lets go, the next one gets, and nobody after him
    first, second = (Buyer(stack=stack, email=answer.email) for answer in through[:2])
    first.do("release")
    assert seats(stack, offer.id) == (SEATS - 1, 0)
    Buyer(stack=stack, offer=offer.id).register(self="ja", member="nee")
    assert Buyer(stack=stack, offer=offer.id, key=token_urlsafe(24)).send(self="ja", member="nee").status_code == 409
    stack.act("pay", stack.sessions(second.email)[0]["id"])
    wait_until(lambda: seats(stack, offer.id) == (SEATS - 1, 1), seconds=15, what=lambda: "a seat is sold")


def test_orders_of_three_are_whole_or_nothing(stack: Stack) -> None:
    """100 seats are 33 times three: the last one stays free, and everybody else is told so."""
    offer = put_event(stack, event={"capacity": SEATS})
    answers = rush(stack, offer.id, people=3, buyers=200)
    through = must_be_booked_once(stack, offer.id, answers, people=3)
    assert (len(through), seats(stack, offer.id)) == (33, (0, 99))
    words = NL["seats.too_few"].format(seats=NL["seats.one"], wanted=3)
    refused = [answer for answer in answers if answer not in through]
    assert all(answer.status == 422 and words in answer.page and answer.email in answer.page for answer in refused)


def test_in_a_rush_everybody_keeps_his_seat_and_is_led_on_when_stripe_has_room(tmp_path: Path) -> None:
    """More visitors than Stripe admits in a second: none of them does anything but wait, and all pay in the end."""
    with running_stack(log=tmp_path / "log.txt", module="tests.browser.busy") as busy:
        offer = put_event(busy, **PAID, event={"capacity": MANY})
        crowd = patient.register(busy, offer_id=offer.id, visitors=MANY + 20, within=2, member="nee")
        through = [visitor for visitor in crowd if visitor.url.startswith(f"{busy.stripe}/pay/")]
        refused = [visitor for visitor in crowd if visitor not in through]
        assert (len(through), seats(busy, offer.id)) == (MANY, (MANY, 0))
        assert {visitor.headings[-1] for visitor in refused} == {NL["sale.all_held.title"]}
        waited = [visitor for visitor in through if visitor.pauses]
        assert len(waited) > MANY / 10
        assert {heading for visitor in waited for heading in visitor.headings} == {NL["payment_unavailable.busy_title"]}
        held = NL["payment_unavailable.place"].partition("{")[0]
        assert all(held in visitor.page for visitor in waited)
        # nobody has a second order, nor an order a second session
        booked, sessions = orders(busy, offer.id), busy.books()["sessions"]
        assert len({visitor.url for visitor in through}) == len(booked) == len(sessions) == MANY
        assert {session["client_reference_id"] for session in sessions} == {order["id"] for order in booked}
        patient.pay(through)
        assert Counter(visitor.headings[-1] for visitor in through) == {NL["order.paid.title"]: MANY}
        assert seats(busy, offer.id) == (0, MANY)


def test_without_the_condition_too_many_get_through(tmp_path: Path) -> None:
    """The same rush at a desk that takes seats without asking: the tests above are able to fail."""
    with running_stack(log=tmp_path / "log.txt", module="tests.browser.careless") as careless:
        offer = put_event(careless, event={"capacity": SEATS})
        answers = rush(careless, offer.id)
        through = must_be_booked_once(careless, offer.id, answers)
        assert len(through) > SEATS
        with pytest.raises(AssertionError):
            assert (len(through), seats(careless, offer.id)) == (SEATS, (0, SEATS))
