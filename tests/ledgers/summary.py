"""The summary of a season: what happened how often, and the sums on both sides, in euros."""

from __future__ import annotations

from collections import Counter

from tests.ledgers.audit import Audit
from tests.ledgers.season import Season
from tests.ledgers.statement import DISPUTES, OTHERS, PAYMENTS, PAYOUTS, REFUNDS

_KINDS = {"payment": PAYMENTS, "refund": REFUNDS, "refund_returned": REFUNDS, "dispute": DISPUTES}


def summary(season: Season) -> str:
    """The table that is printed."""
    audit = Audit(season.world)
    states = Counter(order["state"] for order in audit.orders.values())
    mails = len(season.world.mailroom.sent)
    lines = [f"Season {season.seed}: {len(audit.orders):,} orders, {mails:,} mails, {season.audited} audits"]
    lines += ["", *(_counted(what, count) for what, count in sorted(season.happened.items()))]
    lines += ["", *(_counted(f"orders {state}", count) for state, count in sorted(states.items()))]
    lines += ["", f"{'':24}{'here':>18}{'at Stripe':>18}"]
    lines += [_sums(name, here, there) for name, here, there in _columns(audit)]
    outside = {
        "payouts": audit.statement.total(PAYOUTS),
        "others' in the account": sum(
            each.amount - each.fee for each in audit.statement.moved if each.column == OTHERS
        ),
    }
    lines += [f"{name:24}{'':18}{_euros(cents):>18}" for name, cents in outside.items()]
    return "\n".join([*lines, "", f"{season.seconds:,.0f} seconds of one core"])


def _columns(audit: Audit) -> list[tuple[str, int, int]]:
    entries = audit.rows.of("entry")
    here = Counter[str]()
    for row in entries:
        here[_KINDS[row["kind"]]] += row["amount_cents"]
        here["fees"] += row["fee_cents"] or 0
    there = Counter({name: audit.statement.total(name) for name in (PAYMENTS, REFUNDS, DISPUTES)})
    there["fees"] = sum(each.fee for each in audit.statement.ours)
    return [(name, here[name], there[name]) for name in (PAYMENTS, REFUNDS, DISPUTES, "fees")]


def _counted(what: str, count: int) -> str:
    return f"{what:34}{count:>8,}"


def _sums(name: str, here: int, there: int) -> str:
    return f"{name:24}{_euros(here):>18}{_euros(there):>18}"


def _euros(cents: int) -> str:
    return f"{cents / 100:,.2f}"
