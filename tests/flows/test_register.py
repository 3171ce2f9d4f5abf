"""Register: one order for one form key, however often it is sent."""

from dataclasses import replace

import pytest

from chalicelib.domain.error import StorageUnavailable
from chalicelib.domain.state import State
from chalicelib.flows import register as flow
from chalicelib.flows.release_order import release_order
from tests.desk import ANSWERS, CONSENT_TEXT, Desk


def test_one_commit_writes_order_code_and_buyer(desk: Desk) -> None:
    registration = desk.register()
    order = registration.order
    assert not registration.changed
    assert (order.state, order.total_cents, order.currency, order.attempt) == (State.PENDING, 50000, "EUR", 1)
    assert desk.order(order.id) == order
    assert {item["record"]["S"] for item in desk.items()} == {"offer", "order", "code", "buyer"}
    buyer = desk.store.unit_of_work().buyers.get(order.id)
    assert buyer is not None
    assert buyer.answers == ANSWERS


def test_the_order_holds_nothing_personal(desk: Desk) -> None:
    desk.register(replace(ANSWERS, reference="PO-77", newsletter=True))
    for record in ("order", "code"):
        text = str(desk.items(record))
        for secret in (ANSWERS.name, ANSWERS.email, ANSWERS.organisation, "PO-77"):
            assert secret not in text


def test_a_tick_is_kept_as_proof_with_text_time_and_source(desk: Desk) -> None:
    order = desk.register(replace(ANSWERS, newsletter=True)).order
    consent = desk.store.unit_of_work().consents.get(order.id)
    assert consent is not None
    assert consent.text == CONSENT_TEXT
    assert (consent.given_at, consent.source) == (desk.clock(), "https://aanmelden.example.nl/nl/lidmaatschap")


def test_no_tick_no_consent(desk: Desk) -> None:
    desk.register()
    assert desk.items("consent") == []


def test_the_same_form_again_is_the_same_order(desk: Desk) -> None:
    first = desk.register()
    desk.clock.advance(minutes=1)
    again = desk.register()
    assert (again.order, again.changed) == (first.order, False)
    assert len(desk.items("order")) == 1


def test_changed_answers_make_no_second_order_beside_an_open_one(desk: Desk) -> None:
    first = desk.register()
    again = desk.register(replace(ANSWERS, name="Bea"))
    assert (again.order, again.changed) == (first.order, True)
    assert len(desk.items("order")) == 1


def test_after_an_order_is_let_go_the_same_key_makes_the_next_one(desk: Desk) -> None:
    first = desk.register().order
    let_go(desk, first.id)
    second = desk.register(replace(ANSWERS, name="Bea"))
    assert (second.changed, second.order.generation) == (False, 1)
    assert second.order.id != first.id
    assert desk.register(replace(ANSWERS, name="Bea")).order == second.order


def test_a_taken_code_gives_way_to_the_next(desk: Desk) -> None:
    order_id = desk.application.identity.order_id(offer_id="lidmaatschap", form_key="b" * 20)
    taken = desk.application.identity.order_code(order_id=order_id, prefix="L", now=desk.clock(), attempt=0)
    unit = desk.store.unit_of_work()
    unit.codes.add(code=taken, order_id="somebody-else")
    unit.commit()
    order = desk.register(key="b" * 20).order
    assert order.code != taken
    assert len(desk.items("order")) == 1


def test_a_key_that_is_used_without_end_is_stopped(desk: Desk) -> None:
    for _ in range(flow.MOST_GENERATIONS):
        let_go(desk, desk.register().order.id)
    with pytest.raises(StorageUnavailable):
        desk.register()


def let_go(desk: Desk, order_id: str) -> None:
    released = release_order(
        desk.order(order_id),
        store=desk.store,
        gateway=desk.gateway,
        emails=desk.emails,
        links=desk.application.links,
        now=desk.clock(),
    )
    assert released.state is State.EXPIRED


def test_beginning_anew_by_either_road_leads_to_one_order(desk: Desk) -> None:
    """From the expired order's page with its derived key, or back at the first form with the first key."""
    first = desk.register().order
    let_go(desk, first.id)
    again = desk.register(key=desk.application.identity.form_key_after(first.id)).order
    assert desk.register().order == again
    assert len(desk.items("order")) == 2
