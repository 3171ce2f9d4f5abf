"""The books of the stand-in: everything Stripe would remember, changed only under one lock."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from threading import RLock

from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.payment_intent import PaymentIntent
from devstack.stripe.wire import API_VERSION, Json, new_id

ONE_DAY = 24 * 60 * 60


class Unknown(Exception):
    """There is nothing by that id."""


class NotPossible(Exception):
    """The session is not in a state in which this can happen."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, with the object as it was at that moment."""

    id: str
    type: str
    created: int
    snapshot: Json

    def as_json(self) -> Json:
        """Return the event as Stripe sends it."""
        return {
            "id": self.id,
            "object": "event",
            "account": None,
            "api_version": API_VERSION,
            "context": None,
            "created": self.created,
            "data": {"object": self.snapshot},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": self.type,
        }


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One attempt to bring an event to the shop; without a status nobody answered."""

    event: str
    type: str
    attempt: int
    status: int | None
    error: str | None
    at: int

    @property
    def acknowledged(self) -> bool:
        """Whether the shop answered with a 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """One call of the API, whatever came of it; without a status it is still being answered."""

    id: str
    at: int
    method: str
    path: str
    idempotency_key: str | None
    body: str
    parameters: Json
    status: int | None = None
    replayed: bool = False
    fault: str | None = None


