"""Import members: what is planned is what is done, row by row, whatever happens in between."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.member_import import Add, Change, Fault, MemberRow, Reason, Refuse, Same, Verdict
from chalicelib.domain.membership import Membership
from chalicelib.flows.import_members import import_members, plan_from_list, plan_import
from chalicelib.flows.recognise_members import recognise_members
from chalicelib.flows.settle_payment import settle_session
from tests.crash.saboteur import Crash, Saboteur
from tests.crash.saboteur import Fault as Failure
from tests.desk import ANSWERS, Desk


def row(number: int, **facts: Any) -> MemberRow:
    standard = MemberRow(
        number=number,
        organisation=f"Organisatie {number}",
        registration_number=f"{10_000_000 + number}",
        domains=(f"o{number}.example.nl",),
        contact_name="",
        contact_email="",
        valid_until=date(2027, 12, 31),
    )
    return replace(standard, **facts)


def plan(desk: Desk, rows: Sequence[MemberRow]) -> list[Verdict]:
    """As the command plans it; and a page, which asks for all memberships at once, plans the same."""
    given: Any = {"store": desk.store, "identity": desk.application.identity, "now": desk.clock()}
    planned = list(plan_import(rows, **given))
    assert plan_from_list(rows, lists=desk.application.lists, **given) == planned
    return planned


def write(desk: Desk, rows: Sequence[MemberRow]) -> list[Verdict]:
    """Import; and what was planned just before was the same."""
    before = desk.items()
    planned = plan(desk, rows)
    assert desk.items() == before
    done = carry_on(desk, rows)
    assert done == planned
    return done


def carry_on(desk: Desk, rows: Sequence[MemberRow]) -> list[Verdict]:
    return list(import_members(rows, store=desk.store, identity=desk.application.identity, now=desk.clock()))


def kinds(verdicts: Sequence[Verdict]) -> list[str]:
    return [type(verdict).__name__ for verdict in verdicts]


def memberships(desk: Desk) -> list[str]:
    return sorted(item["organisation"]["S"] for item in desk.items("membership"))


def domains(desk: Desk) -> list[tuple[str, str]]:
    return sorted((item["domain"]["S"], item["ends_on"]["S"]) for item in desk.items("domain"))


def is_member(desk: Desk, address: str) -> bool:
    return address in recognise_members([address], store=desk.store, now=desk.clock())


def buy(desk: Desk, **answers: str) -> Membership:
    order = desk.open_checkout(desk.register(replace(ANSWERS, **answers)).order).order  # type: ignore[arg-type]
    desk.gateway.pay(order.session_id)
    settle_session(order.session_id, store=desk.store, gateway=desk.gateway, emails=desk.emails, now=desk.clock())
    membership = desk.store.unit_of_work().memberships.get(order.id)
    assert membership is not None
    return membership


def test_all_members_of_today_get_their_price_on_the_first_day(desk: Desk) -> None:
    rows = [row(number) for number in range(2, 132)]
    assert kinds(write(desk, rows)) == ["Add"] * 130
    assert all(is_member(desk, f"iemand@o{number}.example.nl") for number in range(2, 132))
    assert not is_member(desk, "iemand@o132.example.nl")
    before = desk.items()
    assert kinds(write(desk, rows)) == ["Same"] * 130
    assert desk.items() == before


def test_the_first_day_is_the_day_in_amsterdam(desk: Desk) -> None:
    desk.clock.moment = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    [added] = write(desk, [row(2)])
    assert isinstance(added, Add)
    assert (added.membership.starts_on, added.membership.ends_on) == (date(2027, 1, 1), date(2027, 12, 31))
    desk.clock.moment = datetime(2027, 12, 31, 22, 59, tzinfo=UTC)
    assert is_member(desk, "a@o2.example.nl")
    desk.clock.advance(minutes=1)
    assert not is_member(desk, "a@o2.example.nl")


def test_a_later_version_of_the_file_changes_and_does_not_double(desk: Desk) -> None:
    write(desk, [row(2, domains=("oud.example.nl", "o2.example.nl")), row(3), row(4)])
    desk.clock.advance(days=40)
    later = [
        row(2, domains=("o2.example.nl", "nieuw.example.nl"), valid_until=date(2028, 12, 31)),
        row(3, organisation="Organisatie Drie"),
        row(4),
    ]
    first, second, third = write(desk, later)
    assert isinstance(first, Change)
    assert [field.field for field in first.fields] == ["domains", "ends_on"]
    assert first.after.starts_on == date(2026, 11, 25)
    assert isinstance(second, Change)
    assert isinstance(third, Same)
    assert memberships(desk) == ["Organisatie 2", "Organisatie 4", "Organisatie Drie"]
    assert domains(desk) == [
        ("nieuw.example.nl", "2028-12-31"),
        ("o2.example.nl", "2028-12-31"),
        ("o3.example.nl", "2027-12-31"),
        ("o4.example.nl", "2027-12-31"),
    ]
    assert kinds(write(desk, later)) == ["Same"] * 3


def test_a_membership_is_ended_by_its_last_day(desk: Desk) -> None:
    write(desk, [row(2)])
    desk.clock.advance(days=10)
    [ended] = write(desk, [row(2, valid_until=date(2026, 12, 5))])
    assert isinstance(ended, Change)
    assert is_member(desk, "a@o2.example.nl")
    desk.clock.advance(days=1)
    assert not is_member(desk, "a@o2.example.nl")
    assert kinds(write(desk, [row(2, valid_until=date(2026, 12, 5))])) == ["Same"]
    [revived] = write(desk, [row(2, valid_until=date(2027, 12, 5))])
    assert isinstance(revived, Change)
    assert is_member(desk, "a@o2.example.nl")


@pytest.mark.parametrize(
    "versions",
    [
        pytest.param(["Een -", "Een 11111111", "Een -"], id="the number comes and goes"),
        pytest.param(["Een -", "Een 11111111", "Twee 11111111", "Drie 11111111"], id="the name changes"),
        pytest.param(["Een 11111111", "Een 22222222", "Twee 22222222", "Twee -"], id="the number is corrected"),
    ],
)
def test_whatever_is_corrected_it_stays_one_membership(desk: Desk, versions: list[str]) -> None:
    verdicts = []
    for version in versions:
        name, number = version.split()
        rows = [row(2, organisation=name, registration_number=number.strip("-"))]
        verdicts += write(desk, rows)
        assert kinds(write(desk, rows)) == ["Same"]
    assert kinds(verdicts) == ["Add", *["Change"] * (len(versions) - 1)]
    assert len(memberships(desk)) == 1


def test_an_organisation_that_takes_the_old_name_of_another_does_not_take_its_membership(desk: Desk) -> None:
    for name, number in [("Een", ""), ("Een", "11111111"), ("Twee", "11111111")]:
        write(desk, [row(2, organisation=name, registration_number=number)])
    other = row(3, organisation="Een", registration_number="")
    [refused] = write(desk, [other])
    assert isinstance(refused, Refuse)
    assert refused.faults == (Fault(Reason.NAME_TAKEN, "een", "Twee"),)
    assert kinds(write(desk, [row(3, organisation="Een")])) == ["Add"]


def test_what_was_bought_through_the_form_stays_and_runs_beside(desk: Desk) -> None:
    bought = buy(desk)
    rows = [row(2, organisation="gemeente  voorbeeldstad", domains=("voorbeeldstad.nl",))]
    [added] = write(desk, rows)
    assert isinstance(added, Add)
    assert added.beside == (bought,)
    assert kinds(write(desk, rows)) == ["Same"]
    assert desk.store.unit_of_work().memberships.get(bought.id) == bought
    assert len(desk.store.member_domains("voorbeeldstad.nl")) == 2


def test_a_domain_that_another_organisation_bought_under_is_refused(desk: Desk) -> None:
    buy(desk)
    [refused, added] = write(desk, [row(2, domains=("o2.example.nl", "voorbeeldstad.nl")), row(3)])
    assert isinstance(refused, Refuse)
    assert refused.faults == (Fault(Reason.DOMAIN_TAKEN, "voorbeeldstad.nl", "Gemeente Voorbeeldstad"),)
    assert isinstance(added, Add)
    assert not is_member(desk, "a@o2.example.nl")


def test_a_row_is_planned_as_if_those_before_it_were_done(desk: Desk) -> None:
    write(desk, [row(2, domains=("o2.example.nl", "wijk.example.nl")), row(3)])
    moved = [row(2, domains=("o2.example.nl",)), row(3, domains=("o3.example.nl", "wijk.example.nl"))]
    assert kinds(write(desk, moved)) == ["Change", "Change"]
    back = [row(3), row(2, domains=("o2.example.nl", "wijk.example.nl"))]
    assert kinds(write(desk, back[::-1])) == ["Refuse", "Change"]
    assert kinds(write(desk, back[::-1])) == ["Change", "Same"]


def test_two_of_one_name_that_get_their_numbers_later(desk: Desk) -> None:
    write(desk, [row(2, organisation="Bergen", registration_number="", domains=("bergen.example.nl",))])
    both = [
        row(2, organisation="Bergen", domains=("bergen-l.example.nl",)),
        row(3, organisation="Bergen", domains=("bergen.example.nl",)),
    ]
    assert kinds(write(desk, both)) == ["Change", "Add"]
    assert kinds(write(desk, both)) == ["Same", "Same"]


def test_rows_that_are_refused_ask_the_table_nothing_and_write_nothing(desk: Desk) -> None:
    saboteur = Saboteur()
    saboteur.sit_on(desk)
    twice = [row(2), row(3, registration_number="10000002"), row(4, faults=(Fault(Reason.DOMAIN_MISSING),))]
    assert kinds(carry_on(desk, twice)) == ["Refuse"] * 3
    assert saboteur.calls == []
    assert kinds(write(desk, twice)) == ["Refuse"] * 3


ROWS = [row(2), row(3, registration_number=""), row(4, domains=("o4.example.nl", "nieuw.example.nl")), row(5)]
EARLIER = [row(4, domains=("o4.example.nl", "oud.example.nl")), row(5)]


@pytest.mark.parametrize("failure", [Failure.CRASH_BEFORE, Failure.CRASH_AFTER, Failure.REFUSED, Failure.ANSWER_LOST])
def test_after_a_stop_anywhere_whole_rows_remain_and_a_second_time_finishes(failure: Failure) -> None:
    undisturbed = Desk()
    carry_on(undisturbed, EARLIER)
    counting = Saboteur()
    counting.sit_on(undisturbed)
    assert kinds(carry_on(undisturbed, ROWS)) == ["Add", "Add", "Change", "Same"]
    assert len(counting.calls) > 15
    for at in range(1, len(counting.calls) + 1):
        desk = Desk()
        carry_on(desk, EARLIER)
        saboteur = Saboteur({at: failure})
        saboteur.sit_on(desk)
        with pytest.raises((Crash, StorageUnavailable)):
            carry_on(desk, ROWS)
        for item in desk.items("membership"):
            listed = {each["S"] for each in item["domains"]["L"]}
            of_this = [each for each in desk.items("domain") if each["membership_id"] == item["id"]]
            assert {each["domain"]["S"] for each in of_this} == listed, (at, saboteur.struck)
        assert "Refuse" not in kinds(carry_on(desk, ROWS)), (at, saboteur.struck)
        assert desk.items() == undisturbed.items(), (at, saboteur.struck)


class Rival:
    """Does something at the desk just before its next transaction, so many times."""

    def __init__(self, desk: Desk, act: Any, *, times: int = 1) -> None:
        self._act, self._left = act, times
        desk.client.meta.events.register_first("before-call.dynamodb.TransactWriteItems", self._before)

    def _before(self, **_: object) -> None:
        if self._left:
            self._left -= 1
            left, self._left = self._left, 0
            self._act()
            self._left = left


def test_two_imports_at_once_are_one(desk: Desk) -> None:
    Rival(desk, lambda: carry_on(desk, [row(2)]))
    assert kinds(carry_on(desk, [row(2), row(3)])) == ["Same", "Add"]
    Rival(desk, lambda: carry_on(desk, [row(2, contact_name="Bo")]))
    [changed] = carry_on(desk, [row(2, contact_name="Ada")])
    assert isinstance(changed, Change)
    assert (changed.before.contact_name, changed.after.contact_name) == ("Bo", "Ada")
    assert len(memberships(desk)) == 2


def test_what_keeps_changing_is_given_up(desk: Desk) -> None:
    carry_on(desk, [row(2)])
    names = iter("abcdefghij")
    Rival(desk, lambda: carry_on(desk, [row(2, contact_name=next(names))]), times=10)
    with pytest.raises(StorageUnavailable, match="kept changing"):
        carry_on(desk, [row(2, contact_name="Ada")])


def test_nothing_personal_is_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="chalicelib")
    secret = {"organisation": "Geheim", "domains": ("geheim.nl",), "contact_name": "Geheim", "contact_email": "g@h.nl"}
    carry_on(desk, [row(2, **secret)])
    carry_on(desk, [row(2, **secret, valid_until=date(2028, 1, 1))])
    carry_on(desk, [row(3, **secret | {"organisation": "Ook geheim"})])
    assert [line.partition(" ")[0] for line in caplog.messages] == ["member_added", "member_changed"]
    assert not any(word in caplog.text for word in ("Geheim", "geheim", "g@h", "10000002", "10000003"))
