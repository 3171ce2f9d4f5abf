"""Bugs in how a session at Stripe is opened, found, closed and believed."""

from __future__ import annotations

from chalicelib.adapters.stripe_gateway import StripeGateway
from chalicelib.domain.order import Order
from chalicelib.flows import look_after, open_checkout, release_order
from tests.torture.bugs.bug import bug
from tests.torture.bugs.change import Cut

_CREATE = "stripe.checkout.sessions.create"
_EXPIRE = "stripe.checkout.sessions.expire"
_RENEW = "return found[0] if found else None"

CHECKOUTS = (
    bug(
        "session-key-of-the-moment",
        "each call that opens a session has an idempotency key of its own",
        Cut(StripeGateway.open_session, ('{request.attempt}"', '{request.attempt}-{time.monotonic()}"')),
        stories="membership; congress for three",
        at=_CREATE,
    ),
    bug(
        "session-key-without-attempt",
        "the next attempt asks for its session under the key of the one before",
        Cut(StripeGateway.open_session, ('-{request.attempt}"', '"')),
        stories="membership",
        at=_CREATE,
    ),
    bug(
        "session-bytes-of-the-moment",
        "what is sent to open a session is not the same each time",
        Cut(
            open_checkout.checkout_request,
            (
                "expires_at=order.hold_until",
                "expires_at=order.hold_until + timedelta(seconds=__import__('random').randrange(1, 60))",
            ),
        ),
        stories="membership",
        at=_CREATE,
        elsewhere="tests/flows/test_open_checkout.py::test_the_session_is_made_of_the_order_and_noted_on_it",
    ),
    bug(
        "session-repeated-is-believed",
        "an answer that Stripe repeats from its memory is taken for how the session is now",
        Cut(StripeGateway.open_session, ("if not _replayed(session):", "if True:")),
        stories="membership; expired hold; order replaced",
        at=f"{_CREATE} table.TransactWriteItems",
        elsewhere="tests/adapters/test_stripe_gateway.py::test_a_replayed_session_is_looked_at_before_it_is_believed",
    ),
    bug(
        "session-unknown-not-looked-for",
        "after an answer that tells nothing, nobody looks whether the session is there",
        Cut(
            open_checkout.find_session,
            (
                "gateway.sessions_of(order.id, since=since) if each.attempt == order.attempt",
                "()",
            ),
        ),
        stories="membership; congress for three",
        at=_CREATE,
    ),
    bug(
        "session-unknown-is-the-end",
        "after an answer that tells nothing, the order waits for one that tells more",
        Cut(open_checkout.find_session, ("except PaymentUnknown:", "except PaymentUnknown:\n        raise")),
        stories="membership; congress for three",
        at=_CREATE,
    ),
    bug(
        "session-of-another-attempt",
        "a session that is looked for may be that of another attempt",
        Cut(open_checkout.find_session, ("if each.attempt == order.attempt]", "]")),
        stories="session renewed",
        at=_CREATE,
        judgement=(
            "redundant: an attempt begins only when the one before surely opened no session, so "
            "there is no other to be found"
        ),
    ),
    bug(
        "renewed-never",
        "an order whose hold is too short for a session gets no fresh one",
        Cut(open_checkout.find_session, ("if order.hold_until - now < SHORTEST_SESSION:", "if False:")),
        stories="session renewed",
    ),
    bug(
        "renewed-though-it-has-a-session",
        "an order gets a fresh hold even if it may have a session: any trouble is taken for none",
        Cut(
            open_checkout.find_session,
            ("except PaymentUnknown:", "except PaymentUnavailable:\n        return None\n    except PaymentUnknown:"),
        ),
        stories="membership; congress for three",
        at=_CREATE,
    ),
    bug(
        "renewed-under-the-same-number",
        "a fresh hold does not count as another attempt",
        Cut(Order.renewed, ("attempt=self.attempt + 1", "attempt=self.attempt")),
        elsewhere="tests/domain/test_order.py::test_news_of_an_older_attempt_counts_only_when_it_is_paid",
        stories="membership",
        at=_CREATE,
    ),
    bug(
        "stale-session-led-to",
        "a visitor is led to a session that his order waits for no more",
        Cut(
            open_checkout.open_checkout,
            ("stale = order.state is not State.PENDING or session.attempt != order.attempt", "stale = False"),
        ),
        at=_CREATE,
        elsewhere="tests/flows/test_open_checkout.py::test_two_halves_of_a_click_never_get_two_payable_sessions",
    ),
    bug(
        "stale-session-left-open",
        "a session that the order waits for no more is not closed by whoever opened it",
        Cut(open_checkout.open_checkout, ("_close(session, gateway=gateway)", "pass")),
        at=_CREATE,
        elsewhere="tests/flows/test_open_checkout.py::test_two_halves_of_a_click_never_get_two_payable_sessions",
    ),
    bug(
        "released-by-our-clock",
        "seats are given back when our clock says so, without asking Stripe",
        Cut(
            look_after.look_after,
            (
                "order = release_order(order, store=store, gateway=gateway, emails=emails, links=links, now=now)",
                "order = change_order(order.let_go(), before=order, store=store)",
            ),
        ),
        stories="expired hold",
    ),
    bug(
        "released-without-closing",
        "an order is let go while its session can still be paid",
        Cut(
            release_order.release_order,
            ("session = gateway.close(session.id)", "return change_order(order.let_go(), before=order, store=store)"),
        ),
        stories="begun anew; order replaced",
    ),
    bug(
        "released-before-closing",
        "an order is let go first, and its session closed afterwards",
        Cut(
            release_order.release_order,
            (
                "session = gateway.close(session.id)",
                "order = change_order(order.let_go(), before=order, store=store)\n"
                "            session = gateway.close(session.id)",
            ),
        ),
        stories="begun anew; order replaced",
        at=_EXPIRE,
    ),
    bug(
        "not-open-is-not-paid",
        "a session that Stripe does not close any more is taken for unpaid",
        Cut(
            release_order.release_order,
            (
                "return settle_session(session.id, store=store, gateway=gateway, emails=emails, now=now) or order",
                "return change_order(order.let_go(), before=order, store=store)",
            ),
        ),
        stories="paid while let go",
        at=_EXPIRE,
    ),
    bug(
        "hold-without-grace",
        "the sweep asks as soon as the hold ends, before Stripe has had time to close the session by itself",
        Cut(Order.renewed, ("hold_until + GRACE", "hold_until")),
        stories="session renewed",
        judgement=(
            "redundant: whoever asks a minute earlier closes the session himself; it only spares a call of Stripe"
        ),
    ),
    bug(
        "hold-longer-than-its-session",
        "after a fresh hold the order waits, but nobody will look at it",
        Cut(Order.renewed, ("due=hold_until + GRACE", "due=None")),
        stories="session renewed",
    ),
    bug(
        "lock-is-the-end",
        "whoever presses twice is told that it cannot be, as Stripe says while the first press is under way",
        Cut(StripeGateway._create, ("status == 409 or ", "")),
        stories="membership",
        at=_CREATE,
        elsewhere="tests/adapters/test_stripe_gateway.py::test_a_failure_that_passes_is_not_even_noticed",
    ),
    bug(
        "tried-later-never",
        "an order that Stripe did not answer about is not looked at again later, but at once",
        Cut(look_after.look_after, ("change_order(order.retried(now=now), before=order, store=store)", "pass")),
        stories="expired hold",
        at="stripe",
        judgement=("order of work only: without it what Stripe does not answer about comes first in every sweep"),
    ),
    bug(
        "busy-is-no-reason-to-stop",
        "a sweep goes on when Stripe is busy",
        Cut(look_after.look_after, ("except PaymentBusy:\n        raise\n    ", "")),
        stories="expired hold",
        at="stripe",
        elsewhere="tests/flows/test_sweep_pages.py::test_a_busy_stripe_is_left_alone_until_the_next_run",
    ),
    bug(
        "sweep-trusts-its-index",
        "the sweep does not look whether an order is still due",
        Cut(look_after.look_after, ("or order.due is None or order.due > now:", "or False:")),
        stories="an index that lags",
    ),
)
