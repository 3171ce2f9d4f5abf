"""The shelves of the books: everything Stripe would remember, kept by id, found and told again."""

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from dataclasses import asdict, dataclass
from heapq import heappop, heappush
from itertools import chain, islice
from threading import RLock
from typing import Literal, Self

from devstack.stripe.balance_transaction import BalanceTransaction
from devstack.stripe.charge import Charge
from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.dispute import Dispute
from devstack.stripe.event import Delivery, Event
from devstack.stripe.payment_intent import PaymentIntent
from devstack.stripe.payout import Payout
from devstack.stripe.refund import Refund
from devstack.stripe.terms import Terms
from devstack.stripe.wire import Json, new_id

type Thing = CheckoutSession | PaymentIntent | Charge | Refund | Dispute | BalanceTransaction | Payout
type Errand = Literal["close", "receive", "fail"]

_SHOWN_REFUNDS = 10
_FOR_EVER = 2**40


class Unknown(Exception):
    """There is nothing by that id."""


class NotPossible(Exception):
    """The thing is not in a state in which this can happen."""


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


class Shelves:
    """Plain objects by id, safe to use from many threads; a change puts a new object in the place of the old one."""

    def __init__(self, *, terms: Terms | None = None, ids: Callable[[str], str] = new_id) -> None:
        self.terms = terms or Terms()
        self.ids = ids
        self._lock = RLock()
        self._sessions: dict[str, CheckoutSession] = {}
        self._intents: dict[str, PaymentIntent] = {}
        self._charges: dict[str, Charge] = {}
        self._refunds: dict[str, Refund] = {}
        self._disputes: dict[str, Dispute] = {}
        self._movements: dict[str, BalanceTransaction] = {}
        self._payouts: dict[str, Payout] = {}
        self._of_charge: dict[str, list[str]] = {}
        self._events: dict[str, Event] = {}
        self._events_about: dict[str, list[str]] = {}
        self._deliveries: dict[str, list[Delivery]] = {}
        self._requests: dict[str, ApiRequest] = {}
        self._agenda: list[tuple[int, int, Errand, str]] = []
        self._planned = 0

    def fork(self) -> Self:
        """Return a twin with the same past, and a future of its own."""
        with self._lock:
            twin = copy(self)
            twin._lock = RLock()
            twin.ids = copy(self.ids)
            for name, kept in vars(self).items():
                if isinstance(kept, dict):
                    setattr(
                        twin, name, {key: copy(each) if isinstance(each, list) else each for key, each in kept.items()}
                    )
                elif isinstance(kept, list):
                    setattr(twin, name, kept.copy())
            return twin

    # What is asked

    def session(self, session_id: str) -> CheckoutSession:
        """Return the session with this id."""
        return _found(self._sessions, session_id)

    def payment_intent(self, intent_id: str) -> PaymentIntent:
        """Return the payment intent with this id."""
        return _found(self._intents, intent_id)

    def charge(self, charge_id: str) -> Charge:
        """Return the charge with this id."""
        return _found(self._charges, charge_id)

    def refund(self, refund_id: str) -> Refund:
        """Return the refund with this id."""
        return _found(self._refunds, refund_id)

    def dispute(self, dispute_id: str) -> Dispute:
        """Return the dispute with this id."""
        return _found(self._disputes, dispute_id)

    def balance_transaction(self, movement_id: str) -> BalanceTransaction:
        """Return the balance transaction with this id."""
        return _found(self._movements, movement_id)

    def payout(self, payout_id: str) -> Payout:
        """Return the payout with this id."""
        return _found(self._payouts, payout_id)

    def event(self, event_id: str) -> Event:
        """Return the event with this id."""
        return _found(self._events, event_id)

    def find(self, thing_id: str) -> Thing:
        """Return whatever has this id: its prefix says what it is."""
        shelf: Mapping[str, Thing]
        match thing_id.partition("_")[0]:
            case "cs":
                shelf = self._sessions
            case "pi":
                shelf = self._intents
            case "ch" | "py":
                shelf = self._charges
            case "re" | "pyr":
                shelf = self._refunds
            case "du":
                shelf = self._disputes
            case "txn":
                shelf = self._movements
            case "po":
                shelf = self._payouts
            case _:
                shelf = {}
        return _found(shelf, thing_id)

    def sessions(self) -> list[CheckoutSession]:
        """Return every session, newest first."""
        return self._newest_first(self._sessions)

    def payment_intents(self) -> list[PaymentIntent]:
        """Return every payment intent, newest first."""
        return self._newest_first(self._intents)

    def charges(self) -> list[Charge]:
        """Return every charge, newest first."""
        return self._newest_first(self._charges)

    def refunds(self) -> list[Refund]:
        """Return every refund, newest first."""
        return self._newest_first(self._refunds)

    def disputes(self) -> list[Dispute]:
        """Return every dispute, newest first."""
        return self._newest_first(self._disputes)

    def balance_transactions(self) -> list[BalanceTransaction]:
        """Return every movement of the balance, newest first."""
        return self._newest_first(self._movements)

    def payouts(self) -> list[Payout]:
        """Return every payout, newest first."""
        return self._newest_first(self._payouts)

    def events(self) -> list[Event]:
        """Return everything that happened, newest first."""
        return self._newest_first(self._events)

    def refunds_of(self, charge_id: str) -> list[Refund]:
        """Return the refunds of one charge, newest first."""
        with self._lock:
            ids = reversed(self._of_charge.get(charge_id, ()))
            return [self._refunds[each] for each in ids if each in self._refunds]

    def disputes_of(self, charge_id: str) -> list[Dispute]:
        """Return the disputes of one charge, newest first."""
        with self._lock:
            ids = reversed(self._of_charge.get(charge_id, ()))
            return [self._disputes[each] for each in ids if each in self._disputes]

    def intent_of(self, session: CheckoutSession) -> PaymentIntent | None:
        """Return the payment intent of this session, if a payment was attempted."""
        return None if session.payment_intent is None else self.payment_intent(session.payment_intent)

    def charge_of(self, thing_id: str) -> Charge:
        """Return the charge of a session, of a payment intent, or of that name itself."""
        thing = self.find(thing_id)
        if isinstance(thing, CheckoutSession) and thing.payment_intent:
            thing = self.payment_intent(thing.payment_intent)
        if isinstance(thing, PaymentIntent) and thing.charge:
            thing = self.charge(thing.charge)
        if not isinstance(thing, Charge):
            raise NotPossible(f"{thing_id} has no charge.")
        return thing

    def events_of(self, thing_id: str) -> list[Event]:
        """Return what happened to one thing, oldest first."""
        with self._lock:
            return [self._events[each] for each in self._events_about.get(thing_id, ())]

    def events_since(self, mark: int) -> list[Event]:
        """Return the events after the first so many, oldest first."""
        with self._lock:
            newest = islice(reversed(self._events.values()), len(self._events) - mark)
            return list(newest)[::-1]

    def deliveries_of(self, event_id: str) -> list[Delivery]:
        """Return the attempts to deliver one event, oldest first."""
        with self._lock:
            return list(self._deliveries.get(event_id, ()))

    def is_acknowledged(self, event: Event) -> bool:
        """Whether the shop said thanks for this event."""
        return any(delivery.acknowledged for delivery in self.deliveries_of(event.id))

    # What is told

    def told(self, thing: Thing, *, now: int, expand: Collection[str] = ()) -> Json:
        """Return a thing as the API tells it, with what was asked to be expanded."""
        told = self._plain(thing, now=now)
        return self._expanded(told, [path.split(".") for path in expand], now=now) if expand else told

    def as_json(self, *, now: int = _FOR_EVER) -> Json:
        """Return everything, oldest first, for tests and the developer."""

        def all_of(shelf: Mapping[str, Thing]) -> list[Json]:
            return [self._plain(thing, now=now) for thing in shelf.values()]

        with self._lock:
            return {
                "sessions": all_of(self._sessions),
                "payment_intents": [
                    self.told(intent, now=now, expand=["latest_charge"]) for intent in self._intents.values()
                ],
                "refunds": all_of(self._refunds),
                "disputes": all_of(self._disputes),
                "balance_transactions": all_of(self._movements),
                "payouts": all_of(self._payouts),
                "events": [event.as_json() for event in self._events.values()],
                "deliveries": [asdict(each) for each in chain.from_iterable(self._deliveries.values())],
                "requests": [asdict(request) for request in self._requests.values()],
            }

    def _plain(self, thing: Thing, *, now: int) -> Json:
        match thing:
            case BalanceTransaction():
                return thing.as_json(now=now)
            case Dispute():
                movements = [self._movements[each].as_json(now=now) for each in thing.balance_transactions]
                return thing.as_json(movements=movements)
            case _:
                return thing.as_json()

    def _expanded(self, told: Json, paths: Iterable[list[str]], *, now: int) -> Json:
        for name, *rest in paths:
            if told["object"] == "list":
                told["data"] = (
                    [self._expanded(each, [rest], now=now) for each in told["data"]] if rest else told["data"]
                )
                continue
            if told["object"] == "charge" and name == "refunds" and "refunds" not in told:
                told["refunds"] = self._newest_refunds(told["id"], now=now)
            found = told.get(name)
            if isinstance(found, str):
                told[name] = found = self._plain(self.find(found), now=now)
            if found and rest:
                self._expanded(found, [rest], now=now)
        return told

    def _newest_refunds(self, charge_id: str, *, now: int) -> Json:
        refunds = self.refunds_of(charge_id)
        return {
            "object": "list",
            "data": [self._plain(refund, now=now) for refund in refunds[:_SHOWN_REFUNDS]],
            "has_more": len(refunds) > _SHOWN_REFUNDS,
            "url": f"/v1/charges/{charge_id}/refunds",
        }

    # What is written down

    def note_request(self, request: ApiRequest) -> None:
        """Write down a call of the API, or what came of it."""
        with self._lock:
            self._requests[request.id] = request

    def note_delivery(self, event: Event, *, status: int | None, error: str | None, now: int) -> Delivery:
        """Write down an attempt to deliver an event."""
        with self._lock:
            past = self._deliveries.setdefault(event.id, [])
            delivery = Delivery(
                event=event.id, type=event.type, attempt=len(past) + 1, status=status, error=error, at=now
            )
            past.append(delivery)
            return delivery

    def _happened(self, kind: str, thing: Thing, *, now: int, before: Json | None = None) -> Event:
        """Write down an event; `before` is how the thing was told until now."""
        snapshot = self._plain(thing, now=now)
        changed = before and {name: value for name, value in before.items() if snapshot.get(name) != value}
        event = Event(id=self.ids("evt"), type=kind, created=now, snapshot=snapshot, before=changed)
        self._events[event.id] = event
        self._events_about.setdefault(event.about, []).append(event.id)
        return event

    def _keep_charge(self, charge: Charge) -> Charge:
        self._charges[charge.id] = charge
        return charge

    def _plan(self, errand: Errand, thing_id: str, *, at: int) -> None:
        """Let something happen by itself when its time comes."""
        self._planned += 1
        heappush(self._agenda, (at, self._planned, errand, thing_id))

    def _due(self, *, now: int) -> tuple[int, Errand, str] | None:
        """Take the next thing whose time has come."""
        if not self._agenda or self._agenda[0][0] > now:
            return None
        at, _, errand, thing_id = heappop(self._agenda)
        return at, errand, thing_id

    def _newest_first[Kept](self, shelf: Mapping[str, Kept]) -> list[Kept]:
        with self._lock:
            return list(shelf.values())[::-1]


def _found[Kept](shelf: Mapping[str, Kept], key: str) -> Kept:
    try:
        return shelf[key]
    except KeyError:
        raise Unknown(f"There is no {key}.") from None
