"""An order, its lines, and what the news from the payment service does to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.answers import Answers
from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.hold import HoldMove
from chalicelib.domain.language import Language, Text
from chalicelib.domain.ledger import Ledger
from chalicelib.domain.money import Vat, VatPart, VatTreatment, split_gross
from chalicelib.domain.offer import OfferKind
from chalicelib.domain.price import PriceReason
from chalicelib.domain.seat import Seating, SeatMove
from chalicelib.domain.state import ACTIONS, SEATING, TABLE, Action, Effect, News, State

# Stripe refuses a session that ends within 30 minutes: with 35, a function that wakes up more than
# 5 minutes late cannot open a payable session on an order that has been let go.
HOLD = timedelta(minutes=35)
# The sweep asks only after Stripe has had time to close the session by itself.
GRACE = timedelta(seconds=60)
# A delayed payment method takes days; the webhook tells, asking is the safety net.
DELAYED_PAYMENT_CHECK = timedelta(hours=6)
FAILED_CHECK = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of an order; price, reason and VAT are frozen when it is ordered.

    `attendee` is the number of the attendee it is for, 0 when it is for nobody in particular;
    `counters` are the seat counters that each unit draws on.
    """

    offer_id: str
    label: Text
    description: Text
    attendee: int
    quantity: int
    unit_cents: int
    reason: PriceReason
    vat: Vat
    starts: OfferKind
    term_months: int
    counters: tuple[str, ...]

    @property
    def total_cents(self) -> int:
        return self.quantity * self.unit_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who ordered: personal data, kept apart from the order so that it can be erased."""

    order_id: str
    offer_id: str
    answers: Answers

    @property
    def known(self) -> bool:
        """Whether he can still be reached; of one who was erased at most the books say who he was."""
        return bool(self.answers.email)


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
class Order:
    """What was ordered and where it stands.

    `attempt` numbers its checkout sessions from 1; `session_id` is the one of the current attempt once known.
    `due` is when the sweep has to look at it; None when nothing is left to wait for.
    `fingerprint` tells changed answers from repeated ones; `generation` counts orders made with one form key.
    `draft_id` is the form that its buyer wants to go on with afterwards; empty when there is none.
    `holders` are those whose unpaid orders it counts among, as long as it is one; `host_page` is the page of another
    website on which the form was filled in, empty when it was on none that is known.
    `paid_cents`, `refunded_cents`, `disputed_cents` and `disputed` are what its ledger comes to, beside the state.
    """

    id: str
    code: str
    offer_id: str
    generation: int
    fingerprint: str
    language: Language
    state: State
    seating: Seating
    lines: tuple[OrderLine, ...]
    currency: str
    attempt: int
    session_id: str
    created_at: datetime
    hold_until: datetime
    due: datetime | None
    paid_at: datetime | None
    payment_id: str
    draft_id: str
    holders: tuple[str, ...]
    host_page: str
    paid_cents: int
    refunded_cents: int
    disputed_cents: int
    disputed: bool
    version: int

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    @property
    def confirmed(self) -> bool:
        return self.state in (State.PAID, State.CONFIRMED, State.INVOICED)

    @property
    def kept_cents(self) -> int:
        """What the association has of it: paid, and neither refunded nor taken by a dispute."""
        return self.paid_cents - self.refunded_cents - self.disputed_cents

    def seats(self) -> Counter[str]:
        """How many seats it has, by counter."""
        return seats_of(self.lines)

    def seat_moves(self, before: Order | None) -> tuple[SeatMove, ...]:
        """What becoming this order, from what it was before (None: not there), does to the seat counters."""
        held = _is(self, Seating.HELD) - _is(before, Seating.HELD)
        sold = _is(self, Seating.SOLD) - _is(before, Seating.SOLD)
        holds_anew = self.seating is Seating.HELD and (before is None or held or before.hold_until != self.hold_until)
        if not (held or sold or holds_anew):
            return ()
        return tuple(
            SeatMove(
                counter=name, held=held * count, sold=sold * count, held_until=self.hold_until if holds_anew else None
            )
            for name, count in self.seats().items()
        )

    def hold_moves(self, before: Order | None) -> tuple[HoldMove, ...]:
        """What becoming this order, from what it was before (None: not there), does to its holders' counters."""
        now, then = set(self.holders), set(before.holders if before else ())
        held_anew = before is not None and before.hold_until != self.hold_until
        changes = {holder: (holder in now) - (holder in then) for holder in now | then}
        return tuple(
            HoldMove(holder=holder, change=change, held_until=self.hold_until)
            for holder, change in sorted(changes.items())
            if change or held_anew
        )

    def turned(self, state: State, *, seats_gone: bool = False) -> Order:
        """The order in another state, and its seats with it; seats that were let go are taken again unless gone."""
        seated = self.seating is not Seating.NONE and not seats_gone
        return replace(
            self,
            state=state,
            seating=SEATING.get(state, self.seating) if seated else self.seating,
            holders=self.holders if state is State.PENDING else (),
        )

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
        return replace(self.turned(State.EXPIRED), due=None)

    def looked_at(self, *, now: datetime) -> Order:
        """The order with its next check a while away."""
        return replace(self, due=now + DELAYED_PAYMENT_CHECK)

    def retried(self, *, now: datetime) -> Order:
        """The order with its next check soon, after one that failed."""
        return replace(self, due=now + FAILED_CHECK)

    def with_totals(self, ledger: Ledger) -> Order:
        """The order with what its ledger comes to."""
        return replace(
            self,
            paid_cents=ledger.paid_cents,
            refunded_cents=ledger.refunded_cents,
            disputed_cents=ledger.disputed_cents,
            disputed=ledger.disputed,
        )

    def hear(
        self, session: CheckoutSession, *, now: datetime, seats_gone: bool = False, booked: bool = False
    ) -> Verdict:
        """What the news in a session, fetched afresh, does to this order. The order's version stays as read.

        `seats_gone`: the seats that it has let go cannot be taken again. `booked`: its payment is in the ledger.
        """
        # another invocation may have taken them again meanwhile
        seats_gone = seats_gone and self.seating is Seating.RELEASED
        news = self.news(session, booked=booked)
        if news is News.PAID and seats_gone:
            news = News.PAID_WITHOUT_SEAT
        cell = TABLE.get((self.state, news))
        if cell is None:
            return Verdict(news=news, order=self, changed=False)
        order = self.turned(cell.state, seats_gone=seats_gone)
        if cell.state is not self.state:
            order = replace(order, due=now + DELAYED_PAYMENT_CHECK if cell.state is State.PROCESSING else None)
        if Effect.BOOK in cell.effects and not self.payment_id:
            order = replace(order, payment_id=session.payment_id, paid_at=self._paid_at(session, now=now))
        if not self.session_id and session.attempt == self.attempt:
            order = order.with_session(session.id)
        changed = order != self or bool(cell.effects)
        return Verdict(news=news, order=order, changed=changed, effects=cell.effects, alarm=cell.alarm)

    def _paid_at(self, session: CheckoutSession, *, now: datetime) -> datetime:
        """When it was paid, which may be long before we hear of it; a delayed payment counts when it has arrived."""
        return now if self.state is State.PROCESSING else session.charged_at or now

    def news(self, session: CheckoutSession, *, booked: bool = False) -> News:
        """Name the news; whatever is not paid counts only for the current attempt."""
        if session.outcome is Outcome.PAID:
            if booked or session.payment_id == self.payment_id:
                return News.KNOWN_PAYMENT
            if self.payment_id:
                return News.SECOND_PAYMENT
            right = (session.amount_cents, session.currency) == (self.total_cents, self.currency)
            return News.PAID if right else News.PAID_OTHER_AMOUNT
        if session.attempt != self.attempt:
            return News.STALE
        return News(session.outcome.value)

    def act(self, action: Action) -> Verdict | None:
        """What the secretariat's action does to this order; None when it may not be done in its state."""
        cell = ACTIONS.get((self.state, action))
        if cell is None:
            return None
        order = replace(self.turned(cell.state), due=None)
        changed = order != self or bool(cell.effects)
        return Verdict(news=None, order=order, changed=changed, effects=cell.effects, alarm=cell.alarm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be written after hearing the news, or after an action; `news` is None for that."""

    news: News | None
    order: Order
    changed: bool
    effects: tuple[Effect, ...] = ()
    alarm: str = ""


def seats_of(lines: Iterable[OrderLine]) -> Counter[str]:
    """How many seats these lines take, by counter."""
    found: Counter[str] = Counter()
    for line in lines:
        found.update(dict.fromkeys(line.counters, line.quantity))
    return found


def hold_end(now: datetime) -> datetime:
    """When a hold that begins now ends; whole seconds, since that is what Stripe keeps."""
    return now.replace(microsecond=0) + HOLD


def _is(order: Order | None, seating: Seating) -> int:
    return int(order is not None and order.seating is seating)
