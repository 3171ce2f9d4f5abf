"""The stand-in's balance and payouts, through the real SDK: every movement, its fee, and when it reached the bank."""

import pytest
import stripe

from devstack.stripe.books import NotPossible
from devstack.stripe.terms import Fee, Terms
from tests.devstack.stripe_world import QuietWorld, quiet_world

ONE_DAY = 24 * 60 * 60


@pytest.fixture(name="world")
def _world() -> QuietWorld:
    return quiet_world()


@pytest.mark.parametrize(
    ("method", "amount", "kind", "fee"),
    [
        ("ideal", 10_000, "payment", 29),
        ("bancontact", 10_000, "payment", 39),
        ("sepa_debit", 10_000, "payment", 35),
        ("card", 10_000, "charge", 175),
        ("card", 33, "charge", 25),
        ("card", 34, "charge", 26),
        ("wero", 10_000, "payment", 29),
    ],
)
def test_a_payment_reaches_the_balance_less_its_fee(
    world: QuietWorld, method: str, amount: int, kind: str, fee: int
) -> None:
    session = world.create()
    world.stand_in.act("pay", session.id, method=method, amount=amount)
    movement = world.charge(session.id, "balance_transaction").balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.type, movement.reporting_category, movement.currency) == (kind, "charge", "eur")
    assert (movement.amount, movement.fee, movement.net) == (amount, fee, amount - fee)
    assert [(each.amount, each.currency, each.type) for each in movement.fee_details] == [(fee, "eur", "stripe_fee")]
    assert movement.source == world.charge(session.id).id


def test_the_terms_can_be_others() -> None:
    world = quiet_world(terms=Terms(fees={"ideal": Fee(cents=1)}, other_fee=Fee(cents=0)))
    for method, fee in (("ideal", 1), ("card", 0)):
        movement = world.charge(world.paid(method=method).id, "balance_transaction").balance_transaction
        assert isinstance(movement, stripe.BalanceTransaction)
        assert movement.fee == fee


def test_a_charge_may_get_its_balance_transaction_later() -> None:
    world = quiet_world(terms=Terms(balance_delay=60))
    charge = world.paid()
    assert charge.paid
    assert charge.balance_transaction is None
    intent = world.api.payment_intents.retrieve(
        str(charge.payment_intent), {"expand": ["latest_charge.balance_transaction"]}
    )
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.balance_transaction is None
    assert world.api.balance_transactions.list().data == []
    world.clock.move(seconds=59)
    assert world.charge(charge.id).balance_transaction is None
    world.clock.move(seconds=1)
    movement = world.charge(charge.id, "balance_transaction").balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert movement.created == charge.created + 60
    assert world.types()[-1] == "charge.updated"


def test_delayed_money_moves_when_it_settles(world: QuietWorld) -> None:
    session = world.create()
    world.stand_in.act("later", session.id)
    assert world.charge(session.id).balance_transaction is None
    world.clock.move(days=5)
    world.stand_in.act("settle", session.id)
    assert world.charge(session.id).balance_transaction is not None
    other = world.create()
    world.stand_in.act("later", other.id)
    world.stand_in.act("settle-failed", other.id)
    assert world.charge(other.id).balance_transaction is None
    assert len(world.api.balance_transactions.list().data) == 1


def test_money_becomes_available_after_days() -> None:
    world = quiet_world(terms=Terms(available_after=2 * ONE_DAY))
    charge = world.paid(method="ideal")
    [movement] = world.api.balance_transactions.list().data
    assert (movement.status, movement.available_on) == ("pending", charge.created + 2 * ONE_DAY)
    balance = world.api.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (9_971, 0)
    with pytest.raises(NotPossible, match="Nothing is available"):
        world.stand_in.pay_out()
    world.clock.move(days=2)
    assert world.api.balance_transactions.retrieve(movement.id).status == "available"
    balance = world.api.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (0, 9_971)


def test_a_payout_gathers_what_is_available_and_not_paid_out(world: QuietWorld) -> None:
    charge = world.paid()
    refund = world.api.refunds.create({"charge": charge.id, "amount": 4_000})
    [payout], events = world.stand_in.pay_out()
    told = world.api.payouts.retrieve(payout.id, {"expand": ["balance_transaction"]})
    assert (told.amount, told.status, told.automatic) == (10_000 - 175 - 4_000, "paid", True)
    assert [event.type for event in events] == ["payout.paid"]
    assert isinstance(told.balance_transaction, stripe.BalanceTransaction)
    own = told.balance_transaction
    assert (own.type, own.amount, own.net, own.source) == ("payout", -told.amount, -told.amount, payout.id)
    parts = world.api.balance_transactions.list({"payout": payout.id}).data
    assert [each.source for each in parts] == [payout.id, refund.id, charge.id]
    assert sum(each.net for each in parts) == 0
    assert world.api.balance.retrieve().available[0].amount == 0
    later = world.paid()
    [second], _ = world.stand_in.pay_out()
    sources = [each.source for each in world.api.balance_transactions.list({"payout": second.id}).data]
    assert sources == [second.id, later.id]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_failed_payout_is_back_on_the_balance(world: QuietWorld, at_once: bool) -> None:
    world.paid(method="ideal")
    if at_once:
        [payout], _ = world.stand_in.pay_out(status="failed")
    else:
        [payout], _ = world.stand_in.pay_out()
        world.stand_in.fail_payout(payout.id)
        with pytest.raises(NotPossible):
            world.stand_in.fail_payout(payout.id)
    told = world.api.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]})
    assert (told.status, told.failure_code) == ("failed", "account_closed")
    assert isinstance(told.failure_balance_transaction, stripe.BalanceTransaction)
    back = told.failure_balance_transaction
    assert (back.type, back.reporting_category, back.amount) == ("payout_failure", "payout_reversal", 9_971)
    assert world.types()[1:] == (["payout.failed"] if at_once else ["payout.paid", "payout.failed"])
    assert world.api.balance.retrieve().available[0].amount == 9_971
    [again], _ = world.stand_in.pay_out()
    assert again.amount == 9_971


