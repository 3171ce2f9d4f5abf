"""Keep a draft: there for a week under an id that nobody can guess, and then it is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.draft import LIFE, Draft
from chalicelib.domain.language import Language
from chalicelib.flows.keep_draft import find_draft, keep_draft
from tests.desk import FORM_KEY, Desk
from tests.events import EVENT

FIELDS = {"key": FORM_KEY, "organisation": "Gemeente Voorbeeldstad", "p1_name": "Bea 🎈", "p1_email": "", "self": "ja"}


@pytest.fixture
def draft_id(desk: Desk) -> str:
    return desk.application.identity.draft_id(offer_id=EVENT, form_key=FORM_KEY)


def keep(desk: Desk, draft_id: str, **changes: str) -> Draft:
    return keep_draft(
        draft_id,
        offer_id=EVENT,
        language=Language.EN,
        fields=FIELDS | changes,
        store=desk.store,
        now=desk.clock(),
    )


def find(desk: Desk, draft_id: str) -> Draft | None:
    return find_draft(draft_id, store=desk.store, now=desk.clock())


def test_all_that_was_filled_in_is_there_again(desk: Desk, draft_id: str) -> None:
    draft = keep(desk, draft_id)
    assert find(desk, draft_id) == draft
    assert (dict(draft.fields), list(dict(draft.fields))) == (FIELDS, list(FIELDS))
    assert (draft.offer_id, draft.language, draft.expires_at) == (EVENT, Language.EN, desk.clock() + LIFE)


def test_it_is_gone_from_the_very_moment_it_expires(desk: Desk, draft_id: str) -> None:
    keep(desk, draft_id)
    desk.clock.moment += LIFE - timedelta(microseconds=1)
    assert find(desk, draft_id) is not None
    desk.clock.moment += timedelta(microseconds=1)
    assert find(desk, draft_id) is None
    assert len(desk.items("draft")) == 1, "DynamoDB removes it only hours later"


def test_dynamodb_is_told_when_it_may_be_removed(desk: Desk, draft_id: str) -> None:
    keep(desk, draft_id)
    (item,) = desk.items("draft")
    assert item["expires"] == {"N": str(int((desk.clock() + LIFE).timestamp()))}


def test_keeping_it_again_takes_its_place_and_its_time_begins_anew(desk: Desk, draft_id: str) -> None:
    keep(desk, draft_id)
    desk.clock.advance(days=6)
    keep(desk, draft_id, p1_name="Bea Bakker")
    assert len(desk.items("draft")) == 1
    desk.clock.advance(days=6)
    found = find(desk, draft_id)
    assert found is not None
    assert dict(found.fields)["p1_name"] == "Bea Bakker"


def test_what_was_never_kept_is_not_found(desk: Desk, draft_id: str) -> None:
    keep(desk, draft_id)
    identity = desk.application.identity
    for other in (
        "a" * 32,
        identity.draft_id(offer_id=EVENT, form_key="the-key-of-somebody-else"),
        identity.draft_id(offer_id="lidmaatschap", form_key=FORM_KEY),
    ):
        assert find(desk, other) is None


def test_the_order_of_a_membership_remembers_the_draft_to_go_on_with(desk: Desk, draft_id: str) -> None:
    order = desk.register(draft_id=draft_id).order
    assert desk.order(order.id).draft_id == draft_id
