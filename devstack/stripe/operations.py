"""The operations: what each address of the API does, once a request is known to be in order."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import cast

from devstack.stripe.balance_transaction import BalanceTransaction
from devstack.stripe.books import Books
from devstack.stripe.charge import Charge
from devstack.stripe.checkout_session import CheckoutSession
from devstack.stripe.dispute import Dispute
from devstack.stripe.faults import FATES
from devstack.stripe.paging import page, within
from devstack.stripe.parameters import Operation
from devstack.stripe.payment_intent import PaymentIntent
from devstack.stripe.payout import Payout
from devstack.stripe.refund import Refund
from devstack.stripe.refunds import Fate
from devstack.stripe.shelves import NotPossible, Thing, Unknown
from devstack.stripe.stand_in import StandIn
from devstack.stripe.wire import Json, Refused

type Run = Callable[[StandIn, Json, str], Json]

_A_MONTH = 30 * 24 * 60 * 60


def operation_at(method: str, path: str) -> tuple[Operation | None, str]:
    """Return which operation an address stands for, and the identifier in it."""
    steps = path.strip("/").split("/")
    for place in (None, len(steps) - 1, len(steps) - 2):
        if place is not None and place < 1:
            continue
        known = [step if at != place else "*" for at, step in enumerate(steps)]
        operation = _ADDRESSES.get((method, "/".join(known)))
        if operation is not None:
            return operation, "" if place is None else steps[place]
    return None, ""


def run(operation: Operation, stand_in: StandIn, asked: Json, identifier: str) -> Json:
    """Do what was asked."""
    return _RUNS[operation](stand_in, asked, identifier)


def no_such(what: str, identifier: str, *, param: str, status: int = 404) -> Refused:
    """Return the refusal of an identifier that nothing has."""
    return Refused(f"No such {what}: '{identifier}'", status=status, code="resource_missing", param=param)


_ADDRESSES: dict[tuple[str, str], Operation] = {
    ("POST", "v1/checkout/sessions"): "checkout.sessions.create",
    ("GET", "v1/checkout/sessions"): "checkout.sessions.list",
    ("GET", "v1/checkout/sessions/*"): "checkout.sessions.retrieve",
    ("POST", "v1/checkout/sessions/*/expire"): "checkout.sessions.expire",
    ("GET", "v1/payment_intents"): "payment_intents.list",
    ("GET", "v1/payment_intents/*"): "payment_intents.retrieve",
    ("GET", "v1/charges"): "charges.list",
    ("GET", "v1/charges/*"): "charges.retrieve",
    ("POST", "v1/refunds"): "refunds.create",
    ("GET", "v1/refunds"): "refunds.list",
    ("GET", "v1/refunds/*"): "refunds.retrieve",
    ("GET", "v1/disputes"): "disputes.list",
    ("GET", "v1/disputes/*"): "disputes.retrieve",
    ("GET", "v1/balance"): "balance.retrieve",
    ("GET", "v1/balance_transactions"): "balance_transactions.list",
    ("GET", "v1/balance_transactions/*"): "balance_transactions.retrieve",
    ("GET", "v1/payouts"): "payouts.list",
    ("GET", "v1/payouts/*"): "payouts.retrieve",
    ("GET", "v1/events"): "events.list",
    ("GET", "v1/events/*"): "events.retrieve",
    ("POST", "v1/webhook_endpoints"): "webhook_endpoints.create",
    ("GET", "v1/webhook_endpoints"): "webhook_endpoints.list",
    ("POST", "v1/webhook_endpoints/*"): "webhook_endpoints.update",
    ("DELETE", "v1/webhook_endpoints/*"): "webhook_endpoints.delete",
}


def _tell(stand_in: StandIn, thing: Thing, asked: Json) -> Json:
    return stand_in.books.told(thing, now=stand_in.now(), expand=asked.get("expand", ()))


def _retriever(look_up: Callable[[Books, str], Thing], what: str, *, param: str = "id") -> Run:
    def retrieve(stand_in: StandIn, asked: Json, identifier: str) -> Json:
        try:
            thing = look_up(stand_in.books, identifier)
        except Unknown:
            raise no_such(what, identifier, param=param) from None
        return _tell(stand_in, thing, asked)

    return retrieve


def _create_session(stand_in: StandIn, asked: Json, _: str) -> Json:
    session = stand_in.books.open_session(asked, now=stand_in.now(), public_url=stand_in.public_url)
    return _tell(stand_in, session, asked)


def _expire_session(stand_in: StandIn, asked: Json, session_id: str) -> Json:
    try:
        session, _ = stand_in.let(lambda: stand_in.books.expire(session_id, now=stand_in.now()))
    except Unknown:
        raise no_such("checkout.session", session_id, param="session") from None
    except NotPossible as reason:
        message = f'Only Checkout Sessions with a status in ["open"] can be expired. {reason}'
        raise Refused(message) from None
    return _tell(stand_in, session, asked)


def _create_refund(stand_in: StandIn, asked: Json, _: str) -> Json:
    charge = _charge_to_refund(stand_in, asked)
    fault = stand_in.faults.take("refunds.create", FATES)
    fate, fails_in = (cast(Fate, fault.kind), fault.seconds) if fault else (None, 0.0)
    refund, _events = stand_in.let(
        lambda: stand_in.books.give_back(charge, asked, now=stand_in.now(), fate=fate, fails_in=fails_in)
    )
    return _tell(stand_in, refund, asked)


def _charge_to_refund(stand_in: StandIn, asked: Json) -> Charge:
    books, intent_id = stand_in.books, asked.get("payment_intent")
    if intent_id is None:
        try:
            return books.charge(asked["charge"])
        except Unknown:
            raise no_such("charge", asked["charge"], param="charge", status=404) from None
    try:
        intent = books.payment_intent(intent_id)
    except Unknown:
        raise no_such("payment_intent", intent_id, param="payment_intent", status=404) from None
    if intent.status != "succeeded" or intent.charge is None:
        raise Refused(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")
    if asked.get("charge", intent.charge) != intent.charge:
        raise Refused(f"Charge {asked['charge']} does not belong to {intent_id}.", param="charge")
    return books.charge(intent.charge)


def _list_sessions(stand_in: StandIn, asked: Json, _: str) -> Json:
    return _paged(
        stand_in,
        asked,
        stand_in.books.sessions(),
        what="checkout.session",
        url="/v1/checkout/sessions",
        wanted=lambda each: _is(asked, payment_intent=each.payment_intent, status=each.status),
    )


def _list_intents(stand_in: StandIn, asked: Json, _: str) -> Json:
    return _paged(stand_in, asked, stand_in.books.payment_intents(), what="payment_intent", url="/v1/payment_intents")


def _list_charges(stand_in: StandIn, asked: Json, _: str) -> Json:
    return _paged(
        stand_in,
        asked,
        stand_in.books.charges(),
        what="charge",
        url="/v1/charges",
        wanted=lambda each: _is(asked, payment_intent=each.payment_intent),
    )


def _list_refunds(stand_in: StandIn, asked: Json, _: str) -> Json:
    charge_id, books = _charge_named(stand_in, asked), stand_in.books
    return _paged(
        stand_in,
        asked,
        books.refunds() if charge_id is None else books.refunds_of(charge_id),
        what="refund",
        url="/v1/refunds",
        wanted=lambda each: _is(asked, charge=each.charge, payment_intent=each.payment_intent),
    )


def _list_disputes(stand_in: StandIn, asked: Json, _: str) -> Json:
    charge_id, books = _charge_named(stand_in, asked), stand_in.books
    return _paged(
        stand_in,
        asked,
        books.disputes() if charge_id is None else books.disputes_of(charge_id),
        what="dispute",
        url="/v1/disputes",
        wanted=lambda each: _is(asked, charge=each.charge, payment_intent=each.payment_intent),
    )


def _list_movements(stand_in: StandIn, asked: Json, _: str) -> Json:
    return _paged(
        stand_in,
        asked,
        stand_in.books.balance_transactions(),
        what="balance_transaction",
        url="/v1/balance_transactions",
        wanted=lambda each: _is(asked, currency=each.currency, payout=each.payout, source=each.source, type=each.type),
    )


def _list_payouts(stand_in: StandIn, asked: Json, _: str) -> Json:
    return _paged(
        stand_in,
        asked,
        stand_in.books.payouts(),
        what="payout",
        url="/v1/payouts",
        wanted=lambda each: _is(asked, status=each.status) and within(asked.get("arrival_date"), each.arrival_date),
    )


def _list_events(stand_in: StandIn, asked: Json, _: str) -> Json:
    books, since = stand_in.books, stand_in.now() - _A_MONTH
    patterns = asked.get("types") or [asked.get("type", "*")]
    delivered = asked.get("delivery_success")
    return page(
        [event for event in books.events() if event.created > since],
        asked,
        what="event",
        url="/v1/events",
        wanted=lambda each: (
            any(fnmatchcase(each.type, pattern) for pattern in patterns)
            and delivered in (None, books.is_acknowledged(each))
        ),
        told=lambda each: each.as_json(pending=not books.is_acknowledged(each)),
    )


def _retrieve_event(stand_in: StandIn, _: Json, event_id: str) -> Json:
    try:
        event = stand_in.books.event(event_id)
    except Unknown:
        raise no_such("event", event_id, param="id") from None
    return event.as_json(pending=not stand_in.books.is_acknowledged(event))


def _create_endpoint(stand_in: StandIn, asked: Json, _: str) -> Json:
    return stand_in.endpoints.add(asked, now=stand_in.now()).as_json(with_secret=True)


def _update_endpoint(stand_in: StandIn, asked: Json, endpoint_id: str) -> Json:
    try:
        return stand_in.endpoints.change(endpoint_id, asked).as_json()
    except Unknown:
        raise no_such("webhook endpoint", endpoint_id, param="id") from None


def _delete_endpoint(stand_in: StandIn, _: Json, endpoint_id: str) -> Json:
    try:
        stand_in.endpoints.remove(endpoint_id)
    except Unknown:
        raise no_such("webhook endpoint", endpoint_id, param="id") from None
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}


def _list_endpoints(stand_in: StandIn, asked: Json, _: str) -> Json:
    return page(
        stand_in.endpoints.all(),
        asked,
        what="webhook endpoint",
        url="/v1/webhook_endpoints",
        wanted=lambda _: True,
        told=lambda each: each.as_json(),
    )


def _retrieve_balance(stand_in: StandIn, _: Json, __: str) -> Json:
    return stand_in.books.balance(now=stand_in.now())


def _paged[Each: (CheckoutSession, PaymentIntent, Charge, Refund, Dispute, BalanceTransaction, Payout)](
    stand_in: StandIn,
    asked: Json,
    found: list[Each],
    *,
    what: str,
    url: str,
    wanted: Callable[[Each], bool] = lambda _: True,
) -> Json:
    expand, now = [path.removeprefix("data.") for path in asked.get("expand", ())], stand_in.now()
    return page(
        found,
        asked,
        what=what,
        url=url,
        wanted=wanted,
        told=lambda each: stand_in.books.told(each, now=now, expand=expand),
    )


def _charge_named(stand_in: StandIn, asked: Json) -> str | None:
    """Return the charge whose refunds or disputes are asked for, so that not all of them need be looked through."""
    if "payment_intent" in asked:
        try:
            return stand_in.books.payment_intent(asked["payment_intent"]).charge or ""
        except Unknown:
            raise no_such("payment_intent", asked["payment_intent"], param="payment_intent") from None
    named: str | None = asked.get("charge")
    return named


def _is(asked: Json, **facts: str | None) -> bool:
    return all(asked.get(name, fact) == fact for name, fact in facts.items())


_RUNS: dict[Operation, Run] = {
    "checkout.sessions.create": _create_session,
    "checkout.sessions.retrieve": _retriever(Books.session, "checkout.session", param="session"),
    "checkout.sessions.list": _list_sessions,
    "checkout.sessions.expire": _expire_session,
    "payment_intents.retrieve": _retriever(Books.payment_intent, "payment_intent", param="intent"),
    "payment_intents.list": _list_intents,
    "charges.retrieve": _retriever(Books.charge, "charge"),
    "charges.list": _list_charges,
    "refunds.create": _create_refund,
    "refunds.retrieve": _retriever(Books.refund, "refund"),
    "refunds.list": _list_refunds,
    "disputes.retrieve": _retriever(Books.dispute, "dispute"),
    "disputes.list": _list_disputes,
    "balance.retrieve": _retrieve_balance,
    "balance_transactions.retrieve": _retriever(Books.balance_transaction, "balance_transaction"),
    "balance_transactions.list": _list_movements,
    "payouts.retrieve": _retriever(Books.payout, "payout"),
    "payouts.list": _list_payouts,
    "events.retrieve": _retrieve_event,
    "events.list": _list_events,
    "webhook_endpoints.create": _create_endpoint,
    "webhook_endpoints.update": _update_endpoint,
    "webhook_endpoints.delete": _delete_endpoint,
    "webhook_endpoints.list": _list_endpoints,
}
