"""The real gateway alone: what it sends to Stripe, and what it makes of a Stripe that fails."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import stripe

from chalicelib.adapters import stripe_gateway
from chalicelib.adapters.stripe_gateway import Desk, StripeGateway, stripe_client
from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.error import PaymentBusy, PaymentRefused, PaymentUnavailable, PaymentUnknown, SessionNotOpen
from devstack.environment import STRIPE_KEY
from tests.adapters.conftest import NOWHERE
from tests.adapters.till import DESK, EMAIL, StripeTill, long_ago, request

METADATA = {"app": "loket", "stage": "test", "order": "order-1", "attempt": "1"}


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own gateway, but for its patience, and the SDK's between two attempts."""
    monkeypatch.setattr(stripe_gateway, "TIMEOUT", (1, 0.4))
    monkeypatch.setattr(stripe_gateway, "PATIENCE", 0.8)
    monkeypatch.setattr(stripe_gateway, "PAUSE", 0.1)
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)


# What is sent


def test_a_session_is_asked_for_with_exactly_this(stripe_till: StripeTill) -> None:
    asked = request(stripe_till.clock)
    stripe_till.gateway.open_session(asked)
    [call] = stripe_till.asked()
    assert (call["method"], call["path"], call["status"]) == ("POST", "/v1/checkout/sessions", 200)
    assert call["idempotency_key"] == "loket-test-order-1-1"
    assert call["parameters"] == {
        "mode": "payment",
        "client_reference_id": "order-1",
        "customer_email": EMAIL,
        "locale": "nl",
        "line_items": [
            {
                "quantity": str(line.quantity),
                "price_data": {
                    "currency": "eur",
                    "unit_amount": str(line.unit_cents),
                    "product_data": {"name": line.name, "description": line.description},
                },
            }
            for line in asked.lines
        ],
        "metadata": METADATA,
        "payment_intent_data": {"description": "L26-7KQM", "metadata": METADATA},
        "expires_at": str(int(asked.expires_at.timestamp())),
        "success_url": asked.success_url,
        "cancel_url": asked.cancel_url,
    }


def test_a_repeat_is_equal_to_the_byte(stripe_till: StripeTill) -> None:
    for _ in range(2):
        stripe_till.gateway.open_session(request(stripe_till.clock))
    first, second = [call for call in stripe_till.asked() if call["method"] == "POST"]
    assert (first["body"], first["idempotency_key"]) == (second["body"], second["idempotency_key"])
    assert second["replayed"]


def test_attempts_and_stages_have_keys_of_their_own(stripe_till: StripeTill) -> None:
    stripe_till.gateway.open_session(request(stripe_till.clock, attempt=2))
    production = StripeGateway(stripe_till.client(), desk=Desk(app="loket", stage="prod"))
    production.open_session(request(stripe_till.clock, attempt=2))
    assert [call["idempotency_key"] for call in stripe_till.asked()] == ["loket-test-order-1-2", "loket-prod-order-1-2"]


def test_nothing_personal_is_kept_beside_the_payment(stripe_till: StripeTill) -> None:
    """Stripe needs the address to send its receipt; it stands there and nowhere else."""
    session = stripe_till.gateway.open_session(request(stripe_till.clock))
    stripe_till.pay(session.id)
    [call] = stripe_till.asked()
    assert call["parameters"].pop("customer_email") == EMAIL
    assert "@" not in json.dumps(call["parameters"])
    books = stripe_till.stand_in.books.as_json()
    [intent] = books["payment_intents"]
    assert (intent["description"], intent["metadata"]) == ("L26-7KQM", METADATA)
    assert books["sessions"][0]["metadata"] == METADATA


