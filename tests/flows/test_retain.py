"""Retention by schedule: what a run announces the next one erases, a day later, wherever either of them stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.membership import Membership
from chalicelib.domain.retention import EVERY, RUN, Phase, RetentionRun, Rule
from chalicelib.flows import retain
from chalicelib.flows.retain import Retention
from tests.crash.saboteur import Crash
from tests.desk import TABLE, Desk
from tests.flows.line import WRITING
from tests.flows.rights import BOOKS, EMAIL, Life, live, traces


@pytest.fixture
def life(desk: Desk) -> Life:
    return live(desk, newsletter=False)


def retention(desk: Desk) -> Retention:
    def tried[Result](work: Callable[[], Result], *, about: str) -> Result | None:
        return work()

    app = desk.application
    return Retention(store=desk.store, lists=app.lists, terms=app.settings.terms, clock=desk.clock, tried=tried)


def run(desk: Desk) -> RetentionRun:
    """A whole run of the schedule."""
    from chalicelib.entrypoints import schedules

    with desk.running():
        schedules.retain()
    return last(desk)


def last(desk: Desk) -> RetentionRun:
    found = desk.store.unit_of_work().retentions.get(RUN)
    assert found
    return found


def announced(run: RetentionRun) -> dict[str, tuple[Rule, ...]]:
    return {each.label: each.rules for each in run.ahead}


def test_it_is_announced_one_day_and_gone_the_next(desk: Desk, life: Life) -> None:
    desk.clock.advance(days=90)
    first = run(desk)
    assert announced(first) == {life.lapsed.code: (Rule.UNPAID,)}
    assert first.looked_at == 6
    assert desk.buyer(life.lapsed.id).answers.email == EMAIL
    desk.clock.advance(hours=23)
    assert run(desk) == first, "not yet"
    desk.clock.advance(hours=1)
    second = run(desk)
    assert (second.erased, announced(second)) == ({"unpaid": 1}, {})
    assert desk.buyer(life.lapsed.id).answers.email == ""
    assert [key for key in traces(desk) if life.lapsed.id in key] == []


def test_over_the_years_all_goes_and_the_law_is_kept(desk: Desk, life: Life) -> None:
    """A run a day would take long here: one each quarter, and one on the day after it."""
    seen: dict[int, set[str]] = {}
    for _ in range(4 * 9):
        run(desk)
        desk.clock.advance(days=1)
        run(desk)
        desk.clock.advance(days=90)
        buyers = {item["name"]["S"] for item in desk.items("buyer") if item.get("name")}
        seen[desk.clock().year] = buyers
        if desk.clock().year <= 2033:
            found = traces(desk)
            assert all(found[f"ORDER#{order.id} BUYER"] >= BOOKS for order in (life.membership, life.congress))
    assert {year for year, names in seen.items() if names} == set(range(2027, 2034))
    left = {key: words for key, words in traces(desk).items() if not key.startswith("AUDIT#")}
    assert left == {f"MEMBERSHIP#{life.membership.id} MEMBERSHIP": {"wijkraad oudenoord"}}
    assert not any(item["contact_email"]["S"] for item in desk.items("membership"))


def test_the_log_counts_and_names_nobody(desk: Desk, life: Life, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    desk.clock.advance(days=91)
    run(desk)
    desk.clock.advance(days=1)
    run(desk)
    [entry] = [item for item in desk.items("audit_entry") if item["by"]["S"] == "bewaartermijn"]
    assert entry["facts"]["M"] == {"unpaid": {"S": "1"}}
    dossier = desk.application.lists.dossier(life.lapsed.id)
    assert dossier
    assert dossier.deeds[-1].entry.facts == {"rules": "unpaid"}
    assert "retained looked_at=6 announced=0 unpaid=1" in caplog.text
    assert EMAIL not in caplog.text
    assert life.lapsed.code not in caplog.text


def test_what_is_not_due_any_more_stays(desk: Desk, life: Life) -> None:
    """Somebody makes the terms longer after it was announced."""
    desk.clock.advance(days=91)
    assert announced(run(desk))
    desk.clock.advance(days=1)
    settings = desk.application.settings
    desk.application.settings = replace(settings, terms=replace(settings.terms, unpaid=EVERY * 200))
    assert run(desk).erased == {}
    assert desk.buyer(life.lapsed.id).answers.email == EMAIL


@pytest.mark.parametrize("after", [False, True], ids=["before it is written", "after it is written"])
def test_wherever_it_stops_the_next_run_goes_on(after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retain, "LOOKED_AT_ONCE", 2)
    monkeypatch.setattr(retain, "ERASED_AT_ONCE", 1)
    stops = 0
    while True:
        desk = Desk()
        life = live(desk, newsletter=False)
        desk.clock.advance(days=900)
        retention(desk).run(goes_on=lambda: True)
        assert len(last(desk).found) == 5
        desk.clock.advance(days=1)
        left = [stops]

        def stop(left: list[int] = left, **_: object) -> None:
            if left and left[0] == 0:
                left.clear()
                raise Crash
            if left:
                left[0] -= 1

        events = desk.client.meta.events
        if after:
            events.register_last(WRITING.replace("before", "after"), stop)
        else:
            events.register_first(WRITING, stop)
        try:
            retention(desk).run(goes_on=lambda: True)
        except Crash:
            stops += 1
        else:
            break
        retention(desk).run(goes_on=lambda: True)
        assert last(desk).phase is None
        assert last(desk).looked_at == 6
        kept = {f"ORDER#{order.id} BUYER" for order in (life.membership, life.congress)}
        found = {key for key in traces(desk) if not key.startswith("AUDIT#")}
        assert kept <= found
        # until three years after it, the buyer of a membership is not due
        assert EMAIL not in str([item for item in desk.items("buyer") if life.congress.id in item["pk"]["S"]])
    assert stops > 8


def test_out_of_time_it_goes_on_where_it_was(desk: Desk, life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retain, "LOOKED_AT_ONCE", 1)
    steps = [0]
    while True:
        turns = iter([True, False])
        current = retention(desk).run(goes_on=lambda turns=turns: next(turns))  # type: ignore[misc]
        assert current
        steps[0] += 1
        if current.phase is None:
            break
    assert steps[0] > 6
    assert last(desk).looked_at == 6


def test_two_at_once_do_no_harm(desk: Desk, life: Life) -> None:
    desk.clock.advance(days=91)
    other = Desk(beside=desk)
    other.clock = desk.clock

    def goes_on() -> bool:
        if last_phase(desk) is Phase.ORDERS and not interfered:
            interfered.append(True)
            retention(other).run(goes_on=lambda: True)
        return True

    interfered: list[bool] = []
    assert retention(desk).run(goes_on=goes_on) is None
    assert announced(last(desk)) == {life.lapsed.code: (Rule.UNPAID,)}


def last_phase(desk: Desk) -> Phase | None:
    found = desk.store.unit_of_work().retentions.get(RUN)
    return found.phase if found else None


def test_one_that_cannot_be_read_stops_no_other(desk: Desk, life: Life, caplog: pytest.LogCaptureFixture) -> None:
    desk.clock.advance(days=91)
    broken = min(order.id for order in life.orders if order != life.lapsed)
    [item] = [item for item in desk.items("order") if item["pk"]["S"] == f"ORDER#{broken}"]
    desk.client.put_item(TableName=TABLE, Item=item | {"state": {"S": "nonsense"}})
    assert announced(run(desk)) == {life.lapsed.code: (Rule.UNPAID,)}
    assert f"retention_failed about={broken}" in caplog.text


def test_the_contact_of_a_member_of_long_ago_goes(desk: Desk) -> None:
    membership: Membership = desk.member("voorbeeldstad.nl")
    desk.clock.advance(days=300 + 731)
    assert announced(run(desk)) == {membership.organisation: (Rule.CONTACT,)}
    desk.clock.advance(days=1)
    assert run(desk).erased == {"contact": 1}
    kept = desk.store.unit_of_work().memberships.get(membership.id)
    assert kept
    assert (kept.contact_name, kept.contact_email, kept.domains) == ("", "", ("voorbeeldstad.nl",))
