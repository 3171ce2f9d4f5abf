"""The report: tables in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bench.cost.acts import Measured
from bench.cost.assumptions import (
    ATTENDEES,
    LIST_EUROS,
    MEMBER_EUROS,
    PRETIX_MOST_EUROS,
    PRETIX_SHARE,
    VAT,
    Act,
)
from bench.cost.months import Month
from bench.cost.prices import Price, bill
from bench.cost.usage import Unit, Usage

FOR_EACH = "… and for each order that it looks at"
# What is counted of an act, with how it is written.
COUNTED: Mapping[str, Callable[[Usage], str]] = {
    "API requests": lambda usage: f"{usage[Unit.API_REQUESTS]:.0f}",
    "Lambda runs": lambda usage: f"{usage[Unit.LAMBDA_REQUESTS]:.0f}",
    "GB-s": lambda usage: f"{usage[Unit.LAMBDA_GB_SECONDS]:.1f}",
    "read units": lambda usage: f"{usage[Unit.READ_UNITS]:.1f}",
    "write units": lambda usage: f"{usage[Unit.WRITE_UNITS]:.0f}",
    "SQS": lambda usage: f"{usage[Unit.SQS_REQUESTS]:.0f}",
    "SNS": lambda usage: f"{usage[Unit.SNS_PUBLISHES]:.0f}",
    "mails": lambda usage: f"{usage[Unit.MAILS]:.0f}",
    "log, kB": lambda usage: f"{usage[Unit.LOG_GB] * 2**20:.1f}",
    "out, kB": lambda usage: f"{usage[Unit.OUT_GB] * 2**20:.1f}",
}


def monthly(months: Sequence[Month], prices: Mapping[Unit, Price], *, rate: float, always_free: bool) -> str:
    """Euros by service, the total, and that total for each who registered."""
    bills = [bill(month.usage, prices, always_free=always_free) for month in months]
    rows = [[service, *(_euros(each[service] * rate) for each in bills)] for service in bills[0]]
    totals = [sum(each.values()) * rate for each in bills]
    rows.append(["**total**", *(f"**{total:.2f}**" for total in totals)])
    shared = [(total, month.registered) for total, month in zip(totals, months, strict=True)]
    rows.append(["people who registered", *(str(registered or "") for _, registered in shared)])
    rows.append(
        ["for each of them", *(_euros(total / registered) if registered else "" for total, registered in shared)]
    )
    return table(["€", *(month.name for month in months)], rows)


def amounts(months: Sequence[Month], prices: Mapping[Unit, Price]) -> str:
    """How much is used of each unit, beside its price."""
    rows = [
        [
            unit.value.replace("_", " "),
            *(_amount(month.usage[unit]) for month in months),
            f"${price.usd:.10g} / {price.per:,}",
            f"{price.free:,}" if price.free else "",
        ]
        for unit, price in prices.items()
    ]
    return table(["used", *(month.name for month in months), "price", "always free"], rows)


def acts(measured: Measured, prices: Mapping[Unit, Price], *, rate: float) -> str:
    """What is counted of each act, and what one of them costs by the list."""
    rows = []
    for act in Act:
        usage = measured.acts[act]
        cents = sum(bill(usage, prices, always_free=False).values()) * rate * 100
        rows.append([act.value, *(write(usage) for write in COUNTED.values()), f"{cents:.3f}"])
    return table(["act", *COUNTED, "€ cent"], rows)


def upkeep(measured: Measured) -> str:
    """What the schedules do by themselves."""
    kept = measured.upkeep
    lines = [
        ("a minute: sweep", kept.sweep),
        ("a minute: newsletter, nothing due", kept.newsletter),
        ("ten minutes: reconcile, nothing due", kept.reconcile),
        ("an hour: retention, nothing due", kept.retain),
        ("a day: retention", kept.retention),
        (FOR_EACH, kept.retention_of_order),
    ]
    for window, usage in kept.rounds.items():
        lines += [(f"a round of reconciliation: {window.value.replace('_', ' ')}", usage)]
        lines += [(FOR_EACH, kept.round_of_order[window])]
    columns = {
        "GB-s": Unit.LAMBDA_GB_SECONDS,
        "read units": Unit.READ_UNITS,
        "write units": Unit.WRITE_UNITS,
        "SQS": Unit.SQS_REQUESTS,
    }
    rows = [[name, *(f"{usage[unit]:.2f}" for unit in columns.values())] for name, usage in lines]
    return table(["the schedules", *columns], rows)


def comparison(months: Sequence[Month], prices: Mapping[Unit, Price], *, rate: float) -> str:
    """What such a congress costs here, and at pretix Hosted."""
    normal, congress = months[2:4]
    dearer = {
        free: sum(bill(congress.usage, prices, always_free=free).values())
        - sum(bill(normal.usage, prices, always_free=free).values())
        for free in (True, False)
    }
    rows = [
        [f"Loket: what {ATTENDEES} attendees add to a normal month", f"{dearer[True] * rate:.2f}"],
        ["the same without the always-free parts", f"{dearer[False] * rate:.2f}"],
    ]
    for who, price in (("members", MEMBER_EUROS), ("non-members", LIST_EUROS)):
        for note, net in (("", price), (f", of which {VAT:.0%} VAT", price / (1 + VAT))):
            fee = ATTENDEES * min(PRETIX_MOST_EUROS, PRETIX_SHARE * net)
            rows.append([f"pretix Hosted: {ATTENDEES} {who} at € {price}{note}", f"{fee:,.0f}"])
    return table(["a congress", "€"], rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; figures stand to the right."""
    ruled = ["---", *("--:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruled, *rows))


def _euros(amount: float) -> str:
    return "0" if not amount else "<0.001" if amount < 0.0005 else f"{amount:.3f}"


def _amount(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 100 or amount == int(amount) else f"{amount:.3f}"
