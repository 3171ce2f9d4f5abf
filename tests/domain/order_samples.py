"""Orders and sessions as the domain's tests need them: one without seats, one with, in any state."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.adapters.seed_files import seed_files
from chalicelib.domain.answers import AttendeeAnswers
from chalicelib.domain.attendee import Attendee, number_attendees
from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Order, OrderLine, Verdict
from chalicelib.domain.place import attendee_lines, membership_lines, place_order
from chalicelib.domain.price import price_of
from chalicelib.domain.state import News, State
from tests.domain.summer_school import summer_school

NOW = datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC)
OFFER = next(offer for offer in seed_files() if offer.id == "lidmaatschap")
SCHOOL = summer_school()
# The states in which an order has been paid, rightly or not.
PAID_STATES = (State.PAID, State.REVIEW, State.REFUND_DUE, State.CANCELLED)


def order(**changes: object) -> Order:
    """An order of a membership, which has no seats."""
    lines = membership_lines(OFFER, price=price_of(OFFER, membership_id="", mail_domain="", now=NOW))
    return replace(placed(OFFER, lines), **changes)  # type: ignore[arg-type]


def event_order(*groups: str, cents: int = 25_000, offer: Offer = SCHOOL, **changes: object) -> Order:
    """An order of seats, one in each of the groups."""
    people = tuple(AttendeeAnswers(name=f"Nr. {n}", email=f"{n}@stad.nl", group=name) for n, name in enumerate(groups))
    attendees = numbered(people)
    price = price_of(offer, membership_id="", mail_domain="", now=NOW)
    lines = attendee_lines(offer, attendees=attendees, prices=[replace(price, cents=cents)] * len(attendees))
    return replace(placed(offer, lines), **changes)  # type: ignore[arg-type]


def numbered(people: tuple[AttendeeAnswers, ...]) -> tuple[Attendee, ...]:
    identity = Identity("a" * 32)
    return number_attendees(people, order_id="order-1", offer_id="zomerschool", buyer_attends=True, identity=identity)


def placed(offer: Offer, lines: tuple[OrderLine, ...]) -> Order:
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
    charged = outcome in (Outcome.PAID, Outcome.PROCESSING)
    plain = CheckoutSession(
        id="cs_1",
        order_id="order-1",
        attempt=1,
        outcome=outcome,
        url="",
        amount_cents=50000,
        currency="EUR",
        payment_id="pi_1" if charged else "",
        method="ideal",
        charged_at=None,
        charge_id="ch_1" if charged else "",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def in_state(state: State, start: Order) -> Order:
    paid = state in PAID_STATES
    return replace(
        start.turned(state),
        session_id="cs_1",
        payment_id="pi_1" if paid else "",
        paid_at=NOW if paid else None,
        due=start.due if state in (State.PENDING, State.PROCESSING) else None,
    )


# One order without seats, and one with; both cost the same.
STARTS = {"membership": order(), "event": event_order("vuur", "lucht")}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """News as it comes: a session, whether the order's seats turned out to be gone, and its payment to be booked."""

    session: CheckoutSession
    seats_gone: bool = False
    booked: bool = False

    def by(self, order: Order, *, now: datetime = NOW) -> Verdict:
        return order.hear(self.session, now=now, seats_gone=self.seats_gone, booked=self.booked)


HEARD = {
    News.STALE: Heard(session=session(Outcome.EXPIRED, attempt=2)),
    News.OPEN: Heard(session=session(Outcome.OPEN)),
    News.PROCESSING: Heard(session=session(Outcome.PROCESSING)),
    News.PAID: Heard(session=session(Outcome.PAID)),
    News.PAID_OTHER_AMOUNT: Heard(session=session(Outcome.PAID, amount_cents=49999)),
    News.PAID_WITHOUT_SEAT: Heard(session=session(Outcome.PAID), seats_gone=True),
    News.KNOWN_PAYMENT: Heard(session=session(Outcome.PAID), booked=True),
    News.SECOND_PAYMENT: Heard(session=session(Outcome.PAID, id="cs_2", payment_id="pi_2")),
    News.FAILED: Heard(session=session(Outcome.FAILED)),
    News.EXPIRED: Heard(session=session(Outcome.EXPIRED)),
}
