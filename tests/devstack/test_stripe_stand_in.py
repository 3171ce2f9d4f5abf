"""The Stripe stand-in as the real SDK meets it: answers, refusals, idempotency keys and faults."""

import threading
import time
import typing
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import stripe

from tests.devstack.stripe_world import VERSION, World, eventually, world

SESSIONS = "/v1/checkout/sessions"
PRICE = "line_items[0][price_data]"
FORM = {
    "mode": "payment",
    f"{PRICE}[currency]": "eur",
    f"{PRICE}[product_data][name]": "Congres",
    f"{PRICE}[unit_amount]": "12500",
    "line_items[0][quantity]": "1",
    "success_url": "https://vereniging.example/terug",
}


@pytest.fixture(name="world")
def _world() -> Iterator[World]:
    with world() as built:
        yield built


@pytest.fixture(name="shared", scope="module")
def _shared() -> Iterator[World]:
    with world() as built:
        yield built


def _changed(changes: dict[str, str | None]) -> dict[str, str]:
    form: dict[str, str | None] = {**FORM, **changes}
    return {name: value for name, value in form.items() if value is not None}


def test_a_session_is_told_as_stripe_tells_it(world: World) -> None:
    session = world.create()
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.livemode) == (25_000, "eur", False)
    assert (session.client_reference_id, session.locale, session.customer_email) == ("order-7", "nl", "lid@example.nl")
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"order": "order-7", "7": "seven"}
    assert session.url == f"{world.url}/pay/{session.id}"
    assert session.last_response is not None
    assert session.last_response.headers["Request-Id"].startswith("req_")
    assert world.session(session.id).to_dict() == session.to_dict()


def test_objects_have_the_fields_of_the_sdks_own_types(world: World) -> None:
    session = world.create()
    world.act(session.id, "pay")
    paid = world.session(session.id, "payment_intent.latest_charge")
    intent = typing.cast(stripe.PaymentIntent, paid.payment_intent)
    event = world.books()["events"][0]
    told = [
        (stripe.checkout.Session, paid.to_dict()),
        (stripe.PaymentIntent, intent.to_dict()),
        (stripe.Charge, typing.cast(stripe.Charge, intent.latest_charge).to_dict()),
        (stripe.Event, event),
    ]
    for kind, fields in told:
        known = {name: hint for name, hint in kind.__annotations__.items() if name != "OBJECT_NAME"}
        always = {name for name, hint in known.items() if type(None) not in typing.get_args(hint)}
        assert always <= set(fields) <= set(known), kind


def test_a_paid_session_is_expanded_only_when_asked(world: World) -> None:
    session = world.create()
    world.act(session.id, "pay", method="wero")
    plain = world.session(session.id)
    assert isinstance(plain.payment_intent, str)
    assert (plain.status, plain.payment_status, plain.url) == ("complete", "paid", None)
    intent = world.session(session.id, "payment_intent").payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount, intent.amount_received) == ("succeeded", 25_000, 25_000)
    assert (intent.metadata.to_dict(), intent.description) == ({"order": "order-7"}, "Order 7")
    assert isinstance(intent.latest_charge, str)
    deep = world.session(session.id, "payment_intent.latest_charge").payment_intent
    assert isinstance(deep, stripe.PaymentIntent)
    assert isinstance(deep.latest_charge, stripe.Charge)
    assert deep.latest_charge.payment_method_details is not None
    assert deep.latest_charge.payment_method_details.type == "wero"
    assert world.client.v1.payment_intents.retrieve(intent.id).to_dict() == intent.to_dict()


