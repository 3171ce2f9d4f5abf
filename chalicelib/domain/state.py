"""The states of an order, and the table of what each news from the payment service does to them."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.seat import Seating


class State(StrEnum):
    """Where an order stands; CONFIRMED is an order that costs nothing."""

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    REVIEW = "review"


class News(StrEnum):
    """What a checkout session, fetched afresh, means for its order."""

    STALE = "stale"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    PAID_OTHER_AMOUNT = "paid_other_amount"
    PAID_WITHOUT_SEAT = "paid_without_seat"
    KNOWN_PAYMENT = "known_payment"
    SECOND_PAYMENT = "second_payment"
    FAILED = "failed"
    EXPIRED = "expired"


class Effect(StrEnum):
    """What is written in the same commit as the new state."""

    BOOK = "book"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: the next state and its effects; `alarm` asks for a person."""

    state: State
    effects: tuple[Effect, ...] = ()
    alarm: str = ""


_CONFIRMED = Cell(State.PAID, (Effect.BOOK, Effect.CONFIRM))
_OTHER_AMOUNT = Cell(State.REVIEW, (Effect.BOOK,), alarm="payment_amount_differs")
# Late money whose seats are gone: the money is booked, and a person gives it back.
_WITHOUT_SEAT = Cell(State.REVIEW, (Effect.BOOK,), alarm="paid_without_seat")

# A cell that is not listed is refused: such news cannot be, and changes nothing.
TABLE: dict[tuple[State, News], Cell] = {
    (State.PENDING, News.OPEN): Cell(State.PENDING),
    (State.PENDING, News.PROCESSING): Cell(State.PROCESSING),
    (State.PENDING, News.PAID): _CONFIRMED,
    (State.PENDING, News.PAID_OTHER_AMOUNT): _OTHER_AMOUNT,
    (State.PENDING, News.FAILED): Cell(State.EXPIRED),
    (State.PENDING, News.EXPIRED): Cell(State.EXPIRED),
    (State.PROCESSING, News.PROCESSING): Cell(State.PROCESSING),
    (State.PROCESSING, News.PAID): _CONFIRMED,
    (State.PROCESSING, News.PAID_OTHER_AMOUNT): _OTHER_AMOUNT,
    (State.PROCESSING, News.PAID_WITHOUT_SEAT): _WITHOUT_SEAT,
    (State.PROCESSING, News.FAILED): Cell(State.EXPIRED),
    (State.PAID, News.KNOWN_PAYMENT): Cell(State.PAID),
    (State.PAID, News.SECOND_PAYMENT): Cell(State.PAID, (Effect.BOOK,), alarm="second_payment"),
    (State.EXPIRED, News.EXPIRED): Cell(State.EXPIRED),
    (State.EXPIRED, News.FAILED): Cell(State.EXPIRED),
    (State.EXPIRED, News.PROCESSING): Cell(State.PROCESSING),
    # Late money: confirmed after all, if there are still seats.
    (State.EXPIRED, News.PAID): _CONFIRMED,
    (State.EXPIRED, News.PAID_WITHOUT_SEAT): _WITHOUT_SEAT,
    (State.EXPIRED, News.PAID_OTHER_AMOUNT): _OTHER_AMOUNT,
    (State.REVIEW, News.KNOWN_PAYMENT): Cell(State.REVIEW),
    (State.REVIEW, News.SECOND_PAYMENT): Cell(State.REVIEW, (Effect.BOOK,), alarm="second_payment"),
}

# What an order that has seats does with them in each state; a review leaves them as they are.
SEATING: dict[State, Seating] = {
    State.PENDING: Seating.HELD,
    State.PROCESSING: Seating.HELD,
    State.PAID: Seating.SOLD,
    State.CONFIRMED: Seating.SOLD,
    State.EXPIRED: Seating.RELEASED,
}
