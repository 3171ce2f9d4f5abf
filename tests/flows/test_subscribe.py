"""Subscribe: one question a day whoever asks however often, and nobody is mailed before he said that it is he."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.email import Delivery, Email, MailNews
from chalicelib.domain.error import MailUnknown
from chalicelib.domain.language import Language
from chalicelib.domain.order import Order
from chalicelib.domain.subscriber import Evidence, Means, Standing, Subscriber
from chalicelib.flows.confirm_subscription import confirm_subscription
from chalicelib.flows.erase_subscription import erase_subscription
from chalicelib.flows.record_delivery import record_delivery
from chalicelib.flows.subscribe import Wish, subscribe
from chalicelib.flows.unsubscribe import unsubscribe
from tests.desk import ANSWERS, CONSENT_TEXT, Desk
from tests.events import FREE, attending, sample_event
from tests.flows.line import before_writing

ADA = ANSWERS.email
TICKING = replace(ANSWERS, newsletter=True)


def evidence(desk: Desk, *, text: str = "Ja", means: Means = Means.FORM) -> Evidence:
    source = "https://www.lpb.example.nl/nieuws"
    return Evidence(means=means, text=text, language=Language.NL, source=source, detail="", at=desk.clock())


def ask(desk: Desk, *topics: str, email: str = ADA) -> None:
    wish = Wish(email=email, name="", topics=topics or ("nieuwsbrief",), asked=evidence(desk))
    subscribe(wish, store=desk.store, identity=desk.application.identity, emails=desk.emails, now=desk.clock())


def id_of(desk: Desk, email: str = ADA) -> str:
    return desk.application.identity.subscriber_id(email)


def found(desk: Desk, email: str = ADA) -> Subscriber | None:
    return desk.store.unit_of_work().subscribers.get(id_of(desk, email))


def known(desk: Desk) -> Subscriber:
    subscriber = found(desk)
    assert subscriber is not None
    return subscriber


def confirm(desk: Desk, *, email_id: str = "", email: str = ADA) -> None:
    """Whatever is asked in his name."""
    asked = found(desk, email)
    assert asked
    confirm_subscription(
        id_of(desk, email),
        topics=asked.wanted,
        email_id=email_id,
        evidence=evidence(desk, means=Means.LINK),
        store=desk.store,
        identity=desk.application.identity,
    )


def leave(desk: Desk) -> None:
    unsubscribe(id_of(desk), issue_id="", store=desk.store, now=desk.clock())


def erase(desk: Desk) -> None:
    erase_subscription(ADA, store=desk.store, lists=desk.application.lists, identity=desk.application.identity)


def order_of(desk: Desk, key: str = "a-form-key-of-a-ticker", *, offer_id: str = "gratis") -> Order:
    desk.put_offer(sample_event(**FREE, id=offer_id, event={"capacity": 40}))
    return desk.register(attending(TICKING), key=key, offer_id=offer_id).order


def question(desk: Desk, order: Order) -> Email:
    email = desk.store.unit_of_work().emails.get(f"subscription-{order.id}")
    assert email is not None
    return email


def questions(desk: Desk) -> list[str]:
    return [letter.subject for email_id, letter in desk.sender.sent if email_id.startswith("subscri")]


ASKS = "Bevestig uw aanmelding voor de LPB-nieuwsbrief"
KNOWS = "U ontvangt de LPB-nieuwsbrief al"


def test_asked_and_confirmed(desk: Desk) -> None:
    ask(desk, "nieuwsbrief", "congres")
    subscriber = known(desk)
    assert (subscriber.standing, subscriber.topics) == (Standing.UNCONFIRMED, ())
    assert not subscriber.mailed("nieuwsbrief", now=desk.clock())
    desk.work()
    assert questions(desk) == [ASKS]
    desk.clock.advance(minutes=5)
    confirm(desk)
    subscriber = known(desk)
    assert (subscriber.standing, subscriber.topics) == (Standing.CONFIRMED, ("nieuwsbrief", "congres"))
    assert subscriber.confirmed
    assert subscriber.confirmed.at == desk.clock()
    assert subscriber.mailed("congres", now=desk.clock())


def test_again_and_again_it_is_one_mail_a_day(desk: Desk) -> None:
    for _ in range(5):
        ask(desk)
        desk.clock.advance(hours=1)
        desk.sweep()
        desk.work()
    assert questions(desk) == [ASKS]
    desk.clock.advance(hours=10)  # past midnight in Amsterdam
    ask(desk)
    desk.work()
    assert questions(desk) == [ASKS] * 2


def test_two_at_the_same_moment_are_one(desk: Desk) -> None:
    before_writing(desk, lambda: ask(desk, "congres"))
    ask(desk, "nieuwsbrief")
    desk.work()
    assert questions(desk) == [ASKS]
    assert set(known(desk).wanted) == {"congres", "nieuwsbrief"}


def test_the_address_counts_however_it_is_written(desk: Desk) -> None:
    ask(desk)
    ask(desk, email=ADA.upper())
    desk.work()
    assert questions(desk) == [ASKS]
    assert len(desk.items("subscriber")) == 1


def test_who_has_confirmed_is_told_so_and_loses_nothing(desk: Desk) -> None:
    ask(desk)
    desk.work()
    confirm(desk)
    desk.clock.advance(days=1)
    ask(desk, "congres")
    desk.work()
    assert questions(desk) == [ASKS, KNOWS]
    assert (known(desk).topics, known(desk).wanted) == (("nieuwsbrief",), ("congres",))
    letter = desk.sender.sent[-1][1]
    assert "/voorkeuren/" in letter.text
    assert "/bevestigen/" not in letter.text + letter.html


@pytest.mark.parametrize("delivery", [Delivery.BOUNCED, Delivery.COMPLAINED])
def test_to_a_suppressed_address_nothing_goes(desk: Desk, delivery: Delivery) -> None:
    ask(desk)
    desk.work()
    (email_id,) = desk.sender.ids()
    news = MailNews(email_id=email_id, delivery=delivery, message_id="m", reason="Permanent NoEmail", address=ADA)
    record_delivery(news, store=desk.store, identity=desk.application.identity, now=desk.clock())
    desk.clock.advance(days=2)
    before = desk.items()
    ask(desk)
    assert desk.items() == before
    order = order_of(desk)
    desk.work()
    assert questions(desk) == [ASKS]
    assert (question(desk, order).delivery, question(desk, order).reason) == (Delivery.FAILED, "suppressed")


def test_who_has_left_meanwhile_is_not_asked(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    ask(desk)
    leave(desk)
    (email_id,) = desk.emails.messages
    desk.work()
    assert desk.sender.sent == []
    email = desk.store.unit_of_work().emails.get(email_id)
    assert email
    assert (email.delivery, email.reason, email.waived) == (Delivery.FAILED, "unsubscribed", True)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("sent", [False, True], ids=["before it is sent", "after it was sent"])
def test_what_asked_somebody_is_erased_with_him(desk: Desk, sent: bool, caplog: pytest.LogCaptureFixture) -> None:
    ask(desk)
    if sent:
        desk.work()
    erase(desk)
    desk.work()
    assert len(desk.sender.sent) == sent
    assert desk.items("email") + desk.items("subscriber") == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_at_most_one_a_day_also_when_he_is_erased_between(desk: Desk) -> None:
    ask(desk)
    desk.work()
    erase(desk)
    desk.clock.advance(minutes=1)
    ask(desk)
    desk.work()
    assert questions(desk) == [ASKS]
    (email,) = desk.application.lists.questions(id_of(desk))
    assert (email.delivery, email.reason) == (Delivery.FAILED, "asked_today")


def test_who_does_not_answer_is_forgotten(desk: Desk) -> None:
    ask(desk)
    (item,) = desk.items("subscriber")
    assert int(item["expires"]["N"]) == int(desk.clock().timestamp()) + 30 * 24 * 3600
    desk.clock.advance(days=30)
    desk.work()
    assert desk.sender.sent == [], "an answer to it would come too late"
    confirm(desk)
    assert known(desk).standing is Standing.UNCONFIRMED


def test_what_is_lost_on_the_way_to_the_queue_is_found_by_the_sweep(desk: Desk) -> None:
    desk.emails.down = True
    ask(desk)
    desk.emails.down = False
    desk.clock.advance(minutes=2)
    desk.sweep()
    desk.work()
    assert questions(desk) == [ASKS]


# The tick on the form of an order


def test_the_tick_of_a_confirmed_order_asks_with_its_proof(desk: Desk) -> None:
    at = desk.clock()
    order = order_of(desk)
    assert found(desk) is None, "his registration comes first"
    desk.clock.advance(minutes=3)
    desk.work()
    assert sorted(desk.sender.ids()) == sorted(
        [f"confirmation-{order.id}", f"ticket-{order.id}-1", f"subscription-{order.id}"]
    )
    subscriber = known(desk)
    assert (subscriber.name, subscriber.wanted, subscriber.standing) == (
        ANSWERS.name,
        ("nieuwsbrief",),
        Standing.UNCONFIRMED,
    )
    assert subscriber.asked == Evidence(
        means=Means.ORDER,
        text=CONSENT_TEXT,
        language=Language.NL,
        source="https://aanmelden.example.nl/nl/gratis",
        detail=order.code,
        at=at,
    )
    desk.reconcile()
    assert desk.store.differences() == []


def test_the_mail_of_an_order_is_proof_for_its_buyer_and_nobody_else(desk: Desk) -> None:
    order = order_of(desk)
    desk.work()
    ask(desk, email="zoe@elders.nl")
    for email, proof in (("zoe@elders.nl", ""), (ADA, f"subscription-{order.id}")):
        confirm(desk, email_id=f"subscription-{order.id}", email=email)
        subscriber = found(desk, email)
        assert subscriber
        assert subscriber.confirmed
        assert subscriber.confirmed.detail == proof


def test_without_the_tick_nothing_is_asked(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE, id="gratis", event={"capacity": 40}))
    order = desk.register(attending(ANSWERS), offer_id="gratis").order
    desk.work()
    assert len(desk.store.emails(order.id)) == 2
    assert desk.items("subscriber") == []


def test_an_unpaid_order_asks_nothing_until_it_is_paid(desk: Desk) -> None:
    order = desk.open_checkout(desk.register(TICKING).order).order
    desk.work()
    assert desk.sender.sent == []
    desk.gateway.pay(order.session_id)
    desk.payments.put(order.session_id)
    desk.work()
    assert questions(desk) == [ASKS]
    assert known(desk).asked.detail == order.code


def test_over_both_ways_it_is_one_mail_a_day(desk: Desk) -> None:
    ask(desk)
    desk.work()
    first, second = order_of(desk), order_of(desk, "another-form-key-of-him", offer_id="ook-gratis")
    desk.work()
    assert questions(desk) == [ASKS]
    for order in (first, second):
        email = question(desk, order)
        assert (email.delivery, email.reason, email.waived) == (Delivery.FAILED, "asked_today", True)
    desk.reconcile()
    assert desk.store.differences() == []


def test_a_tick_first_and_the_form_later_is_one_mail_as_well(desk: Desk) -> None:
    order_of(desk)
    desk.work()
    ask(desk, "congres")
    desk.work()
    assert questions(desk) == [ASKS]
    assert known(desk).wanted == ("nieuwsbrief", "congres"), "the mail that he has confirms all of it"


def test_who_has_the_newsletter_is_not_asked_by_the_tick(desk: Desk) -> None:
    ask(desk)
    confirm(desk)
    desk.emails.take()
    order = order_of(desk)
    desk.work()
    assert questions(desk) == []
    assert question(desk, order).reason == "subscribed"


def test_who_has_other_topics_is_told_where_to_add_it(desk: Desk) -> None:
    ask(desk, "congres")
    confirm(desk)
    desk.emails.take()
    order_of(desk)
    desk.work()
    assert questions(desk) == [KNOWS]
    assert (known(desk).topics, known(desk).wanted) == (("congres",), ("nieuwsbrief",))


def test_who_unsubscribes_after_his_tick_is_not_asked(desk: Desk) -> None:
    ask(desk)
    confirm(desk)
    desk.emails.take()
    order = desk.open_checkout(desk.register(TICKING).order).order
    desk.clock.advance(minutes=1)
    leave(desk)
    desk.gateway.pay(order.session_id)
    desk.payments.put(order.session_id)
    desk.work()
    assert questions(desk) == []
    assert (question(desk, order).reason, known(desk).standing) == ("unsubscribed", Standing.UNSUBSCRIBED)


def test_who_ticks_after_he_unsubscribed_is_asked(desk: Desk) -> None:
    ask(desk)
    confirm(desk)
    leave(desk)
    desk.emails.take()
    desk.clock.advance(days=1)
    order_of(desk)
    desk.work()
    assert questions(desk) == [ASKS]


def test_a_result_nobody_knows_asks_the_same_again(desk: Desk) -> None:
    """The second time it has the day already, and what it keeps is what it kept."""
    order = order_of(desk)
    desk.sender.failures_after = [MailUnknown("ReadTimeoutError")]
    desk.send(f"subscription-{order.id}")
    before = known(desk)
    desk.clock.advance(minutes=16)
    desk.send(f"subscription-{order.id}")
    assert (known(desk), questions(desk)) == (before, [ASKS] * 2)
    assert question(desk, order).delivery is Delivery.SENT


def test_who_confirms_while_nobody_knows_is_not_asked_again(desk: Desk) -> None:
    order = order_of(desk)
    desk.sender.failures_after = [MailUnknown("ReadTimeoutError")]
    desk.send(f"subscription-{order.id}")
    confirm(desk)
    desk.clock.advance(minutes=16)
    desk.send(f"subscription-{order.id}")
    assert (questions(desk), known(desk).standing) == ([ASKS], Standing.CONFIRMED)


def test_a_tick_of_long_ago_is_not_asked_about(desk: Desk) -> None:
    order = order_of(desk)
    desk.clock.advance(days=31)
    desk.send(f"subscription-{order.id}")
    assert (question(desk, order).reason, found(desk)) == ("expired", None)


def test_nobody_sends_the_question_again_by_hand(desk: Desk) -> None:
    order = order_of(desk)
    desk.work()
    letter = desk.sender.sent[-1][1]
    assert letter.subject == ASKS
    news = MailNews(
        email_id=f"subscription-{order.id}", delivery=Delivery.BOUNCED, message_id="m", reason="Permanent", address=ADA
    )
    record_delivery(news, store=desk.store, identity=desk.application.identity, now=desk.clock())
    assert desk.store.differences() == [], "nobody is called for it"
