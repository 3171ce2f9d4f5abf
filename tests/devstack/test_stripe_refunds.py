"""Refunds at the stand-in, through the real SDK: made, refused, arrived, failed, called off, and listed."""

from datetime import timedelta
from typing import Any

import pytest
import stripe

from devstack.stripe.books import NotPossible
from devstack.stripe.stand_in import RefundAction
from tests.devstack.stripe_world import QuietWorld, quiet_world

DELAYED = ("ideal", "bancontact", "sepa_debit")


@pytest.fixture(name="world")
def _world() -> QuietWorld:
    return quiet_world()


def _refuses(world: QuietWorld, **params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.api.refunds.create(params)  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.http_status in (400, 404)
    return refused.value


def _pending(world: QuietWorld, method: str = "ideal") -> stripe.Refund:
    return world.api.refunds.create({"charge": world.paid(method=method).id})


def test_a_refund_by_card_is_done_at_once(world: QuietWorld) -> None:
    charge = world.paid()
    refund = world.api.refunds.create(
        {
            "payment_intent": str(charge.payment_intent),
            "metadata": {"command": "refund-1"},
            "reason": "requested_by_customer",
            "expand": ["balance_transaction", "charge"],
        }
    )
    assert (refund.status, refund.amount, refund.currency) == ("succeeded", 10_000, "eur")
    assert (refund.reason, refund.metadata and refund.metadata.to_dict()) == (
        "requested_by_customer",
        {"command": "refund-1"},
    )
    assert isinstance(refund.balance_transaction, stripe.BalanceTransaction)
    movement = refund.balance_transaction
    assert (movement.type, movement.amount, movement.fee, movement.source) == ("refund", -10_000, 0, refund.id)
    assert isinstance(refund.charge, stripe.Charge)
    assert (refund.charge.amount_refunded, refund.charge.refunded) == (10_000, True)
    assert world.types()[-2:] == ["refund.created", "charge.refunded"]
    plain = world.api.refunds.retrieve(refund.id)
    assert (plain.charge, plain.payment_intent) == (charge.id, charge.payment_intent)
    assert "pending_reason" not in plain
    assert "failure_reason" not in plain


def test_parts_are_refunded_until_nothing_is_left(world: QuietWorld) -> None:
    charge = world.paid(method="ideal")
    create = world.api.refunds.create
    create({"charge": charge.id, "amount": 2_500})
    assert (world.charge(charge.id).amount_refunded, world.charge(charge.id).refunded) == (2_500, False)
    refused = _refuses(world, charge=charge.id, amount=7_501)
    assert str(refused.user_message) == "Refund amount (€75.01) is greater than unrefunded amount on charge (€75.00)"
    assert refused.param == "amount"
    assert create({"charge": charge.id}).amount == 7_500
    assert world.charge(charge.id).refunded
    refused = _refuses(world, charge=charge.id)
    assert (refused.code, str(refused.user_message)) == (
        "charge_already_refunded",
        f"Charge {charge.id} has already been refunded.",
    )


def test_more_than_was_paid_is_refused(world: QuietWorld) -> None:
    charge = world.paid()
    refused = _refuses(world, charge=charge.id, amount=10_001)
    assert str(refused.user_message) == "Refund amount (€100.01) is greater than charge amount (€100.00)"
    assert world.charge(charge.id).amount_refunded == 0
    assert world.api.refunds.list().data == []


def test_what_was_not_paid_is_not_refunded(world: QuietWorld) -> None:
    session = world.create()
    world.stand_in.act("later", session.id)
    charge = world.charge(session.id)
    assert "does not have a successful charge" in str(_refuses(world, payment_intent=charge.payment_intent))
    assert _refuses(world, charge=charge.id).code == "charge_not_refundable"
    world.stand_in.act("settle-failed", session.id)
    assert "does not have a successful charge" in str(_refuses(world, payment_intent=charge.payment_intent))
    assert _refuses(world, charge=charge.id).code == "charge_not_refundable"


def test_a_refund_is_of_something(world: QuietWorld) -> None:
    charge = world.paid()
    assert _refuses(world).code == "parameter_missing"
    assert _refuses(world, charge="ch_nothing").code == "resource_missing"
    assert _refuses(world, payment_intent="pi_nothing").code == "resource_missing"
    assert _refuses(world, charge=charge.id, amount=0).param == "amount"
    assert _refuses(world, charge=charge.id, reason="because").param == "reason"
    assert _refuses(world, charge=charge.id, colour="red").code == "parameter_unknown"
    assert _refuses(world, charge=charge.id, reverse_transfer=True).code == "stand_in_limit"
    assert _refuses(world, charge=charge.id, metadata={"k" * 41: "v"}).param == "metadata"
    other = world.paid()
    assert _refuses(world, charge=charge.id, payment_intent=other.payment_intent).param == "charge"
    with pytest.raises(stripe.InvalidRequestError) as missing:
        world.api.refunds.retrieve("re_nothing")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


@pytest.mark.parametrize("method", DELAYED)
def test_a_refund_by_bank_waits_until_it_arrives(world: QuietWorld, method: str) -> None:
    refund = _pending(world, method)
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert refund.balance_transaction, "the money left the balance at once"
    assert world.api.balance_transactions.retrieve(str(refund.balance_transaction)).type == "payment_refund"
    world.stand_in.act_on_refund("settle", refund.id)
    settled = world.api.refunds.retrieve(refund.id)
    assert (settled.status, settled.balance_transaction) == ("succeeded", refund.balance_transaction)
    assert world.types()[-2:] == ["refund.updated", "charge.refund.updated"]
    snapshot = world.api.events.list({"type": "refund.updated"}).data[0].data
    assert isinstance(snapshot.object, stripe.Refund)
    assert snapshot.object.status == "succeeded"
    assert snapshot.previous_attributes is not None
    assert snapshot.previous_attributes["status"] == "pending"


@pytest.mark.parametrize(("action", "status", "reason"), [("fail", "failed", "declined"), ("cancel", "canceled", "")])
def test_a_refund_that_comes_to_nothing_gives_the_money_back(
    world: QuietWorld, action: Any, status: str, reason: str
) -> None:
    refund = _pending(world)
    world.stand_in.act_on_refund(action, refund.id, reason=reason)
    ended = world.api.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (ended.status, ended.failure_reason) == (status, reason or "merchant_request")
    assert isinstance(ended.failure_balance_transaction, stripe.BalanceTransaction)
    back = ended.failure_balance_transaction
    assert (back.type, back.reporting_category, back.amount) == ("refund_failure", "refund_failure", 10_000)
    charge = world.charge(str(ended.charge))
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    failed = ["refund.failed"] if status == "failed" else []
    assert world.types()[-2 - len(failed) :] == ["refund.updated", "charge.refund.updated", *failed]
    again = world.api.refunds.create({"charge": charge.id})
    assert again.amount == 10_000


def test_a_refund_may_fail_after_it_seemed_done(world: QuietWorld) -> None:
    charge = world.paid()
    world.plan("refunds.create", "refund_fails_later", seconds=2 * 24 * 60 * 60)
    refund = world.api.refunds.create({"charge": charge.id})
    assert refund.status == "succeeded"
    world.clock.move(days=1)
    assert world.api.refunds.retrieve(refund.id).status == "succeeded"
    world.clock.move(days=1)
    failed = world.api.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "unknown")
    assert world.charge(charge.id).amount_refunded == 0
    assert world.types()[-1] == "refund.failed"