def test_stripe_takes_every_request_of_this_kind(stripe_till: StripeTill) -> None:
    """The stand-in holds each to the typed parameters of the SDK, and refuses what it does not know."""
    gateway, clock = stripe_till.gateway, stripe_till.clock
    session = gateway.open_session(request(clock))
    gateway.open_session(request(clock))
    gateway.open_session(request(clock, order_id="o" * 64, language="en", attempt=50))
    gateway.fetch(session.id)
    gateway.sessions_of("order-1", since=long_ago(clock))
    gateway.close(session.id)
    paths = [(call["method"], call["path"].replace(session.id, "<id>"), call["status"]) for call in stripe_till.asked()]
    assert paths == [
        ("POST", "/v1/checkout/sessions", 200),
        ("POST", "/v1/checkout/sessions", 200),
        ("GET", "/v1/checkout/sessions/<id>", 200),
        ("POST", "/v1/checkout/sessions", 200),
        ("GET", "/v1/checkout/sessions/<id>", 200),
        ("GET", "/v1/checkout/sessions", 200),
        ("POST", "/v1/checkout/sessions/<id>/expire", 200),
    ]


# Sessions of others in the same account


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"app": "webshop", "stage": "test", "attempt": "1"},
        {"app": "loket", "stage": "prod", "attempt": "1"},
        {"app": "loket"},
        {"order": "order-1"},
    ],
)
def test_the_session_of_another_application_is_none_of_ours(
    stripe_till: StripeTill, metadata: dict[str, str] | None
) -> None:
    theirs = _opened_by_others(stripe_till, metadata)
    assert stripe_till.gateway.fetch(theirs) is None
    ours = stripe_till.gateway.open_session(request(stripe_till.clock))
    assert stripe_till.gateway.sessions_of("order-1", since=long_ago(stripe_till.clock)) == [ours]


def _opened_by_others(till: StripeTill, metadata: dict[str, str] | None) -> str:
    line: Any = {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 100, "product_data": {"name": "Pen"}}}
    params: Any = {
        "mode": "payment",
        "line_items": [line],
        "success_url": "https://shop.example.nl/",
        "client_reference_id": "order-1",
    }
    if metadata is not None:
        params["metadata"] = metadata
    return till.client().v1.checkout.sessions.create(params).id


def test_sessions_are_found_beyond_the_first_page(stripe_till: StripeTill) -> None:
    first = stripe_till.gateway.open_session(request(stripe_till.clock))
    for number in range(55):
        asked = stripe_till.stand_in.books.session(first.id).asked | {"client_reference_id": f"other-{number}"}
        stripe_till.stand_in.books.open_session(
            asked, now=int(stripe_till.clock().timestamp()), public_url=stripe_till.url
        )
    last = stripe_till.gateway.open_session(request(stripe_till.clock, attempt=2))
    assert stripe_till.gateway.sessions_of("order-1", since=long_ago(stripe_till.clock)) == [last, first]
    assert len([call for call in stripe_till.asked() if call["method"] == "GET"]) == 3


def test_a_failed_try_on_the_payment_page_leaves_the_session_open(stripe_till: StripeTill) -> None:
    opened = stripe_till.gateway.open_session(request(stripe_till.clock))
    stripe_till.act("fail", opened.id)
    found = stripe_till.gateway.fetch(opened.id)
    assert found is not None
    assert found.outcome is Outcome.OPEN


# A Stripe that fails


ACTS: dict[str, Callable[[StripeTill, CheckoutSession], object]] = {
    "create": lambda till, _: till.gateway.open_session(request(till.clock, attempt=2)),
    "retrieve": lambda till, session: till.gateway.fetch(session.id),
    "list": lambda till, _: till.gateway.sessions_of("order-1", since=long_ago(till.clock)),
    "expire": lambda till, session: till.gateway.close(session.id),
}
FAILURES: dict[str, type[PaymentUnavailable]] = {
    "error_500": PaymentUnknown,
    "error_500_saved": PaymentUnknown,
    "rate_limit_429": PaymentBusy,
    "conflict_409": PaymentUnavailable,
}
SILENCES = [("create", "timeout_before"), ("create", "timeout_after"), ("expire", "timeout_after")]


