"""The Stripe stand-in as a buyer and a developer meet it: the payment page, its buttons, and the webhooks."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
import stripe

from devstack.stripe.books import Books, NotPossible
from tests.devstack.stripe_world import World, eventually, world

COMPLETED = "checkout.session.completed"


@pytest.fixture(name="world")
def _world() -> Iterator[World]:
    with world() as built:
        yield built


def _page(session: stripe.checkout.Session) -> str:
    assert session.url
    return requests.get(session.url, timeout=5).text


def _statuses(world: World) -> list[int | None]:
    return [delivery["status"] for delivery in world.books()["deliveries"]]


def test_the_page_shows_what_is_paid(world: World) -> None:
    page = _page(world.create()).replace("\u00a0", " ")
    assert '<html lang="nl">' in page
    assert "Dit is een nagemaakte betaalpagina; er wordt niets afgeschreven." in page
    for text in ("Congres 2027", "2 × € 125,00", "€ 250,00", "lid@example.nl"):
        assert text in page
    assert re.findall(r'name="do" value="(\w+)"', page) == ["pay", "cancel", "fail", "later", "twice", "before", "lost"]
    assert "<script" not in page


def test_the_page_refuses_to_be_framed(world: World) -> None:
    headers = requests.get(str(world.create().url), timeout=5).headers
    assert headers["Content-Security-Policy"] == "frame-ancestors 'none'"


def test_names_are_shown_as_text(world: World) -> None:
    lines = world.params()["line_items"]
    lines[0]["price_data"]["product_data"]["name"] = "<script>alert(1)</script>"
    assert "<script" not in _page(world.create(line_items=lines))


def test_pay_sends_the_buyer_back_and_then_the_webhook(world: World) -> None:
    session = world.create()
    world.shop.listening.clear()
    answer = world.press(session, "pay")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{world.shop_url}/terug/{session.id}")
    assert world.shop.events == []
    assert world.session(session.id).payment_status == "paid"
    world.shop.listening.set()
    eventually(lambda: world.shop.types == [COMPLETED])
    event = world.shop.events[0]
    assert (event.livemode, event.api_version) == (False, "2026-10-28.endive")
    snapshot = event.data.object
    assert isinstance(snapshot, stripe.checkout.Session)
    assert (snapshot.id, snapshot.payment_status) == (session.id, "paid")
    assert isinstance(snapshot.payment_intent, str)


def test_the_webhook_may_come_first(world: World) -> None:
    world.shop.answers = [500]
    answer = world.press(world.create(), "before")
    assert answer.status_code == 303
    assert world.shop.types == [COMPLETED, COMPLETED]
    assert _statuses(world) == [500, 200]


def test_the_webhook_may_come_twice(world: World) -> None:
    world.press(world.create(), "twice")
    eventually(lambda: len(world.shop.events) == 2)
    assert len({event.id for event in world.shop.events}) == 1


def test_the_webhook_may_be_lost_and_sent_later(world: World) -> None:
    session = world.create()
    assert world.press(session, "lost").status_code == 303
    assert world.session(session.id).payment_status == "paid"
    event = world.books()["events"][0]
    assert event["type"] == COMPLETED
    assert f"courier-{event['id']}" not in [thread.name for thread in threading.enumerate()]
    redelivered = requests.post(f"{world.url}/_stand-in/events/{event['id']}/redeliver", timeout=5)
    assert redelivered.json() == {"attempt": 1, "status": 200, "error": None}
    assert world.shop.types == [COMPLETED]


def test_cancelling_leaves_the_session_open(world: World) -> None:
    session = world.create()
    answer = world.press(session, "cancel")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{world.shop_url}/anders")
    assert world.session(session.id).status == "open"
    assert 'value="cancel"' not in _page(world.client.v1.checkout.sessions.create(params=_without_cancel(world)))


def test_a_failed_attempt_leaves_the_buyer_on_the_page(world: World) -> None:
    session = world.create()
    assert "mislukt. Er is niets" not in _page(session)
    answer = world.press(session, "fail")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/pay/{session.id}")
    assert "De betaling is mislukt. Er is niets betaald" in _page(session)
    tried = world.session(session.id, "payment_intent")
    assert isinstance(tried.payment_intent, stripe.PaymentIntent)
    assert (tried.status, tried.payment_intent.status) == ("open", "requires_payment_method")
    assert world.press(session, "pay").status_code == 303
    paid = world.session(session.id, "payment_intent")
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.payment_intent.id, paid.payment_intent.status) == (tried.payment_intent.id, "succeeded")


@pytest.mark.parametrize(
    ("action", "outcome", "payment_status", "intent_status"),
    [("settle", "succeeded", "paid", "succeeded"), ("settle-failed", "failed", "unpaid", "requires_payment_method")],
)
def test_paying_later_is_settled_apart(
    world: World, action: str, outcome: str, payment_status: str, intent_status: str
) -> None:
    session = world.create()
    answer = world.press(session, "later")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{world.shop_url}/terug/{session.id}")
    pending = world.session(session.id, "payment_intent")
    assert isinstance(pending.payment_intent, stripe.PaymentIntent)
    assert (pending.status, pending.payment_status, pending.payment_intent.status) == (
        "complete",
        "unpaid",
        "processing",
    )
    eventually(lambda: world.shop.types == [COMPLETED])
    assert "De betaling is onderweg" in _page(session)
    assert world.act(session.id, action).status_code == 200
    settled = world.session(session.id, "payment_intent")
    assert isinstance(settled.payment_intent, stripe.PaymentIntent)
    assert (settled.payment_status, settled.payment_intent.status) == (payment_status, intent_status)
    eventually(lambda: world.shop.types == [COMPLETED, f"checkout.session.async_payment_{outcome}"])
    assert world.act(session.id, action).status_code == 409


@pytest.mark.parametrize(
    ("end", "text", "back"),
    [
        ("pay", "Deze betaling is al gedaan", "/terug/"),
        ("expire", "Deze betaalpagina is verlopen", "/anders"),
    ],
)
def test_a_closed_page_says_so_and_takes_no_money(world: World, end: str, text: str, back: str) -> None:
    session = world.create()
    world.act(session.id, end, webhook="lost")
    before = world.books()["events"]
    page = _page(session)
    assert text in page
    assert f'<a href="{world.shop_url}{back}' in page
    assert world.press(session, "pay").headers["Location"] == f"/pay/{session.id}"
    assert world.books()["events"] == before


def test_the_clock_closes_the_page(world: World) -> None:
    session = world.create()
    world.clock.moved += timedelta(minutes=36)
    assert world.press(session, "pay").headers["Location"] == f"/pay/{session.id}"
    assert world.session(session.id).status == "expired"


def test_no_payment_slips_in_between_the_last_second_and_the_closing(world: World) -> None:
    books, asked = Books(), world.params()
    session = books.open_session(asked, now=asked["expires_at"] - 2100, public_url="")
    with pytest.raises(NotPossible):
        books.pay(session.id, now=asked["expires_at"], method="ideal")


def test_a_webhook_is_brought_again_until_the_shop_says_thanks(world: World) -> None:
    world.shop.answers = [503, 302]
    world.act(world.create().id, "pay")
    eventually(lambda: _statuses(world) == [503, 302, 200])
    assert [delivery["attempt"] for delivery in world.books()["deliveries"]] == [1, 2, 3]
    assert len({event.id for event in world.shop.events}) == 1


def test_a_webhook_is_given_up_in_the_end(world: World) -> None:
    world.shop.answers = [500] * 9
    assert world.act(world.create().id, "pay", webhook="before").status_code == 200
    assert _statuses(world) == [500, 500, 500]


def test_the_developer_sees_and_settles_payments(world: World) -> None:
    session = world.create()
    assert f'href="/pay/{session.id}"' in requests.get(world.url, timeout=5).text
    world.press(session, "later")
    eventually(lambda: world.shop.types == [COMPLETED])
    overview = requests.get(world.url, timeout=5).text
    assert "order-7" in overview
    settle = f"/_stand-in/sessions/{session.id}/settle"
    assert f'action="{settle}"' in overview
    answer = requests.post(world.url + settle, data={"back": "1"}, allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert world.session(session.id).payment_status == "paid"


def test_what_nobody_offers_is_refused(world: World) -> None:
    session = world.create()
    assert world.act(session.id, "frame").status_code == 400
    assert world.act(session.id, "pay", webhook="late").status_code == 400
    assert world.act("cs_test_nothing", "pay").status_code == 404
    assert requests.get(f"{world.url}/pay/cs_test_nothing", timeout=5).status_code == 404
    assert requests.post(f"{world.url}/_stand-in/events/evt_nothing/redeliver", timeout=5).status_code == 404
    assert world.session(session.id).status == "open"


def _without_cancel(world: World) -> stripe.params.checkout.SessionCreateParams:
    params: stripe.params.checkout.SessionCreateParams = world.params()
    del params["cancel_url"]
    return params
