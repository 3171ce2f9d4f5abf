"""Personal data: it lies with persons and nowhere else, so that it can be erased."""

from __future__ import annotations

import json

import pytest

from tests.adapters.samples import ATTENDEE, BUYER, COLLEAGUE, EVENT_ORDER_ID
from tests.adapters.written import BESIDE, WRITTEN, golden

# The kinds that a person can be erased from, one by one; all others can be kept when that is done.
PERSONAL = {"buyer", "attendee", "draft", "membership", "note", "deed", "subscriber"}
# Where it lay before as well.
BEFORE = {"suppression-1"}
ANSWERED = ("organisation", "name", "email", "reference", "registration_number", "street", "postal_code", "city")
PRIVATE = {
    *(getattr(BUYER.answers, name) for name in ANSWERED),
    *(text for attendee in (ATTENDEE, COLLEAGUE) for text in (attendee.name, attendee.email)),
}


def _found(name: str) -> set[str]:
    """The personal data that an item holds, however it is written."""
    text = json.dumps(golden(name), ensure_ascii=False).lower()
    return {answer for answer in PRIVATE if answer.lower() in text}


@pytest.mark.parametrize("name", [*WRITTEN, *BESIDE])
def test_personal_data_lies_with_persons_and_nowhere_else(name: str) -> None:
    assert bool(_found(name)) is (golden(name)["record"]["S"] in PERSONAL or name in BEFORE)


def test_each_attendee_lies_in_an_item_of_his_own() -> None:
    assert _found("attendee-1") == {ATTENDEE.name, ATTENDEE.email}
    assert _found("attendee-1-colleague") == {COLLEAGUE.name, COLLEAGUE.email}
    assert not _found("buyer-2-attending") & {COLLEAGUE.name, COLLEAGUE.email}
    keys = [(golden(name)["pk"]["S"], golden(name)["sk"]["S"]) for name in ("attendee-1", "attendee-1-colleague")]
    assert keys == [(f"ORDER#{EVENT_ORDER_ID}", f"ATTENDEE#0{number}") for number in (1, 2)]