def test_sessions_are_listed_newest_first_in_pages_and_by_moment(world: World) -> None:
    made = []
    for _ in range(5):
        made.append(world.create().id)
        world.clock.moved += timedelta(minutes=1)
    world.act(made[1], "pay")
    sessions = world.client.v1.checkout.sessions
    page = sessions.list(params={"limit": 2})
    assert ([each.id for each in page.data], page.has_more) == (made[:2:-1], True)
    rest = sessions.list(params={"limit": 3, "starting_after": page.data[-1].id, "expand": ["data.payment_intent"]})
    assert ([each.id for each in rest.data], rest.has_more) == (made[2::-1], False)
    assert isinstance(rest.data[1].payment_intent, stripe.PaymentIntent)
    assert [each.id for each in sessions.list(params={"limit": 2}).auto_paging_iter()] == made[::-1]
    first, third = world.session(made[0]), world.session(made[2])
    between = sessions.list(params={"created": {"gte": first.created, "lte": third.created}})
    assert [each.id for each in between.data] == made[2::-1]
    inside = sessions.list(params={"created": {"gt": first.created, "lt": third.created}})
    assert [each.id for each in inside.data] == [made[1]]
    assert [each.id for each in sessions.list(params={"status": "complete"}).data] == [made[1]]


def test_an_open_session_can_be_expired_once(world: World) -> None:
    session = world.create()
    world.act(session.id, "fail")
    expired = world.client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.payment_status, expired.url) == ("expired", "unpaid", None)
    assert world.client.v1.payment_intents.retrieve(str(expired.payment_intent)).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match=r'\["open"\] can be expired.*status of `expired`') as refused:
        world.client.v1.checkout.sessions.expire(session.id)
    assert refused.value.http_status == 400
    eventually(lambda: world.shop.types == ["checkout.session.expired"])


def test_what_is_paid_cannot_be_expired(world: World) -> None:
    session = world.create()
    world.act(session.id, "pay", webhook="lost")
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        world.client.v1.checkout.sessions.expire(session.id)


def test_a_session_lapses_by_the_clock_when_somebody_looks(world: World) -> None:
    session = world.create()
    world.clock.moved += timedelta(minutes=34)
    assert world.session(session.id).status == "open"
    world.clock.moved += timedelta(minutes=1)
    assert world.session(session.id).status == "expired"
    assert world.act(session.id, "pay").status_code == 409
    eventually(lambda: world.shop.types == ["checkout.session.expired"])


def test_a_session_lapses_although_nobody_looks() -> None:
    with world(tick=0.05) as watched:
        watched.create()
        watched.clock.moved += timedelta(minutes=36)
        eventually(lambda: watched.shop.types == ["checkout.session.expired"])


def test_without_an_expiry_a_session_lasts_a_day(shared: World) -> None:
    answer = shared.call("POST", SESSIONS, FORM).json()
    assert answer["expires_at"] - answer["created"] == 24 * 60 * 60


