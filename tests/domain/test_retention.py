"""Retention: at every age what must be kept is kept, and what has been kept long enough goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.answers import Answers
from chalicelib.domain.audit_entry import AuditEntry, Deed, OrderDeed
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import EmailKind, new_email
from chalicelib.domain.erasure import ON_AN_INVOICE, Erasure
from chalicelib.domain.language import Language
from chalicelib.domain.membership import Membership
from chalicelib.domain.note import Note
from chalicelib.domain.order import Consent, Order
from chalicelib.domain.retention import (
    MOST,
    Announced,
    Due,
    Phase,
    Rule,
    Terms,
    contact_due,
    due_in,
    new_run,
)
from chalicelib.domain.state import State
from tests.domain.order_samples import NOW, OFFER, SCHOOL, event_order
from tests.domain.test_erasure import FULL, attendee, dossier, paid

TERMS = Terms(
    books_years=7,
    unpaid=timedelta(days=90),
    free=timedelta(days=365),
    event=timedelta(days=365),
    contacts=timedelta(days=730),
    notes=timedelta(days=730),
)
OVER = max(session.ends_at for session in SCHOOL.event.sessions) if SCHOOL.event else NOW
NOBODY = Answers(organisation="", name="", email="")
PLAIN = replace(FULL, newsletter=False)


def of(order: Order, *, answers: Answers = PLAIN) -> Dossier:
    people = (attendee(1, "Ada de Vries", "ada@voorbeeldstad.nl", is_buyer=True), attendee(2, "Bea", "bea@elders.nl"))
    entry = AuditEntry(id="a", at=NOW, by="t@lpb.nl", deed=Deed.CORRECTED, subject=order.code, facts={})
    consent = Consent(
        order_id=order.id, purpose="newsletter", text="Ja", language=Language.NL, source="x", given_at=NOW
    )
    return dossier(
        order,
        answers=answers,
        attendees=people if order.seats() else (),
        consents=(consent,) if answers.newsletter else (),
        notes=(Note(id="n", order_id=order.id, text="Ada belt", by="t@lpb.nl", at=NOW),),
        deeds=(OrderDeed(order_id=order.id, entry=entry, personal={"name": "Ada → Bea"}),),
    )


def paid_event() -> Order:
    return event_order("", "", state=State.PAID, payment_id="pi_1", paid_at=NOW, paid_cents=50_000)


def free_event(**changes: object) -> Order:
    return event_order("", "", **{"cents": 0, "state": State.CONFIRMED} | changes)  # type: ignore[arg-type]


def due(found: Dossier, now: datetime) -> Due:
    return due_in(found, offer=SCHOOL if found.order.seats() else OFFER, terms=TERMS, now=now)


def after(found: Dossier, erasure: Erasure) -> Dossier:
    """The order when that has been written."""
    changed = {each.number: each for each in erasure.attendees}
    deeds = {deed.key: deed for deed in erasure.deeds}
    return replace(
        found,
        buyer=erasure.buyer or found.buyer,
        attendees=tuple(changed.get(each.number, each) for each in found.attendees),
        consents=() if erasure.consents else found.consents,
        notes=tuple(note for note in found.notes if note not in erasure.notes),
        deeds=tuple(deeds.get(deed.key, deed) for deed in found.deeds),
    )


@pytest.mark.parametrize(
    ("order", "rule", "first"),
    [
        (event_order("", "", state=State.EXPIRED), Rule.UNPAID, NOW + TERMS.unpaid),
        (free_event(state=State.CANCELLED), Rule.UNPAID, NOW + TERMS.unpaid),
        (free_event(), Rule.FREE, OVER + TERMS.free),
        (paid_event(), Rule.EVENT, OVER + TERMS.event),
        # a membership until 24 November 2027
        (paid(), Rule.TERM, datetime(2029, 11, 23, 23, tzinfo=UTC)),
    ],
)
def test_each_goes_on_its_day_and_not_before(order: Order, rule: Rule, first: datetime) -> None:
    assert rule not in due(of(order), first - timedelta(microseconds=1)).rules
    assert rule in due(of(order), first).rules


def test_who_paid_goes_after_the_seventh_book_year() -> None:
    for order in (paid(), paid_event()):
        midnight = datetime(2033, 12, 31, 23, tzinfo=UTC)  # in Amsterdam
        assert Rule.BOOKS not in due(of(order), midnight - timedelta(microseconds=1)).rules
        found = due(of(order), midnight)
        assert found.rules == (Rule.BOOKS,)
        assert found.erasure.buyer
        assert found.erasure.buyer.answers == NOBODY
        assert found.erasure.notes
        assert len(found.erasure.attendees) == len(of(order).attendees)


def test_after_an_event_only_the_books_know_who_paid() -> None:
    found = due(of(paid_event()), OVER + TERMS.event)
    assert found.erasure.buyer
    answers = found.erasure.buyer.answers
    assert {name: getattr(answers, name) for name in ON_AN_INVOICE} == {
        name: getattr(PLAIN, name) for name in ON_AN_INVOICE
    }
    assert answers == replace(NOBODY, **{name: getattr(PLAIN, name) for name in ON_AN_INVOICE})
    assert [(each.name, each.email) for each in found.erasure.attendees] == [("", ""), ("", "")]


def test_notes_go_by_their_own_age() -> None:
    assert due(of(paid_event()), NOW + TERMS.notes - timedelta(seconds=1)).rules in ((), (Rule.EVENT,))
    found = due(of(paid()), NOW + TERMS.notes)
    assert found.rules == (Rule.NOTES,)
    assert len(found.erasure.notes) == 1
    assert [deed.personal for deed in found.erasure.deeds] == [{}]
    assert found.erasure.buyer is None


ORDERS = (
    paid(),
    paid_event(),
    replace(paid_event(), state=State.CANCELLED),
    replace(paid_event(), state=State.REFUND_DUE),
    replace(paid_event(), state=State.INVOICED, payment_id="", paid_at=None, paid_cents=0),
)
AGES = st.integers(min_value=0, max_value=12 * 366)


@given(order=st.sampled_from(ORDERS), ages=st.lists(AGES, min_size=1, max_size=6), newsletter=st.booleans())
def test_what_the_law_keeps_is_kept_at_every_age(order: Order, ages: list[int], newsletter: bool) -> None:
    """However often it is looked at, and whenever."""
    found = of(order, answers=replace(FULL, newsletter=newsletter))
    for age in sorted(ages):
        now = NOW + timedelta(days=age)
        found = after(found, due(found, now).erasure)
        assert found.buyer
        answers = found.buyer.answers
        if now.date() <= date(2033, 12, 31):
            assert [getattr(answers, each) for each in ON_AN_INVOICE] == [getattr(FULL, each) for each in ON_AN_INVOICE]
        else:
            assert (answers.organisation, answers.street, answers.reference) == ("", "", "")
        # nobody loses the newsletter that he asked for, and the proof stays with it
        assert (answers.email == FULL.email and bool(found.consents)) or not newsletter


@given(
    order=st.sampled_from((*ORDERS, free_event(), event_order("", state=State.EXPIRED))),
    ages=st.lists(AGES, min_size=1, max_size=4),
)
def test_what_went_once_is_not_due_again(order: Order, ages: list[int]) -> None:
    found = of(order)
    for age in sorted(ages):
        now = NOW + timedelta(days=age)
        found = after(found, due(found, now).erasure)
        assert due(found, now) == Due()


@given(order=st.sampled_from((*ORDERS, free_event(), event_order("", state=State.EXPIRED))))
def test_nobody_is_kept_for_ever(order: Order) -> None:
    found = of(order)
    found = after(found, due(found, NOW + timedelta(days=12 * 366)).erasure)
    assert found.buyer
    assert found.buyer.answers == NOBODY
    assert [each for each in found.attendees if each.name or each.email] == []
    assert (found.notes, [deed for deed in found.deeds if deed.personal]) == ((), [])


@pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING, State.REVIEW])
def test_where_something_is_under_way_nothing_goes(state: State) -> None:
    assert due(of(event_order("", state=state)), NOW + timedelta(days=9000)) == Due()


@pytest.mark.parametrize("order", [paid(), paid_event(), free_event()], ids=["membership", "event", "free"])
def test_who_was_asked_to_confirm_the_newsletter_is_not_kept_with_the_order(order: Order) -> None:
    question = new_email(kind=EmailKind.SUBSCRIPTION, order_id=order.id, language=Language.NL, now=NOW)
    years_later = NOW + timedelta(days=3 * 366)
    found = of(order, answers=FULL)
    kept = due(found, years_later).erasure
    assert kept.consents == ()
    assert kept.buyer
    assert kept.buyer.answers.email == FULL.email
    gone = due(replace(found, emails=(question,)), years_later).erasure
    assert len(gone.consents) == 1
    assert gone.buyer
    assert gone.buyer.answers.email == ""


def test_an_unpaid_order_keeps_nobody_for_the_newsletter() -> None:
    found = due(of(event_order("", state=State.EXPIRED), answers=FULL), NOW + TERMS.unpaid)
    assert found.erasure.buyer
    assert found.erasure.buyer.answers == NOBODY
    assert found.erasure.consents


def test_what_has_no_dates_is_over_some_day() -> None:
    assert SCHOOL.event
    dateless = replace(SCHOOL, event=replace(SCHOOL.event, sessions=()))
    for days, gone in ((700, False), (731, True)):
        now = NOW + timedelta(days=days)
        found = due_in(of(free_event()), offer=dateless, terms=replace(TERMS, notes=timedelta(days=9000)), now=now)
        assert bool(found.rules) is gone


def test_the_contact_of_a_member_goes_two_years_after_its_end() -> None:
    membership = Membership(
        id="m",
        organisation="Gemeente",
        registration_number="",
        domains=("gemeente.nl",),
        contact_name="Ada",
        contact_email="ada@gemeente.nl",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        version=1,
    )
    for now, gone in ((datetime(2028, 12, 30, 12, tzinfo=UTC), False), (datetime(2028, 12, 31, 12, tzinfo=UTC), True)):
        assert contact_due(membership, terms=TERMS, now=now) is gone
        assert not contact_due(replace(membership, contact_name="", contact_email=""), terms=TERMS, now=now)


def test_a_run_a_day_and_what_one_found_the_next_erases() -> None:
    first = new_run(None, now=NOW)
    assert first
    assert (first.phase, first.announced, first.version) == (Phase.ERASE, (), 0)
    assert new_run(first, now=NOW + timedelta(days=9)) is first, "one that stopped goes on"
    found = Announced(id="o", label="C26-AAAA", rules=(Rule.EVENT,))
    done = replace(first.saw(found), phase=None)
    assert new_run(done, now=NOW + timedelta(hours=23)) is None
    second = new_run(done, now=NOW + timedelta(days=1))
    assert second
    assert (second.announced, second.found) == ((found,), ())
    assert (second.ahead, done.ahead) == ((found,), (found,))


def test_a_run_announces_no_more_than_the_next_can_do() -> None:
    run = new_run(None, now=NOW)
    assert run
    for number in range(MOST + 3):
        run = run.saw(Announced(id=f"o{number}", label="", rules=(Rule.EVENT,)))
    assert (len(run.found), run.more) == (MOST, 3)
