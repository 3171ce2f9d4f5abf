"""The contract of memberships and the domains that lead to them, on every engine: the rows follow each change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.domain.error import AlreadyExists, Changed, CodeTaken
from chalicelib.domain.membership import MemberDomain, Membership
from tests.adapters.bench import Bench, Stage
from tests.adapters.samples import DOMAIN, ID, MEMBERSHIP, ORDER
from tests.adapters.written import golden

CARE, TOWN = "zorg.example.nl", "gemeente.example.nl"
NEIGHBOUR = replace(MEMBERSHIP, id="neighbour", organisation="Stichting Zorg", domains=(DOMAIN, CARE))


def _add(bench: Bench, *memberships: Membership) -> None:
    def stage(membership: Membership) -> Stage:
        return lambda unit: unit.memberships.add(membership)

    for membership in memberships:
        bench.write(stage(membership))


def _row(membership: Membership, domain: str) -> MemberDomain:
    return MemberDomain(
        domain=domain, membership_id=membership.id, starts_on=membership.starts_on, ends_on=membership.ends_on
    )


def _rows(bench: Bench) -> list[str]:
    return [name.partition("#")[2] for name in bench.partitions() if name.startswith("DOMAIN#")]


def test_nobody_is_recognised_by_a_domain_that_nobody_has(bench: Bench) -> None:
    assert bench.store.member_domains(DOMAIN) == []
    _add(bench, MEMBERSHIP)
    for other in ("example.nl", f"x.{DOMAIN}", DOMAIN[:-1], DOMAIN.upper()):
        assert bench.store.member_domains(other) == []


def test_a_membership_is_found_by_each_of_its_domains(bench: Bench) -> None:
    _add(bench, replace(MEMBERSHIP, domains=(TOWN, CARE)))
    assert bench.store.member_domains(TOWN) == [_row(MEMBERSHIP, TOWN)]
    assert bench.store.member_domains(CARE) == [_row(MEMBERSHIP, CARE)]


def test_a_membership_without_domains_is_found_by_none(bench: Bench) -> None:
    _add(bench, replace(MEMBERSHIP, domains=()))
    assert _rows(bench) == []


def test_memberships_that_share_a_domain_are_all_found_by_id(bench: Bench) -> None:
    _add(bench, MEMBERSHIP, NEIGHBOUR, replace(MEMBERSHIP, id="a", ends_on=date(2020, 1, 1)))
    found = bench.store.member_domains(DOMAIN)
    assert [each.membership_id for each in found] == sorted(("a", "neighbour", ID))
    assert found[0].ends_on == date(2020, 1, 1), "running or not"


def test_a_row_of_format_1_is_found_beside_the_new_ones(bench: Bench) -> None:
    bench.client.put_item(TableName=bench.table, Item=golden("domain-1"))
    _add(bench, NEIGHBOUR)
    assert bench.store.member_domains(DOMAIN) == [_row(NEIGHBOUR, DOMAIN), _row(MEMBERSHIP, DOMAIN)]


def test_an_existing_membership_gets_no_further_domains(bench: Bench) -> None:
    _add(bench, MEMBERSHIP)
    with pytest.raises(AlreadyExists) as caught:
        _add(bench, replace(MEMBERSHIP, domains=(TOWN,)))
    assert caught.value.record == "membership"
    assert _rows(bench) == [DOMAIN]


# Changing


def _update(bench: Bench, membership: Membership) -> None:
    bench.write(lambda unit: unit.memberships.update(membership))


def test_the_rows_follow_the_domains(bench: Bench) -> None:
    _add(bench, replace(MEMBERSHIP, domains=(DOMAIN, TOWN)))
    for version, domains in enumerate([(TOWN, CARE), (CARE,), (), (CARE, DOMAIN)], start=1):
        changed = replace(MEMBERSHIP, domains=domains, version=version)
        _update(bench, changed)
        assert _rows(bench) == sorted(domains)
        assert bench.unit().memberships.get(ID) == replace(changed, version=version + 1)


def test_the_rows_follow_the_term(bench: Bench) -> None:
    _add(bench, replace(MEMBERSHIP, domains=(DOMAIN, TOWN)))
    longer = replace(MEMBERSHIP, domains=(DOMAIN, TOWN), starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31))
    _update(bench, longer)
    for domain in longer.domains:
        assert bench.store.member_domains(domain) == [_row(longer, domain)]


def test_a_shared_domain_stays_with_whoever_keeps_it(bench: Bench) -> None:
    _add(bench, MEMBERSHIP, NEIGHBOUR)
    _update(bench, replace(MEMBERSHIP, domains=(TOWN,)))
    assert bench.store.member_domains(DOMAIN) == [_row(NEIGHBOUR, DOMAIN)]
    _update(bench, replace(MEMBERSHIP, domains=(TOWN, CARE), version=2))
    assert bench.store.member_domains(CARE) == [_row(NEIGHBOUR, CARE), _row(MEMBERSHIP, CARE)]


def test_a_stale_version_moves_no_row(bench: Bench) -> None:
    _add(bench, MEMBERSHIP)
    _update(bench, replace(MEMBERSHIP, domains=(DOMAIN, TOWN)))
    before = bench.look()
    with pytest.raises(Changed) as caught:
        _update(bench, replace(MEMBERSHIP, domains=(CARE,)))
    assert (caught.value.record, caught.value.key) == ("membership", ID)
    assert bench.look() == before


def test_a_change_that_comes_between_reading_and_writing_moves_no_row(bench: Bench) -> None:
    _add(bench, MEMBERSHIP)
    late = bench.unit()
    late.memberships.update(replace(MEMBERSHIP, domains=(CARE,)))
    _update(bench, replace(MEMBERSHIP, domains=(DOMAIN, TOWN)))
    with pytest.raises(Changed):
        late.commit()
    assert _rows(bench) == sorted((DOMAIN, TOWN))


def test_what_stops_the_commit_stops_the_rows(bench: Bench) -> None:
    _add(bench, MEMBERSHIP)
    bench.write(lambda unit: unit.codes.add(code=ORDER.code, order_id=ID))
    before = bench.look()
    with pytest.raises(CodeTaken):
        bench.write(
            lambda unit: unit.memberships.update(replace(MEMBERSHIP, domains=(TOWN,))),
            lambda unit: unit.codes.add(code=ORDER.code, order_id=ID),
        )
    assert bench.look() == before
