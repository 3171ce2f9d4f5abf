"""The stand-in's overview and control surface over HTTP: refund, dispute and pay out with a button or a call."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.devstack.stripe_world import World, eventually, world


@pytest.fixture(name="world")
def _world() -> Iterator[World]:
    with world() as built:
        yield built


def _paid(world: World, **choices: str) -> str:
    session_id = world.create().id
    assert world.act(session_id, "pay", webhook="lost", **choices).status_code == 200
    return session_id


def _page(world: World) -> str:
    return requests.get(world.url, timeout=5).text.replace("\u00a0", " ")


def _buttons(world: World) -> dict[str, str]:
    """Where each button of the overview leads, by what it says; of equal ones the first."""
    found = re.findall(
        r'action="([^"]+)"[^>]*>(?:(?!</form>).)*?<button[^>]*>([^<]+)</button>', _page(world), re.DOTALL
    )
    return {text: action.replace("&amp;", "&") for action, text in reversed(found)}


def _press(world: World, text: str, **fields: str) -> None:
    answer = requests.post(
        world.url + _buttons(world)[text], data={"back": "1", **fields}, allow_redirects=False, timeout=5
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def _call(world: World, path: str, **choices: str) -> requests.Response:
    return requests.post(f"{world.url}/_stand-in/{path}", params=choices, timeout=5)


def test_a_payment_is_refunded_in_parts_with_buttons(world: World) -> None:
    _paid(world)
    _press(world, "Terugbetalen", amount="5000")
    assert "Terug € 50,00 · pending" in _page(world)
    _press(world, "Aangekomen")
    assert "Terug € 50,00 · succeeded" in _page(world)
    _press(world, "Terugbetalen")
    assert "Terug € 200,00 · pending" in _page(world)
    assert "Terugbetalen" not in _buttons(world)
    _press(world, "Intrekken")
    _press(world, "Laten mislukken")
    assert "Terug € 50,00 · failed (unknown)" in _page(world)
    eventually(lambda: "refund.failed" in world.shop.types)
    assert set(world.shop.types) >= {"refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"}


def test_a_payment_is_disputed_with_buttons(world: World) -> None:
    _paid(world, method="card")
    _press(world, "Navraag door de bank")
    assert "Betwist € 250,00 · warning_needs_response" in _page(world)
    _press(world, "Wordt echt")
    assert not {"Betwisten", "Terugbetalen"} & set(_buttons(world))
    _press(world, "Bewijs sturen")
    _press(world, "Gewonnen")
    assert "Betwist € 250,00 · won" in _page(world)
    _press(world, "Betwisten")
    _press(world, "Verloren")
    assert not {"Betwisten", "Terugbetalen"} & set(_buttons(world))
    eventually(lambda: world.shop.types.count("charge.dispute.closed") == 2)


def test_the_balance_is_paid_out_with_a_button(world: World) -> None:
    assert "Nu uitbetalen" not in _buttons(world)
    _paid(world)
    assert "<span>€ 249,71</span>" in _page(world)
    _press(world, "Uitbetalen, maar mislukt")
    _press(world, "Nu uitbetalen")
    assert "Uitbetaling € 249,71 · paid" in _page(world)
    _press(world, "Laten terugkomen")
    assert "Uitbetaling € 249,71 · failed" in _page(world)
    eventually(lambda: sorted(world.shop.types) == ["payout.failed", "payout.failed", "payout.paid"])


def test_an_expired_payment_may_come_all_the_same(world: World) -> None:
    session = world.create()
    world.act(session.id, "expire", webhook="lost")
    _press(world, "Toch nog betaald")
    assert world.session(session.id).payment_status == "paid"


def test_everything_can_be_called(world: World) -> None:
    session_id = _paid(world, method="card", amount="20000", currency="gbp")
    assert world.session(session_id).amount_total == 20_000
    refunded: dict[str, Any] = _call(world, f"payments/{session_id}/refund", amount="100", webhook="lost").json()
    refund = refunded["refund"]
    assert (refund["amount"], refund["currency"]) == (100, "gbp")
    assert [event["type"] for event in refunded["events"]] == ["refund.created", "charge.refunded"]
    failed = _call(world, f"refunds/{refund['id']}/fail", reason="lost_or_stolen_card", webhook="lost").json()
    assert failed["refund"]["failure_reason"] == "lost_or_stolen_card"
    told = _call(world, f"payments/{session_id}/dispute", amount="50", reason="duplicate", webhook="lost").json()
    assert (told["dispute"]["amount"], told["dispute"]["reason"]) == (50, "duplicate")
    paid_out = _call(world, "payouts", currency="gbp", webhook="lost").json()
    assert paid_out["payout"]["amount"] == 20_000 - 325 - 50 - 2_000
    books = world.books()
    assert [len(books[name]) for name in ("refunds", "disputes", "payouts")] == [1, 1, 1]
    assert world.shop.events == []


def test_what_cannot_be_is_refused(world: World) -> None:
    session_id = _paid(world)
    open_session = world.create().id
    for path, choices, status in (
        (f"payments/{session_id}/refund", {"amount": "25001"}, 409),
        (f"payments/{session_id}/refund", {"amount": "-1"}, 400),
        (f"payments/{session_id}/refund", {"webhook": "never"}, 400),
        (f"payments/{open_session}/refund", {}, 409),
        ("payments/cs_test_nothing/refund", {}, 404),
        (f"payments/{session_id}/dispute", {"status": "won"}, 400),
        (f"payments/{session_id}/dispute", {"reason": "because"}, 400),
        ("refunds/re_nothing/settle", {}, 404),
        ("refunds/re_nothing/undo", {}, 400),
        ("disputes/du_nothing/won", {}, 404),
        ("payouts/po_nothing/fail", {}, 404),
        ("payouts", {"currency": "gbp"}, 409),
        ("payouts", {"status": "pending"}, 400),
    ):
        assert _call(world, path, **choices).status_code == status, (path, choices)
    assert world.books()["refunds"] == []
