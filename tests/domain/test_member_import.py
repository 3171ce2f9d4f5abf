"""Member import: what becomes of a row, by what the table holds already."""

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.member_import import (
    Add,
    Change,
    Fault,
    FieldChange,
    Found,
    MemberRow,
    Reason,
    Refuse,
    Same,
    Verdict,
    mark_doubles,
    plan_row,
    refuse,
)
from chalicelib.domain.membership import Membership

TODAY = date(2026, 11, 25)
ROW = MemberRow(
    number=2,
    organisation="Gemeente Voorbeeldstad",
    registration_number="12345678",
    domains=("voorbeeldstad.nl", "wijkteam.example.nl"),
    contact_name="Ada de Vries",
    contact_email="ada@voorbeeldstad.nl",
    valid_until=date(2027, 12, 31),
)
MEMBERSHIP = Membership(
    id="imported",
    organisation="Gemeente Voorbeeldstad",
    registration_number="12345678",
    domains=("voorbeeldstad.nl", "wijkteam.example.nl"),
    contact_name="Ada de Vries",
    contact_email="ada@voorbeeldstad.nl",
    starts_on=date(2026, 1, 15),
    ends_on=date(2027, 12, 31),
    version=3,
)


def plan(
    row: MemberRow = ROW,
    *,
    named: tuple[Membership, ...] = (),
    neighbours: tuple[Membership, ...] = (),
    bought: frozenset[str] = frozenset(),
) -> Verdict:
    return plan_row(row, found=Found(named=named, neighbours=neighbours, bought=bought, new_id="new"), today=TODAY)


def faults(verdict: Verdict) -> tuple[Fault, ...]:
    assert isinstance(verdict, Refuse)
    return verdict.faults


def test_a_new_member_starts_today_and_ends_with_the_day_in_the_file() -> None:
    verdict = plan()
    expected = replace(MEMBERSHIP, id="new", starts_on=TODAY, version=1)
    assert verdict == Add(row=2, membership=expected)


def test_a_row_that_says_nothing_new_is_the_same() -> None:
    assert plan(named=(MEMBERSHIP,)) == Same(row=2, membership=MEMBERSHIP)
    turned = replace(ROW, domains=ROW.domains[::-1])
    assert plan(turned, named=(MEMBERSHIP,)) == Same(row=2, membership=MEMBERSHIP)


def test_a_change_names_each_field_and_keeps_the_start() -> None:
    row = replace(ROW, domains=("voorbeeldstad.nl",), contact_name="", valid_until=date(2028, 12, 31))
    verdict = plan(row, named=(MEMBERSHIP,), neighbours=(MEMBERSHIP,))
    assert isinstance(verdict, Change)
    assert verdict.fields == (
        FieldChange(field="domains", before="voorbeeldstad.nl wijkteam.example.nl", after="voorbeeldstad.nl"),
        FieldChange(field="contact_name", before="Ada de Vries", after=""),
        FieldChange(field="ends_on", before="2027-12-31", after="2028-12-31"),
    )
    assert (verdict.after.id, verdict.after.version, verdict.after.starts_on) == ("imported", 3, date(2026, 1, 15))


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (date(2026, 11, 24), Reason.DATE_PAST),
        (date(2026, 11, 25), None),
        (date(2036, 12, 31), None),
        (date(2037, 1, 1), Reason.DATE_FAR),
    ],
)
def test_which_last_days_are_taken(until: date, reason: Reason | None) -> None:
    verdict = plan(replace(ROW, valid_until=until))
    assert (isinstance(verdict, Add), reason) in [(True, None), (False, faults(verdict)[0].reason if reason else "")]


def test_one_that_has_ended_stays_as_it_is_when_the_file_still_says_so() -> None:
    ended, row = replace(MEMBERSHIP, ends_on=date(2026, 10, 1)), replace(ROW, valid_until=date(2026, 10, 1))
    assert isinstance(plan(row, named=(ended,)), Same)
    assert faults(plan(replace(row, contact_name="Bo"), named=(ended,)))[0].reason is Reason.DATE_PAST


# Whose membership it is


@pytest.mark.parametrize(
    ("stored", "row"),
    [
        pytest.param({"registration_number": ""}, {}, id="the file now has a number"),
        pytest.param({}, {"registration_number": ""}, id="the file has no number any more"),
        pytest.param({}, {"registration_number": "87654321"}, id="the number was mistyped"),
        pytest.param({}, {"organisation": "Gemeente Nieuwstad"}, id="another name"),
        pytest.param({"organisation": "GEMEENTE  voorbeeldstad"}, {"registration_number": ""}, id="typed otherwise"),
        pytest.param(
            {"organisation": "BU\u0308RO STRASSE"},
            {"organisation": "Büro Straße", "registration_number": ""},
            id="written otherwise",
        ),
    ],
)
def test_an_imported_one_is_found_again_by_its_domain(stored: dict[str, str], row: dict[str, str]) -> None:
    before = replace(MEMBERSHIP, **stored)  # type: ignore[arg-type]
    verdict = plan(replace(ROW, **row), neighbours=(before,))  # type: ignore[arg-type]
    assert isinstance(verdict, Change)
    assert verdict.after.id == "imported"


def test_one_that_was_bought_runs_beside_the_imported_one_and_is_never_changed() -> None:
    bought = replace(MEMBERSHIP, id="order", registration_number="", domains=("voorbeeldstad.nl",))
    verdict = plan(neighbours=(bought,), bought=frozenset({"order"}))
    assert isinstance(verdict, Add)
    assert (verdict.membership.id, verdict.beside) == ("new", (bought,))
    ended = replace(bought, ends_on=date(2026, 11, 24))
    verdict = plan(neighbours=(ended,), bought=frozenset({"order"}))
    assert isinstance(verdict, Add)
    assert verdict.beside == ()


