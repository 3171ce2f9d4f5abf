"""The stand-in's events and objects, through the real SDK: their shape, their snapshots, and lists of what happened."""

from typing import Any

import pytest
import stripe

from devstack.stripe.wire import written
from tests.devstack.stripe_world import SECRET, QuietWorld, quiet_world

EVERYTHING = {
    "refund.created": stripe.Refund,
    "refund.updated": stripe.Refund,
    "refund.failed": stripe.Refund,
    "charge.refunded": stripe.Charge,
    "charge.refund.updated": stripe.Refund,
    "charge.dispute.created": stripe.Dispute,
    "charge.dispute.updated": stripe.Dispute,
    "charge.dispute.closed": stripe.Dispute,
    "charge.dispute.funds_withdrawn": stripe.Dispute,
    "charge.dispute.funds_reinstated": stripe.Dispute,
    "payout.paid": stripe.Payout,
    "payout.failed": stripe.Payout,
    "checkout.session.completed": stripe.checkout.Session,
}


@pytest.fixture(name="world", scope="module")
def _world() -> QuietWorld:
    """A world in which everything happened once; no test changes it."""
    world = quiet_world()
    charge, other = world.paid(method="ideal"), world.paid()
    refund = world.api.refunds.create({"charge": charge.id, "metadata": {"command": "r1"}})
    world.clock.move(minutes=1)
    world.stand_in.act_on_refund("fail", refund.id, reason="declined")
    dispute, _ = world.stand_in.open_dispute(other.id)
    world.stand_in.act_on_dispute("respond", dispute.id)
    world.stand_in.act_on_dispute("won", dispute.id)
    world.stand_in.pay_out()
    world.paid()
    world.stand_in.pay_out(status="failed")
    return world


def _fields(kind: Any) -> tuple[set[str], set[str]]:
    known = {name: hint for name, hint in kind.__annotations__.items() if name != "OBJECT_NAME"}
    always = {name for name, hint in known.items() if "NoneType" not in str(hint) and "Optional" not in str(hint)}
    return always, set(known)


def test_every_event_is_parsed_and_carries_what_it_is_about(world: QuietWorld) -> None:
    assert set(world.types()) == set(EVERYTHING)
    for event in world.books.events():
        body = written(event.as_json())
        header = stripe.WebhookSignature.generate_signature_header(body, SECRET, 10)
        stripe.WebhookSignature.verify_header(body, header, SECRET, tolerance=None)
        parsed = stripe.Event.construct_from(event.as_json(), key=None)
        assert type(parsed.data.object) is EVERYTHING[event.type]


@pytest.mark.parametrize("name", ["refunds", "disputes", "balance_transactions", "payouts", "charges", "events"])
def test_objects_have_the_fields_of_the_sdks_own_types(world: QuietWorld, name: str) -> None:
    listed: Any = getattr(world.api, name).list({"limit": 100}).data
    assert listed
    for each in listed:
        always, known = _fields(type(each))
        assert always <= set(each.to_dict()) <= known, type(each)


def test_inner_objects_have_the_fields_of_the_sdks_own_types(world: QuietWorld) -> None:
    [dispute] = world.api.disputes.list().data
    [payout, *_] = world.api.payouts.list().data
    balance = world.api.balance.retrieve()
    movement = next(each for each in world.api.balance_transactions.list().data if each.fee)
    inner: list[Any] = [
        *(dispute.evidence, dispute.evidence_details, dispute.payment_method_details, *dispute.balance_transactions),
        *(payout.trace_id, balance, *balance.available, *balance.pending, *movement.fee_details),
    ]
    for each in inner:
        always, known = _fields(type(each))
        assert always <= set(each.to_dict()) <= known, type(each)


def test_a_snapshot_is_of_its_moment(world: QuietWorld) -> None:
    def snapshot(kind: str) -> Any:
        return world.api.events.list({"type": kind}).data[-1].data

    created, refunded = snapshot("refund.created"), snapshot("charge.refunded")
    assert (created.object.status, created.object.metadata["command"]) == ("pending", "r1")
    assert (refunded.object.amount_refunded, refunded.object.metadata["order"]) == (10_000, "order-7")
    assert refunded.previous_attributes.to_dict() == {"amount_refunded": 0, "refunded": False}
    failed = snapshot("refund.failed").object
    assert (failed.status, failed.failure_reason) == ("failed", "declined")
    opened, closed = snapshot("charge.dispute.created").object, snapshot("charge.dispute.closed").object
    assert [len(each.balance_transactions) for each in (opened, closed)] == [1, 2]
    assert (opened.status, closed.status, opened.metadata.to_dict()) == ("needs_response", "won", {})
    assert snapshot("payout.failed").object.status == "failed"


def test_events_are_listed_by_kind_and_moment(world: QuietWorld) -> None:
    events = world.api.events
    everything = [event.id for event in world.books.events()]
    assert [each.id for each in events.list({"limit": 100}).data] == everything
    assert [each.id for each in events.list({"limit": 7}).auto_paging_iter()] == everything
    kinds = ["payout.paid", "refund.failed"]
    assert {each.type for each in events.list({"types": kinds}).data} == set(kinds)
    assert {each.type for each in events.list({"type": "charge.dispute.*"}).data} == {
        kind for kind in EVERYTHING if kind.startswith("charge.dispute")
    }
    first = world.books.events()[-1]
    assert {each.created for each in events.list({"created": {"lte": first.created}}).data} == {first.created}
    assert events.retrieve(first.id).type == "checkout.session.completed"
    for wrong in ({"type": "a", "types": ["b"]}, {"types": ["a"] * 21}, {"expand": ["data.data"]}):
        with pytest.raises(stripe.InvalidRequestError):
            events.list(wrong)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(stripe.InvalidRequestError) as missing:
        events.retrieve("evt_nothing")
    assert missing.value.http_status == 404


def test_events_not_thanked_for_can_be_asked_for() -> None:
    world = quiet_world()
    for _ in range(3):
        world.paid()
    refused, thanked, untried = world.books.events()
    world.books.note_delivery(refused, status=500, error=None, now=world.stand_in.now())
    for status in (503, 200):
        world.books.note_delivery(thanked, status=status, error=None, now=world.stand_in.now())
    events = world.api.events
    assert [each.id for each in events.list({"delivery_success": False}).data] == [refused.id, untried.id]
    [done] = events.list({"delivery_success": True}).data
    assert (done.id, done.pending_webhooks) == (thanked.id, 0)
    assert events.retrieve(refused.id).pending_webhooks == 1


def test_events_are_told_for_a_month() -> None:
    world = quiet_world()
    world.paid()
    world.clock.move(days=29)
    assert len(world.api.events.list().data) == 1
    world.clock.move(days=1)
    assert world.api.events.list().data == []
