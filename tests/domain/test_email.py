"""An email on its way: who may take it, when it is given up, which news counts."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.email import (
    FOLLOWS,
    LEASE,
    OF_CONFIRMED,
    PAUSES,
    Delivery,
    Email,
    EmailKind,
    MailNews,
    new_email,
)
from chalicelib.domain.language import Language

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
EMAIL = new_email(kind=EmailKind.CONFIRMATION, order_id="order-1", language=Language.NL, now=NOW)


def test_its_id_is_made_of_stable_facts() -> None:
    later = new_email(
        kind=EmailKind.CONFIRMATION, order_id="order-1", language=Language.EN, now=NOW + timedelta(days=1)
    )
    assert later.id == EMAIL.id == "confirmation-order-1"


def test_each_attendee_has_one_ticket_and_the_buyer_other_mails() -> None:
    def email(kind: EmailKind, attendee: int = 0) -> Email:
        return new_email(kind=kind, order_id="order-1", language=Language.NL, now=NOW, attendee=attendee)

    tickets = [email(EmailKind.TICKET, number) for number in range(1, 21)]
    assert [ticket.attendee for ticket in tickets] == list(range(1, 21))
    assert (tickets[0].id, tickets[19].id) == ("ticket-order-1-1", "ticket-order-1-20")
    others = [email(EmailKind.CONFIRMATION), email(EmailKind.WELCOME)]
    assert [other.attendee for other in others] == [0, 0]
    assert len({each.id for each in (*tickets, *others)}) == 22


def test_of_each_move_each_attendee_has_one_mail_which_knows_it() -> None:
    def email(move: int, *, attendee: int = 3) -> Email:
        return new_email(
            kind=EmailKind.MOVED, order_id="order-1", language=Language.NL, now=NOW, attendee=attendee, move=move
        )

    assert [email(1).id, email(12).id] == ["moved-order-1-3-1", "moved-order-1-3-12"]
    assert (email(1).move, email(12).move) == (1, 12)
    assert email(12).sent_again(key="a-key-7", now=NOW).move == 12
    assert len({email(move, attendee=attendee).id for move in range(1, 13) for attendee in range(1, 13)}) == 144
    ticket = new_email(kind=EmailKind.TICKET, order_id="order-1", language=Language.NL, now=NOW, attendee=3)
    assert (ticket.move, EMAIL.move) == (0, 0)


def test_each_refund_has_one_mail_and_what_else_ends_an_order_one_each() -> None:
    def email(kind: EmailKind, **about: Any) -> Email:
        return new_email(kind=kind, order_id="order-1", language=Language.NL, now=NOW, **about)

    refunds = [email(EmailKind.REFUND, refund_id=name) for name in ("late-pi_1", "second-pi_2")]
    assert [(each.id, each.refund_id) for each in refunds] == [
        ("refund-order-1-late-pi_1", "late-pi_1"),
        ("refund-order-1-second-pi_2", "second-pi_2"),
    ]
    told = [email(EmailKind.CANCELLATION), email(EmailKind.CANCELLATION, attendee=2), email(EmailKind.PAYMENT_FAILED)]
    assert [each.id for each in told] == ["cancellation-order-1", "cancellation-order-1-2", "payment_failed-order-1"]


def test_what_tells_of_a_confirmed_order_is_known_apart_from_all_else() -> None:
    assert set(EmailKind) - OF_CONFIRMED == {
        *(EmailKind.REFUND, EmailKind.CANCELLATION, EmailKind.PAYMENT_FAILED, EmailKind.SUBSCRIPTION)
    }


def test_a_claim_lasts_as_long_as_its_lease() -> None:
    claimed = EMAIL.claimed(now=NOW)
    assert EMAIL.claimable(now=NOW)
    assert not claimed.claimable(now=NOW + LEASE - timedelta(seconds=1))
    assert claimed.claimable(now=NOW + LEASE)
    assert claimed.attempt == 1


def test_a_definite_no_waits_longer_each_time_and_is_given_up_in_the_end() -> None:
    email, now = EMAIL, NOW
    for pause in PAUSES:
        email = email.claimed(now=now).postponed(now=now, reason="throttled")
        assert email.delivery is Delivery.QUEUED
        assert not email.claimable(now=now + pause - timedelta(seconds=1))
        now += pause
        assert email.claimable(now=now)
    email = email.claimed(now=now).postponed(now=now, reason="throttled")
    assert (email.delivery, email.due, email.reason) == (Delivery.FAILED, None, "throttled")


@pytest.mark.parametrize(("state", "news"), list(itertools.product(Delivery, Delivery)))
def test_news_moves_an_email_forward_only(state: Delivery, news: Delivery) -> None:
    email = replace(EMAIL, delivery=state)
    after = email.heard(MailNews(email_id=EMAIL.id, delivery=news, message_id="m", reason="r"))
    assert (after is not None) is (state in FOLLOWS.get(news, frozenset()))
    if after is not None:
        assert (after.delivery, after.due, after.message_id, after.reason) == (news, None, "m", "r")
        assert after.heard(MailNews(email_id=EMAIL.id, delivery=news, message_id="m", reason="r")) is None


def test_what_has_ended_is_never_sent_again() -> None:
    for delivery in (Delivery.SENT, Delivery.DELIVERED, Delivery.BOUNCED, Delivery.COMPLAINED, Delivery.FAILED):
        assert not replace(EMAIL, delivery=delivery).claimable(now=NOW)
