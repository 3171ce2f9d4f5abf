"""Erase a person: no trace is left but what the law keeps, and wherever it stops, doing it again finishes it."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.email import Delivery, EmailKind
from chalicelib.domain.language import Language
from chalicelib.domain.note import Note
from chalicelib.domain.state import State
from chalicelib.flows.cancel_order import cancel_order
from chalicelib.flows.erase_person import Erased, subject_of
from chalicelib.flows.find_person import find_person
from chalicelib.flows.keep_draft import find_draft, keep_draft
from chalicelib.flows.refund_order import refund_order
from tests.crash.saboteur import Crash
from tests.desk import ANSWERS, FORM_KEY, Desk
from tests.events import EVENT, attending, sample_event
from tests.flows.line import WRITING, before_writing
from tests.flows.money import settle
from tests.flows.rights import (
    BOOKS,
    COLLEAGUE,
    EMAIL,
    NAME,
    ORGANISATION,
    PERSON,
    Life,
    bounce,
    erase,
    live,
    traces,
)


@pytest.fixture
def life(desk: Desk) -> Life:
    return live(desk)


def kept_by_law(life: Life) -> dict[str, set[str]]:
    """What is to be found afterwards, and nothing else: who paid two orders, and which organisation is a member."""
    buyers = {f"ORDER#{order.id} BUYER": BOOKS for order in (life.membership, life.congress)}
    membership = {f"MEMBERSHIP#{life.membership.id} MEMBERSHIP": {"wijkraad oudenoord"}}
    return buyers | membership


def without_the_log(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """The log names organisations, never persons."""
    log = {key: words for key, words in found.items() if key.startswith("AUDIT#")}
    assert all(words == {"wijkraad oudenoord"} for words in log.values())
    return {key: words for key, words in found.items() if key not in log}


def test_he_is_everywhere_before(desk: Desk, life: Life) -> None:
    """The test of what is left means something only if there was something."""
    found = traces(desk)
    kinds = {key.split()[1].partition("#")[0] for key in found}
    assert kinds == {"BUYER", "ATTENDEE", "MEMBERSHIP", "NOTE", "DEED", "SUBSCRIBER"}
    assert len(found) > 15


def test_no_trace_is_left_but_what_the_law_keeps(desk: Desk, life: Life) -> None:
    assert erase(desk) == Erased(orders=5, memberships=1, refused=0, subscription=True)
    assert without_the_log(traces(desk)) == kept_by_law(life)
    answers = desk.buyer(life.congress.id).answers
    assert (answers.name, answers.organisation, answers.email) == (NAME, ORGANISATION, "")
    assert (answers.newsletter, answers.extra, answers.attending) == (False, (), False)
    assert desk.buyer(life.free.id).answers.organisation == ""
    assert [item["pk"]["S"] for item in desk.items("consent")] == []
    assert desk.application.lists.orders_of(EMAIL) == []
    assert desk.application.lists.memberships_of(EMAIL) == []


def test_after_the_seventh_book_year_nothing_is_kept(desk: Desk, life: Life) -> None:
    desk.clock.advance(days=365 * 7 + 2 + 36)
    assert desk.clock().date().isoformat() == "2033-12-31"
    person = find_person(
        EMAIL,
        years=7,
        lists=desk.application.lists,
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    assert {part.dossier.order.id for part in person.parts if part.buyer and part.books_until} == {
        life.membership.id,
        life.congress.id,
    }
    desk.clock.advance(days=1)
    erase(desk)
    membership = {f"MEMBERSHIP#{life.membership.id} MEMBERSHIP": {"wijkraad oudenoord"}}
    assert without_the_log(traces(desk)) == membership


def test_what_is_others_stays(desk: Desk, life: Life) -> None:
    erase(desk)
    colleague = [each for each in desk.store.attendees(life.congress.id) if each.email == COLLEAGUE]
    assert [each.name for each in colleague] == ["Persoon 2"]
    assert desk.buyer(life.brought.id).answers.email == "baas@elders.nl"
    dossier = desk.application.lists.dossier(life.brought.id)
    assert dossier
    # of an order that another made only the note goes that names him
    assert [note.text for note in dossier.notes] == ["Let op de dieetlijst."]
    assert [email.waived for email in dossier.emails] == [False] * len(dossier.emails)


def test_the_seat_stays_and_all_numbers_fit(desk: Desk, life: Life) -> None:
    before = (desk.seats(EVENT), len(desk.items("attendance")), len(desk.items("attendee")))
    erase(desk)
    assert (desk.seats(EVENT), len(desk.items("attendance")), len(desk.items("attendee"))) == before
    numbers = [(each.number, each.name, each.email) for each in desk.store.attendees(life.congress.id)]
    assert numbers == [(1, "", ""), (2, "Persoon 2", COLLEAGUE)]
    desk.reconcile()
    assert desk.store.differences() == []


def test_mails_that_came_back_bother_nobody_any_more(desk: Desk, life: Life) -> None:
    bounce(desk, life.congress)
    desk.reconcile()
    assert [each.kind for each in desk.store.differences()] == [DifferenceKind.EMAIL_FAILED]
    erase(desk)
    desk.reconcile()
    # his colleague's ticket came back as well
    assert [each.facts["count"] for each in desk.store.differences()] == ["1"]
    waived = {email.attendee: email.waived for email in desk.store.emails(life.congress.id)}
    assert waived == {0: True, 1: True, 2: False}


def test_the_log_tells_of_it_without_him(desk: Desk, life: Life) -> None:
    erase(desk)
    entries = [item for item in desk.items("audit_entry") if item["deed"]["S"] == "person_erased"]
    assert len(entries) == 7
    subject = subject_of(EMAIL, identity=desk.application.identity)
    assert {entry["subject"]["S"] for entry in entries} == {subject}
    facts = {entry["facts"]["M"].get("order", {"S": ""})["S"]: entry["facts"]["M"] for entry in entries}
    assert facts[life.congress.code] == {
        "order": {"S": life.congress.code},
        "buyer": {"S": "1"},
        "attendees": {"S": "1"},
        "consents": {"S": "1"},
        "notes": {"S": "2"},
        "changes": {"S": "1"},
    }
    dossier = desk.application.lists.dossier(life.congress.id)
    assert dossier
    assert [deed.entry.deed.value for deed in dossier.deeds] == ["corrected", "person_erased"]


def test_done_again_it_does_nothing(desk: Desk, life: Life) -> None:
    erase(desk)
    before = desk.items()
    desk.clock.advance(seconds=2)
    assert erase(desk) == Erased(orders=0, memberships=0, refused=0)
    assert erase(desk, key="another-key") == Erased(orders=0, memberships=0, refused=0)
    assert desk.items() == before


def test_an_address_is_found_however_it_is_written(desk: Desk, life: Life) -> None:
    assert erase(desk, email=EMAIL.upper()) == Erased(orders=5, memberships=1, refused=0, subscription=True)


@pytest.mark.parametrize("after", [False, True], ids=["before it is written", "after it is written"])
def test_wherever_it_stops_doing_it_again_finishes_it(after: bool) -> None:
    stops = 0
    while True:
        desk = Desk()
        life, left = live(desk), [stops]

        def stop(left: list[int] = left, **_: object) -> None:
            if left and left[0] == 0:
                left.clear()
                raise Crash
            if left:
                left[0] -= 1

        name = WRITING.replace("before", "after") if after else WRITING
        register = desk.client.meta.events.register_last if after else desk.client.meta.events.register_first
        register(name, stop)
        try:
            erase(desk)
        except Crash:
            stops += 1
        else:
            break
        erase(desk)
        assert without_the_log(traces(desk)) == kept_by_law(life)
        erased = [item for item in desk.items("audit_entry") if item["deed"]["S"] == "person_erased"]
        assert len(erased) == 7, "each part is in the log once"
    assert stops == 7


def test_what_a_colleague_does_meanwhile_is_neither_lost_nor_in_the_way(desk: Desk, life: Life) -> None:
    def cancels() -> None:
        cancel_order(
            life.free.id, refund_cents=0, key="k", by="tessa", store=desk.store, emails=desk.emails, now=desk.clock()
        )

    order_ids = sorted(order.id for order in life.orders)
    for _ in order_ids[: order_ids.index(life.free.id)]:
        before_writing(desk, lambda: None)
    before_writing(desk, cancels, times=1)
    assert erase(desk).orders == 5
    assert desk.order(life.free.id).state is State.CANCELLED
    assert without_the_log(traces(desk)) == kept_by_law(life)


def test_what_a_colleague_writes_back_meanwhile_goes_too(desk: Desk, life: Life) -> None:
    """He corrected the name just before the commit: the order has another version, so it is read anew."""
    order_id = min(order.id for order in life.orders)

    def corrects() -> None:
        unit = desk.store.unit_of_work()
        unit.orders.update(desk.order(order_id))
        buyer = desk.buyer(order_id)
        unit.buyers.keep(replace(buyer, answers=replace(buyer.answers, member=f"zeker, zegt {NAME}")))
        unit.commit()

    before_writing(desk, corrects)
    before = desk.order(order_id).version
    erase(desk)
    assert "zeker" not in str(desk.items("buyer"))
    # his, and ours: who read the order before that cannot write back what he read
    assert desk.order(order_id).version == before + 2


def test_more_notes_than_one_commit_takes(desk: Desk, life: Life) -> None:
    for start in range(0, 240, 60):
        unit = desk.store.unit_of_work()
        for number in range(start, start + 60):
            note = Note(id=f"n{number}", order_id=life.free.id, text=NAME, by="tessa@lpb.nl", at=desk.clock())
            unit.notes.add(note)
        unit.commit()
    assert erase(desk).orders == 5
    assert without_the_log(traces(desk)) == kept_by_law(life)


def test_an_open_order_is_dealt_with_first(desk: Desk) -> None:
    order = desk.register(PERSON).order
    assert erase(desk) == Erased(orders=0, memberships=0, refused=1)
    assert desk.buyer(order.id).answers == PERSON
    order = desk.open_checkout(order).order
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    assert erase(desk) == Erased(orders=1, memberships=1, refused=0)


def test_money_that_still_has_to_go_back_is_dealt_with_first(desk: Desk, life: Life) -> None:
    refund_order(
        life.congress.id,
        amount_cents=100,
        key="k",
        by="tessa",
        store=desk.store,
        emails=desk.emails,
        now=desk.clock(),
    )
    assert erase(desk) == Erased(orders=4, memberships=1, refused=1, subscription=True)
    assert desk.buyer(life.congress.id).answers.email == EMAIL
    desk.sweep()
    assert erase(desk) == Erased(orders=0, memberships=0, refused=1)
    [refund] = desk.store.ledger(life.congress.id).refunds
    desk.gateway.settle_refund(refund.service_id)
    settle(desk, life.congress.session_id)
    assert erase(desk) == Erased(orders=1, memberships=0, refused=0)


def test_a_mail_that_was_waiting_is_not_sent(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Neither to nobody, nor to whoever he was."""
    caplog.set_level(logging.INFO)
    desk.put_offer(sample_event(event={"capacity": 40}))
    order = desk.register(attending(PERSON, COLLEAGUE), offer_id=EVENT).order
    order = desk.open_checkout(order).order
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    erase(desk)
    desk.work()
    assert [letter.to for _, letter in desk.sender.sent] == [COLLEAGUE]
    outcome = {email.attendee: (email.delivery, email.reason, email.waived) for email in desk.store.emails(order.id)}
    erased = (Delivery.FAILED, "erased", True)
    assert outcome == {0: erased, 1: erased, 2: (Delivery.SENT, "", False)}
    [letter] = [letter for _, letter in desk.sender.sent]
    # the books still know who paid, and tell nobody
    assert "door iemand van uw organisatie" in letter.text
    assert EMAIL not in caplog.text + letter.text
    assert NAME not in caplog.text + letter.text
    desk.reconcile()
    assert desk.store.differences() == []


