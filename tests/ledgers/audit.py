"""The audit: Stripe's side and ours, side by side, to the cent; and what hangs on the money with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.day import sum_days
from chalicelib.flows.read_money import read_entries, read_payouts
from tests.ledgers.expected import Expectation, Reported
from tests.ledgers.rows import CONFIRMED, Row, Rows
from tests.ledgers.statement import COLUMNS, DISPUTES, OTHERS, PAYMENTS, PAYOUTS, REFUNDS, Statement
from tests.torture.world import World

_SHOWN = 12
_STATES = {"pending": "pending", "succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
_KINDS = {"payment": PAYMENTS, "refund": REFUNDS, "refund_returned": REFUNDS, "dispute": DISPUTES}
_WAITING = ("pending", "processing")
_SILENT = ("elsewhere", "cancelled")
_FOR_EVER = datetime(2030, 1, 1, tzinfo=UTC)

# Why a mail in the outbox is not sent: it is not true any more, its address bounced, or nobody needs to be asked.
UNSAID = {"cancelled", "suppressed", "subscribed", "asked_today", "unsubscribed", "expired"}


class Audit:
    """What does not agree, in words; `ended`: nobody waits for anything any more; `nowhere`: as of a statement."""

    def __init__(self, world: World, *, ended: bool = False, nowhere: str = "") -> None:
        self._world, self._ended = world, ended
        self.statement, self.rows = Statement(world.stripe.books, nowhere=nowhere), Rows(world.engine)
        self.orders = self.rows.orders()

    def findings(self) -> list[str]:
        world = self._world
        found = [*world.complaints, *world.witness.unexpected]
        for look in (
            *(self._entries, self._totals, self._payments, self._refunds, self._days, self._payouts, self._balance),
            *(self._seats, self._mails, self._wanted_mails, self._differences, self._left),
        ):
            these = list(look())
            found += these[:_SHOWN] + ([f"and {len(these) - _SHOWN} more of these"] if len(these) > _SHOWN else [])
        return found

    def expectation(self) -> Reported:
        world = self._world
        return Expectation(
            books=world.stripe.books,
            statement=self.statement,
            rows=self.rows,
            mailroom=world.mailroom,
            now=world.time(),
        ).reported

    # Money.

    def _entries(self) -> Iterator[str]:
        """Each movement there is one row here: of the same order, amount, fee, moment, kind and payout."""
        here: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows.of("entry"):
            here[row["transaction_id"]].append(row)
        for moved in self.statement.ours:
            rows = here.pop(moved.id, [])
            there = (moved.order_id, moved.column, moved.amount, moved.fee, moved.at, moved.payout_id)
            ours = [_facts(row) for row in rows]
            if ours != [there]:
                yield f"{moved.id} at Stripe {there}, here {ours}"
        yield from [f"{row['id']} of {row['amount_cents']} is not at Stripe" for rows in here.values() for row in rows]

    def _totals(self) -> Iterator[str]:
        sums = self.statement.by_order()
        yield from [
            f"money for an order that is not there: {order_id}" for order_id in sums.keys() - self.orders.keys()
        ]
        for order_id, order in self.orders.items():
            there = (sums[order_id][PAYMENTS], -sums[order_id][REFUNDS], -sums[order_id][DISPUTES])
            here = (order["paid_cents"], order["refunded_cents"], order["disputed_cents"])
            if here != there:
                yield f"{order['code']} {order['state']}: paid, refunded, disputed here {here}, at Stripe {there}"

    def _payments(self) -> Iterator[str]:
        there = {each.payment_intent: (each.id, each.amount) for each in self.statement.charges}
        here = {row["id"]: (row["charge_id"], row["amount_cents"]) for row in self.rows.of("payment")}
        for payment_id in sorted(there.keys() | here.keys()):
            if there.get(payment_id) != here.get(payment_id):
                yield f"{payment_id} at Stripe {there.get(payment_id)}, here {here.get(payment_id)}"

    def _refunds(self) -> Iterator[str]:
        charges = [each.id for each in self.statement.charges]
        made = [refund for charge_id in charges for refund in self.statement.refunds.get(charge_id, ())]
        there = {refund.id: (refund.amount, _STATES[refund.status]) for refund in made}
        rows = self.rows.of("refund")
        here = {row["service_id"]: (row["amount_cents"], row["state"]) for row in rows if row["service_id"]}
        for refund_id in sorted(there.keys() | here.keys()):
            if there.get(refund_id) != here.get(refund_id):
                yield f"{refund_id} at Stripe {there.get(refund_id)}, here {here.get(refund_id)}"
        commands = Counter(refund.asked.get("metadata", {}).get("refund") for refund in made)
        yield from [
            f"{command} was carried out {count} times" for command, count in commands.items() if command and count > 1
        ]

    def _days(self) -> Iterator[str]:
        """The sums of each day, as the product adds them up for the treasurer."""
        entries = read_entries(since=_since(), until=_FOR_EVER, store=self._world.application.store)
        here = {
            each.day: (each.payments_cents, each.refunds_cents, each.disputes_cents, each.fees_cents, each.unknown_fees)
            for each in sum_days(entries)
        }
        there = {day: (*_columns(sums), sums["fees"], 0) for day, sums in self.statement.by_day().items()}
        for day in sorted(here.keys() | there.keys()):
            if here.get(day) != there.get(day):
                yield f"{day}: here {here.get(day)}, at Stripe {there.get(day)}"

    def _payouts(self) -> Iterator[str]:
        payouts = read_payouts(since=_since(), until=_FOR_EVER, store=self._world.application.store)
        here = {
            each.id: (
                *(each.payments_cents, each.refunds_cents, each.disputes_cents),
                *(each.fees_cents, each.others_cents, each.amount_cents),
            )
            for each in payouts
        }
        there = {
            payout_id: (*_columns(sums), sums["fees"], sums[OTHERS], sums["amount"])
            for payout_id, sums in self.statement.by_payout().items()
        }
        for payout_id in sorted(here.keys() | there.keys()):
            if here.get(payout_id) != there.get(payout_id):
                yield f"{payout_id}: here {here.get(payout_id)}, at Stripe {there.get(payout_id)}"

    def _balance(self) -> Iterator[str]:
        """What Stripe holds, others' taken off, is the sum of our rows less fees and payouts."""
        told = self._world.stripe.books.balance(now=self._world.stripe.now())
        held = sum(each["amount"] for kind in ("available", "pending") for each in told[kind])
        others = sum(each.amount - each.fee for each in self.statement.moved if each.column == OTHERS)
        entries = self.rows.of("entry")
        ours = sum(row["amount_cents"] - (row["fee_cents"] or 0) for row in entries)
        if held - others != ours + self.statement.total(PAYOUTS):
            yield f"Stripe holds {held} of which {others} others', the rows come to {ours} less payouts"

    # What hangs on it.

    def _seats(self) -> Iterator[str]:
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for order in self.orders.values():
            for line in order["lines"]:
                for counter in line["counters"]:
                    sums[counter][order["seating"]] += line["quantity"]
        here = {row["counter"]: (row["held"], row["sold"], row["taken"]) for row in self.rows.of("seats")}
        for counter in sorted(sums.keys() | here.keys()):
            held, sold = sums[counter]["held"], sums[counter]["sold"]
            if here.get(counter) != (held, sold, held + sold):
                yield f"{counter}: counted {here.get(counter)}, orders have {held} held and {sold} sold"
        for order in self.orders.values():
            taken = order["seating"] == "sold"
            if order["seating"] != "none" and taken != (order["state"] in CONFIRMED) and order["state"] != "review":
                yield f"{order['code']} is {order['state']}, its seats {order['seating']}"

    def _mails(self) -> Iterator[str]:
        """Each mail once, and none that nobody asked for."""
        sent = Counter(each.email_id for each in self._world.mailroom.sent)
        rows = {row["id"]: row for row in self.rows.of("email")}
        yield from [f"{email_id} was sent {count} times" for email_id, count in sent.items() if count > 1]
        yield from [f"{email_id} was sent without a row" for email_id in sent.keys() - rows.keys()]
        if self._ended:
            unsaid = {row["id"] for row in rows.values() if row["delivery"] == "failed" and row["reason"] in UNSAID}
            missing = rows.keys() - sent.keys() - unsaid
            yield from [f"{email_id} is {rows[email_id]['delivery']} and was not sent" for email_id in missing]

    def _wanted_mails(self) -> Iterator[str]:
        """All that has to be told stands in the outbox, and nothing else."""
        for order_id, order in self.orders.items():
            rows = self.rows.of_order(order_id, "email")
            here = Counter(row["kind"] for row in rows if row["kind"] != "payment_failed")
            told = order["state"] in CONFIRMED or order["state"] == "cancelled"
            wanted = Counter({"confirmation": 1}) if told else Counter[str]()
            for line in order["lines"] if told else ():
                wanted["ticket"] += bool(line["attendee"])
                wanted["welcome"] += line["starts"] == "membership"
            silent = [row["reason"] in _SILENT for row in self.rows.of_order(order_id, "refund")]
            wanted["refund"] += len(silent) - sum(silent)
            # whoever has a ticket at his own address is told of a cancellation too
            here["cancellation"] = min(1, here["cancellation"])
            wanted["cancellation"] += order["state"] == "cancelled"
            if +here != +wanted:
                yield f"{order['code']} is {order['state']}: mails {dict(+here)}, not {dict(+wanted)}"

    def _differences(self) -> Iterator[str]:
        """What is reported is what a person has to see to; nothing else, and nothing of it is missing."""
        found = self._world.application.store.differences()
        here, wanted = {(each.code, each.kind) for each in found}, self.expectation()
        facts = {(each.code, each.kind): dict(each.facts) for each in found}
        yield from [f"reported: {code} {kind.value} {facts[code, kind]}" for code, kind in sorted(here - wanted)]
        yield from [f"not reported: {code} {kind.value}" for code, kind in sorted(wanted - here)]

    def _left(self) -> Iterator[str]:
        """In the end nothing waits."""
        if not self._ended:
            return
        yield from [
            f"{row['code']} is still {row['state']}" for row in self.orders.values() if row["state"] in _WAITING
        ]
        yield from [f"{row['id']} is not made" for row in self.rows.of("refund") if row["state"] == "requested"]
        sessions = [each for each in self._world.stripe.books.sessions() if each.status == "open"]
        ours = [
            each
            for each in sessions
            if each.asked["metadata"].get("app") == "loket" and each.asked["metadata"]["stage"] == "dev"
        ]
        yield from [f"{each.id} can still be paid" for each in ours]


def _facts(row: Row) -> tuple[Any, ...]:
    at = datetime.fromisoformat(row["at"])
    return (row["order_id"], _KINDS[row["kind"]], row["amount_cents"], row["fee_cents"], at, row["payout_id"])


def _columns(sums: Counter[str]) -> tuple[int, ...]:
    return tuple(sums[column] for column in COLUMNS)


def _since() -> datetime:
    return _FOR_EVER - timedelta(days=5 * 366)
