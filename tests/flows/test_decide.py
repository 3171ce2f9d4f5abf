"""Decide: who pays what and why, and what stands in the way; the table says it, never the visitor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.answers import Answers
from chalicelib.domain.availability import Sale
from chalicelib.domain.offer import Prices
from chalicelib.domain.price import PriceReason, PriceRule
from chalicelib.domain.refusal import AlreadyRegistered, MembersOnly, NoMember, NotOnSale, PriceChanged
from chalicelib.flows.decide import Decision, decide, refuse_known
from tests.desk import ANSWERS, Desk
from tests.events import EARLY, EVENT, FREE, attending, sample_event
from tests.flows.line import count_commits

LIST, MEMBER = 54900, 39900
MOMENT = timedelta(microseconds=1)
# As the seed's EARLY says it: midnight in Amsterdam.
EARLY_ENDS = datetime(2026, 11, 30, 23, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    """With an event, and one member: voorbeeldstad.nl, where the buyer works."""
    desk = Desk()
    desk.put_offer(sample_event())
    desk.member("voorbeeldstad.nl")
    return desk


def decided(desk: Desk, answers: Answers, *, offer_id: str = EVENT, **sent: Any) -> Decision:
    submission = desk.submission(answers, offer_id=offer_id, **sent)
    commits = count_commits(desk)
    decision = decide(
        submission,
        offer=desk.offer(offer_id),
        order_id="order-1",
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    assert not commits, "nothing is written"
    return decision


def cents(decision: Decision) -> list[int]:
    return [line.unit_cents for line in decision.lines]


def by(email: str, *others: str, member: str = "nee") -> Answers:
    return replace(attending(replace(ANSWERS, email=email), *others), member=member)


# The price is each attendee's own.


def test_each_attendee_has_the_price_of_his_own_address(desk: Desk) -> None:
    decision = decided(desk, by("ada@voorbeeldstad.nl", "bea@elders.nl", "cas@voorbeeldstad.nl"))
    assert cents(decision) == [MEMBER, LIST, MEMBER]
    assert [line.attendee for line in decision.lines] == [1, 2, 3]
    assert [each.is_buyer for each in decision.attendees] == [True, False, False]


def test_a_buyer_who_does_not_come_pays_for_those_who_do(desk: Desk) -> None:
    answers = replace(by("ada@voorbeeldstad.nl", "bea@elders.nl"), attending=False)
    decision = decided(desk, answers)
    assert cents(decision) == [LIST], "his own address is nobody's who comes"
    assert [(each.number, each.email, each.is_buyer) for each in decision.attendees] == [(1, "bea@elders.nl", False)]


@pytest.mark.parametrize(
    ("email", "price"),
    [
        ("ada@voorbeeldstad.nl", MEMBER),
        ("ADA@VOORBEELDSTAD.NL", MEMBER),
        ("ada@VoorbeeldStad.nl", MEMBER),
        ("ada@wijk.voorbeeldstad.nl", LIST),
        ("ada@voorbeeldstad.nl.evil.nl", LIST),
        ("ada@nietvoorbeeldstad.nl", LIST),
        ("ada@voorbeeldstad.com", LIST),
        ("voorbeeldstad.nl@elders.nl", LIST),
        ('"ada@voorbeeldstad.nl"@elders.nl', LIST),
        ('"bea@elders.nl"@voorbeeldstad.nl', MEMBER),
        ("ada@nl", LIST),
    ],
)
def test_a_member_is_recognised_by_exactly_his_domain(desk: Desk, email: str, price: int) -> None:
    assert cents(decided(desk, by(email))) == [price]


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.com", "ziggo.nl", "kpnmail.nl", "icloud.com"])
def test_a_public_provider_never_matches_even_if_a_membership_names_it(desk: Desk, domain: str) -> None:
    desk.member(domain)
    assert cents(decided(desk, by(f"ada@{domain}", f"bea@{domain.upper()}"))) == [LIST, LIST]


@pytest.mark.parametrize(
    ("starts", "ends", "price"),
    [(-60, 0, MEMBER), (-60, -1, LIST), (0, 300, MEMBER), (1, 300, LIST), (0, 0, MEMBER)],
    ids=["ends today", "ended yesterday", "starts today", "starts tomorrow", "one day"],
)
def test_only_a_running_membership_counts(desk: Desk, starts: int, ends: int, price: int) -> None:
    today = desk.clock().date()
    desk.member("elders.nl", starts_on=today + timedelta(days=starts), ends_on=today + timedelta(days=ends))
    assert cents(decided(desk, by("bea@elders.nl"))) == [price]


def test_a_day_ends_at_midnight_in_amsterdam(desk: Desk) -> None:
    today = desk.clock().date()
    desk.member("elders.nl", ends_on=today)
    desk.clock.moment = datetime(today.year, today.month, today.day, 23, tzinfo=UTC) - MOMENT
    assert cents(decided(desk, by("bea@elders.nl"))) == [MEMBER]
    desk.clock.moment += MOMENT
    assert cents(decided(desk, by("bea@elders.nl"))) == [LIST]


def test_of_several_memberships_the_one_that_runs_longest_is_named(desk: Desk) -> None:
    today = desk.clock().date()
    desk.member("elders.nl", ends_on=today - timedelta(days=1))
    desk.member("elders.nl", ends_on=today + timedelta(days=10))
    longest = desk.member("elders.nl", "elders.example.nl", ends_on=today + timedelta(days=20))
    (line,) = decided(desk, by("bea@elders.nl")).lines
    assert line.reason.membership_id == longest.id


def test_the_reason_of_each_price_is_on_its_line(desk: Desk) -> None:
    (membership,) = desk.items("membership")
    first, second = decided(desk, by("ada@Voorbeeldstad.nl", "bea@elders.nl")).lines
    assert first.reason == PriceReason(
        rule=PriceRule.MEMBER,
        membership_id=membership["id"]["S"],
        mail_domain="voorbeeldstad.nl",
        decided_at=desk.clock(),
    )
    assert second.reason == PriceReason(rule=PriceRule.LIST, membership_id="", mail_domain="", decided_at=desk.clock())


def test_early_prices_hold_until_their_very_end(desk: Desk) -> None:
    desk.put_offer(sample_event(early=EARLY))
    desk.clock.moment = EARLY_ENDS - MOMENT
    early = decided(desk, by("ada@voorbeeldstad.nl", "bea@elders.nl"))
    assert cents(early) == [29900, 44900]
    assert [line.reason.rule for line in early.lines] == [PriceRule.EARLY_MEMBER, PriceRule.EARLY]
    desk.clock.moment = EARLY_ENDS
    late = decided(desk, by("ada@voorbeeldstad.nl", "bea@elders.nl"))
    assert cents(late) == [MEMBER, LIST]
    assert [line.reason.rule for line in late.lines] == [PriceRule.MEMBER, PriceRule.LIST]


def test_a_membership_is_one_line_for_nobody_in_particular(desk: Desk) -> None:
    decision = decided(desk, ANSWERS, offer_id="lidmaatschap")
    (line,) = decision.lines
    assert (line.unit_cents, line.attendee, line.counters, line.reason.rule) == (50000, 0, (), PriceRule.LIST)
    assert decision.attendees == ()


# What the buyer says of his membership.


def test_who_says_no_is_asked_nothing_and_pays_what_his_address_says(desk: Desk) -> None:
    assert cents(decided(desk, by("ada@voorbeeldstad.nl", member="nee"))) == [MEMBER]
    assert cents(decided(desk, by("bea@elders.nl", member="nee"))) == [LIST]


def test_who_says_yes_and_is_recognised_is_asked_nothing(desk: Desk) -> None:
    assert cents(decided(desk, by("ada@voorbeeldstad.nl", "cas@voorbeeldstad.nl", member="ja"))) == [MEMBER, MEMBER]


def test_who_says_yes_and_is_not_recognised_is_told_who_and_what_it_costs(desk: Desk) -> None:
    desk.member("gmail.com")
    with pytest.raises(NoMember) as asked:
        decided(desk, by("ada@voorbeeldstad.nl", "bea@Elders.nl", "cas@gmail.com", member="ja"))
    assert not isinstance(asked.value, MembersOnly)
    assert asked.value.total_cents == MEMBER + 2 * LIST
    assert [(each.number, each.mail_domain, each.public_provider) for each in asked.value.strangers] == [
        (2, "elders.nl", False),
        (3, "gmail.com", True),
    ]
    assert asked.value.strangers[0].name == "Persoon 2"


def test_agreeing_to_the_total_is_enough(desk: Desk) -> None:
    answers = by("ada@voorbeeldstad.nl", "bea@elders.nl", member="ja")
    assert cents(decided(desk, answers, agreed_cents=MEMBER + LIST)) == [MEMBER, LIST]


@pytest.mark.parametrize("agreed", [None, 0, 1, MEMBER, 2 * MEMBER, 2 * LIST, MEMBER + LIST - 1, MEMBER + LIST + 1])
def test_agreeing_to_any_other_total_asks_again_and_sets_no_price(desk: Desk, agreed: int | None) -> None:
    with pytest.raises(NoMember) as asked:
        decided(desk, by("ada@voorbeeldstad.nl", "bea@elders.nl", member="ja"), agreed_cents=agreed)
    assert asked.value.total_cents == MEMBER + LIST


def test_one_more_person_after_agreeing_is_another_total(desk: Desk) -> None:
    answers = by("bea@elders.nl", "cas@elders.nl", member="ja")
    with pytest.raises(NoMember):
        decided(desk, answers, agreed_cents=LIST)


@pytest.mark.parametrize("agreed", [None, 1, 2 * LIST])
def test_who_says_no_needs_to_agree_to_nothing(desk: Desk, agreed: int | None) -> None:
    assert cents(decided(desk, by("bea@elders.nl", member="nee"), agreed_cents=agreed)) == [LIST]


def test_where_members_pay_the_same_nobody_is_asked(desk: Desk) -> None:
    desk.put_offer(sample_event(member_price_cents=None))
    assert cents(decided(desk, by("ada@voorbeeldstad.nl", "bea@elders.nl", member="ja"))) == [LIST, LIST]


@pytest.mark.parametrize("member", ["ja", "nee", ""])
@pytest.mark.parametrize("agreed", [None, 0])
def test_what_is_for_members_only_lets_in_nobody_else(desk: Desk, member: str, agreed: int | None) -> None:
    desk.put_offer(sample_event(**FREE, event={"members_only": True}))
    answers = by("ada@voorbeeldstad.nl", "bea@elders.nl", member=member)
    with pytest.raises(MembersOnly) as refused:
        decided(desk, answers, agreed_cents=agreed)
    assert [each.number for each in refused.value.strangers] == [2]
    among_members = decided(desk, by("ada@voorbeeldstad.nl", "cas@voorbeeldstad.nl", member=member))
    assert cents(among_members) == [0, 0]
    assert {line.reason.mail_domain for line in among_members.lines} == {"voorbeeldstad.nl"}


# What stands in the way.


def test_whoever_has_a_confirmed_seat_is_refused_by_his_number(desk: Desk) -> None:
    pay(desk, by("ada@voorbeeldstad.nl", "bea@elders.nl"))
    coming = decided(desk, by("emma@elders.nl", "BEA@Elders.nl", "dirk@elders.nl", "ada@voorbeeldstad.nl"))
    with pytest.raises(AlreadyRegistered) as refused:
        refuse_known(coming.attendees, store=desk.store)
    assert refused.value.numbers == (2, 4)


def test_an_unpaid_order_of_somebody_else_blocks_nobody(desk: Desk) -> None:
    desk.open_checkout(desk.register(by("bea@elders.nl"), offer_id=EVENT).order)
    refuse_known(decided(desk, by("bea@elders.nl")).attendees, store=desk.store)


@pytest.mark.parametrize("fate", ["expired", "review"])
def test_an_order_that_was_not_confirmed_blocks_nobody(desk: Desk, fate: str) -> None:
    pay(desk, by("bea@elders.nl"), amount_cents=1 if fate == "review" else None, late=fate == "expired")
    assert [item["state"]["S"] for item in desk.items("order")] == [fate]
    refuse_known(decided(desk, by("bea@elders.nl")).attendees, store=desk.store)


def test_a_seat_at_another_event_is_another_seat(desk: Desk) -> None:
    pay(desk, by("bea@elders.nl"))
    desk.put_offer(sample_event(id="ander-congres"))
    refuse_known(decided(desk, by("bea@elders.nl"), offer_id="ander-congres").attendees, store=desk.store)


def test_a_form_that_showed_other_prices_is_refused(desk: Desk) -> None:
    shown = desk.offer(EVENT).prices.fingerprint()
    assert cents(decided(desk, by("bea@elders.nl"), prices_shown=shown)) == [LIST]
    for prices in (Prices(list_cents=LIST, member_cents=38900), Prices(list_cents=55900, member_cents=MEMBER)):
        desk.put_offer(replace(desk.offer(EVENT), prices=prices))
        with pytest.raises(PriceChanged):
            decided(desk, by("bea@elders.nl"), prices_shown=shown)
        assert cents(decided(desk, by("bea@elders.nl"))) == [prices.list_cents], "who saw no price pays what it is"


def test_a_form_that_was_opened_while_it_was_early_is_refused_later(desk: Desk) -> None:
    offer = desk.put_offer(sample_event(early=EARLY))
    shown = offer.prices_at(desk.clock()).fingerprint()
    desk.clock.moment = EARLY_ENDS - MOMENT
    assert cents(decided(desk, by("bea@elders.nl"), prices_shown=shown)) == [44900]
    desk.clock.moment = EARLY_ENDS
    with pytest.raises(PriceChanged):
        decided(desk, by("bea@elders.nl"), prices_shown=shown)


@pytest.mark.parametrize("shown", ["nonsense", "0-0", "39900-39900", f"{MEMBER}-{LIST}"])
def test_made_up_prices_are_never_taken_over(desk: Desk, shown: str) -> None:
    with pytest.raises(PriceChanged):
        decided(desk, by("bea@elders.nl"), prices_shown=shown)


@pytest.mark.parametrize("offer_id", [EVENT, "lidmaatschap"])
def test_it_is_on_sale_from_the_moment_it_opens_until_the_moment_it_closes(desk: Desk, offer_id: str) -> None:
    opens, closes = desk.clock() + timedelta(days=1), desk.clock() + timedelta(days=2)
    desk.put_offer(replace(desk.offer(offer_id), opens_at=opens, closes_at=closes))
    answers = by("bea@elders.nl") if offer_id == EVENT else ANSWERS

    def sale_at(moment: datetime) -> Sale:
        desk.clock.moment = moment
        try:
            # whatever else is wrong: the dates come first
            desk.register(answers, offer_id=offer_id, prices_shown="nonsense")
        except NotOnSale as refusal:
            return refusal.availability.sale
        except PriceChanged:
            return Sale.OPEN
        raise AssertionError("nonsense was believed")

    assert sale_at(opens - MOMENT) is Sale.NOT_YET
    assert sale_at(opens) is Sale.OPEN
    assert sale_at(closes - MOMENT) is Sale.OPEN
    assert sale_at(closes) is Sale.CLOSED


def pay(desk: Desk, answers: Answers, *, amount_cents: int | None = None, late: bool = False) -> None:
    """An order that is paid, or that a sweep lets go because nobody pays."""
    order = desk.open_checkout(desk.register(answers, offer_id=EVENT).order).order
    if late:
        desk.clock.advance(minutes=37)
        desk.sweep()
        return
    desk.gateway.pay(order.session_id, amount_cents=amount_cents)
    desk.payments.put(order.session_id)
    desk.work()