@pytest.mark.parametrize("operation", ACTS)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_that_stays_is_said_in_our_words(
    stripe_till: StripeTill, hasty: None, operation: str, failure: str
) -> None:
    session = stripe_till.gateway.open_session(request(stripe_till.clock))
    stripe_till.plan(f"checkout.sessions.{operation}", failure, times=20)
    with pytest.raises(PaymentUnavailable) as caught:
        ACTS[operation](stripe_till, session)
    # a look leaves nothing unknown
    expected = PaymentUnavailable if operation in ("retrieve", "list") and "500" in failure else FAILURES[failure]
    assert type(caught.value) is expected


@pytest.mark.parametrize(("operation", "silence"), SILENCES)
def test_silence_is_no_answer_either_way(stripe_till: StripeTill, hasty: None, operation: str, silence: str) -> None:
    session = stripe_till.gateway.open_session(request(stripe_till.clock))
    stripe_till.plan(f"checkout.sessions.{operation}", silence, times=2)
    with pytest.raises(PaymentUnavailable) as caught:
        ACTS[operation](stripe_till, session)
    assert type(caught.value) is PaymentUnavailable


@pytest.mark.parametrize(
    ("operation", "failure"),
    [*SILENCES, *((operation, failure) for operation in ACTS for failure in ("error_500", "conflict_409"))],
)
def test_a_failure_that_passes_is_not_even_noticed(
    stripe_till: StripeTill, hasty: None, operation: str, failure: str
) -> None:
    session = stripe_till.gateway.open_session(request(stripe_till.clock))
    before = len(stripe_till.asked())
    stripe_till.plan(f"checkout.sessions.{operation}", failure)
    ACTS[operation](stripe_till, session)
    failed, repeated, *_ = stripe_till.asked()[before:]
    assert (failed["fault"], failed["path"], failed["body"]) == (failure, repeated["path"], repeated["body"])
    assert failed["idempotency_key"] == repeated["idempotency_key"]
    assert len(stripe_till.stand_in.books.sessions()) == (2 if operation == "create" else 1)


def test_after_a_time_out_the_same_request_finds_the_same_session(stripe_till: StripeTill, hasty: None) -> None:
    asked = request(stripe_till.clock)
    stripe_till.plan("checkout.sessions.create", "timeout_after", times=2)
    with pytest.raises(PaymentUnavailable):
        stripe_till.gateway.open_session(asked)
    [there] = stripe_till.stand_in.books.sessions()
    found = stripe_till.gateway.open_session(asked)
    assert (found.id, found.outcome) == (there.id, Outcome.OPEN)
    assert len(stripe_till.stand_in.books.sessions()) == 1


def test_a_repeat_while_the_first_is_still_under_way_waits_for_it(stripe_till: StripeTill, hasty: None) -> None:
    """As when an impatient visitor presses the button again."""
    asked = request(stripe_till.clock)
    stripe_till.plan("checkout.sessions.create", "slow", seconds=0.2)
    with ThreadPoolExecutor(2) as visitor:
        first, second = visitor.map(lambda _: stripe_till.gateway.open_session(asked), range(2))
    assert first == second
    assert len(stripe_till.stand_in.books.sessions()) == 1
    assert 409 in [call["status"] for call in stripe_till.asked()]


@pytest.mark.parametrize("executed", [True, False])
def test_after_a_saved_500_only_looking_tells_whether_there_is_a_session(
    stripe_till: StripeTill, executed: bool
) -> None:
    asked = request(stripe_till.clock)
    stripe_till.plan("checkout.sessions.create", "error_500_saved", executed=executed)
    for _ in range(2):
        with pytest.raises(PaymentUnknown):
            stripe_till.gateway.open_session(asked)
    found = stripe_till.gateway.sessions_of("order-1", since=long_ago(stripe_till.clock))
    assert [session.attempt for session in found] == ([1] if executed else [])
    assert stripe_till.gateway.open_session(replace(asked, attempt=2)).outcome is Outcome.OPEN