def test_each_currency_has_a_balance_of_its_own(world: QuietWorld) -> None:
    world.paid(method="ideal")
    world.paid(currency="gbp", amount=5_000)
    assert [(each.currency, each.amount) for each in world.api.balance.retrieve().available] == [
        ("eur", 9_971),
        ("gbp", 4_900),
    ]
    [pounds], _ = world.stand_in.pay_out(currency="gbp")
    assert (pounds.currency, pounds.amount) == ("gbp", 4_900)
    [euros], _ = world.stand_in.pay_out()
    assert (euros.currency, euros.amount) == ("eur", 9_971)
    assert len(world.api.balance_transactions.list({"currency": "gbp"}).data) == 2


def test_a_balance_below_zero_is_not_paid_out(world: QuietWorld) -> None:
    charge = world.paid()
    world.api.refunds.create({"charge": charge.id})
    assert world.api.balance.retrieve().available[0].amount == -175
    with pytest.raises(NotPossible):
        world.stand_in.pay_out()


def test_movements_are_listed_by_kind_and_source(world: QuietWorld) -> None:
    charge = world.paid()
    world.clock.move(minutes=1)
    refund = world.api.refunds.create({"charge": charge.id, "amount": 100})
    movements = world.api.balance_transactions
    assert [each.type for each in movements.list().data] == ["refund", "charge"]
    assert [each.source for each in movements.list({"type": "refund"}).data] == [refund.id]
    assert [each.type for each in movements.list({"source": charge.id}).data] == ["charge"]
    assert [each.type for each in movements.list({"created": {"lte": charge.created}}).data] == ["charge"]
    page = movements.list({"limit": 1, "expand": ["data.source"]})
    assert page.has_more
    assert isinstance(page.data[0].source, stripe.Refund)
    assert [type(each.source) for each in movements.list({"expand": ["data.source"]}).data] == [
        stripe.Refund,
        stripe.Charge,
    ]


def test_payouts_are_listed_by_status_and_day(world: QuietWorld) -> None:
    made = []
    for status in ("paid", "failed", "paid"):
        world.paid()
        payouts, _ = world.stand_in.pay_out(status="failed" if status == "failed" else "paid")
        made.append(payouts[0])
        world.clock.move(days=1)
    listed = world.api.payouts.list
    assert [each.id for each in listed().data] == [each.id for each in made[::-1]]
    assert [each.id for each in listed({"status": "failed"}).data] == [made[1].id]
    day = made[1].arrival_date
    assert [each.id for each in listed({"arrival_date": {"gte": day, "lt": day + ONE_DAY}}).data] == [made[1].id]
    assert [each.id for each in listed({"created": {"gt": made[1].created}}).data] == [made[2].id]
    assert [each.id for each in listed({"limit": 1, "starting_after": made[1].id}).data] == [made[0].id]


def test_an_empty_balance_is_told(world: QuietWorld) -> None:
    balance = world.api.balance.retrieve()
    assert [(each.amount, each.currency) for each in balance.available] == [(0, "eur")]


def test_another_amount_or_currency_may_be_paid(world: QuietWorld) -> None:
    session = world.create()
    world.stand_in.act("pay", session.id, amount=9_999, currency="gbp")
    paid = world.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (paid.amount_total, paid.currency, paid.payment_status) == (9_999, "gbp", "paid")
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.payment_intent.amount_received, paid.payment_intent.currency) == (9_999, "gbp")
    assert isinstance(paid.payment_intent.latest_charge, stripe.Charge)
    assert (paid.payment_intent.latest_charge.amount, paid.payment_intent.latest_charge.currency) == (9_999, "gbp")


def test_one_order_may_be_paid_twice(world: QuietWorld) -> None:
    sessions = [world.create(), world.create()]
    for session in sessions:
        world.stand_in.act("pay", session.id)
    intents = {world.charge(session.id).payment_intent for session in sessions}
    assert len(intents) == 2


def test_an_expired_session_may_be_paid_although_it_never_should(world: QuietWorld) -> None:
    session = world.create()
    world.stand_in.act("fail", session.id)
    with pytest.raises(NotPossible, match="not expired"):
        world.stand_in.act("pay-anyway", session.id)
    expired = world.api.checkout.sessions.expire(session.id)
    world.stand_in.act("pay-anyway", session.id, method="ideal")
    paid = world.api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert paid.payment_intent.status == "succeeded"
    assert paid.payment_intent.canceled_at is None
    assert world.api.payment_intents.retrieve(str(expired.payment_intent)).status == "canceled"
    assert world.types() == ["checkout.session.expired", "checkout.session.completed"]
