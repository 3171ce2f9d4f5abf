"""An event is moved: every attendee with a seat hears it once, with a newer entry for his calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from chalicelib.domain.answers import Answers
from chalicelib.domain.email import Delivery, Email, Letter
from chalicelib.domain.language import Text
from chalicelib.domain.offer import Offer, Session
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.move_event import move_event
from chalicelib.flows.tell_moved import Told, plan_telling, tell_moved
from tests.desk import ANSWERS, Desk
from tests.events import EVENT, FREE, attending, sample_event
from tests.rendering.strict_reader import Entry, read_strictly

BEA, CAS, DIK = "bea@elders.nl", "cas@anders.nl", "dik@daar.nl"
OTHER = replace(ANSWERS, organisation="Gemeente Daar", name="Dik Daar", email=DIK)
LATER = datetime(2027, 11, 16, 9, tzinfo=UTC)
ELSEWHERE = Text(nl="De Kas, Elders", en="The Greenhouse, Elders")


def moved_seed(*, weeks: int = 1, place: Text | None = None) -> Offer:
    """The seed of the event, with its sessions some weeks later."""
    seed = sample_event(**FREE)
    assert seed.event
    on = timedelta(weeks=weeks)
    sessions = tuple(Session(starts_at=each.starts_at + on, ends_at=each.ends_at + on) for each in seed.event.sessions)
    return replace(seed, event=replace(seed.event, sessions=sessions, place=place or seed.event.place))


@pytest.fixture
def order_id(desk: Desk) -> str:
    """A confirmed order of three, whose tickets were sent a while ago."""
    desk.put_offer(sample_event(**FREE))
    return registered(desk, attending(ANSWERS, BEA, CAS))


def registered(desk: Desk, answers: Answers, *, key: str = "key-1") -> str:
    order = desk.register(answers, offer_id=EVENT, key=key).order
    desk.work()
    desk.sender.sent.clear()
    desk.clock.advance(minutes=20)
    return order.id


def move(desk: Desk, seed: Offer) -> Offer:
    offer = move_event(EVENT, seed=seed, store=desk.store, now=desk.clock())
    assert offer is not None
    return offer


def tell(desk: Desk, offer: Offer) -> Sequence[Told]:
    return list(tell_moved(offer, lists=desk.application.lists, store=desk.store, emails=desk.emails, now=desk.clock()))


def counts(told: Sequence[Told]) -> list[tuple[int, int]]:
    return [(each.now, each.before) for each in told]


def entry_of(letter: Letter) -> Entry:
    """The one entry that goes along: read strictly, and by the library, which must agree."""
    (file,) = letter.calendars
    entry = read_strictly(file.content)
    calendar = Calendar.from_ical(file.content)
    (event,) = calendar.walk("VEVENT")
    assert (str(event["UID"]), event.decoded("SEQUENCE"), str(event["STATUS"])) == (
        entry["UID"],
        entry["SEQUENCE"],
        entry["STATUS"],
    )
    assert (event.decoded("DTSTART"), event.decoded("DTSTAMP")) == (entry["DTSTART"], entry["DTSTAMP"])
    assert ("METHOD" in calendar) is file.cancelled
    return entry


def ticket_again(desk: Desk, order_id: str, number: int) -> Letter:
    """A ticket that is sent once more, as the secretariat may."""
    desk.clock.advance(minutes=1)
    unit = desk.store.unit_of_work()
    ticket = unit.emails.get(f"ticket-{order_id}-{number}")
    assert ticket is not None
    again = ticket.sent_again(key=f"key-{desk.clock().timestamp():.0f}", now=desk.clock())
    unit.emails.add(again)
    unit.commit()
    desk.send(again.id)
    return desk.sender.sent.pop()[1]


def email(desk: Desk, email_id: str) -> Email:
    found = desk.store.unit_of_work().emails.get(email_id)
    assert found is not None
    return found


def test_everybody_with_a_seat_is_told_once_with_a_newer_entry(desk: Desk, order_id: str) -> None:
    before = entry_of(ticket_again(desk, order_id, 2))
    offer = move(desk, moved_seed(place=ELSEWHERE))
    assert counts(tell(desk, offer)) == [(3, 0)]
    desk.work()
    assert [(email_id, letter.to) for email_id, letter in desk.sender.sent] == [
        (f"moved-{order_id}-1-1", ANSWERS.email),
        (f"moved-{order_id}-2-1", BEA),
        (f"moved-{order_id}-3-1", CAS),
    ]
    letter = desk.sender.sent[1][1]
    for part in (letter.text, letter.html):
        for said in ("16 november 2027", "De Kas, Elders", "9 november 2027", "Het Wijkhuis, Voorbeeldstad"):
            assert said in " ".join(part.split())
        for secret in (CAS, ANSWERS.email, "Persoon 3", desk.application.identity.link_token(order_id)):
            assert secret not in part
    after = entry_of(letter)
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert (after["DTSTART"], after["LOCATION"], after["STATUS"]) == (LATER, "De Kas, Elders", "CONFIRMED")
    assert "METHOD" not in after.values
    assert str(after["DTSTAMP"]) > str(before["DTSTAMP"])
    assert entry_of(ticket_again(desk, order_id, 2)).values == after.values, "a ticket sent later says the same"


def test_telling_again_adds_nothing_and_a_next_move_tells_anew(desk: Desk, order_id: str) -> None:
    offer = move(desk, moved_seed())
    assert counts(tell(desk, offer)) == [(3, 0)]
    assert counts(tell(desk, offer)) == [(0, 3)]
    desk.work()
    desk.clock.advance(days=2)
    again = move(desk, moved_seed(weeks=2))
    assert counts(tell(desk, again)) == [(3, 0)]
    desk.work()
    assert [entry_of(letter)["SEQUENCE"] for _, letter in desk.sender.sent] == [1, 1, 1, 2, 2, 2]
    assert len({str(entry_of(letter)["UID"]) for _, letter in desk.sender.sent}) == 3


def test_what_was_not_sent_before_the_next_move_is_not_sent_after_it(
    desk: Desk, order_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    tell(desk, move(desk, moved_seed()))
    desk.clock.advance(minutes=1)
    tell(desk, move(desk, moved_seed(weeks=2)))
    desk.work()
    assert sorted(desk.sender.ids()) == [f"moved-{order_id}-{number}-2" for number in (1, 2, 3)]
    old = email(desk, f"moved-{order_id}-2-1")
    assert (old.delivery, old.reason, old.waived) == (Delivery.FAILED, "superseded", True)
    assert "ERROR" not in {record.levelname for record in caplog.records}


def test_what_stays_where_it_is_was_not_moved(desk: Desk, order_id: str) -> None:
    before = desk.offer(EVENT)
    assert move(desk, moved_seed(weeks=0)) == before
    assert before.event
    assert before.event.moves == ()


def test_only_what_a_move_is_about_comes_from_the_seed(desk: Desk, order_id: str) -> None:
    before, seed = desk.offer(EVENT), moved_seed()
    strange = replace(seed, title=Text(nl="Anders", en="Other"), prices=replace(seed.prices, list_cents=1))
    assert seed.event
    strange = replace(strange, closes_at=LATER, event=replace(seed.event, capacity=1, most_per_order=1))
    after = move(desk, strange)
    assert after.event
    assert before.event
    assert (after.event.sessions, after.closes_at) == (seed.event.sessions, LATER)
    kept = replace(before.event, sessions=after.event.sessions, moves=after.event.moves)
    assert after == replace(before, closes_at=LATER, version=before.version + 1, event=kept)


def test_whoever_registered_after_the_move_has_seen_it(desk: Desk, order_id: str) -> None:
    offer = move(desk, moved_seed())
    desk.clock.advance(minutes=1)
    late = registered(desk, replace(OTHER, attending=True), key="key-2")
    assert counts(tell(desk, offer)) == [(3, 0)]
    assert entry_of(ticket_again(desk, late, 1))["SEQUENCE"] == 1


def test_who_has_no_seat_any_more_is_not_told(desk: Desk, order_id: str) -> None:
    other = registered(desk, replace(OTHER, attending=True), key="key-2")
    cancel_order(other, refund_cents=0, key="k", by="b", store=desk.store, emails=desk.emails, now=desk.clock())
    desk.work()
    desk.sender.sent.clear()
    offer = move(desk, moved_seed())
    assert counts(tell(desk, offer)) == [(3, 0)]


def test_who_is_cancelled_between_telling_and_sending_gets_no_news_of_a_move(desk: Desk, order_id: str) -> None:
    tell(desk, move(desk, moved_seed()))
    cancel_order(order_id, refund_cents=0, key="k", by="b", store=desk.store, emails=desk.emails, now=desk.clock())
    desk.work()
    assert sorted({email_id.partition("-")[0] for email_id in desk.sender.ids()}) == ["cancellation"]


def test_the_plan_writes_nothing_and_says_what_telling_does(desk: Desk, order_id: str) -> None:
    registered(desk, replace(OTHER, attending=True), key="key-2")
    offer = move(desk, moved_seed())
    before = desk.items()
    plan = list(plan_telling(offer, lists=desk.application.lists, store=desk.store, now=desk.clock()))
    assert desk.items() == before
    assert desk.emails.messages == []
    assert counts(plan) == [(3, 0), (1, 0)]
    assert tell(desk, offer) == plan


def test_dates_that_become_known_are_told_too(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE, event={"sessions": None}))
    order_id = registered(desk, attending(ANSWERS, BEA))
    assert ticket_again(desk, order_id, 2).calendars == ()
    tell(desk, move(desk, moved_seed()))
    desk.work()
    letter = desk.sender.sent[1][1]
    assert "Zo was het eerst" not in letter.text
    assert (entry_of(letter)["SEQUENCE"], entry_of(letter)["DTSTART"]) == (1, LATER)


# Cancelled


def cancelled(desk: Desk, order_id: str) -> dict[str, Letter]:
    """The letters that say so, by who reads them."""
    desk.clock.advance(days=1)
    cancel_order(order_id, refund_cents=0, key="k", by="b", store=desk.store, emails=desk.emails, now=desk.clock())
    desk.work()
    return {letter.to: letter for _, letter in desk.sender.sent}


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_cancelled_registration_takes_each_entry_out_of_its_calendar(desk: Desk, order_id: str, moves: int) -> None:
    for weeks in range(1, moves + 1):
        move(desk, moved_seed(weeks=weeks))
        desk.clock.advance(days=1)
    tickets = {number: entry_of(ticket_again(desk, order_id, number)) for number in (1, 2, 3)}
    letters = cancelled(desk, order_id)
    for number, address in enumerate((ANSWERS.email, BEA, CAS), start=1):
        entry, ticket = entry_of(letters[address]), tickets[number]
        assert (entry["UID"], entry["METHOD"], entry["STATUS"]) == (ticket["UID"], "CANCEL", "CANCELLED")
        assert (ticket["SEQUENCE"], entry["SEQUENCE"]) == (moves, moves + 1)
        assert str(entry["DTSTAMP"]) > str(ticket["DTSTAMP"])
        assert entry["DTSTART"] == ticket["DTSTART"]
        assert entry["ORGANIZER"] == "mailto:info@lpb.example.nl"
        assert "haalt" in letters[address].text


def test_a_buyer_who_does_not_come_gets_no_file(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE))
    order_id = registered(desk, replace(attending(ANSWERS, BEA), attending=False))
    letters = cancelled(desk, order_id)
    assert letters[ANSWERS.email].calendars == ()
    assert "agenda" not in letters[ANSWERS.email].text
    assert len(letters[BEA].calendars) == 1


def test_without_dates_there_was_no_entry_and_there_is_none_to_take_away(desk: Desk) -> None:
    desk.put_offer(sample_event(**FREE, event={"sessions": None}))
    letters = cancelled(desk, registered(desk, attending(ANSWERS, BEA)))
    assert [letter.calendars for letter in letters.values()] == [(), ()]
    assert all("agenda" not in letter.text for letter in letters.values())
