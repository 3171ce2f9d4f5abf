"""An order, its lines, and the table of what each news from the payment service does to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.answers import Answers
from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.language import Language
from chalicelib.domain.money import Vat, VatPart, VatTreatment, split_gross
from chalicelib.domain.offer import Offer, OfferKind

# Stripe refuses a session that ends within 30 minutes: with 35, a function that wakes up more than
# 5 minutes late cannot open a payable session on an order that has been let go.
HOLD = timedelta(minutes=35)
# The sweep asks only after Stripe has had time to close the session by itself.
GRACE = timedelta(seconds=60)
# A delayed payment method takes days; the webhook tells, asking is the safety net.
DELAYED_PAYMENT_CHECK = timedelta(hours=6)
FAILED_CHECK = timedelta(minutes=3)


class State(StrEnum):
    """Where an order stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    EXPIRED = "expired"
    REVIEW = "review"


class News(StrEnum):
    """What a checkout session, fetched afresh, means for its order."""

    STALE = "stale"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    PAID_OTHER_AMOUNT = "paid_other_amount"
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
    (State.PROCESSING, News.FAILED): Cell(State.EXPIRED),
    (State.PAID, News.KNOWN_PAYMENT): Cell(State.PAID),
    (State.PAID, News.SECOND_PAYMENT): Cell(State.PAID, (Effect.BOOK,), alarm="second_payment"),
    (State.EXPIRED, News.EXPIRED): Cell(State.EXPIRED),
    (State.EXPIRED, News.FAILED): Cell(State.EXPIRED),
    (State.EXPIRED, News.PROCESSING): Cell(State.PROCESSING),
    # Late money: a membership has no seats that could be gone, so it is confirmed after all.
    (State.EXPIRED, News.PAID): _CONFIRMED,
    (State.EXPIRED, News.PAID_OTHER_AMOUNT): _OTHER_AMOUNT,
    (State.REVIEW, News.KNOWN_PAYMENT): Cell(State.REVIEW),
    (State.REVIEW, News.SECOND_PAYMENT): Cell(State.REVIEW, (Effect.BOOK,), alarm="second_payment"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of an order; price, reason and VAT are frozen when it is ordered."""

    offer_id: str
    label: str
    description: str
    quantity: int
    unit_cents: int
    price_reason: str
    vat: Vat
    starts: OfferKind
    term_months: int

    @property
    def total_cents(self) -> int:
        return self.quantity * self.unit_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who ordered: personal data, kept apart from the order so that it can be erased."""

    order_id: str
    answers: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The proof of a consent: what was read and ticked, when and where."""

    order_id: str
    purpose: str
    text: str
    language: Language
    source: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that arrived, booked once under the payment service's own id."""

    id: str
    order_id: str
    session_id: str
    amount_cents: int
    currency: str
    method: str
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was ordered and where it stands.

    `attempt` numbers its checkout sessions from 1; `session_id` is the one of the current attempt once known.
    `due` is when the sweep has to look at it; None when nothing is left to wait for.
    `fingerprint` tells changed answers from repeated ones; `generation` counts orders made with one form key.
    """

    id: str
    code: str
    offer_id: str
    generation: int
    fingerprint: str
    language: Language
    state: State
    lines: tuple[OrderLine, ...]
    currency: str
    attempt: int
    session_id: str
    created_at: datetime
    hold_until: datetime
    due: datetime | None
    paid_at: datetime | None
    payment_id: str
    version: int

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    def vat_parts(self) -> tuple[VatPart, ...]:
        """VAT per rate, computed once on the total of the lines that carry it (art. 35a Wet OB)."""
        rates = sorted({line.vat.rate_percent for line in self.lines if line.vat.treatment is VatTreatment.STANDARD})
        return tuple(
            split_gross(
                gross_cents=sum(line.total_cents for line in self.lines if line.vat.rate_percent == rate),
                rate_percent=rate,
            )
            for rate in rates
        )

    def with_session(self, session_id: str) -> Order:
        return replace(self, session_id=session_id)

    def renewed(self, *, now: datetime) -> Order:
        """The same order with a fresh hold and a new attempt, when the last attempt surely opened no session."""
        hold_until = hold_end(now)
        return replace(self, attempt=self.attempt + 1, session_id="", hold_until=hold_until, due=hold_until + GRACE)

    def let_go(self) -> Order:
        """The order without the payment that was never begun: no session of it exists."""
        return replace(self, state=State.EXPIRED, due=None)

    def looked_at(self, *, now: datetime) -> Order:
        """The order with its next check a while away."""
        return replace(self, due=now + DELAYED_PAYMENT_CHECK)

    def retried(self, *, now: datetime) -> Order:
        """The order with its next check soon, after one that failed."""
        return replace(self, due=now + FAILED_CHECK)

    def hear(self, session: CheckoutSession, *, now: datetime) -> Verdict:
        """What the news in a session, fetched afresh, does to this order. The order's version stays as read."""
        news = self.news(session)
        cell = TABLE.get((self.state, news))
        if cell is None:
            return Verdict(news=news, order=self, changed=False)
        order = replace(self, state=cell.state)
        if cell.state is not self.state:
            order = replace(order, due=now + DELAYED_PAYMENT_CHECK if cell.state is State.PROCESSING else None)
        if Effect.BOOK in cell.effects and not self.payment_id:
            order = replace(order, payment_id=session.payment_id, paid_at=self._paid_at(session, now=now))
        if not self.session_id and session.attempt == self.attempt:
            order = order.with_session(session.id)
        return Verdict(
            news=news,
            order=order,
            changed=order != self or bool(cell.effects),
            payment=_payment(order, session, now=now) if Effect.BOOK in cell.effects else None,
            confirmed=Effect.CONFIRM in cell.effects,
            alarm=cell.alarm,
        )

    def _paid_at(self, session: CheckoutSession, *, now: datetime) -> datetime:
        """When it was paid, which may be long before we hear of it; a delayed payment counts when it has arrived."""
        return now if self.state is State.PROCESSING else session.charged_at or now

    def news(self, session: CheckoutSession) -> News:
        """Name the news; whatever is not paid counts only for the current attempt."""
        if session.outcome is Outcome.PAID:
            if self.payment_id:
                return News.KNOWN_PAYMENT if session.payment_id == self.payment_id else News.SECOND_PAYMENT
            right = (session.amount_cents, session.currency) == (self.total_cents, self.currency)
            return News.PAID if right else News.PAID_OTHER_AMOUNT
        if session.attempt != self.attempt:
            return News.STALE
        return News(session.outcome.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be written after hearing the news."""

    news: News
    order: Order
    changed: bool
    payment: Payment | None = None
    confirmed: bool = False
    alarm: str = ""


def hold_end(now: datetime) -> datetime:
    """When a hold that begins now ends; whole seconds, since that is what Stripe keeps."""
    return now.replace(microsecond=0) + HOLD


def place_order(
    *, order_id: str, code: str, offer: Offer, generation: int, fingerprint: str, language: Language, now: datetime
) -> Order:
    """A new order for one unit of an offer, at the offer's price."""
    hold_until = hold_end(now)
    line = OrderLine(
        offer_id=offer.id,
        label=offer.title.within(language),
        description=offer.summary.within(language),
        quantity=1,
        unit_cents=offer.price_cents,
        price_reason="list_price",
        vat=offer.vat,
        starts=offer.kind,
        term_months=offer.term_months,
    )
    return Order(
        id=order_id,
        code=code,
        offer_id=offer.id,
        generation=generation,
        fingerprint=fingerprint,
        language=language,
        state=State.PENDING,
        lines=(line,),
        currency="EUR",
        attempt=1,
        session_id="",
        created_at=now,
        hold_until=hold_until,
        due=hold_until + GRACE,
        paid_at=None,
        payment_id="",
        version=1,
    )


def _payment(order: Order, session: CheckoutSession, *, now: datetime) -> Payment:
    return Payment(
        id=session.payment_id,
        order_id=order.id,
        session_id=session.id,
        amount_cents=session.amount_cents,
        currency=session.currency,
        method=session.method,
        booked_at=now,
    )
