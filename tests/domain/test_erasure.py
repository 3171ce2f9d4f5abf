"""Erasing: what the law keeps of an order, until when, and what has to be settled first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.answers import Answers
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.erasure import NOTHING, Obstacle, books_until, erase_person, obstacle, what_is_left
from chalicelib.domain.ledger import Entry, EntryKind, Ledger
from chalicelib.domain.note import Note
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.refund import RefundState
from chalicelib.domain.state import State
from tests.adapters.money_samples import DISPUTE, REFUND
from tests.adapters.samples import PAYMENT
from tests.domain.order_samples import NOW, order

EMAIL = "ada@voorbeeldstad.nl"
FULL = Answers(
    organisation="Gemeente Voorbeeldstad",
    name="Ada de Vries",
    email=EMAIL,
    reference="PO-1",
    registration_number="12345678",
    street="Straat 1",
    postal_code="1234 AB",
    city="Voorbeeldstad",
    newsletter=True,
    member="yes",
    attending=True,
    group="ochtend",
    extra=(("diet", "geen noten"),),
)
TODAY = date(2026, 11, 25)


def dossier(order: Order, *, answers: Answers = FULL, **more: object) -> Dossier:
    empty = Dossier(
        order=order,
        buyer=Buyer(order_id=order.id, offer_id=order.offer_id, answers=answers),
        consents=(),
        attendees=(),
        ledger=Ledger(),
        emails=(),
        notes=(),
        deeds=(),
    )
    return replace(empty, **more)  # type: ignore[arg-type]


def paid(**changes: object) -> Order:
    given: dict[str, object] = {"state": State.PAID, "payment_id": "pi_1", "paid_at": NOW, "paid_cents": 50_000}
    return order(**given | changes)


def entry(at: datetime) -> Entry:
    return Entry(
        id="e",
        order_id="order-1",
        payment_id="pi_1",
        kind=EntryKind.REFUND,
        source_id="re_1",
        amount_cents=-100,
        currency="EUR",
        at=at,
        booked_at=at,
    )


# A bank sent back what was to go back: somebody has to make it again.
CAME_BACK = Ledger(
    payments=(PAYMENT,),
    refunds=(replace(REFUND, payment_id=PAYMENT.id, state=RefundState.FAILED, due=None, failed_at=NOW),),
)


@pytest.mark.parametrize("state", [State.EXPIRED, State.CONFIRMED, State.CANCELLED])
def test_of_what_was_never_paid_nothing_is_kept(state: State) -> None:
    of = dossier(order(state=state))
    assert books_until(of, years=7) is None
    erasure = erase_person(of, EMAIL, years=7, today=TODAY)
    assert erasure.buyer
    assert erasure.buyer.answers == Answers(organisation="", name="", email="")


@pytest.mark.parametrize("state", [State.PAID, State.CANCELLED, State.REFUND_DUE])
def test_of_what_was_paid_the_books_keep_what_an_invoice_says(state: State) -> None:
    """Given back or not: both stand in the books."""
    of = dossier(paid(state=state))
    assert books_until(of, years=7) == date(2033, 12, 31)
    erasure = erase_person(of, EMAIL, years=7, today=TODAY)
    assert erasure.buyer
    assert erasure.buyer.answers == Answers(
        organisation="Gemeente Voorbeeldstad",
        name="Ada de Vries",
        email="",
        reference="PO-1",
        registration_number="12345678",
        street="Straat 1",
        postal_code="1234 AB",
        city="Voorbeeldstad",
    )


def test_a_book_year_is_that_of_the_last_money_in_amsterdam() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight there
    assert books_until(dossier(paid(paid_at=new_year)), years=7) == date(2034, 12, 31)
    later = Ledger(entries=(entry(NOW), entry(NOW + timedelta(days=400))))
    assert books_until(dossier(paid(), ledger=later), years=7) == date(2034, 12, 31)
    assert books_until(dossier(paid(), ledger=later), years=10) == date(2037, 12, 31)


def test_what_is_confirmed_on_invoice_is_in_the_books() -> None:
    assert books_until(dossier(order(state=State.INVOICED)), years=7) == date(2033, 12, 31)


def test_after_the_last_day_the_books_keep_nothing() -> None:
    of = dossier(paid())
    for today, kept in ((date(2033, 12, 31), True), (date(2034, 1, 1), False)):
        erasure = erase_person(of, EMAIL, years=7, today=today)
        assert erasure.buyer
        assert bool(erasure.buyer.answers.name) is kept


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (dossier(order()), Obstacle.OPEN),
        (dossier(order(state=State.PROCESSING)), Obstacle.OPEN),
        (dossier(paid(state=State.REVIEW)), Obstacle.REVIEW),
        (dossier(paid(), ledger=Ledger(disputes=(replace(DISPUTE, closed=False),))), Obstacle.DISPUTED),
        (dossier(paid(), ledger=Ledger(disputes=(replace(DISPUTE, closed=True),))), None),
        (dossier(paid(), ledger=Ledger(refunds=(REFUND,))), Obstacle.MONEY_BACK),
        (dossier(paid(), ledger=CAME_BACK), Obstacle.MONEY_BACK),
        (dossier(paid()), None),
        (dossier(paid(state=State.CANCELLED)), None),
        (dossier(order(state=State.EXPIRED)), None),
        (dossier(order(state=State.CONFIRMED)), None),
    ],
)
def test_what_is_under_way_comes_first(found: Dossier, expected: Obstacle | None) -> None:
    assert obstacle(found) is expected


def attendee(number: int, name: str, email: str, *, is_buyer: bool = False) -> Attendee:
    return Attendee(
        order_id="order-1",
        offer_id="x",
        number=number,
        name=name,
        email=email,
        group="ochtend",
        is_buyer=is_buyer,
        attendance=f"hash-{number}",
    )


def test_somebody_who_is_brought_goes_alone() -> None:
    people = (attendee(1, "Ada de Vries", EMAIL, is_buyer=True), attendee(2, "Bea van den Berg", "bea@elders.nl"))
    erasure = erase_person(dossier(paid(), attendees=people), "Bea@Elders.nl", years=7, today=TODAY)
    assert (erasure.buyer, erasure.consents, erasure.draft_id) == (None, (), "")
    assert erasure.attendees == (replace(people[1], name="", email=""),)


def test_the_buyer_goes_with_his_own_seat_even_under_another_address() -> None:
    people = (attendee(1, "Ada de Vries", "ada@thuis.nl", is_buyer=True), attendee(2, "Bea", "bea@elders.nl"))
    erasure = erase_person(dossier(paid(), attendees=people), EMAIL, years=7, today=TODAY)
    assert [each.number for each in erasure.attendees] == [1]


@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("Bea van den Berg belde", True),
        ("mevrouw BERG belde", True),
        ("bea@elders.nl komt terug", True),
        ("Jan van den Heuvel belde", False),
        ("Zij gaat naar de bergen", False),
    ],
)
def test_of_an_order_of_another_the_notes_go_that_name_him(text: str, goes: bool) -> None:
    note = Note(id="n", order_id="order-1", text=text, by="t@lpb.nl", at=NOW)
    of = dossier(paid(), attendees=(attendee(2, "Bea van den Berg", "bea@elders.nl"),), notes=(note,))
    assert bool(erase_person(of, "bea@elders.nl", years=7, today=TODAY).notes) is goes
    # of his own all go
    assert erase_person(of, EMAIL, years=7, today=TODAY).notes == (note,)


def test_of_a_stranger_nothing_goes() -> None:
    assert erase_person(dossier(paid()), "vreemd@elders.nl", years=7, today=TODAY) is NOTHING
    assert not NOTHING


def test_done_once_it_is_done() -> None:
    of = dossier(paid())
    erasure = erase_person(of, EMAIL, years=7, today=TODAY)
    assert not erase_person(replace(of, buyer=erasure.buyer), EMAIL, years=7, today=TODAY)
    assert what_is_left(FULL, books=True, newsletter=True).email == EMAIL
    assert what_is_left(replace(FULL, newsletter=False), books=True, newsletter=True).email == ""


def test_a_part_of_it_ends_with_those_by_whom_it_is_found() -> None:
    notes = tuple(Note(id=f"n{n}", order_id="order-1", text="x", by="t@lpb.nl", at=NOW) for n in range(7))
    people = tuple(attendee(number, "Ada", EMAIL) for number in range(1, 6))
    whole = erase_person(dossier(paid(), notes=notes, attendees=people), EMAIL, years=7, today=TODAY)
    part = whole.beginning(5)
    assert (len(part.notes), len(part.attendees), part.buyer) == (5, 0, None)
    part = whole.beginning(12)
    assert (len(part.notes), len(part.attendees), part.buyer) == (7, 5, None)
    assert whole.beginning(13) == whole
