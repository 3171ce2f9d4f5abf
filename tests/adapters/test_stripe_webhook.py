"""The webhook of Stripe: only what is genuine, fresh and ours leads anywhere, and nothing else breaks anything."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.stripe_webhook import EVENTS, StripeWebhook
from chalicelib.domain.error import WebhookRefused
from devstack.stripe.event import Event
from devstack.stripe.stand_in import Action
from devstack.stripe.wire import API_VERSION, written
from tests.adapters.till import DESK, give_back, paid, quiet_till, request

SECRET = "whsec_of_a_test"
NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
SESSION_EVENTS = [f"checkout.session.{news}" for news in ("completed", "expired")]
SESSION_EVENTS += [f"checkout.session.async_payment_{news}" for news in ("succeeded", "failed")]
PAYMENT_EVENTS = ["charge.refunded", "refund.created", "refund.updated", "refund.failed"]
PAYMENT_EVENTS += [f"charge.dispute.{news}" for news in ("created", "updated", "closed")]
PAYMENT_EVENTS += [f"charge.dispute.funds_{news}" for news in ("withdrawn", "reinstated")]
STAMP = int(NOW.timestamp())
WEBHOOK = StripeWebhook(secret=SECRET, desk=DESK, live=False)


def event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "api_version": API_VERSION,
        "type": "checkout.session.completed",
        "livemode": False,
        "data": {"object": {"id": "cs_test_1", "metadata": {"app": "loket", "stage": "test"}}},
        **changes,
    }


def signature(body: bytes | str, *, secret: str = SECRET, stamp: int = STAMP) -> str:
    text = body.decode() if isinstance(body, bytes) else body
    header: str = stripe.WebhookSignature.generate_signature_header(text, secret, stamp)
    return header


def heard(body: bytes, *, signed: str | None = None, webhook: StripeWebhook = WEBHOOK) -> str | None:
    return webhook.subject_of(body, signature=signature(body) if signed is None else signed, now=NOW)


def moved(kind: str, **changes: Any) -> bytes:
    """An event about something of a payment, that carries no mark of ours."""
    about = {"id": "re_1", "payment_intent": "pi_1", "metadata": {}, **changes}
    return json.dumps(event(type=kind, data={"object": about})).encode()


@pytest.mark.parametrize("kind", SESSION_EVENTS)
def test_an_event_of_a_session_leads_to_it(kind: str) -> None:
    assert heard(json.dumps(event(type=kind)).encode()) == "cs_test_1"


@pytest.mark.parametrize("kind", PAYMENT_EVENTS)
def test_an_event_about_the_money_leads_to_its_payment(kind: str) -> None:
    ours = {"app": "loket", "stage": "test"}
    assert heard(moved(kind, metadata=ours)) == "pi_1"


@pytest.mark.parametrize("kind", sorted(set(PAYMENT_EVENTS) - {"charge.refunded"}))
@pytest.mark.parametrize("metadata", [{}, None, {"reason": "asked by phone"}])
def test_whose_a_refund_or_dispute_is_that_does_not_say_so_is_looked_up(
    kind: str, metadata: dict[str, str] | None
) -> None:
    """Made by hand at Stripe, or by a bank."""
    assert heard(moved(kind, metadata=metadata)) == "pi_1"


@pytest.mark.parametrize("kind", PAYMENT_EVENTS)
@pytest.mark.parametrize("metadata", [{"app": "webshop"}, {"app": "loket"}, {"app": "loket", "stage": "prod"}])
def test_money_that_is_said_to_be_anothers_is_passed_over(kind: str, metadata: dict[str, str]) -> None:
    assert heard(moved(kind, metadata=metadata)) is None


def test_a_refunded_charge_always_says_whose_it_is() -> None:
    assert heard(moved("charge.refunded")) is None


@pytest.mark.parametrize("kind", PAYMENT_EVENTS)
def test_what_belongs_to_no_payment_is_none_of_ours(kind: str) -> None:
    assert heard(moved(kind, payment_intent=None, metadata={"app": "loket", "stage": "test"})) is None


def test_an_endpoint_subscribes_to_each_event_once() -> None:
    assert sorted(EVENTS) == sorted({*SESSION_EVENTS, *PAYMENT_EVENTS})


def read(told: Event) -> str | None:
    """What an event of the stand-in leads to, signed as Stripe signs it, with the real time."""
    body = written(told.as_json())
    header = signature(body, stamp=int(time.time()))
    return WEBHOOK.subject_of(body.encode(), signature=header, now=datetime.now(UTC))


def test_the_events_of_the_stand_in_are_read() -> None:
    till = quiet_till()
    ways: dict[Action, str] = {"pay": "completed", "later": "completed", "expire": "expired"}
    for attempt, (action, kind) in enumerate(ways.items(), start=1):
        session = till.gateway.open_session(request(till.clock, attempt=attempt))
        till.act(action, session.id)
        [told] = till.stand_in.books.events_of(session.id)
        assert told.type == f"checkout.session.{kind}"
        assert read(told) == session.id


def test_all_that_becomes_of_a_payment_at_the_stand_in_leads_to_it() -> None:
    """To an event of each kind but those of a session, that is."""
    till = quiet_till()
    session = paid(till)
    already = len(till.stand_in.books.events())
    till.settle_refund(till.gateway.refund(give_back(session, amount_cents=100)).id)
    till.fail_refund(till.refund_elsewhere(session.id, 100))
    inquiry = till.dispute(session.id, 100, inquiry=True)
    till.stand_in.act_on_dispute("escalate", inquiry)
    till.close_dispute(inquiry, won=True)
    events = till.stand_in.books.events()[:-already]
    found = {told.type: read(told) for told in events if told.type in PAYMENT_EVENTS}
    assert found == dict.fromkeys(PAYMENT_EVENTS, session.payment_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "charge.succeeded"},
        {"type": "payment_intent.succeeded"},
        {"data": {"object": {"id": "cs_test_1"}}},
        {"data": {"object": {"id": "cs_test_1", "metadata": None}}},
        {"data": {"object": {"id": "cs_test_1", "metadata": {"app": "webshop", "stage": "test"}}}},
        {"data": {"object": {"id": "cs_test_1", "metadata": {"app": "loket", "stage": "prod"}}}},
    ],
    ids=json.dumps,
)
def test_a_genuine_event_that_is_not_for_this_desk_is_passed_over(changes: dict[str, Any]) -> None:
    assert heard(json.dumps(event(**changes)).encode()) is None


def test_an_event_of_another_version_counts_since_only_its_id_is_used() -> None:
    assert heard(json.dumps(event(api_version="2019-01-01")).encode()) == "cs_test_1"


@pytest.mark.parametrize("live", [True, False])
def test_a_message_of_the_other_mode_is_refused(live: bool) -> None:
    webhook = StripeWebhook(secret=SECRET, desk=DESK, live=live)
    assert heard(json.dumps(event(livemode=live)).encode(), webhook=webhook) == "cs_test_1"
    with pytest.raises(WebhookRefused):
        heard(json.dumps(event(livemode=not live)).encode(), webhook=webhook)


BODY = json.dumps(event()).encode()


@pytest.mark.parametrize("minutes", [-4.99, 0, 4.99])
def test_a_fresh_message_is_heard(minutes: float) -> None:
    stamp = int((NOW + timedelta(minutes=minutes)).timestamp())
    assert heard(BODY, signed=signature(BODY, stamp=stamp)) == "cs_test_1"


@pytest.mark.parametrize("minutes", [-60 * 24, -5.1, 5.1, 60 * 24])
def test_a_stale_message_and_one_from_the_future_are_refused(minutes: float) -> None:
    stamp = int((NOW + timedelta(minutes=minutes)).timestamp())
    with pytest.raises(WebhookRefused):
        heard(BODY, signed=signature(BODY, stamp=stamp))


GOOD = signature(BODY)
V1 = GOOD.partition("v1=")[2]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "nonsense",
        f"v1={V1}",
        f"t={STAMP}",
        f"t={STAMP},v0={V1}",
        f"t={STAMP + 1},v1={V1}",
        f"t={STAMP},v1={V1[:-1]}",
        f"t={STAMP},v1={V1}0",
        f"t={STAMP},v1={V1.upper()}",
        f"t={STAMP},v1=é",
        f"t=x,v1={V1}",
        f"t=1,t={STAMP},v1={V1}",
        f"t={'9' * 400},v1={V1}",
        signature(BODY, secret="whsec_of_another"),
        signature(BODY + b" "),
        "\x00",
    ],
)
def test_what_is_not_signed_with_our_secret_is_refused(header: str) -> None:
    with pytest.raises(WebhookRefused):
        heard(BODY, signed=header)


OLD = STAMP - 86_400


@pytest.mark.parametrize("spelling", [f" {OLD}", f"+{OLD}", f"{OLD:_}", f"0{OLD}", f"000{OLD}", f"{OLD} "])
def test_an_old_message_is_not_made_fresh_by_a_second_stamp(spelling: str) -> None:
    """The SDK takes the first stamp for what was signed, however it is spelled: its age counts, and no other's."""
    old = signature(BODY, stamp=OLD).partition("v1=")[2]
    with pytest.raises(WebhookRefused):
        heard(BODY, signed=f"t={spelling},t={STAMP},v1={old}")


def test_one_right_signature_among_others_is_enough() -> None:
    """While a secret is rolled, Stripe signs with both."""
    assert heard(BODY, signed=f"t={STAMP},v1={'0' * 64},v1={V1}") == "cs_test_1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"not json",
        b'{"id": "evt_1"',
        json.dumps(event(data={})).encode(),
        json.dumps(event(data={"object": {}})).encode(),
        json.dumps(event(data={"object": {"id": 7}})).encode(),
        json.dumps(event(livemode="false")).encode(),
        json.dumps(event(type=None)).encode(),
        json.dumps(event(data={"object": {"id": "cs", "metadata": {"app": 7}}})).encode(),
        b'{"data": ' + b'{"a": ' * 100_000,
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=lambda body: ascii(body)[:40],
)
def test_a_signed_message_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        heard(body)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(body=st.binary(max_size=60), header=st.text(max_size=60))
def test_nonsense_is_refused_and_nothing_else_happens(body: bytes, header: str) -> None:
    with pytest.raises(WebhookRefused):
        heard(body, signed=header)
    with pytest.raises(WebhookRefused):
        heard(body, signed=f"t={STAMP},v1={header}")