REFUSED: list[tuple[dict[str, str | None], str | None, str | None]] = [
    ({"colour": "red"}, "colour", "parameter_unknown"),
    ({"payment_method_types[0]": "ideal"}, "payment_method_types", "payment_method_types_no_longer_supported"),
    ({"idempotency_key": "k"}, "idempotency_key", "parameter_unknown"),
    ({f"{PRICE}[product_data][colour]": "red"}, f"{PRICE}[product_data][colour]", "parameter_unknown"),
    ({"payment_intent_data[colour]": "red"}, "payment_intent_data[colour]", "parameter_unknown"),
    ({"success_url]": "x"}, "success_url]", "parameter_unknown"),
    ({"mode": None}, "mode", "parameter_missing"),
    ({"mode": "nope"}, "mode", None),
    ({"mode": "subscription"}, "mode", "stand_in_limit"),
    ({"ui_mode": "hosted"}, "ui_mode", None),
    ({"ui_mode": "elements"}, "ui_mode", "stand_in_limit"),
    ({"locale": "xx"}, "locale", None),
    ({name: None for name in FORM if name.startswith("line")}, "line_items", "parameter_missing"),
    ({"line_items[0][quantity]": None}, "line_items[0][quantity]", "parameter_missing"),
    ({"line_items[0][quantity]": "0"}, "line_items[0][quantity]", "parameter_invalid_integer"),
    ({"line_items[0][quantity]": "1.0"}, "line_items[0][quantity]", "parameter_invalid_integer"),
    ({"line_items[0][adjustable_quantity][enabled]": "true"}, "line_items[0][adjustable_quantity]", "stand_in_limit"),
    ({f"{PRICE}[unit_amount]": None}, f"{PRICE}[unit_amount]", "parameter_missing"),
    ({f"{PRICE}[unit_amount]": "-5"}, f"{PRICE}[unit_amount]", "parameter_invalid_integer"),
    ({f"{PRICE}[unit_amount]": "12,50"}, f"{PRICE}[unit_amount]", "parameter_invalid_integer"),
    ({f"{PRICE}[unit_amount]": "49"}, None, "amount_too_small"),
    ({f"{PRICE}[unit_amount]": "100000000"}, None, "amount_too_large"),
    ({f"{PRICE}[currency]": "EUR"}, f"{PRICE}[currency]", None),
    ({f"{PRICE}[currency]": None}, f"{PRICE}[currency]", "parameter_missing"),
    ({f"{PRICE}[product_data][name]": ""}, f"{PRICE}[product_data][name]", "parameter_invalid_empty"),
    ({"currency": "usd"}, "line_items", None),
    ({"success_url": None}, "success_url", "parameter_missing"),
    ({"success_url": "/terug"}, "success_url", "url_invalid"),
    ({"cancel_url": "javascript:alert(1)"}, "cancel_url", "url_invalid"),
    ({"client_reference_id": "x" * 201}, "client_reference_id", None),
    ({"client_reference_id": ""}, "client_reference_id", "parameter_invalid_empty"),
    ({"customer_email": "lid@example"}, "customer_email", "email_invalid"),
    ({f"metadata[k{number}]": "v" for number in range(51)}, "metadata", None),
    ({f"metadata[{'k' * 41}]": "v"}, "metadata", None),
    ({"metadata[k]": "v" * 501}, "metadata[k]", None),
    ({f"payment_intent_data[metadata][{'k' * 41}]": "v"}, "payment_intent_data[metadata]", None),
    ({"metadata": "x"}, "metadata", None),
    ({"expand[]": "customer"}, "expand", None),
    ({"expand": "payment_intent"}, "expand", None),
    ({"tax_id_collection[enabled]": "yes"}, "tax_id_collection[enabled]", None),
    ({"allow_promotion_codes": "true"}, "allow_promotion_codes", "stand_in_limit"),
]


@pytest.mark.parametrize(("changes", "param", "code"), REFUSED, ids=[f"{next(iter(each[0]))[:60]}" for each in REFUSED])
def test_a_session_is_refused_with(shared: World, changes: Any, param: str | None, code: str | None) -> None:
    answer = shared.call("POST", SESSIONS, _changed(changes))
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error.get("param"), error.get("code")) == (param, code)
    assert error["message"]


@pytest.mark.parametrize(
    ("span", "accepted"),
    [({"minutes": 29, "seconds": 50}, False), ({"minutes": 31}, True), ({"hours": 23}, True), ({"hours": 24.1}, False)],
)
def test_a_session_expires_between_half_an_hour_and_a_day_ahead(
    shared: World, span: dict[str, float], accepted: bool
) -> None:
    expires_at = shared.clock.ahead(**span)
    if accepted:
        assert shared.create(expires_at=expires_at).expires_at == expires_at
        return
    with pytest.raises(stripe.InvalidRequestError, match="from Checkout Session creation") as refused:
        shared.create(expires_at=expires_at)
    assert refused.value.param == "expires_at"


def test_two_currencies_in_one_session_are_refused(shared: World) -> None:
    lines = shared.params()["line_items"] + shared.params()["line_items"]
    lines[1]["price_data"]["currency"] = "gbp"
    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        shared.create(line_items=lines)


