"""Import subscribers: proof makes a reader, no proof makes a question, and nobody who left is ever brought back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.domain.audit_entry import AuditEntry, Deed
from chalicelib.domain.email import Delivery
from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.language import Language
from chalicelib.domain.subscriber import PATIENCE, Means, Standing, Subscriber
from chalicelib.domain.subscriber_import import Fault, Proof, Reason, Refuse, SubscriberList, SubscriberRow, Verdict
from chalicelib.domain.suppression import Suppression, suppression_id
from chalicelib.flows.import_subscribers import AT_ONCE, GAP, SubscriberImport
from tests.crash.saboteur import Crash, Saboteur
from tests.crash.saboteur import Fault as Failure
from tests.desk import BASE_URL, Desk

PROOF = Proof(told="vinkje op het formulier van 2025", on=date(2025, 3, 1))
NOBODY = Proof()


def row(number: int, **facts: Any) -> SubscriberRow:
    standard = SubscriberRow(
        number=number,
        email=f"lezer{number:05}@voorbeeld.nl",
        name=f"Lezer {number}",
        language=Language.NL,
        topics=("nieuwsbrief",),
        proof=PROOF,
    )
    return replace(standard, **facts)


def work(desk: Desk, rows: Sequence[SubscriberRow], *, proof: Proof = NOBODY, most: int = 500) -> SubscriberImport:
    return SubscriberImport(
        of=SubscriberList(rows=tuple(rows), source="lezers.csv", proof=proof),
        store=desk.store,
        readership=desk.application.readership,
        identity=desk.application.identity,
        now=desk.clock(),
        most_questions=most,
    )


def take(desk: Desk, rows: Sequence[SubscriberRow], **given: Any) -> list[Verdict]:
    """Import; and what was planned just before was the same."""
    before = desk.items()
    planned = work(desk, rows, **given).plan()
    assert desk.items() == before
    done = list(work(desk, rows, **given).run())
    assert done == planned
    return done


def kinds(verdicts: Sequence[Verdict]) -> list[str]:
    return [type(verdict).__name__ for verdict in verdicts]


def reasons(verdict: Verdict) -> list[Reason]:
    assert isinstance(verdict, Refuse)
    return [fault.reason for fault in verdict.faults]


def stored(desk: Desk, number: int) -> Subscriber:
    key = desk.application.identity.subscriber_id(row(number).email)
    found = desk.store.unit_of_work().subscribers.get(key)
    assert found is not None
    return found


def questions(desk: Desk) -> list[dict[str, Any]]:
    return [each for each in desk.items("email") if each["kind"]["S"] == "subscription"]


def test_proof_makes_a_reader_with_that_proof(desk: Desk) -> None:
    assert kinds(take(desk, [row(2)])) == ["Confirm"]
    reader = stored(desk, 2)
    assert (reader.standing, reader.topics, reader.wanted) == (Standing.CONFIRMED, ("nieuwsbrief",), ())
    proof = reader.confirmed
    assert proof is not None
    assert (proof.means, proof.source, proof.detail) == (Means.IMPORT, "lezers.csv", PROOF.told)
    assert proof.at == datetime(2025, 3, 1, 12, tzinfo=UTC)
    assert reader.mailed("nieuwsbrief", now=desk.clock())
    assert questions(desk) == []


def test_without_proof_he_is_asked_and_not_mailed(desk: Desk) -> None:
    assert kinds(take(desk, [row(2, proof=NOBODY), row(3, proof=NOBODY)])) == ["Ask", "Ask"]
    reader = stored(desk, 2)
    assert (reader.standing, reader.topics, reader.confirmed) == (Standing.UNCONFIRMED, (), None)
    assert not reader.mailed("nieuwsbrief", now=desk.clock())
    due = sorted(each["due"]["S"] for each in questions(desk))
    assert [datetime.fromisoformat(each) for each in due] == [desk.clock(), desk.clock() + GAP]


def test_the_sweep_asks_them_one_after_the_other_and_who_says_yes_is_a_reader(desk: Desk) -> None:
    take(desk, [row(number, proof=NOBODY) for number in range(2, 92)])
    desk.sweep()
    assert desk.sender.sent == []
    desk.clock.advance(seconds=75)
    desk.sweep()
    desk.work()
    assert 40 <= len(desk.sender.sent) <= 50, "those of the first 45 seconds"
    desk.clock.advance(minutes=2)
    desk.sweep()
    desk.work()
    assert sorted(letter.to for _, letter in desk.sender.sent) == [row(number).email for number in range(2, 92)]
    link = desk.application.links.confirm_subscription(stored(desk, 2).id, Language.NL)
    assert link in desk.sender.sent[0][1].text
    desk.post(link.removeprefix(BASE_URL), {"do": "confirm", "shown": "nieuwsbrief"})
    reader = stored(desk, 2)
    assert (reader.standing, reader.topics) == (Standing.CONFIRMED, ("nieuwsbrief",))
    assert (reader.asked.means, reader.asked.source) == (Means.IMPORT, "lezers.csv")


def test_one_proof_may_hold_for_the_whole_list_and_a_row_goes_before_it(desk: Desk) -> None:
    own = Proof(told="brief aan het bestuur", on=date(2024, 1, 2))
    assert kinds(take(desk, [row(2, proof=NOBODY), row(3, proof=own)], proof=PROOF)) == ["Confirm", "Confirm"]
    details = [evidence.detail for n in (2, 3) if (evidence := stored(desk, n).confirmed)]
    assert details == [PROOF.told, own.told]


def test_the_same_list_twice_changes_nothing(desk: Desk) -> None:
    rows = [row(2), row(3, proof=NOBODY)]
    take(desk, rows)
    before = desk.items()
    desk.clock.advance(days=2)
    assert kinds(take(desk, rows)) == ["Same", "Same"]
    assert desk.items() == before


def test_who_left_is_never_subscribed_again(desk: Desk) -> None:
    take(desk, [row(2)])
    unit = desk.store.unit_of_work()
    unit.subscribers.update(stored(desk, 2).unsubscribes(now=desk.clock()))
    unit.commit()
    before = desk.items()
    for again in (row(2), row(2, proof=NOBODY)):
        (verdict,) = take(desk, [again])
        assert reasons(verdict) == [Reason.UNSUBSCRIBED]
    assert desk.items() == before


def test_a_proof_of_the_whole_list_is_none_for_who_did_not_say_yes(desk: Desk) -> None:
    asked = row(2, proof=NOBODY, standing=Standing.UNCONFIRMED)
    assert kinds(take(desk, [asked, row(3, standing=Standing.UNCONFIRMED)], proof=PROOF)) == ["Ask", "Ask"]


def test_who_left_is_not_brought_back_by_somebody_who_types_his_address_first(desk: Desk) -> None:
    take(desk, [row(2)])
    unit = desk.store.unit_of_work()
    left = unit.subscribers.update(stored(desk, 2).unsubscribes(now=desk.clock()))
    unit.commit()
    unit = desk.store.unit_of_work()
    asked = left.asks(topics=("congres",), name="", language=left.language, asked=left.asked)
    unit.subscribers.update(asked)
    unit.commit()
    (item,) = [each for each in desk.items("subscriber") if each["id"]["S"] == left.id]
    assert "expires" not in item, "that he left is not forgotten"
    (verdict,) = take(desk, [row(2)])
    assert reasons(verdict) == [Reason.UNSUBSCRIBED]


def test_a_proof_confirms_what_its_list_is_for_and_nothing_that_was_typed_meanwhile(desk: Desk) -> None:
    take(desk, [row(2, proof=NOBODY)])
    unit = desk.store.unit_of_work()
    waiting = stored(desk, 2)
    unit.subscribers.update(
        waiting.asks(topics=("werkgroepen",), name="", language=waiting.language, asked=waiting.asked)
    )
    unit.commit()
    take(desk, [row(2)])
    after = stored(desk, 2)
    assert after.standing is Standing.CONFIRMED
    assert "werkgroepen" not in (*after.topics, *after.wanted)


def test_who_is_not_mailed_any_more_is_not_taken(desk: Desk) -> None:
    unit, email = desk.store.unit_of_work(), row(2).email
    key = suppression_id(email, identity=desk.application.identity)
    unit.suppressions.keep(
        Suppression(id=key, cause=Delivery.COMPLAINED, reason="", email_id="copy-a-b", at=desk.clock())
    )
    unit.commit()
    (verdict,) = take(desk, [row(2, email=email.upper())])
    assert reasons(verdict) == [Reason.SUPPRESSED]


def test_what_he_chose_himself_is_left_alone(desk: Desk) -> None:
    take(desk, [row(2)])
    unit = desk.store.unit_of_work()
    chosen = stored(desk, 2).prefers(
        topics=("congres",), language=Language.EN, paused_until=date(2027, 1, 1), now=desk.clock()
    )
    unit.subscribers.update(chosen)
    unit.commit()
    assert kinds(take(desk, [row(2, topics=("nieuwsbrief", "werkgroepen"))])) == ["Same"]
    assert stored(desk, 2).topics == ("congres",)


def test_who_was_asked_and_did_not_answer_becomes_a_reader_by_proof(desk: Desk) -> None:
    take(desk, [row(2, proof=NOBODY)])
    assert kinds(take(desk, [row(2)])) == ["Confirm"]
    assert stored(desk, 2).standing is Standing.CONFIRMED


def test_who_was_forgotten_is_asked_again(desk: Desk) -> None:
    take(desk, [row(2, proof=NOBODY)])
    desk.clock.advance(days=PATIENCE.days, hours=1)
    assert kinds(take(desk, [row(2, proof=NOBODY)])) == ["Ask"]


def test_the_first_of_two_with_one_address_counts(desk: Desk) -> None:
    first, second = take(desk, [row(2), row(3, email=row(2).email.upper())])
    assert kinds([first]) == ["Confirm"]
    assert isinstance(second, Refuse)
    assert second.faults == (Fault(Reason.EMAIL_TWICE, row(2).email.upper(), "2"),)


@pytest.mark.parametrize(
    ("own", "whole", "wrong"),
    [
        (Proof(told="brief"), NOBODY, [Reason.PROOF_WITHOUT_DATE]),
        (Proof(on=date(2025, 1, 1)), NOBODY, [Reason.PROOF_WITHOUT_SOURCE]),
        (Proof(told="brief", on=date(2027, 1, 1)), NOBODY, [Reason.DATE_TO_COME]),
        (Proof(told="brief"), PROOF, []),
        (Proof(on=date(2025, 1, 1)), PROOF, []),
    ],
)
def test_half_a_proof_is_none(desk: Desk, own: Proof, whole: Proof, wrong: list[Reason]) -> None:
    (verdict,) = take(desk, [row(2, proof=own)], proof=whole)
    assert (reasons(verdict) if isinstance(verdict, Refuse) else []) == wrong


def test_so_many_are_asked_in_one_run_and_the_next_run_goes_on(desk: Desk) -> None:
    rows = [row(number, proof=NOBODY) for number in range(2, 2 + 2 * AT_ONCE + 7)]
    found = kinds(take(desk, rows, most=AT_ONCE + 3))
    assert (found.count("Ask"), found.count("Later")) == (AT_ONCE + 3, AT_ONCE + 4)
    assert len(questions(desk)) == len(desk.items("subscriber")) == AT_ONCE + 3
    found = kinds(take(desk, rows, most=AT_ONCE + 3))
    assert (found.count("Same"), found.count("Ask"), found.count("Later")) == (AT_ONCE + 3, AT_ONCE + 3, 1)
    last = max(datetime.fromisoformat(each["due"]["S"]) for each in questions(desk))
    assert last == desk.clock() + (AT_ONCE + 2) * GAP


def test_the_log_tells_of_it_once_and_not_when_nothing_was_written(desk: Desk) -> None:
    rows = [row(number) for number in range(2, 2 * AT_ONCE + 10)]
    for turn in ("first", "second"):
        entry = AuditEntry(
            id=turn, at=desk.clock(), by="a", deed=Deed.SUBSCRIBERS_IMPORTED, subject="lezers.csv", facts={}
        )
        list(work(desk, rows).run(entry=entry))
    assert [each["id"]["S"] for each in desk.items("audit_entry")] == ["first"]


@pytest.mark.parametrize("failure", [Failure.CRASH_BEFORE, Failure.CRASH_AFTER, Failure.REFUSED, Failure.ANSWER_LOST])
def test_after_a_stop_anywhere_the_same_list_finishes_it(failure: Failure) -> None:
    rows = [row(number, proof=NOBODY if number % 3 else PROOF) for number in range(2, 2 * AT_ONCE + 10)]
    undisturbed, counting = Desk(), Saboteur()
    counting.sit_on(undisturbed)
    list(work(undisturbed, rows).run())
    assert len(counting.calls) == 3
    for at in range(1, 4):
        desk = Desk()
        Saboteur({at: failure}).sit_on(desk)
        with pytest.raises((Crash, StorageUnavailable)):
            list(work(desk, rows).run())
        assert "Refuse" not in kinds(list(work(desk, rows).run()))
        assert keys(desk) == keys(undisturbed), at


def keys(desk: Desk) -> list[str]:
    """Whatever lies in the table; how late a question goes out depends on the run that asked it."""
    return sorted(f"{each['pk']['S']} {each['sk']['S']}" for each in desk.items())


def test_who_answers_at_the_very_moment_keeps_his_answer(desk: Desk) -> None:
    """Between the plan of some rows and their commit somebody of them unsubscribes."""
    take(desk, [row(2, proof=NOBODY)])
    rival, real = stored(desk, 2), desk.application.readership.these

    def these(ids: Iterable[str]) -> Mapping[str, Subscriber]:
        found = real(ids)
        current = stored(desk, 2)
        if current.version == rival.version:
            unit = desk.store.unit_of_work()
            unit.subscribers.update(current.unsubscribes(now=desk.clock()))
            unit.commit()
        return found

    run = work(desk, [row(2), row(3)])
    run.readership.these = these  # type: ignore[method-assign, assignment]  # somebody beside us
    first, second = run.run()
    assert reasons(first) == [Reason.UNSUBSCRIBED]
    assert kinds([second]) == ["Confirm"]