def test_what_stripe_refuses_is_not_executed(stripe_till: StripeTill) -> None:
    stripe_till.plan("checkout.sessions.create", "bad_request_400")
    asked = request(stripe_till.clock)
    with pytest.raises(PaymentRefused):
        stripe_till.gateway.open_session(asked)
    assert stripe_till.stand_in.books.sessions() == []
    assert stripe_till.gateway.open_session(asked).outcome is Outcome.OPEN


def test_a_refused_look_does_not_mean_that_the_session_is_not_there(stripe_till: StripeTill) -> None:
    session = stripe_till.gateway.open_session(request(stripe_till.clock))
    stripe_till.plan("checkout.sessions.retrieve", "bad_request_400")
    with pytest.raises(PaymentUnavailable) as caught:
        stripe_till.gateway.fetch(session.id)
    assert type(caught.value) is PaymentUnavailable


def test_a_replayed_session_is_looked_at_before_it_is_believed(stripe_till: StripeTill) -> None:
    asked = request(stripe_till.clock)
    first = stripe_till.gateway.open_session(asked)
    stripe_till.clock.advance(minutes=36)
    assert stripe_till.gateway.open_session(asked) == replace(first, outcome=Outcome.EXPIRED, url="")
    stripe_till.plan("checkout.sessions.retrieve", "rate_limit_429")
    with pytest.raises(PaymentUnavailable):
        stripe_till.gateway.open_session(asked)


def test_a_close_whose_answer_was_lost_was_a_close(stripe_till: StripeTill, hasty: None) -> None:
    session = stripe_till.gateway.open_session(request(stripe_till.clock))
    stripe_till.plan("checkout.sessions.expire", "timeout_after", times=2)
    with pytest.raises(PaymentUnavailable):
        stripe_till.gateway.close(session.id)
    with pytest.raises(SessionNotOpen):
        stripe_till.gateway.close(session.id)
    found = stripe_till.gateway.fetch(session.id)
    assert found is not None
    assert found.outcome is Outcome.EXPIRED


def test_a_wrong_key_is_no_refusal_of_the_request(stripe_till: StripeTill) -> None:
    session = stripe_till.gateway.open_session(request(stripe_till.clock))
    stranger = StripeGateway(stripe_till.client(key="sk_test_revoked"), desk=DESK)
    for act in (
        lambda: stranger.open_session(request(stripe_till.clock)),
        lambda: stranger.fetch(session.id),
        lambda: stranger.close(session.id),
        lambda: stranger.sessions_of("order-1", since=long_ago(stripe_till.clock)),
    ):
        with pytest.raises(PaymentUnavailable) as caught:
            act()
        assert type(caught.value) is PaymentUnavailable


def test_where_nobody_answers_the_gateway_is_unavailable(stripe_till: StripeTill) -> None:
    gateway = StripeGateway(stripe_client(secret_key=STRIPE_KEY, api_base=NOWHERE), desk=DESK)
    with pytest.raises(PaymentUnavailable) as caught:
        gateway.fetch("cs_test_1")
    assert type(caught.value) is PaymentUnavailable


@pytest.mark.parametrize("email", ["zoe vries@example.nl", "zoe@vries", "zoë"])
def test_an_address_that_stripe_refuses_is_in_no_log(
    stripe_till: StripeTill, caplog: pytest.LogCaptureFixture, email: str
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(PaymentRefused) as caught:
        stripe_till.gateway.open_session(request(stripe_till.clock, email=email))
    assert "stripe_failed kind=InvalidRequestError status=400 code=email_invalid" in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("chalicelib")]
    told = traceback.format_exception(caught.value)  # as a door would log it
    assert not [line for line in (*ours, *told) if email in line]


def test_the_client_is_bounded_in_time_and_pinned_to_the_version_of_the_sdk() -> None:
    """Two calls, each with its repeat and the pause before that, must fit in the 29 seconds of API Gateway."""
    assert 2 * (sum(stripe_gateway.TIMEOUT) * (1 + stripe_gateway.RETRIES) + stripe.HTTPClient.INITIAL_DELAY) < 29
    assert stripe.api_version == stripe_gateway.API_VERSION