def test_limits_are_limits_and_not_less(shared: World) -> None:
    metadata = {f"{number:040}": "v" * 500 for number in range(50)}
    session = shared.create(metadata=metadata, client_reference_id="x" * 200)
    assert session.metadata is not None
    assert session.metadata.to_dict() == metadata


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "colour=red", "created[year]=1", "expand[]=x"])
def test_a_list_is_refused_with(shared: World, query: str) -> None:
    assert shared.call("GET", f"{SESSIONS}?{query}").status_code == 400


def test_the_key_and_the_version_must_be_right(shared: World) -> None:
    wrong_key = shared.call("GET", SESSIONS, Authorization="Bearer sk_test_other")
    assert (wrong_key.status_code, wrong_key.json()["error"]["type"]) == (401, "invalid_request_error")
    assert shared.call("GET", SESSIONS, Stripe_Version="2023-08-16").status_code == 400
    bare = requests.get(shared.url + SESSIONS, headers={"Authorization": "Bearer sk_test_loket"}, timeout=5)
    assert bare.status_code == 400
    stranger = stripe.StripeClient("sk_test_other", stripe_version=VERSION, base_addresses={"api": shared.url})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.checkout.sessions.list()


def test_json_and_unknown_addresses_are_refused(shared: World) -> None:
    assert shared.call("POST", SESSIONS, '{"mode": "payment"}', Content_Type="application/json").status_code == 400
    with pytest.raises(stripe.InvalidRequestError, match="does not imitate") as refused:
        shared.client.v1.customers.create()
    assert refused.value.http_status == 404
    for look_up in (shared.client.v1.checkout.sessions.retrieve, shared.client.v1.payment_intents.retrieve):
        with pytest.raises(stripe.InvalidRequestError) as missing:
            look_up("nothing")
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


def _post(world: World, key: str, **changes: str | None) -> requests.Response:
    return world.call("POST", SESSIONS, urlencode(_changed(changes)), Idempotency_Key=key)


def test_a_repeat_gets_the_first_answer(world: World) -> None:
    expires_at = str(world.clock.ahead(minutes=35))
    first = _post(world, "order-7:1", expires_at=expires_at)
    world.act(first.json()["id"], "pay", webhook="lost")
    world.clock.moved += timedelta(minutes=10)  # too late to ask for this expiry anew
    again = _post(world, "order-7:1", expires_at=expires_at)
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.headers
    assert len(world.books()["sessions"]) == 1


def test_a_key_is_for_one_request_only(world: World) -> None:
    _post(world, "order-7:1")
    other = _post(world, "order-7:1", client_reference_id="order-8")
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    with pytest.raises(stripe.IdempotencyError):
        world.client.v1.checkout.sessions.create(params=world.params(), options={"idempotency_key": "order-7:1"})
    assert _post(world, "k" * 256).status_code == 400
    assert len(world.books()["sessions"]) == 1


def test_a_key_is_for_one_address_only(world: World) -> None:
    one, other = world.create(), world.create()
    expire = world.client.v1.checkout.sessions.expire
    expire(one.id, options={"idempotency_key": "expire"})
    assert expire(one.id, options={"idempotency_key": "expire"}).status == "expired"
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        expire(other.id, options={"idempotency_key": "expire"})


def test_a_key_in_use_is_a_conflict_that_is_not_saved(world: World) -> None:
    world.plan("checkout.sessions.create", "slow", seconds=60)
    answers: list[requests.Response] = []
    slow = threading.Thread(target=lambda: answers.append(_post(world, "order-7:1")))
    slow.start()
    eventually(lambda: any(call["fault"] == "slow" for call in world.books()["requests"]))
    conflict = _post(world, "order-7:1")
    world.forget_faults()
    slow.join()
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    again = _post(world, "order-7:1")
    assert (again.status_code, again.content) == (200, answers[0].content)


