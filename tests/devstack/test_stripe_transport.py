"""The stand-in without a socket: the same in every run, forked at will, limited, and failing at once when told to."""

from typing import Any

import pytest
import stripe

from devstack.stripe.rate_limit import Rates
from devstack.stripe.transport import client_of
from tests.devstack.stripe_world import QuietWorld, StillClock, eventually, quiet_world, world


def _some_days(world: QuietWorld) -> Any:
    for method in ("ideal", "card"):
        charge = world.paid(method=method)
        world.api.refunds.create({"charge": charge.id, "amount": 1_000}, {"idempotency_key": f"refund-{method}"})
        world.clock.move(minutes=5)
    world.stand_in.open_dispute(charge.id)
    world.stand_in.pay_out()
    told = world.books.as_json()
    for call in told["requests"]:
        # The SDK makes a key of its own where none was given.
        call["idempotency_key"] = None
    return told


def test_two_worlds_are_equal_to_the_letter() -> None:
    assert _some_days(quiet_world()) == _some_days(quiet_world())


def test_a_fork_has_the_same_past_and_its_own_future() -> None:
    world = quiet_world()
    charge = world.paid()
    first = world.api.refunds.create({"charge": charge.id, "amount": 100}, {"idempotency_key": "r1"})
    world.plan("charges.retrieve", "error_500")
    clock = StillClock()
    clock.time = world.clock()
    twin = world.stand_in.fork(clock=clock)
    before = world.books.as_json()
    other = client_of(twin)
    assert twin.books.as_json() == before
    again = other.v1.refunds.create({"charge": charge.id, "amount": 100}, {"idempotency_key": "r1"})
    assert again.id == first.id, "the twin knows the keys"
    with pytest.raises(stripe.APIError):
        other.v1.charges.retrieve(charge.id)
    its_second = other.v1.refunds.create({"charge": charge.id, "amount": 200}, {"idempotency_key": "r2"})
    twin.open_dispute(charge.id)
    clock.move(days=2)
    twin.lapse()
    assert world.books.as_json() == before
    with pytest.raises(stripe.APIError):
        world.api.charges.retrieve(charge.id)
    assert [event.type for event in world.books.events_of(charge.id)] == ["charge.refunded"]
    my_second = world.api.refunds.create({"charge": charge.id, "amount": 300}, {"idempotency_key": "r2"})
    assert my_second.id == its_second.id, "each counts on from the same number"
    assert world.charge(charge.id).amount_refunded == 400
    assert twin.books.charge_of(charge.id).refunded_cents == 300


def test_a_quiet_world_starts_no_thread_and_brings_no_webhook() -> None:
    import threading

    before = threading.active_count()
    world = quiet_world()
    world.paid()
    assert threading.active_count() == before
    assert world.books.as_json()["deliveries"] == []


@pytest.mark.parametrize(("kind", "made"), [("timeout_before", 0), ("timeout_after", 1)])
def test_an_answer_too_late_is_lost_at_once(kind: str, made: int) -> None:
    world = quiet_world()
    charge = world.paid()
    world.plan("refunds.create", kind, seconds=60)
    with pytest.raises(stripe.APIConnectionError):
        world.api.refunds.create({"charge": charge.id}, {"idempotency_key": "r1"})
    assert len(world.api.refunds.list().data) == made
    assert world.api.refunds.create({"charge": charge.id}, {"idempotency_key": "r1"}).amount == 10_000
    assert len(world.api.refunds.list().data) == 1


def test_the_sdk_repeats_without_waiting() -> None:
    world = quiet_world(max_network_retries=2)
    charge = world.paid()
    world.plan("refunds.create", "timeout_after")
    world.plan("refunds.create", "error_500")
    assert world.api.refunds.create({"charge": charge.id}).amount == 10_000
    calls = [call for call in world.books.as_json()["requests"] if call["path"] == "/v1/refunds"]
    assert [call["fault"] for call in calls] == ["timeout_after", "error_500", None]
    assert [call["replayed"] for call in calls] == [False, False, True]
    assert len({call["idempotency_key"] for call in calls}) == 1


