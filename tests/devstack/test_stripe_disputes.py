"""Disputes at the stand-in, through the real SDK: what they take, give back, and forbid."""

from typing import Any

import pytest
import stripe

from devstack.stripe.books import NotPossible
from devstack.stripe.terms import Terms
from tests.devstack.stripe_world import QuietWorld, quiet_world


@pytest.fixture(name="world")
def _world() -> QuietWorld:
    return quiet_world()


def _net(world: QuietWorld) -> int:
    return world.api.balance.retrieve().available[0].amount


def _disputed(world: QuietWorld, **choices: Any) -> stripe.Dispute:
    dispute, _ = world.stand_in.open_dispute(world.paid().id, **choices)
    return world.api.disputes.retrieve(dispute.id)


def test_a_dispute_takes_the_money_and_a_fee_at_once(world: QuietWorld) -> None:
    dispute = _disputed(world, reason="product_not_received")
    assert (dispute.status, dispute.amount, dispute.reason) == ("needs_response", 10_000, "product_not_received")
    [movement] = dispute.balance_transactions
    assert (movement.type, movement.reporting_category, movement.source) == ("adjustment", "dispute", dispute.id)
    assert (movement.amount, movement.fee, movement.net) == (-10_000, 2_000, -12_000)
    assert [(each.amount, each.type) for each in movement.fee_details] == [(2_000, "stripe_fee")]
    assert world.charge(str(dispute.charge)).disputed
    assert dispute.metadata.to_dict() == {}
    assert dispute.is_charge_refundable is False
    assert world.types()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError, match="has been charged back; cannot issue a refund") as refused:
        world.api.refunds.create({"charge": str(dispute.charge)})
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize("returned", [False, True])
def test_what_is_won_comes_back(returned: bool) -> None:
    world = quiet_world(terms=Terms(dispute_fee_returned=returned))
    dispute = _disputed(world)
    before = _net(world)
    world.stand_in.act_on_dispute("won", dispute.id)
    won = world.api.disputes.retrieve(dispute.id)
    assert won.status == "won"
    taken, given = won.balance_transactions
    assert (taken.id, given.amount, given.fee) == (
        dispute.balance_transactions[0].id,
        10_000,
        -2_000 if returned else 0,
    )
    assert given.reporting_category == "dispute_reversal"
    assert _net(world) - before == given.net
    assert world.types()[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert world.api.refunds.create({"charge": str(dispute.charge)}).amount == 10_000


def test_what_is_lost_stays_away(world: QuietWorld) -> None:
    dispute = _disputed(world, amount=4_000)
    before = _net(world)
    world.stand_in.act_on_dispute("respond", dispute.id)
    assert world.types()[-1] == "charge.dispute.updated"
    assert world.api.disputes.retrieve(dispute.id).status == "under_review"
    world.stand_in.act_on_dispute("lost", dispute.id)
    lost = world.api.disputes.retrieve(dispute.id)
    assert (lost.status, len(lost.balance_transactions), lost.amount) == ("lost", 1, 4_000)
    assert _net(world) == before
    assert world.types()[-1] == "charge.dispute.closed"
    with pytest.raises(stripe.InvalidRequestError, match="charged back"):
        world.api.refunds.create({"charge": str(dispute.charge)})


def test_an_inquiry_moves_no_money(world: QuietWorld) -> None:
    dispute = _disputed(world, status="warning_needs_response")
    before = _net(world)
    assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])
    assert dispute.is_charge_refundable
    assert world.types()[-1] == "charge.dispute.created"
    assert world.api.refunds.create({"charge": str(dispute.charge), "amount": 1_000}).status == "succeeded"
    world.stand_in.act_on_dispute("warning-closed", dispute.id)
    assert world.api.disputes.retrieve(dispute.id).status == "warning_closed"
    assert _net(world) == before - 1_000
    assert world.types()[-1] == "charge.dispute.closed"


def test_an_inquiry_may_become_a_dispute_of_what_is_left(world: QuietWorld) -> None:
    dispute = _disputed(world, status="warning_needs_response")
    world.api.refunds.create({"charge": str(dispute.charge), "amount": 1_000})
    world.stand_in.act_on_dispute("escalate", dispute.id)
    real = world.api.disputes.retrieve(dispute.id)
    assert (real.status, real.balance_transactions[0].amount) == ("needs_response", -9_000)
    assert world.types()[-2:] == ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]


def test_no_charge_is_disputed_twice_at_once_nor_beyond_what_is_left(world: QuietWorld) -> None:
    dispute = _disputed(world)
    with pytest.raises(NotPossible, match="disputed already"):
        world.stand_in.open_dispute(str(dispute.charge))
    for action in ("escalate", "warning-closed"):
        with pytest.raises(NotPossible):
            world.stand_in.act_on_dispute(action, dispute.id)
    world.stand_in.act_on_dispute("won", dispute.id)
    with pytest.raises(NotPossible, match="closed"):
        world.stand_in.act_on_dispute("lost", dispute.id)
    charge = world.paid()
    world.api.refunds.create({"charge": charge.id, "amount": 9_000})
    with pytest.raises(NotPossible, match="1000 cents to dispute"):
        world.stand_in.open_dispute(charge.id, amount=1_001)
    assert world.stand_in.open_dispute(charge.id)[0].amount == 1_000


def test_disputes_are_listed_by_what_they_are_of(world: QuietWorld) -> None:
    made = []
    for _ in range(3):
        made.append(_disputed(world))
        world.clock.move(minutes=1)
    disputes = world.api.disputes
    assert [each.id for each in disputes.list().data] == [each.id for each in made[::-1]]
    [one] = disputes.list({"charge": str(made[1].charge)}).data
    [same] = disputes.list({"payment_intent": str(made[1].payment_intent)}).data
    assert one.id == same.id == made[1].id
    page = disputes.list({"limit": 1, "starting_after": made[2].id, "expand": ["data.payment_intent", "data.charge"]})
    assert (page.data[0].id, page.has_more) == (made[1].id, True)
    assert isinstance(page.data[0].payment_intent, stripe.PaymentIntent)
    assert isinstance(page.data[0].charge, stripe.Charge)
    assert [each.id for each in disputes.list({"created": {"lt": made[1].created}}).data] == [made[0].id]
    with pytest.raises(stripe.InvalidRequestError):
        disputes.retrieve("du_nothing")