def test_what_is_refused_at_the_check_is_not_saved(world: World) -> None:
    assert _post(world, "order-7:1", customer_email="nonsense").status_code == 400
    assert _post(world, "order-7:1").status_code == 200


def test_a_key_lives_for_a_day(world: World) -> None:
    first = _post(world, "order-7:1")
    world.clock.moved += timedelta(hours=23, minutes=59)
    assert _post(world, "order-7:1").content == first.content
    world.clock.moved += timedelta(minutes=2)
    assert _post(world, "order-7:1").json()["id"] != first.json()["id"]


@pytest.mark.parametrize("executed", [False, True])
def test_a_saved_500_stays_a_500(world: World, executed: bool) -> None:
    world.plan("checkout.sessions.create", "error_500_saved", executed=executed)
    first = _post(world, "order-7:1")
    again = _post(world, "order-7:1")
    assert (first.status_code, again.status_code) == (500, 500)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Stripe-Should-Retry"] == "false"
    assert len(world.books()["sessions"]) == executed
    assert _post(world, "order-7:2").status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("error_500", 500, stripe.APIError),
        ("rate_limit_429", 429, stripe.RateLimitError),
        ("conflict_409", 409, stripe.APIError),
        ("bad_request_400", 400, stripe.InvalidRequestError),
    ],
)
def test_a_fault_at_the_door_does_nothing_and_is_not_saved(
    world: World, kind: str, status: int, error: type[stripe.StripeError]
) -> None:
    world.plan("checkout.sessions.create", kind, times=2)
    options: Any = {"idempotency_key": "order-7:1"}
    for _ in range(2):
        with pytest.raises(error) as failed:
            world.client.v1.checkout.sessions.create(params=world.params(expires_at=2**31), options=options)
        assert failed.value.http_status == status
    assert world.books()["sessions"] == []
    world.client.v1.checkout.sessions.create(params=world.params(), options=options)


def test_the_sdk_gets_over_a_500_with_one_key(world: World) -> None:
    world.plan("checkout.sessions.create", "error_500")
    session = world.client.v1.checkout.sessions.create(params=world.params(), options={"max_network_retries": 1})
    calls = [call for call in world.books()["requests"] if call["path"] == SESSIONS]
    assert [(call["status"], call["fault"]) for call in calls] == [(500, "error_500"), (200, None)]
    assert calls[0]["idempotency_key"] == calls[1]["idempotency_key"]
    assert calls[0]["body"] == calls[1]["body"]
    assert calls[1]["parameters"]["line_items"][0]["quantity"] == "2"
    assert session.status == "open"


@pytest.mark.parametrize(("kind", "made"), [("timeout_before", 0), ("timeout_after", 1)])
def test_a_held_answer_times_out_before_or_after_the_deed(kind: str, made: int) -> None:
    with world(client_timeout=0.3) as patient:
        patient.plan("checkout.sessions.create", kind, seconds=30)
        options: Any = {"idempotency_key": "order-7:1"}
        params = patient.params()
        began = time.monotonic()
        with pytest.raises(stripe.APIConnectionError):
            patient.client.v1.checkout.sessions.create(params=params, options=options)
        assert time.monotonic() - began < 2
        assert len(patient.books()["sessions"]) == made
        session = patient.client.v1.checkout.sessions.create(params=params, options=options)
        assert [each["id"] for each in patient.books()["sessions"]] == [session.id]


def test_faults_can_be_forgotten_and_must_make_sense(world: World) -> None:
    world.plan("checkout.sessions.create", "error_500", times=3)
    assert len(world.books()["faults"]) == 3
    world.forget_faults()
    assert world.books()["faults"] == []
    assert world.create().status == "open"
    for nonsense in ({"operation": "x", "kind": "error_500"}, {"operation": "checkout.sessions.create", "kind": "x"}):
        assert requests.post(f"{world.url}/_stand-in/faults", json=nonsense, timeout=5).status_code == 400