@pytest.mark.parametrize("executed", [False, True])
def test_a_saved_500_is_the_answer_for_ever(executed: bool) -> None:
    world = quiet_world(max_network_retries=2)
    charge = world.paid()
    world.plan("refunds.create", "error_500_saved", executed=executed)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            world.api.refunds.create({"charge": charge.id}, {"idempotency_key": "r1"})
        assert failed.value.http_status == 500
    assert world.charge(charge.id).refunded is executed
    assert len([call for call in world.books.as_json()["requests"] if call["path"] == "/v1/refunds"]) == 2


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("rate_limit_429", 429, "rate_limit"), ("key_in_use_409", 409, "idempotency_key_in_use")],
)
def test_what_is_turned_away_is_not_saved(kind: str, status: int, code: str) -> None:
    world = quiet_world()
    charge = world.paid()
    world.plan("refunds.create", kind)
    with pytest.raises(stripe.StripeError) as failed:
        world.api.refunds.create({"charge": charge.id}, {"idempotency_key": "r1"})
    assert (failed.value.http_status, failed.value.error and failed.value.error.code) == (status, code)
    assert world.api.refunds.create({"charge": charge.id}, {"idempotency_key": "r1"}).amount == 10_000


@pytest.mark.parametrize(
    "operation",
    [
        *("checkout.sessions.list", "payment_intents.list", "charges.list", "refunds.list", "disputes.list"),
        *("balance_transactions.list", "payouts.list", "events.list", "balance.retrieve"),
    ],
)
def test_every_operation_can_fail(operation: str) -> None:
    world = quiet_world()
    world.plan(operation, "error_500")
    service: Any = world.api
    for step in operation.split("."):
        service = getattr(service, step)
    with pytest.raises(stripe.APIError):
        service()
    service()


def test_only_a_refund_has_the_faults_of_a_refund() -> None:
    with pytest.raises(ValueError, match=r"refunds\.create only"):
        quiet_world().plan("refunds.list", "refund_fails_later")


def test_too_many_requests_a_second_are_turned_away() -> None:
    world = quiet_world(rates=Rates(endpoint=2, overall=3))
    refunds, disputes = world.api.refunds.list, world.api.disputes.list
    refunds()
    refunds()
    with pytest.raises(stripe.RateLimitError) as refused:
        refunds()
    assert (refused.value.http_status, refused.value.error and refused.value.error.code) == (429, "rate_limit")
    assert refused.value.headers is not None
    assert refused.value.headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    disputes()
    with pytest.raises(stripe.RateLimitError) as refused:
        disputes()
    assert refused.value.headers is not None
    assert refused.value.headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    world.clock.move(seconds=0.9)
    with pytest.raises(stripe.RateLimitError):
        disputes()
    world.clock.move(seconds=0.1)
    disputes()


def test_the_limit_holds_over_http_too() -> None:
    with world(rates=Rates(endpoint=1)) as limited:
        statuses = [limited.call("GET", "/v1/refunds").status_code for _ in range(10)]
        assert statuses[0] == 200
        assert 429 in statuses
        eventually(lambda: limited.call("GET", "/v1/refunds").status_code == 200)


def test_a_paged_list_has_one_cursor() -> None:
    world = quiet_world()
    made = [world.paid().id for _ in range(2)]
    for cursors in ({"starting_after": made[0], "ending_before": made[1]}, {"ending_before": "ch_nothing"}):
        with pytest.raises(stripe.InvalidRequestError):
            world.api.charges.list(cursors)  # type: ignore[arg-type]  # wrong on purpose
    [charge] = world.api.charges.list({"payment_intent": str(world.charge(made[0]).payment_intent)}).data
    assert charge.id == made[0]
    assert len(world.api.payment_intents.list({"limit": 1}).data) == 1