def test_what_has_ended_stays_as_it_is(world: QuietWorld) -> None:
    done = world.api.refunds.create({"charge": world.paid().id})
    actions: tuple[RefundAction, ...] = ("settle", "cancel", "fail")
    for action in actions[:2]:
        with pytest.raises(NotPossible, match="is succeeded"):
            world.stand_in.act_on_refund(action, done.id)
    world.stand_in.act_on_refund("fail", done.id)
    for action in actions:
        with pytest.raises(NotPossible, match="is failed"):
            world.stand_in.act_on_refund(action, done.id)
    assert len(world.books.balance_transactions()) == 3


def test_a_refund_may_wait_for_money_on_our_own_balance(world: QuietWorld) -> None:
    charge = world.paid()
    for action, status, moved in (("settle", "succeeded", True), ("cancel", "canceled", False)):
        world.plan("refunds.create", "refund_waits_for_balance")
        refund = world.api.refunds.create({"charge": charge.id, "amount": 1_000})
        assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
        assert refund.balance_transaction is None
        world.stand_in.act_on_refund(action, refund.id)  # type: ignore[arg-type]  # one of them, in a loop
        ended = world.api.refunds.retrieve(refund.id)
        assert (ended.status, ended.balance_transaction is not None) == (status, moved)
        assert not getattr(ended, "failure_balance_transaction", None)
    assert world.charge(charge.id).amount_refunded == 1_000


def test_a_balance_too_small_is_a_refusal_that_is_saved(world: QuietWorld) -> None:
    charge = world.paid()
    world.plan("refunds.create", "balance_insufficient_400")
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            world.api.refunds.create({"charge": charge.id}, {"idempotency_key": "refund-1"})
        assert (refused.value.http_status, refused.value.code) == (400, "balance_insufficient")
    assert world.charge(charge.id).amount_refunded == 0
    assert world.api.refunds.create({"charge": charge.id}, {"idempotency_key": "refund-2"}).status == "succeeded"


