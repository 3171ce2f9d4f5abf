"""Compare the payment service's books with the ledgers: each transaction of its balance, and each payout."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.difference import DifferenceKind
from chalicelib.domain.error import Changed
from chalicelib.domain.ledger import Entry
from chalicelib.domain.payout import PaidOut, Payout, Transaction, TransactionKind
from chalicelib.flows.keep_ledger import stage_ledger
from chalicelib.flows.report_differences import Differences
from chalicelib.flows.settle_payment import settle_payment
from chalicelib.ports import PaymentBooks, PaymentGateway, Queue, Store

# How long the payment service may take to write in its books what has moved.
BOOKED_WITHIN = timedelta(days=1)


def match_transaction(
    transaction: Transaction,
    *,
    store: Store,
    gateway: PaymentGateway,
    emails: Queue,
    differences: Differences,
    now: datetime,
) -> bool:
    """Give the entry that a transaction is its fee and its moment there; whether anything was changed.

    What is not booked here is asked for and applied first; what then still is not, or differs, is reported. A payment
    that no order here has is reported as such, and with it all that became of it.
    """
    entry, repaired, session = _entry_of(transaction, store=store), False, None
    if entry is None:
        session = gateway.find(transaction.payment_id) if transaction.payment_id else None
        if session is not None:
            settle_payment(session, store=store, emails=emails, now=now)
        entry = _entry_of(transaction, store=store)
        repaired = entry is not None
    facts = {"amount": str(transaction.amount_cents), "kind": transaction.kind.value, "transaction": transaction.id}
    found = {}
    if entry is None:
        # of a payment that no order has, its session is reported
        if session is None or store.ledger(transaction.order_id).payment(transaction.payment_id):
            found[DifferenceKind.TRANSACTION_NOT_BOOKED] = facts
    elif (entry.amount_cents, entry.currency) != (transaction.amount_cents, transaction.currency):
        found[DifferenceKind.TRANSACTION_AMOUNT] = facts | {"here": str(entry.amount_cents)}
    else:
        _keep(entry, transaction, store=store)
    order = store.unit_of_work().orders.get(transaction.order_id)
    differences.report(
        f"{transaction.order_id}/{transaction.id}",
        code=order.code if order else "",
        checked=(DifferenceKind.TRANSACTION_NOT_BOOKED, DifferenceKind.TRANSACTION_AMOUNT),
        found=found,
    )
    return repaired


def look_at_entry(entry_key: str, *, store: Store, differences: Differences, now: datetime) -> None:
    """Report an entry that the payment service's books ought to know by now, and do not."""
    entry = store.unit_of_work().entries.get(entry_key)
    if entry is None:
        return  # the index lags behind
    unknown = not entry.transaction_id and now - max(entry.at, entry.booked_at) > BOOKED_WITHIN
    order = store.unit_of_work().orders.get(entry.order_id)
    differences.report(
        f"{entry.order_id}/{entry.id}",
        code=order.code if order else "",
        checked=(DifferenceKind.ENTRY_UNKNOWN_THERE,),
        found={DifferenceKind.ENTRY_UNKNOWN_THERE: {"amount": str(entry.amount_cents), "kind": entry.kind.value}}
        if unknown
        else {},
    )


def forget_entries(*, store: Store, differences: Differences) -> None:
    """Report nothing any more of entries that were there and are gone: nobody comes by them again."""
    kind = DifferenceKind.ENTRY_UNKNOWN_THERE
    for known in store.differences():
        if known.kind is kind and store.unit_of_work().entries.get(known.subject.replace("/", "#", 1)) is None:
            differences.report(known.subject, code=known.code, checked=(kind,), found={})


def compare_payout(paid_out: PaidOut, *, store: Store, books: PaymentBooks, differences: Differences) -> Payout:
    """Keep what a payout is made of, mark its entries with it, and report when its parts are not its sum."""
    transactions, rest = list[Transaction](), ""
    while True:
        page = books.transactions_of(paid_out.id, rest=rest)
        transactions += page.items
        rest = page.rest
        if not rest:
            break
    ours = [transaction for transaction in transactions if transaction.entry_id and transaction.order_id]
    for transaction in ours:
        entry = _entry_of(transaction, store=store)
        if entry is not None and entry.payout_id != paid_out.id:
            _keep(entry, transaction, payout_id=paid_out.id, store=store)
    payout = _payout(paid_out, transactions=transactions, ours=ours)
    unit = store.unit_of_work()
    unit.payouts.keep(payout)
    unit.commit()
    astray = payout.sum_cents != payout.amount_cents and paid_out.status != "failed"
    facts = {"amount": str(payout.amount_cents), "sum": str(payout.sum_cents)}
    differences.report(
        payout.id,
        code=payout.id,
        checked=(DifferenceKind.PAYOUT_SUM,),
        found={DifferenceKind.PAYOUT_SUM: facts} if astray else {},
    )
    return payout


def _payout(paid_out: PaidOut, *, transactions: list[Transaction], ours: list[Transaction]) -> Payout:
    def of(*kinds: TransactionKind) -> int:
        return sum(transaction.amount_cents for transaction in ours if transaction.kind in kinds)

    others = [each for each in transactions if not (each.entry_id and each.order_id)]
    return Payout(
        id=paid_out.id,
        amount_cents=paid_out.amount_cents,
        currency=paid_out.currency,
        status=paid_out.status,
        arrives_on=paid_out.arrives_on,
        made_at=paid_out.made_at,
        payments_cents=of(TransactionKind.PAYMENT),
        refunds_cents=of(TransactionKind.REFUND, TransactionKind.REFUND_RETURNED),
        disputes_cents=of(TransactionKind.DISPUTE),
        fees_cents=sum(transaction.fee_cents for transaction in ours),
        others_cents=sum(transaction.net_cents for transaction in others),
    )


def _entry_of(transaction: Transaction, *, store: Store) -> Entry | None:
    return store.unit_of_work().entries.get(f"{transaction.order_id}#{transaction.entry_id}")


def _keep(entry: Entry, transaction: Transaction, *, payout_id: str = "", store: Store) -> None:
    """Write what the service's books say of an entry, unless that is known; whatever else it says stays as it is."""
    for _ in range(5):
        unit, ledger = store.unit_of_work(), store.ledger(entry.order_id)
        order, current = unit.orders.get(entry.order_id), ledger.entry(entry.id)
        if order is None or current is None:
            return
        told = replace(
            current,
            transaction_id=transaction.id,
            fee_cents=transaction.fee_cents,
            at=transaction.at,
            payout_id=payout_id or current.payout_id,
        )
        after = ledger.with_entry(told)
        if after == ledger:
            return
        stage_ledger(after, before=ledger, unit=unit)
        unit.orders.update(order)
        try:
            unit.commit()
        except Changed:
            continue
        return
