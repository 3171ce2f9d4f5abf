"""Somebody of each role, and the browser of one who has logged in."""

from __future__ import annotations

import pytest

from chalicelib.domain.staff import Role, Staff
from devstack.environment import BEHEERDER
from tests.desk import Desk
from tests.entrypoints.beheer.browser import Browser

WORKS_HERE = {role: f"{role.value}@voorbeeld.nl" for role in Role} | {Role.BEHEERDER: BEHEERDER}


@pytest.fixture
def desk(desk: Desk) -> Desk:
    unit = desk.store.unit_of_work()
    for role, email in WORKS_HERE.items():
        if email != BEHEERDER:
            unit.staff.add(Staff(email=email, name=f"Iemand {role.value}", role=role, version=1))
    unit.commit()
    return desk


@pytest.fixture
def browser(desk: Desk) -> Browser:
    browser = Browser(desk)
    browser.log_in(BEHEERDER)
    return browser