def test_a_colleagues_ticket_of_a_free_meeting_names_nobody(desk: Desk) -> None:
    desk.put_offer(sample_event(price_cents=0, member_price_cents=None, price_note=None, event={"capacity": 40}))
    order = desk.register(attending(PERSON, COLLEAGUE), offer_id=EVENT).order
    erase(desk)
    desk.work()
    [letter] = [letter for _, letter in desk.sender.sent]
    assert letter.to == COLLEAGUE
    assert "door iemand van uw organisatie" in letter.text
    cancel_order(order.id, refund_cents=0, key="k", by="t", store=desk.store, emails=desk.emails, now=desk.clock())
    desk.work()
    last = desk.sender.sent[-1][1]
    assert (last.to, "iemand" in last.text) == (COLLEAGUE, True)


def test_mails_to_a_buyer_do_not_name_who_was_erased(desk: Desk, life: Life) -> None:
    erase(desk)
    before = len(desk.sender.sent)
    cancel_order(
        *(life.brought.id,), refund_cents=0, key="k", by="t", store=desk.store, emails=desk.emails, now=desk.clock()
    )
    desk.work()
    [letter] = [letter for _, letter in desk.sender.sent[before:]]
    assert letter.to == "baas@elders.nl"
    told = [each.attendee for each in desk.store.emails(life.brought.id) if each.kind is EmailKind.CANCELLATION]
    assert told == [0], "to nobody no mail is made"
    assert "(gewist)" in letter.text
    assert "(gewist)" in letter.html


