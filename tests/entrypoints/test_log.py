"""The log: events with ids, and nothing of what anybody typed."""

from __future__ import annotations

import json
import logging

import pytest

from tests.desk import Desk
from tests.entrypoints.document import Document
from tests.entrypoints.test_storage import Breakage, unreachable
from tests.entrypoints.test_webhook import changed, deliver
from tests.entrypoints.witness import orders

TYPED = {
    "organisation": "Stichting Geheimhouding",
    "name": "Zeldzame Voornaam",
    "email": "zeldzaam@geheimhouding.example.org",
    "reference": "INKOOP-48213",
    "street": "Onvindbaarsteeg 9",
    "postal_code": "9876 ZX",
    "city": "Nergenshuizen",
    "registration_number": "87654321",
    "newsletter": "ja",
}
KEY = "a-key-that-opens-an-order"
# Also what remains of an answer when somebody writes only a part of it.
PERSONAL = [
    *(value for name, value in TYPED.items() if name != "newsletter"),
    "Geheimhouding",
    "Zeldzame",
    "zeldzaam@",
    "geheimhouding.example.org",
    "9876ZX",
    "Typefout",
    KEY,
]


def test_whole_journey_leaves_nothing_personal_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="chalicelib")
    form = TYPED | {"key": KEY, "do": "pay"}

    # faults, nonsense, an order, another answer, a replacement
    desk.post("/nl/lidmaatschap", form | {"email": "zeldzaam@", "name": "Typefout\r\n", "Typefout": "1"})
    desk.post("/nl/lidmaatschap", form, content_type="application/json")
    desk.post("/nl/lidmaatschap", form | {"reference": "Typefout" * 10000})
    desk.post("/nl/lidmaatschap", form)
    desk.post(*Document(desk.post("/nl/lidmaatschap", form | {"city": "Typefout"})).press("replace"))
    assert orders(desk) == ["expired", "pending"]

    # everything outside fails once
    for operation in ("GetItem", "TransactWriteItems"):
        breakage = Breakage(desk, unreachable, operation=operation)
        desk.post("/nl/lidmaatschap", form | {"key": f"{KEY}-2"})
        breakage.mend()
    desk.gateway.silent(3)
    desk.post("/nl/lidmaatschap", form | {"key": f"{KEY}-3"})
    (order,) = [
        item["id"]["S"] for item in desk.items("order") if item["session_id"]["S"] and item["state"]["S"] == "pending"
    ]
    token = desk.application.identity.link_token(order)
    desk.get(f"/nl/order/{token}?from=payment")
    desk.post(f"/nl/order/{token}", "do=pay")
    desk.gateway.failures.clear()
    desk.get(f"/nl/order/{token[:-1]}a")

    # paid, told by the webhook while the queue is down and then up, mailed after one failure, let go
    session = desk.gateway.pay(desk.gateway.session_of(order).id)
    body = json.loads(changed("data.object.id", session.id))
    body["data"]["object"]["customer_details"] = {"email": TYPED["email"], "name": TYPED["name"]}
    desk.payments.down = True
    deliver(desk, json.dumps(body))
    desk.payments.down = False
    deliver(desk, json.dumps(body), signature="t=1,v1=0")
    deliver(desk, json.dumps(body))
    desk.payments.put("Onbekend")
    desk.sender.failures.append(OSError("injected"))
    desk.work()
    desk.get(f"/nl/order/{token}?from=payment")
    desk.clock.advance(hours=2)
    desk.sweep()
    desk.work()
    assert [letter.to for _, letter in desk.sender.sent] == [TYPED["email"]] * 3, "and he is asked about the newsletter"
    assert "paid" in orders(desk)

    for event in (
        "order_placed",
        "order_expired",
        "order_paid",
        "door_unavailable",
        "webhook_refused",
        "webhook_not_queued",
        "message_failed",
        "session_not_ours",
    ):
        assert event in caplog.text, "the journey came by here"
    for personal in (*PERSONAL, token, token.partition("-")[2]):
        assert personal.lower() not in caplog.text.lower()