class Books:
    """Sessions, payment intents, events, deliveries and API calls, safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._sessions: dict[str, CheckoutSession] = {}
        self._intents: dict[str, PaymentIntent] = {}
        self._events: dict[str, Event] = {}
        self._deliveries: list[Delivery] = []
        self._requests: dict[str, ApiRequest] = {}

    # What is asked of the books

    def session(self, session_id: str) -> CheckoutSession:
        """Return the session with this id."""
        return _found(self._sessions, session_id)

    def sessions(self) -> list[CheckoutSession]:
        """Return every session, newest first."""
        with self._lock:
            return list(reversed(self._sessions.values()))

    def payment_intent(self, intent_id: str) -> PaymentIntent:
        """Return the payment intent with this id."""
        return _found(self._intents, intent_id)

    def intent_of(self, session: CheckoutSession) -> PaymentIntent | None:
        """Return the payment intent of this session, if a payment was attempted."""
        return None if session.payment_intent is None else self.payment_intent(session.payment_intent)

    def event(self, event_id: str) -> Event:
        """Return the event with this id."""
        return _found(self._events, event_id)

    def events_of(self, session_id: str) -> list[Event]:
        """Return what happened to one session, oldest first."""
        with self._lock:
            return [event for event in self._events.values() if event.snapshot["id"] == session_id]

    def deliveries_of(self, event_id: str) -> list[Delivery]:
        """Return the attempts to deliver one event, oldest first."""
        with self._lock:
            return [delivery for delivery in self._deliveries if delivery.event == event_id]

    def told(self, session: CheckoutSession, *, expand: Collection[str] = ()) -> Json:
        """Return a session as the API tells it, with what was asked to be expanded."""
        intent = self.intent_of(session)
        if intent is None or not expand:
            return session.as_json(payment_intent=session.payment_intent)
        with_charge = "payment_intent.latest_charge" in expand
        return session.as_json(payment_intent=intent.as_json(with_charge=with_charge))

    def as_json(self) -> Json:
        """Return everything, oldest first, for tests and the developer."""
        with self._lock:
            return {
                "sessions": [self.told(session) for session in self._sessions.values()],
                "payment_intents": [intent.as_json(with_charge=True) for intent in self._intents.values()],
                "events": [event.as_json() for event in self._events.values()],
                "deliveries": [asdict(delivery) for delivery in self._deliveries],
                "requests": [asdict(request) for request in self._requests.values()],
            }

    # What happens to a session

    def open_session(self, asked: Json, *, now: int, public_url: str) -> CheckoutSession:
        """Open a session for what was asked."""
        session_id = new_id("cs_test")
        session = CheckoutSession(
            id=session_id,
            created=now,
            expires_at=asked.get("expires_at", now + ONE_DAY),
            url=f"{public_url}/pay/{session_id}",
            asked=asked,
        )
        with self._lock:
            self._sessions[session_id] = session
        return session

    def pay(self, session_id: str, *, now: int, method: str) -> Event:
        """The buyer paid at once."""
        with self._lock:
            session = self._open_session(session_id, now=now)
            intent = self._keep_intent(self._intent(session, now=now).charged(method=method, now=now, pending=False))
            paid = replace(session, status="complete", payment_status="paid", payment_intent=intent.id)
            return self._keep(paid, event="checkout.session.completed", now=now)

    def pay_later(self, session_id: str, *, now: int, method: str) -> Event:
        """The buyer chose a method whose money comes later, or not."""
        with self._lock:
            session = self._open_session(session_id, now=now)
            intent = self._keep_intent(self._intent(session, now=now).charged(method=method, now=now, pending=True))
            pending = replace(session, status="complete", payment_intent=intent.id)
            return self._keep(pending, event="checkout.session.completed", now=now)

    def settle(self, session_id: str, *, now: int, succeeded: bool) -> Event:
        """The money of a delayed method came, or will not come."""
        with self._lock:
            session = self.session(session_id)
            intent = self.intent_of(session)
            if intent is None or intent.status != "processing":
                raise NotPossible(f"No payment of {session_id} is under way.")
            self._keep_intent(intent.settled(succeeded=succeeded))
            settled = replace(session, payment_status="paid" if succeeded else "unpaid")
            outcome = "succeeded" if succeeded else "failed"
            return self._keep(settled, event=f"checkout.session.async_payment_{outcome}", now=now)

    def fail(self, session_id: str, *, now: int) -> None:
        """An attempt to pay failed; the buyer may try again."""
        with self._lock:
            session = self._open_session(session_id, now=now)
            intent = self._keep_intent(self._intent(session, now=now).attempt_failed())
            self._sessions[session_id] = replace(session, payment_intent=intent.id)

    def expire(self, session_id: str, *, now: int) -> Event:
        """Close an open session, because the shop asks for it."""
        with self._lock:
            return self._close(self._open_session(session_id, now=now), now=now)

    def lapse(self, *, now: int) -> list[Event]:
        """Close the sessions whose time is up."""
        with self._lock:
            over = [each for each in self._sessions.values() if each.status == "open" and each.expires_at <= now]
            return [self._close(session, now=now) for session in over]

    # What is written down beside it

    def note_request(self, request: ApiRequest) -> None:
        """Write down a call of the API, or what came of it."""
        with self._lock:
            self._requests[request.id] = request

    def note_delivery(self, event: Event, *, status: int | None, error: str | None, now: int) -> Delivery:
        """Write down an attempt to deliver an event."""
        with self._lock:
            attempt = len(self.deliveries_of(event.id)) + 1
            delivery = Delivery(event=event.id, type=event.type, attempt=attempt, status=status, error=error, at=now)
            self._deliveries.append(delivery)
            return delivery

    def _open_session(self, session_id: str, *, now: int) -> CheckoutSession:
        session = self.session(session_id)
        if session.status != "open" or session.expires_at <= now:
            status = "expired" if session.status == "open" else session.status
            raise NotPossible(f"This Checkout Session has a status of `{status}`.")
        return session

    def _intent(self, session: CheckoutSession, *, now: int) -> PaymentIntent:
        return self.intent_of(session) or PaymentIntent(
            id=new_id("pi"),
            created=now,
            amount=session.amount,
            currency=session.currency,
            asked=session.asked.get("payment_intent_data", {}),
        )

    def _close(self, session: CheckoutSession, *, now: int) -> Event:
        intent = self.intent_of(session)
        if intent is not None:
            self._keep_intent(intent.cancelled(now=now))
        return self._keep(replace(session, status="expired"), event="checkout.session.expired", now=now)

    def _keep(self, session: CheckoutSession, *, event: str, now: int) -> Event:
        self._sessions[session.id] = session
        happened = Event(id=new_id("evt"), type=event, created=now, snapshot=self.told(session))
        self._events[happened.id] = happened
        return happened

    def _keep_intent(self, intent: PaymentIntent) -> PaymentIntent:
        self._intents[intent.id] = intent
        return intent


def _found[Kept](shelf: Mapping[str, Kept], key: str) -> Kept:
    try:
        return shelf[key]
    except KeyError:
        raise Unknown(f"There is no {key}.") from None