def test_two_municipalities_of_one_name_are_two_members() -> None:
    other = replace(MEMBERSHIP, id="by name", registration_number="11111111", domains=("bergen-nh.example.nl",))
    verdict = plan(named=(other,))
    assert isinstance(verdict, Add)
    assert verdict.membership.id == "new"


def test_an_id_that_another_organisation_holds_is_refused() -> None:
    holder = replace(MEMBERSHIP, id="new", organisation="Gemeente Nieuwstad", registration_number="11111111")
    assert faults(plan(named=(holder,))) == (Fault(Reason.NAME_TAKEN, "12345678", "Gemeente Nieuwstad"),)


# Domains of others


STRANGER = replace(
    MEMBERSHIP, id="s", organisation="Stichting Anders", registration_number="99999999", domains=("voorbeeldstad.nl",)
)


def test_the_domain_of_anothers_running_membership_is_refused() -> None:
    taken = (Fault(Reason.DOMAIN_TAKEN, "voorbeeldstad.nl", "Stichting Anders"),)
    assert faults(plan(neighbours=(STRANGER,))) == taken
    # bought or imported makes no difference, and neither does a membership of one's own
    assert faults(plan(neighbours=(STRANGER,), bought=frozenset({"s"}))) == taken
    own = replace(MEMBERSHIP, domains=("wijkteam.example.nl",))
    assert faults(plan(named=(own,), neighbours=(own, STRANGER))) == taken


def test_the_domain_of_an_ended_membership_is_free() -> None:
    assert isinstance(plan(neighbours=(replace(STRANGER, ends_on=date(2026, 11, 24)),)), Add)
    assert isinstance(plan(neighbours=(replace(STRANGER, ends_on=TODAY),)), Refuse)


def test_who_holds_a_domain_already_can_be_renewed_though_another_bought_under_it() -> None:
    renewed = replace(ROW, valid_until=date(2028, 12, 31))
    assert isinstance(plan(renewed, named=(MEMBERSHIP,), neighbours=(MEMBERSHIP, STRANGER)), Change)
    ended = replace(MEMBERSHIP, ends_on=date(2026, 11, 1))
    assert isinstance(plan(renewed, named=(ended,), neighbours=(ended, STRANGER)), Refuse)


# Doubles in the file


def found_doubles(*rows: MemberRow) -> list[tuple[int, str, str, str]]:
    marked = mark_doubles([replace(row, number=number) for number, row in enumerate(rows, start=2)])
    return [(row.number, fault.reason.name, fault.value, fault.other) for row in marked for fault in row.faults]


A = replace(ROW, organisation="A", registration_number="11111111", domains=("a.nl",))
B = replace(ROW, organisation="B", registration_number="22222222", domains=("b.nl",))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(A, replace(B, registration_number="11111111"), id="number"),
        pytest.param(A, replace(A, domains=("b.nl",)), id="number and name"),
        pytest.param(A, replace(B, organisation=" a ", registration_number=""), id="name, one number"),
        pytest.param(
            replace(A, organisation="Bureau  Één", registration_number=""),
            replace(B, organisation="BUREAU ÉÉN", registration_number=""),
            id="name, no number",
        ),
    ],
)
def test_an_organisation_twice_in_the_file_is_refused_on_both_rows(one: MemberRow, other: MemberRow) -> None:
    expected = [(2, "ORGANISATION_TWICE", "", "3"), (3, "ORGANISATION_TWICE", "", "2")]
    assert found_doubles(one, other) == expected


def test_a_domain_twice_in_the_file_is_refused_on_every_row() -> None:
    c = replace(A, organisation="C", registration_number="33333333", domains=("c.nl", "a.nl"))
    d = replace(A, organisation="D", registration_number="44444444", domains=("a.nl", "c.nl"))
    assert found_doubles(A, B, c, d) == [
        (2, "DOMAIN_TWICE", "a.nl", "4"),
        (4, "DOMAIN_TWICE", "a.nl", "2"),
        (4, "DOMAIN_TWICE", "c.nl", "5"),
        (5, "DOMAIN_TWICE", "a.nl", "2"),
        (5, "DOMAIN_TWICE", "c.nl", "4"),
    ]


def test_who_only_share_a_name_are_no_doubles_and_neither_are_those_without_a_name_or_number() -> None:
    assert found_doubles(A, replace(B, organisation="A")) == []
    nameless = replace(A, organisation="", registration_number="")
    assert found_doubles(nameless, replace(nameless, domains=("b.nl",))) == []
    # of three Bergens it is the one without a number that may be either
    bare = replace(A, registration_number="", domains=("c.nl",))
    assert [(row, other) for row, _, _, other in found_doubles(A, replace(B, organisation="A"), bare)] == [
        (2, "4"),
        (3, "4"),
        (4, "2"),
    ]


def test_a_refusal_for_the_file_itself_tells_of_the_date_as_well() -> None:
    row = replace(ROW, valid_until=date(2020, 1, 1), faults=(Fault(Reason.DOMAIN_MISSING),))
    assert [fault.reason for fault in refuse(row, today=TODAY).faults] == [Reason.DOMAIN_MISSING, Reason.DATE_PAST]
    assert len(refuse(replace(row, valid_until=None), today=TODAY).faults) == 1
