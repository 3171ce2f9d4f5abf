"""The judge: what must hold in the end, in the table, at Stripe and in the mailbox alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chalicelib.domain.email import Delivery
from chalicelib.domain.refund import RefundState
from tests.killed.table import Books
from tests.killed.world import World
from tests.torture.books import WAITING
from tests.torture.moment import Moment

_PAID_OUT = "payout"


def violations(world: World) -> list[str]:
    """All that is wrong with a world in the end."""
    books = world.books()
    return [
        *world.complaints,
        *books.faults(),
        *Moment().seats(books),
        *_stuck(books),
        *_money(world, books),
        *_once(world, books),
        *_mails(world, books),
    ]


def second_mails(world: World) -> int:
    """How many mails went a second time."""
    return sum(count - 1 for count in world.mails().values())


def _stuck(books: Books) -> Iterator[str]:
    for order in books.orders:
        if order.state in WAITING:
            yield f"order {order.code} is {order.state.value} for ever"
        for refund in books.ledgers[order.id].refunds:
            if refund.state in (RefundState.REQUESTED, RefundState.FAILED):
                yield f"order {order.code}: a refund of {refund.amount_cents} is {refund.state.value}"
    yield from [f"{name}: {count.held} held for ever" for name, count in books.counts.items() if count.held]


def _money(world: World, books: Books) -> Iterator[str]:
    """Each order's ledger is what moved on Stripe's balance because of it, to the cent, and so is all of it."""
    stripe, moved = world.stripe.books, Counter[str]()
    for each in stripe.balance_transactions():
        moved[each.source] += each.amount
    for order in books.orders:
        charges = [each for each in stripe.charges() if each.asked["metadata"]["order"] == order.id]
        refunds = [refund for each in charges for refund in stripe.refunds_of(each.id)]
        disputes = [dispute for each in charges for dispute in stripe.disputes_of(each.id)]
        there = (
            sum(moved[each.id] for each in charges),
            -sum(moved[each.id] for each in refunds),
            -sum(moved[each.id] for each in disputes),
        )
        here = (order.paid_cents, order.refunded_cents, order.disputed_cents)
        if here != there:
            yield f"order {order.code}: paid, refunded, disputed {here}, at Stripe {there}"
        if {each.payment_intent for each in charges} != {each.id for each in books.ledgers[order.id].payments}:
            yield f"order {order.code}: payments are not those at Stripe"
        if {each.id for each in refunds} != {each.service_id for each in books.ledgers[order.id].refunds}:
            yield f"order {order.code}: refunds are not those at Stripe"
    entered = sum(entry.amount_cents for ledger in books.ledgers.values() for entry in ledger.entries)
    balance = sum(each.amount for each in stripe.balance_transactions() if each.category != _PAID_OUT)
    if entered != balance:
        yield f"{entered} in the ledgers, {balance} on Stripe's balance"


def _once(world: World, books: Books) -> Iterator[str]:
    """Nobody is charged twice, nothing is refunded twice, and nothing can be paid any more."""
    stripe = world.stripe.books
    for order_id, count in Counter(each.asked["metadata"]["order"] for each in stripe.charges()).items():
        if count > 1:
            yield f"order {order_id[:8]} was charged {count} times"
    asked = {refund.id: refund for ledger in books.ledgers.values() for refund in ledger.refunds}
    made = Counter(each.asked.get("metadata", {}).get("refund", "") for each in stripe.refunds())
    del made[""]
    for command, count in made.items():
        if command not in asked or count > 1:
            yield f"refund {command[:20]} was made {count} times"
    yield from [f"session {each.id[:12]} can be paid" for each in stripe.sessions() if each.status == "open"]


def _mails(world: World, books: Books) -> Iterator[str]:
    """Each mail went once; twice only if its sender died when it had gone, and nobody told of it."""
    sent = world.mails()
    excused = world.place is not None and world.place.in_send_window and not world.tells_of_mail
    done = (Delivery.DELIVERED,) if world.tells_of_mail else (Delivery.SENT,)
    for email in books.emails:
        if email.delivery not in done and not (email.delivery is Delivery.FAILED and email.reason == "cancelled"):
            yield f"email {email.kind} is {email.delivery.value} ({email.reason})"
        if email.delivery in done and sent[email.id] != 1 and not (excused and sent[email.id] == 2):
            yield f"{sent[email.id]} × {email.kind}"
    if sum(count - 1 for count in sent.values()) > 1:
        yield f"more than one mail went twice: {sorted(sent.values())}"
    yield from [f"sent without a row: {each[:20]}" for each in set(sent) - {email.id for email in books.emails}]
