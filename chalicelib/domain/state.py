"""The states of an order, and the tables of what news from the payment service and the secretariat do to them."""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.seat import Seating


class State(StrEnum):
    """Where an order stands; CONFIRMED is an order that costs nothing.

    INVOICED is reserved for what is confirmed before it is paid, by invoice: nothing leads there yet.
    """

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    CONFIRMED = "confirmed"
    INVOICED = "invoiced"
    EXPIRED = "expired"
    REFUND_DUE = "refund_due"
    CANCELLED = "cancelled"
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


class Action(StrEnum):
    """What the secretariat does with an order."""

    REFUND = "refund"
    CANCEL = "cancel"
    ACCEPT = "accept"
    RETURN = "return"


class Effect(StrEnum):
    """What is written in the same commit as the new state."""

    # the payment that was heard of, in the order's ledger
    BOOK = "book"
    # all that follows from a confirmed order
    CONFIRM = "confirm"
    # the command to refund that payment in full, and a mail that says so
    GIVE_BACK = "give_back"
    # a mail that says that the payment did not come
    TELL_FAILED = "tell_failed"
    # what followed from being confirmed is taken back, and a mail that says so
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: the next state and its effects; `alarm` asks for a person."""

    state: State
    effects: tuple[Effect, ...] = ()
    alarm: str = ""


_CONFIRMED = Cell(State.PAID, (Effect.BOOK, Effect.CONFIRM))
_OTHER_AMOUNT = Cell(State.REVIEW, (Effect.BOOK,), alarm="payment_amount_differs")
# Late money whose seats are gone goes back by itself.
_WITHOUT_SEAT = Cell(State.REFUND_DUE, (Effect.BOOK, Effect.GIVE_BACK))
# The bank did not pay what the buyer believes to have paid: unlike somebody who walked away, he must be told.
_FAILED = Cell(State.EXPIRED, (Effect.TELL_FAILED,))


def _second(state: State) -> Cell:
    """The first payment wins; the second goes back, and the order stays as it is."""
    return Cell(state, (Effect.BOOK, Effect.GIVE_BACK))


# A cell that is not listed is refused: such news cannot be, and changes nothing.
TABLE: dict[tuple[State, News], Cell] = {
    (State.PENDING, News.OPEN): Cell(State.PENDING),
    (State.PENDING, News.PROCESSING): Cell(State.PROCESSING),
    (State.PENDING, News.PAID): _CONFIRMED,
    (State.PENDING, News.PAID_OTHER_AMOUNT): _OTHER_AMOUNT,
    (State.PENDING, News.FAILED): _FAILED,
    (State.PENDING, News.EXPIRED): Cell(State.EXPIRED),
    (State.PROCESSING, News.PROCESSING): Cell(State.PROCESSING),
    (State.PROCESSING, News.PAID): _CONFIRMED,
    (State.PROCESSING, News.PAID_OTHER_AMOUNT): _OTHER_AMOUNT,
    (State.PROCESSING, News.PAID_WITHOUT_SEAT): _WITHOUT_SEAT,
    (State.PROCESSING, News.FAILED): _FAILED,
    (State.PAID, News.KNOWN_PAYMENT): Cell(State.PAID),
    (State.PAID, News.SECOND_PAYMENT): _second(State.PAID),
    (State.EXPIRED, News.EXPIRED): Cell(State.EXPIRED),
    (State.EXPIRED, News.FAILED): Cell(State.EXPIRED),
    (State.EXPIRED, News.PROCESSING): Cell(State.PROCESSING),
    # Late money: confirmed after all, if there are still seats.
    (State.EXPIRED, News.PAID): _CONFIRMED,
    (State.EXPIRED, News.PAID_WITHOUT_SEAT): _WITHOUT_SEAT,
    (State.EXPIRED, News.PAID_OTHER_AMOUNT): _OTHER_AMOUNT,
    (State.REFUND_DUE, News.KNOWN_PAYMENT): Cell(State.REFUND_DUE),
    (State.REFUND_DUE, News.SECOND_PAYMENT): _second(State.REFUND_DUE),
    (State.CANCELLED, News.KNOWN_PAYMENT): Cell(State.CANCELLED),
    (State.CANCELLED, News.SECOND_PAYMENT): _second(State.CANCELLED),
    (State.REVIEW, News.KNOWN_PAYMENT): Cell(State.REVIEW),
    (State.REVIEW, News.SECOND_PAYMENT): _second(State.REVIEW),
}

# What the secretariat may do; a cell that is not listed is refused.
ACTIONS: dict[tuple[State, Action], Cell] = {
    (State.PAID, Action.REFUND): Cell(State.PAID),
    (State.PAID, Action.CANCEL): Cell(State.CANCELLED, (Effect.UNDO,)),
    (State.CONFIRMED, Action.CANCEL): Cell(State.CANCELLED, (Effect.UNDO,)),
    # after a refund that failed, or of what was kept at first
    (State.REFUND_DUE, Action.REFUND): Cell(State.REFUND_DUE),
    (State.CANCELLED, Action.REFUND): Cell(State.CANCELLED),
    (State.REVIEW, Action.REFUND): Cell(State.REVIEW),
    (State.REVIEW, Action.ACCEPT): Cell(State.PAID, (Effect.CONFIRM,)),
    (State.REVIEW, Action.RETURN): Cell(State.REFUND_DUE, (Effect.GIVE_BACK,)),
}

# What an order that has seats does with them in each state; a review leaves them as they are.
SEATING: dict[State, Seating] = {
    State.PENDING: Seating.HELD,
    State.PROCESSING: Seating.HELD,
    State.PAID: Seating.SOLD,
    State.CONFIRMED: Seating.SOLD,
    State.INVOICED: Seating.SOLD,
    State.EXPIRED: Seating.RELEASED,
    State.REFUND_DUE: Seating.RELEASED,
    State.CANCELLED: Seating.RELEASED,
}