def test_late_money_of_who_was_erased_harms_nobody(desk: Desk) -> None:
    order = desk.open_checkout(desk.register(PERSON).order).order
    desk.clock.advance(minutes=40)
    desk.sweep()
    assert desk.order(order.id).state is State.EXPIRED
    assert erase(desk) == Erased(orders=1, memberships=0, refused=0)
    desk.gateway.pay_later(order.session_id)
    desk.gateway.pay(order.session_id)
    assert settle(desk, order.session_id).state is State.PAID
    desk.work()
    assert desk.sender.sent == []
    desk.reconcile()
    assert desk.store.differences() == []


def test_the_form_that_waited_for_him_goes_with_him(desk: Desk) -> None:
    identity = desk.application.identity
    draft_id = identity.draft_id(offer_id=EVENT, form_key=FORM_KEY)
    fields = {"name": NAME, "email": EMAIL}
    keep_draft(draft_id, offer_id=EVENT, language=Language.NL, fields=fields, store=desk.store, now=desk.clock())
    order = desk.register(PERSON, draft_id=draft_id).order
    assert order.draft_id == draft_id
    order = desk.open_checkout(order).order
    desk.gateway.pay(order.session_id)
    settle(desk, order.session_id)
    erase(desk)
    assert find_draft(draft_id, store=desk.store, now=desk.clock()) is None
    assert [key for key in traces(desk) if key.startswith("DRAFT#")] == []


def test_somebody_unknown_is_nobody(desk: Desk) -> None:
    person = find_person(
        "niemand@x.nl",
        years=7,
        lists=desk.application.lists,
        store=desk.store,
        identity=desk.application.identity,
        now=desk.clock(),
    )
    assert not person
    assert erase(desk, email="niemand@x.nl") == Erased(orders=0, memberships=0, refused=0)
    assert desk.items("audit_entry") == []


def test_of_two_who_share_an_address_both_go(desk: Desk) -> None:
    desk.put_offer(sample_event(event={"capacity": 40}))
    order = desk.register(attending(ANSWERS, EMAIL, COLLEAGUE), offer_id=EVENT).order
    desk.clock.advance(minutes=40)
    desk.sweep()
    assert erase(desk).orders == 1
    assert [bool(each.email) for each in desk.store.attendees(order.id)] == [True, False, True]