def test_refunds_are_listed_by_what_they_are_of(world: QuietWorld) -> None:
    one, other = world.paid(), world.paid(method="ideal")
    made = []
    for number in range(5):
        charge = (one, other)[number % 2]
        made.append(world.api.refunds.create({"charge": charge.id, "amount": 100 + number}).id)
        world.clock.move(minutes=1)
    refunds = world.api.refunds
    assert [each.id for each in refunds.list().data] == made[::-1]
    assert [each.id for each in refunds.list({"charge": one.id}).data] == made[4::-2]
    assert [each.id for each in refunds.list({"payment_intent": str(other.payment_intent)}).data] == made[3::-2]
    page = refunds.list({"limit": 2})
    assert ([each.id for each in page.data], page.has_more) == (made[:2:-1], True)
    rest = refunds.list({"limit": 3, "starting_after": page.data[-1].id})
    assert ([each.id for each in rest.data], rest.has_more) == (made[2::-1], False)
    back = refunds.list({"limit": 2, "ending_before": made[0]})
    assert ([each.id for each in back.data], back.has_more) == ([made[2], made[1]], True)
    assert [each.id for each in refunds.list({"limit": 2}).auto_paging_iter()] == made[::-1]
    since = world.api.refunds.retrieve(made[3]).created
    assert [each.id for each in refunds.list({"created": {"gte": since}}).data] == made[:2:-1]
    [first, *_] = refunds.list({"expand": ["data.payment_intent", "data.balance_transaction"]}).data
    assert isinstance(first.payment_intent, stripe.PaymentIntent)
    assert isinstance(first.balance_transaction, stripe.BalanceTransaction)
    assert refunds.list({"charge": "ch_nothing"}).data == []
    for wrong in ({"starting_after": "re_nothing"}, {"limit": 0}, {"expand": ["data.customer"]}, {"status": "failed"}):
        with pytest.raises(stripe.InvalidRequestError):
            refunds.list(wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_a_charge_shows_its_newest_refunds_when_asked(world: QuietWorld) -> None:
    charge = world.paid()
    made = [world.api.refunds.create({"charge": charge.id, "amount": 10}).id for _ in range(12)]
    assert "refunds" not in world.charge(charge.id)
    intent = world.api.payment_intents.retrieve(str(charge.payment_intent), {"expand": ["latest_charge.refunds"]})
    assert isinstance(intent.latest_charge, stripe.Charge)
    refunds = intent.latest_charge.refunds
    assert refunds is not None
    assert ([each.id for each in refunds.data], refunds.has_more) == (made[:1:-1], True)
    [session] = world.api.checkout.sessions.list(
        {
            "expand": [
                "data.payment_intent.latest_charge.refunds",
                "data.payment_intent.latest_charge.balance_transaction",
            ]
        }
    ).data
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    latest = session.payment_intent.latest_charge
    assert isinstance(latest, stripe.Charge)
    assert isinstance(latest.balance_transaction, stripe.BalanceTransaction)
    assert latest.refunds is not None
    assert len(latest.refunds.data) == 10
    with pytest.raises(stripe.InvalidRequestError, match="expand more than 4 levels"):
        world.api.checkout.sessions.list({"expand": ["data.payment_intent.latest_charge.refunds.data"]})


def test_the_dashboard_refunds_without_metadata(world: QuietWorld) -> None:
    session = world.create()
    world.stand_in.act("pay", session.id, method="card")
    refund, events = world.stand_in.give_back(session.id, amount=4_000)
    told = world.api.refunds.retrieve(refund.id)
    assert (told.amount, told.metadata and told.metadata.to_dict()) == (4_000, {})
    assert [event.type for event in events] == ["refund.created", "charge.refunded"]


def test_a_refund_is_made_once_per_key(world: QuietWorld) -> None:
    charge = world.paid()
    options: Any = {"idempotency_key": "refund-1"}
    first = world.api.refunds.create({"charge": charge.id, "amount": 100}, options)
    again = world.api.refunds.create({"charge": charge.id, "amount": 100}, options)
    assert (first.id, world.charge(charge.id).amount_refunded) == (again.id, 100)
    with pytest.raises(stripe.IdempotencyError):
        world.api.refunds.create({"charge": charge.id, "amount": 101}, options)
    world.clock.time += timedelta(hours=25)
    assert world.api.refunds.create({"charge": charge.id, "amount": 100}, options).id != first.id


def test_a_refusal_of_what_was_begun_stays_a_refusal(world: QuietWorld) -> None:
    refund = _pending(world)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
            world.api.refunds.create({"charge": str(refund.charge)}, {"idempotency_key": "refund-1"})
        # Now it would be possible; but the key has its answer.
        if world.api.refunds.retrieve(refund.id).status == "pending":
            world.stand_in.act_on_refund("fail", refund.id)
    assert world.api.refunds.create({"charge": str(refund.charge)}, {"idempotency_key": "refund-2"}).amount == 10_000
