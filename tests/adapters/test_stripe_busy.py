"""A Stripe that admits no more calls: who is told so asks no more, and knows that he is to ask less."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import stripe

from chalicelib.adapters.stripe_gateway import translated
from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.error import PaymentBusy, PaymentUnavailable
from chalicelib.ports import PaymentBooks, PaymentGateway
from devstack.stripe import Rates
from tests.adapters.test_pace import methods
from tests.adapters.till import StripeTill, give_back, long_ago, paid, quiet_till, request

type Call = Callable[[StripeTill, CheckoutSession], object]

CALLS: dict[str, Call] = {
    "open_session": lambda till, _: till.gateway.open_session(request(till.clock, attempt=2)),
    "fetch": lambda till, session: till.gateway.fetch(session.id),
    "find": lambda till, session: till.gateway.find(session.payment_id),
    "close": lambda till, session: till.gateway.close(session.id),
    "sessions_of": lambda till, _: till.gateway.sessions_of("order-1", since=long_ago(till.clock)),
    "refund": lambda till, session: till.gateway.refund(give_back(session)),
    "transactions_of": lambda till, _: till.books.transactions_of("po_1", rest=""),
}


def page_of(name: str) -> Call:
    """A call for a page of a period."""
    return lambda till, _: getattr(till.books, name)(since=long_ago(till.clock), until=till.clock(), rest="")


CALLS |= {name: page_of(name) for name in methods(PaymentBooks) if name not in CALLS}


def test_every_call_that_there_is_is_among_them() -> None:
    assert CALLS.keys() == {*methods(PaymentGateway), *methods(PaymentBooks)}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("rates", [Rates(endpoint=0), Rates(overall=0)], ids=["endpoint", "account"])
def test_a_refused_call_is_not_repeated(name: str, rates: Rates) -> None:
    till = quiet_till()
    session = paid(till)
    before, till.stand_in.limit.rates = len(till.asked()), rates
    with pytest.raises(PaymentBusy):
        CALLS[name](till, session)
    assert [call["status"] for call in till.asked()[before:]] == [429]


def test_one_locked_object_is_not_the_whole_of_stripe() -> None:
    """Both are a 429; a sweep that stopped at the locked one would never come to those behind it."""
    for code, kind in (("rate_limit", PaymentBusy), ("lock_timeout", PaymentUnavailable)):
        error = stripe.RateLimitError("…", http_status=429, json_body={"error": {"code": code}})
        with pytest.raises(PaymentUnavailable) as caught, translated():
            raise error
        assert type(caught.value) is kind
