"""Sessions that were paid, and what became of their payments, as the domain's tests need them."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.checkout import CheckoutSession, Outcome
from chalicelib.domain.dispute import DisputeNews, Movement
from chalicelib.domain.refund import RefundNews, RefundState
from tests.domain.order_samples import NOW, session

PAID_AT = NOW - timedelta(minutes=2)


def paid(number: int = 1, cents: int = 50_000, **changes: object) -> CheckoutSession:
    """A session with its payment, of which nothing became yet."""
    changes = {"charged_at": PAID_AT, "charge_id": f"ch_{number}"} | changes
    return session(Outcome.PAID, id=f"cs_{number}", payment_id=f"pi_{number}", amount_cents=cents, **changes)


def went_back(name: str, cents: int, state: RefundState = RefundState.SUCCEEDED, *, command: str = "") -> RefundNews:
    """A refund as the service tells of it."""
    return RefundNews(
        id=name,
        command=command,
        amount_cents=cents,
        state=state,
        created_at=NOW,
        moved_at=NOW,
        returned_at=NOW + timedelta(days=9) if state is RefundState.FAILED else None,
        trouble="declined" if state is RefundState.FAILED else "",
    )


def disputed(
    cents: int, *, status: str = "needs_response", name: str = "dp_1", movements: tuple[Movement, ...] | None = None
) -> DisputeNews:
    """A dispute that has taken the money, and given it back when it was won."""
    taken, back = moved(f"txn_{name}", -cents, fee_cents=2_000), moved(f"txn_{name}_back", cents)
    usual = () if status.startswith("warning") else (taken, back) if status == "won" else (taken,)
    return DisputeNews(
        id=name,
        amount_cents=cents,
        reason="fraudulent",
        status=status,
        closed=status in ("won", "lost", "warning_closed"),
        created_at=NOW,
        movements=usual if movements is None else movements,
    )


def moved(name: str, cents: int, *, fee_cents: int = 0, at: datetime = NOW) -> Movement:
    return Movement(id=name, amount_cents=cents, fee_cents=fee_cents, at=at)


def with_refunds(told: CheckoutSession, *news: RefundNews) -> CheckoutSession:
    return replace(told, refunds=news)


def with_disputes(told: CheckoutSession, *news: DisputeNews) -> CheckoutSession:
    return replace(told, disputes=news)
