"""A ledger: put together from the items that lie with its order."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.domain.ledger import Ledger

LEDGER: tuple[Record[Any], ...] = (records.PAYMENT, records.REFUND, records.DISPUTE, records.ENTRY)
BY_KIND = {record.kind: record for record in LEDGER}


def read_ledger(items: Iterable[Mapping[str, Any]]) -> Ledger:
    """The ledger of what among these items is money; whatever else lies there is passed over."""
    nouns: dict[str, list[Any]] = {kind: [] for kind in BY_KIND}
    for item in items:
        kind = item["record"]["S"]
        if kind in BY_KIND:
            nouns[kind].append(BY_KIND[kind].read(item))
    return Ledger(
        payments=tuple(sorted(nouns[records.PAYMENT.kind], key=lambda payment: payment.booked_at)),
        refunds=tuple(nouns[records.REFUND.kind]),
        disputes=tuple(nouns[records.DISPUTE.kind]),
        entries=tuple(nouns[records.ENTRY.kind]),
    )
