"""The table fails at any call: the visitor keeps what he typed, and whatever he does next ends in one whole order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.desk import FORM, Desk
from tests.entrypoints.document import Document
from tests.entrypoints.witness import kept, orders, safe, said, untouched

type Fault = Callable[[], Any]


def unreachable() -> Any:
    raise EndpointConnectionError(endpoint_url="injected")


def refusing(code: str, status: int) -> Fault:
    def answer() -> Any:
        error = {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return AWSResponse("", status, HTTPHeaders(), None), error

    return answer


FAULTS = {
    "unreachable": unreachable,
    "throttled": refusing("ProvisionedThroughputExceededException", 400),
    "broken": refusing("InternalServerError", 500),
    "no permission": refusing("AccessDeniedException", 400),
    "no table": refusing("ResourceNotFoundException", 400),
}


# What the desk cannot do without; that it may fail to count, tests/entrypoints/test_limits.py shows.
OPERATIONS = ("GetItem", "Query", "TransactWriteItems")


class Breakage:
    """Makes the calls of an operation fail, from the n-th on, as often as is said."""

    def __init__(self, desk: Desk, fault: Fault, *, operation: str = "", first: int = 1, times: int = 10**6) -> None:
        self._fault, self._first, self._last = fault, first, first + times - 1
        self.calls, self.happened = 0, 0
        self._events: Any = desk.client.meta.events
        # named one by one: what is registered for an operation comes before the engine, which is there for all
        self._names = [f"before-call.dynamodb.{each}" for each in ([operation] if operation else OPERATIONS)]
        for name in self._names:
            self._events.register_first(name, self._call)

    def mend(self) -> None:
        for name in self._names:
            self._events.unregister(name, self._call)

    def _call(self, **_: Any) -> Any:
        self.calls += 1
        if self._first <= self.calls <= self._last:
            self.happened += 1
            return self._fault()
        return None


def whole(desk: Desk) -> None:
    """There is no order, or one with everything that belongs to it."""
    assert orders(desk) in ([], ["pending"])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("query", ["", "?fragment=1"])
def test_table_that_takes_no_order(desk: Desk, fault: Fault, lang: str, query: str) -> None:
    breakage = Breakage(desk, fault, operation="TransactWriteItems")
    sent = FORM | {"reference": "INK <2026>", "newsletter": "ja"}
    with untouched(desk):
        answer = desk.post(f"/{lang}/lidmaatschap{query}", sent)
    assert breakage.happened
    assert answer.status_code == 503
    safe(answer, cache=kept(query))
    page = Document(answer)
    assert page.language == lang
    email = desk.application.settings.association.email
    assert page.notice == said(desk, lang, "problem.storage_unavailable.text", email=email)
    _, fields = page.press("pay")
    assert fields.items() >= sent.items(), "everything is kept, the key too"
    breakage.mend()
    assert desk.post(f"/{lang}/lidmaatschap", fields).status_code == 303
    assert orders(desk) == ["pending"]


def test_answer_lost_after_the_order_was_written(desk: Desk) -> None:
    def lose(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="injected")

    events: Any = desk.client.meta.events
    events.register("after-call.dynamodb.TransactWriteItems", lose)
    answer = desk.post("/nl/lidmaatschap", FORM)
    events.unregister("after-call.dynamodb.TransactWriteItems", lose)
    assert answer.status_code == 503
    assert orders(desk) == ["pending"], "the visitor cannot know that it is there"
    assert desk.post("/nl/lidmaatschap", FORM).status_code == 303
    assert orders(desk) == ["pending"]
    assert len(desk.gateway.stored) == 1


def test_every_single_call_may_fail(desk: Desk) -> None:
    """The k-th call fails, for every k; pressing the button again mends it."""
    calls = Breakage(desk, unreachable, first=10**6)
    assert desk.post("/nl/lidmaatschap", FORM).status_code == 303
    assert calls.calls >= 5
    for number in range(1, calls.calls + 1):
        broken = Desk()
        broken.offer()
        breakage = Breakage(broken, unreachable, first=number, times=1)
        answer = broken.post("/nl/lidmaatschap", FORM)
        assert breakage.happened == 1
        assert answer.status_code == 503, f"call {number}"
        whole(broken)
        if number > 1:  # the first one reads the offer, without which there is no form to show
            assert Document(answer).press("pay")[1].items() >= FORM.items()
        again = broken.post("/nl/lidmaatschap", FORM)
        assert again.status_code == 303
        assert again.headers["Location"] == broken.gateway.session_of(broken.register().order.id).url
        assert orders(broken) == ["pending"]
        assert len(broken.gateway.stored) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/en"),
        ("get", "/en/lidmaatschap"),
        ("get", "/en/lidmaatschap?fragment=1"),
        ("post", "/en/lidmaatschap"),
        ("get", "/en/order/{token}"),
        ("post", "/en/order/{token}"),
    ],
)
def test_table_that_answers_nothing(desk: Desk, method: str, path: str) -> None:
    order = desk.register().order
    desk.open_checkout(order)
    token = desk.application.identity.link_token(order.id)
    breakage = Breakage(desk, unreachable)
    address = path.format(token=token)
    with untouched(desk):
        answer = desk.get(address) if method == "get" else desk.post(address, FORM)
    assert breakage.happened
    assert answer.status_code == 503
    safe(answer)
    page = Document(answer)
    assert page.language == "en"
    assert page.one("h1").text == said(desk, "en", "problem.went_wrong.title")


@pytest.mark.parametrize("do", ["pay", "release", "again"])
def test_order_page_with_every_single_call_failing(desk: Desk, do: str) -> None:
    order = desk.register().order
    desk.open_checkout(order)
    path = f"/nl/order/{desk.application.identity.link_token(order.id)}"
    for number in numbers_of_calls(desk, path, do):
        broken = Desk()
        broken.open_checkout(broken.register().order)
        breakage = Breakage(broken, unreachable, first=number, times=1)
        answer = broken.post(path, f"do={do}")
        assert breakage.happened == 1
        assert answer.status_code == 503, f"call {number}"
        assert broken.post(path, f"do={do}").status_code in {200, 303}
        assert orders(broken) == [{"release": "expired"}.get(do, "pending")]


def numbers_of_calls(desk: Desk, path: str, do: str) -> range:
    counted = Breakage(desk, unreachable, first=10**6)
    assert desk.post(path, f"do={do}").status_code in {200, 303}
    counted.mend()
    assert counted.calls
    return range(1, counted.calls + 1)


def test_collision_with_another_transaction_is_over_in_a_moment(desk: Desk) -> None:
    def collide() -> Any:
        error = {"Error": {"Code": "TransactionCanceledException", "Message": "injected"}}
        reasons = [{"Code": "TransactionConflict"}, *[{"Code": "None"}] * 4]
        return AWSResponse("", 400, HTTPHeaders(), None), error | {"CancellationReasons": reasons}

    breakage = Breakage(desk, collide, operation="TransactWriteItems", times=1)
    assert desk.post("/nl/lidmaatschap", FORM).status_code == 303
    assert breakage.happened == 1
    assert orders(desk) == ["pending"]


def test_mail_queue_down_does_not_keep_a_buyer_from_his_confirmation(desk: Desk) -> None:
    order = desk.register().order
    desk.open_checkout(order)
    desk.gateway.pay(desk.gateway.session_of(order.id).id)
    desk.emails.down = True
    answer = desk.get(f"/nl/order/{desk.application.identity.link_token(order.id)}?from=payment")
    assert Document(answer).one("h1").text == said(desk, "nl", "order.paid.title")
    assert desk.emails.messages == []
    assert len(desk.items("email")) == 2, "the sweep finds them"
