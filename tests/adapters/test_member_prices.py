"""Who got the member price, and whose orders there are, on every engine: the index holds as much as the list asks."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.adapters.dynamodb.lists import TableLists
from chalicelib.domain.member_price import MemberPrice
from chalicelib.domain.price import PriceReason, PriceRule
from chalicelib.domain.state import State
from tests.adapters.bench import Bench
from tests.adapters.samples import ATTENDEE, BUYER, CONGRESS, DOMAIN, EVENT_BUYER, EVENT_ORDER, ID, NOW, ORDER


def _lists(bench: Bench) -> TableLists:
    return TableLists(bench.client, table=bench.table)


def test_each_line_at_which_a_membership_was_recognised_and_why(bench: Bench) -> None:
    first = replace(ATTENDEE, order_id=EVENT_ORDER.id, number=1, name="Zoë")
    bench.write(
        lambda unit: unit.orders.add(EVENT_ORDER),
        lambda unit: unit.buyers.add(EVENT_BUYER),
        lambda unit: unit.attendees.add(first),
        lambda unit: unit.attendees.add(replace(first, number=2, name="Niet herkend")),
        lambda unit: unit.orders.add(ORDER),
    )
    expected = MemberPrice(
        order_id=EVENT_ORDER.id,
        code=EVENT_ORDER.code,
        state=State.PENDING,
        organisation=EVENT_BUYER.answers.organisation,
        attendee=1,
        name="Zoë",
        reason=PriceReason(rule=PriceRule.EARLY_MEMBER, membership_id=ID, mail_domain=DOMAIN, decided_at=NOW),
    )
    assert _lists(bench).member_prices(CONGRESS.id) == [expected]
    assert _lists(bench).member_prices(ORDER.offer_id) == []
    # who is erased leaves the price and its reason behind
    bench.write(
        lambda unit: unit.buyers.remove(EVENT_ORDER.id),
        lambda unit: unit.attendees.remove(first.id),
    )
    assert _lists(bench).member_prices(CONGRESS.id) == [replace(expected, organisation="", name="")]


def test_an_organisation_by_the_beginning_of_its_name_or_the_whole_of_it(bench: Bench) -> None:
    for order_id, name in (("a", "Welzijn"), ("b", "Welzijn Waterland"), ("c", " WELZIJN "), ("d", "Elders")):
        unit = bench.unit()
        unit.buyers.add(replace(BUYER, order_id=order_id, answers=replace(BUYER.answers, organisation=name)))
        unit.commit()
    assert set(_lists(bench).buyers("welzijn", limit=10)) == {"a", "b", "c"}
    assert set(_lists(bench).buyers("Welzijn", limit=10, whole=True)) == {"a", "c"}
