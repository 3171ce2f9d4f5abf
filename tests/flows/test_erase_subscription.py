"""Erase a subscription: his copies of issues and the questions go with him, and are handed out before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.domain.copy import copy_id, new_copy
from chalicelib.domain.email import Delivery, MailNews, new_question
from chalicelib.domain.issue_progress import Progress
from chalicelib.domain.language import Language
from chalicelib.domain.suppression import suppression_id
from chalicelib.domain.topic import Topic
from chalicelib.flows.erase_subscription import MOST, erase_subscription
from chalicelib.flows.find_subscription import find_subscription
from chalicelib.flows.record_copy import record_copy
from chalicelib.flows.record_delivery import record_delivery
from chalicelib.rendering.subscription_document import subscription_document
from tests.flows.newsletter import Newsroom

if TYPE_CHECKING:
    from chalicelib.domain.subscription import Subscription
    from tests.desk import Desk

ZOE, CAS = "zoe@voorbeeldstad.nl", "cas@elders.nl"


def erase(room: Newsroom, address: str) -> bool:
    return erase_subscription(address, store=room.desk.store, lists=room.desk.application.lists, identity=room.identity)


def found(room: Newsroom, address: str) -> Subscription:
    app = room.desk.application
    return find_subscription(address, store=room.desk.store, lists=app.lists, identity=room.identity)


def document(room: Newsroom, address: str, lang: Language) -> list[str]:
    texts, topics = room.desk.application.renderer.texts(lang), tuple[Topic, ...]()
    said = subscription_document(found(room, address), topics=topics, texts=texts, language=lang)
    lines = said[texts("newsletter.document.received")]
    assert isinstance(lines, list)
    return [str(each).replace("\xa0", " ") for each in lines]


def test_each_issue_that_went_to_him_is_handed_out(desk: Desk) -> None:
    room = Newsroom(desk)
    (zoe, _) = room.subscribe([ZOE, CAS])
    for number in ("eerste", "tweede"):
        room.issue(issue_id=number)
        room.run(number)
        desk.clock.advance(days=1)
    first = desk.store.unit_of_work().copies.get(copy_id(issue_id="eerste", subscriber_id=zoe.id))
    assert first
    unit = desk.store.unit_of_work()
    unit.copies.update(replace(first.unsubscribed(), delivery=Delivery.DELIVERED))
    unit.commit()
    assert document(room, ZOE, Language.NL) == [
        "Nieuws uit de buurt, 26 november 2026 om 13:00, verstuurd",
        "Nieuws uit de buurt, 25 november 2026 om 13:00, bezorgd, daarmee afgemeld",
    ]


@pytest.mark.parametrize("delivery", list(Delivery))
@pytest.mark.parametrize("lang", list(Language))
def test_however_far_a_copy_got_the_document_says_it(desk: Desk, delivery: Delivery, lang: Language) -> None:
    room = Newsroom(desk)
    (zoe,) = room.subscribe([ZOE])
    issue, unit = room.issue(), desk.store.unit_of_work()
    unit.copies.add(replace(new_copy(issue, subscriber_id=zoe.id, now=desk.clock()), delivery=delivery))
    unit.commit()
    (line,) = document(room, ZOE, lang)
    assert line.endswith(desk.application.renderer.texts(lang)(f"newsletter.document.{delivery.value}"))


def test_nothing_that_stands_for_him_is_left(desk: Desk) -> None:
    room = Newsroom(desk)
    (zoe, cas) = room.subscribe([ZOE, CAS])
    room.issue()
    issue = room.run()
    unit = desk.store.unit_of_work()
    unit.emails.add(new_question(subscriber_id=zoe.id, language=Language.NL, now=desk.clock()))
    unit.commit()
    assert zoe.id in str(desk.items())
    assert erase(room, ZOE)
    assert zoe.id not in str(desk.items())
    assert [copy.subscriber_id for copy in room.copies()] == [cas.id]
    assert not found(room, ZOE)
    assert not erase(room, ZOE)
    assert issue
    desk.clock.advance(hours=1)
    counted = room.run()
    assert counted
    (count,) = room.readership.counts([issue.id]).values()
    assert Progress(issue=counted, count=count).waits == 0, "what was sent and is not known any more waits for nothing"


def test_who_complains_after_he_was_erased_is_mailed_no_more_and_his_address_is_not_kept(desk: Desk) -> None:
    room = Newsroom(desk)
    (zoe,) = room.subscribe([ZOE])
    room.issue()
    room.run()
    erase(room, ZOE)
    news = MailNews(
        email_id=copy_id(issue_id=room.stored().id, subscriber_id=zoe.id),
        delivery=Delivery.COMPLAINED,
        message_id="m",
        reason="",
        address=ZOE,
    )
    record_copy(news, store=desk.store, identity=room.identity, now=desk.clock())
    (suppression,) = desk.items("suppression")
    assert suppression["id"]["S"] == suppression_id(ZOE, identity=room.identity)
    assert ZOE not in str(desk.items())
    assert not desk.items("copy")
    late = replace(news, delivery=Delivery.DELIVERED, reason="")
    record_copy(late, store=desk.store, identity=room.identity, now=desk.clock())
    assert desk.items("suppression") == [suppression], "news that is not for good changes nothing"


def test_who_refuses_and_complains_is_asked_no_more(desk: Desk) -> None:
    room = Newsroom(desk)
    desk.post("/nl/nieuwsbrief", {"email": ZOE, "topic_nieuwsbrief": "ja", "do": "subscribe"})
    desk.work()
    (question,) = desk.sender.ids()
    erase(room, ZOE)
    news = MailNews(email_id=question, delivery=Delivery.COMPLAINED, message_id="m", reason="", address=ZOE)
    record_delivery(news, store=desk.store, identity=room.identity, now=desk.clock())
    desk.clock.advance(hours=30)
    desk.post("/nl/nieuwsbrief", {"email": ZOE, "topic_nieuwsbrief": "ja", "do": "subscribe"})
    desk.work()
    assert desk.sender.ids() == [question]


def test_an_issue_under_way_passes_him_over(desk: Desk) -> None:
    room = Newsroom(desk)
    room.subscribe([ZOE, CAS])
    room.issue()
    left = iter([True] * 3)
    room.run(goes_on=lambda: next(left, False))
    erase(room, ZOE)
    desk.clock.advance(minutes=5)
    room.run()
    assert [letter.to for letter in room.service.letters] in ([CAS], [ZOE, CAS])
    assert len(room.copies()) == 1


def test_more_than_one_commit_takes_goes_in_several_and_he_with_the_last(desk: Desk) -> None:
    room = Newsroom(desk)
    (zoe,) = room.subscribe([ZOE])
    for number in range(MOST + 1):
        issue, unit = room.issue(issue_id=f"uitgave{number}"), desk.store.unit_of_work()
        unit.copies.add(new_copy(issue, subscriber_id=zoe.id, now=desk.clock()))
        unit.commit()
    there: list[int] = []
    app = desk.application
    assert erase_subscription(
        ZOE,
        store=desk.store,
        lists=app.lists,
        identity=room.identity,
        beside=lambda _: there.append(len(desk.items("subscriber")) + len(desk.items("copy"))),
    )
    assert there == [2], "the log is written with what goes last"
    assert zoe.id not in str(desk.items())
