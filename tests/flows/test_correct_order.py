"""Correct an order and send again: in one commit, once, and never over what somebody else did at that moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.correction import FieldChange
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import (
    AttendsAlready,
    ChangedMeanwhile,
    NotAllowed,
    OrderUnknown,
    StorageUnavailable,
)
from chalicelib.domain.order import Order
from chalicelib.domain.state import State
from chalicelib.flows.add_note import add_note
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.correct_order import correct_order
from chalicelib.flows.refund_order import refund_order
from chalicelib.flows.review_order import review_order
from chalicelib.flows.send_again import send_again
from chalicelib.flows.waive_email import waive_email
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event
from tests.flows.line import before_writing, count_commits
from tests.flows.money import paid_event, paid_order, second_payment, settle

KEY, BETTER = "a-form-of-the-secretary", "bea.beter@elders.nl"


def correct(
    desk: Desk, order: Order, values: dict[tuple[int, str], str], *, key: str = KEY, seen: int | None = None
) -> tuple[FieldChange, ...]:
    return correct_order(
        order.id,
        values=values,
        tickets=True,
        key=key,
        by="tessa",
        seen=desk.order(order.id).version if seen is None else seen,
        store=desk.store,
        lists=desk.application.lists,
        identity=desk.application.identity,
        emails=desk.emails,
        now=desk.clock(),
    )


def again(desk: Desk, order: Order, *, address: str = BETTER, key: str = KEY, seen: int | None = None) -> str:
    email = send_again(
        order.id,
        f"ticket-{order.id}-2",
        address=address,
        key=key,
        by="tessa",
        seen=desk.order(order.id).version if seen is None else seen,
        store=desk.store,
        lists=desk.application.lists,
        identity=desk.application.identity,
        emails=desk.emails,
        now=desk.clock(),
    )
    return email.id


def entries(desk: Desk) -> list[str]:
    return [item["deed"]["S"] for item in desk.items("audit_entry")]


def test_names_seat_mail_and_log_go_in_one_commit(desk: Desk) -> None:
    order = paid_event(desk)
    commits = count_commits(desk)
    changes = correct(desk, order, {(2, "email"): BETTER, (2, "name"): "Bea"})
    # order, attendee, his seat taken and given, his ticket, and twice who did it
    assert commits == [7]
    assert {(each.field, each.after) for each in changes} == {("email", BETTER), ("name", "Bea")}
    person = desk.store.attendees(order.id)[1]
    assert [each.number for each in desk.store.attendances(person.attendance)] == [2]
    assert len(desk.items("attendance")) == 3


def test_the_same_form_again_does_nothing_and_says_nothing(desk: Desk) -> None:
    order = paid_event(desk)
    first = desk.order(order.id).version
    assert correct(desk, order, {(2, "name"): "Bea"}, seen=first)
    before = desk.items()
    assert correct(desk, order, {(2, "name"): "Bea"}, seen=first) == ()
    assert desk.items() == before


def test_a_commit_of_which_nobody_heard_is_made_once(desk: Desk) -> None:
    order = paid_event(desk)
    seen = desk.order(order.id).version

    def lose(**_: object) -> None:
        raise StorageUnavailable("the line broke after it was written")

    desk.client.meta.events.register_first("after-call.dynamodb.TransactWriteItems", lose)
    with pytest.raises(StorageUnavailable):
        correct(desk, order, {(2, "email"): BETTER}, seen=seen)
    desk.client.meta.events.unregister("after-call.dynamodb.TransactWriteItems", lose)
    assert correct(desk, order, {(2, "email"): BETTER}, seen=seen) == ()
    assert entries(desk) == ["corrected"]
    assert len([item for item in desk.items("email") if item["again"]["S"]]) == 1


@pytest.mark.parametrize("do", [lambda desk, order: correct(desk, order, {(2, "name"): "B"}), again])
def test_whoever_was_first_at_that_very_moment_stands(desk: Desk, do: Callable[[Desk, Order], object]) -> None:
    order = paid_event(desk)
    before_writing(desk, lambda: correct(desk, order, {(3, "name"): "Cas"}, key="a-colleague"))
    with pytest.raises(ChangedMeanwhile):
        do(desk, order)
    assert [each.name for each in desk.store.attendees(order.id)][2] == "Cas"
    assert entries(desk) == ["corrected"]


def test_money_that_comes_at_that_very_moment_is_not_overwritten(desk: Desk) -> None:
    order = paid_event(desk)

    def money() -> None:
        settle(desk, second_payment(desk, order).id)

    before_writing(desk, money)
    with pytest.raises(ChangedMeanwhile):
        correct(desk, order, {(2, "name"): "Bea"})
    assert desk.order(order.id).paid_cents == 2 * order.total_cents
    assert correct(desk, order, {(2, "name"): "Bea"})
    assert desk.order(order.id).paid_cents == 2 * order.total_cents


def test_a_seat_that_is_given_to_the_same_person_at_that_moment_is_his_once(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    one, two = (
        desk.register(attending(replace(ANSWERS, email=f"{name}@x.nl")), key=name, offer_id=EVENT).order
        for name in ("ada", "bea")
    )
    before_writing(desk, lambda: correct(desk, two, {(0, "email"): "cas@x.nl"}, key="a-colleague"))
    with pytest.raises(AttendsAlready) as refused:
        correct(desk, one, {(0, "email"): "cas@x.nl"})
    assert refused.value.number == 1
    assert [item["number"]["N"] for item in desk.items("attendance")] == ["1", "1"]
    assert desk.store.attendees(one.id)[0].email == "ada@x.nl"


def test_two_who_change_places_are_refused_for_now(desk: Desk) -> None:
    order = paid_event(desk)
    [_, second, third] = desk.store.attendees(order.id)
    with pytest.raises(AttendsAlready):
        correct(desk, order, {(2, "email"): third.email, (3, "email"): second.email})


@pytest.mark.parametrize("paid", [True, False])
def test_nobody_is_put_in_twice_by_one_order_paid_or_not(desk: Desk, paid: bool) -> None:
    desk.put_offer(sample_event())
    order = (
        paid_event(desk)
        if paid
        else desk.register(attending(ANSWERS, "bea@elders.nl", "cas@x.nl"), offer_id=EVENT).order
    )
    for values in ({(3, "email"): "BEA@elders.nl"}, {(2, "email"): "nieuw@x.nl", (3, "email"): "nieuw@x.nl"}):
        before = desk.items()
        with pytest.raises(AttendsAlready):
            correct(desk, order, values)
        assert desk.items() == before


def test_who_has_a_seat_by_another_order_is_not_put_in_one_that_is_to_be_paid(desk: Desk) -> None:
    paid_event(desk)
    order = desk.register(attending(replace(ANSWERS, email="wim@x.nl")), key="another", offer_id=EVENT).order
    with pytest.raises(AttendsAlready):
        correct(desk, order, {(0, "email"): "bea@elders.nl"})


def test_an_erased_attendee_whose_name_comes_back_keeps_his_seat(desk: Desk) -> None:
    order = paid_event(desk)
    erased = replace(desk.store.attendees(order.id)[1], name="", email="")
    unit = desk.store.unit_of_work()
    unit.attendees.keep(erased)
    unit.commit()
    before = desk.items("attendance")
    assert correct(desk, order, {(2, "name"): "Bea"})
    assert desk.items("attendance") == before
    assert desk.store.attendees(order.id)[1].attendance == erased.attendance


def test_a_mistyped_domain_of_a_new_member_is_put_right_with_the_address(desk: Desk) -> None:
    order = paid_order(desk)
    assert correct(desk, order, {(0, "email"): "ada@beterestad.nl"})
    membership = desk.store.unit_of_work().memberships.get(order.id)
    assert membership
    assert (membership.domains, membership.contact_email) == (("beterestad.nl",), "ada@beterestad.nl")
    assert [each.membership_id for each in desk.store.member_domains("beterestad.nl")] == [order.id]
    assert desk.store.member_domains("voorbeeldstad.nl") == []


def test_what_somebody_made_of_a_membership_stays_when_its_buyer_is_corrected(desk: Desk) -> None:
    order = paid_order(desk)
    unit = desk.store.unit_of_work()
    membership = unit.memberships.get(order.id)
    assert membership
    by_hand = unit.memberships.update(replace(membership, contact_name="Bea Baas", domains=("a.nl", "b.nl")))
    unit.commit()
    assert correct(desk, order, {(0, "city"): "Sneek", (0, "name"): "Adriana"})
    assert desk.store.unit_of_work().memberships.get(order.id) == by_hand


def test_a_note_at_the_moment_of_a_change_is_written_after_it(desk: Desk) -> None:
    order = paid_event(desk)
    before_writing(desk, lambda: correct(desk, order, {(2, "name"): "Bea"}, key="a-colleague"))
    add_note(order.id, "Belt terug.", key=KEY, by="t", store=desk.store, now=desk.clock())
    assert len(desk.items("note")) == 1


def test_of_whoever_was_replaced_nothing_stays_by_which_he_is_known(desk: Desk) -> None:
    order = paid_event(desk)
    unit = desk.store.unit_of_work()
    unit.attendees.keep(replace(desk.store.attendees(order.id)[1], name="Jan Jansen"))
    unit.commit()
    assert correct(desk, order, {(2, "name"): "Piet Pietersen", (2, "email"): BETTER})
    everything = json.dumps(desk.items(), ensure_ascii=False).lower()
    assert "jansen" not in everything
    assert "bea@elders.nl" not in everything
    assert "j. j. → piet pietersen" in everything


def test_an_order_that_is_not_confirmed_has_no_seat_to_move_and_no_ticket(desk: Desk) -> None:
    desk.put_offer(sample_event())
    order = desk.register(attending(ANSWERS, "bea@elders.nl"), offer_id=EVENT).order
    assert correct(desk, order, {(2, "email"): BETTER})
    assert desk.items("attendance") == desk.items("email") == []
    opened = desk.open_checkout(desk.order(order.id)).order
    desk.gateway.pay(opened.session_id)
    assert settle(desk, opened.session_id).state is State.PAID
    desk.work()
    assert BETTER in {letter.to for _, letter in desk.sender.sent}


def test_an_order_that_is_not_there_is_unknown(desk: Desk) -> None:
    order = replace(paid_event(desk), id="another")
    for act in (
        lambda: correct(desk, order, {(2, "name"): "B"}, seen=1),
        lambda: again(desk, order, seen=1),
        lambda: waive_email(order.id, "x-another", key=KEY, by="t", store=desk.store, now=desk.clock()),
        lambda: add_note(order.id, "x", key=KEY, by="t", store=desk.store, now=desk.clock()),
    ):
        with pytest.raises(OrderUnknown):
            act()


# Sending again


def test_each_time_it_is_asked_for_it_goes_once_more(desk: Desk) -> None:
    order = paid_event(desk)
    desk.work()
    desk.sender.sent.clear()
    for key in ("one", "one", "two"):
        again(desk, order, address="bea@elders.nl", key=key)
    # of one that was sent again, again
    email = f"ticket-{order.id}-2-again-two"
    assert desk.store.unit_of_work().emails.get(email)
    desk.work()
    assert [email_id for email_id, _ in desk.sender.sent] == [
        f"ticket-{order.id}-2-again-{key}" for key in ("one", "two")
    ]


def test_a_cancelled_order_has_no_ticket_to_send(desk: Desk) -> None:
    order = paid_event(desk)
    cancel_order(order.id, refund_cents=0, key="c", by="t", store=desk.store, emails=desk.emails, now=desk.clock())
    with pytest.raises(NotAllowed):
        again(desk, order)


def test_one_that_waits_for_its_first_try_is_sent_to_the_better_address_too(desk: Desk) -> None:
    order = paid_event(desk)
    again(desk, order)
    desk.work()
    assert [letter.to for _, letter in desk.sender.sent].count(BETTER) == 2
    assert {email.delivery for email in desk.store.emails(order.id)} == {Delivery.SENT}


# Deciding about money, seen at another version


def test_what_was_decided_at_another_version_is_not_done(desk: Desk) -> None:
    order = paid_event(desk)
    seen = desk.order(order.id).version
    correct(desk, order, {(2, "name"): "Bea"})
    before = desk.items()
    wires = {"by": "t", "store": desk.store, "emails": desk.emails, "now": desk.clock(), "seen": seen}
    with pytest.raises(ChangedMeanwhile):
        cancel_order(order.id, refund_cents=1, key="c", **wires)  # type: ignore[arg-type]  # each fits
    with pytest.raises(ChangedMeanwhile):
        refund_order(order.id, amount_cents=1, key="r", **wires)  # type: ignore[arg-type]  # each fits
    with pytest.raises(ChangedMeanwhile):
        review_order(order.id, action=None, key="v", **wires)  # type: ignore[arg-type]  # it is not looked at
    assert desk.items() == before
