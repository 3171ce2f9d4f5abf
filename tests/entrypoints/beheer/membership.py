"""Members in the table, as many as a test wants, with the names that organisations have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.calendar import local_date
from chalicelib.domain.membership import Membership
from tests.desk import Desk

HEADING = "organisatie;KvK of OIN;domeinen;contactpersoon;e-mail;geldig tot"


def membership(desk: Desk, number: int, **facts: object) -> Membership:
    """One of many, running for another 300 days unless something else is said."""
    today = local_date(desk.clock())
    standard = Membership(
        id=f"{number:032}",
        organisation=f"Gemeente Voorbeeldstad {number}",
        registration_number="",
        domains=(f"voorbeeldstad{number}.nl",),
        contact_name=f"Ada de Vries {number}",
        contact_email=f"ada@voorbeeldstad{number}.nl",
        starts_on=today - timedelta(days=60),
        ends_on=today + timedelta(days=300),
        version=1,
    )
    return replace(standard, **facts)  # type: ignore[arg-type]  # a test names real fields


def put(desk: Desk, *memberships: Membership) -> None:
    for each in memberships:
        unit = desk.store.unit_of_work()
        unit.memberships.add(each)
        unit.commit()


def stored(desk: Desk) -> dict[str, Membership]:
    return {each.id: each for each in desk.application.lists.memberships()}


def day(moment: date) -> str:
    return f"{moment:%d-%m-%Y}"
