"""Read the money of a period: its entries and its payouts, as they lie in the table."""

from collections.abc import Callable, Iterator
from datetime import datetime

from chalicelib.domain.ledger import Entry
from chalicelib.domain.page import Page
from chalicelib.domain.payout import Payout
from chalicelib.ports import Store

PAGE = 200


def read_entries(*, since: datetime, until: datetime, store: Store) -> Iterator[Entry]:
    """The entries of a period, oldest first. Raises StorageUnavailable."""
    for key in _all(store.entries_made, since=since, until=until):
        entry = store.unit_of_work().entries.get(key)
        if entry is not None:
            yield entry


def read_payouts(*, since: datetime, until: datetime, store: Store) -> Iterator[Payout]:
    """The payouts of a period, oldest first. Raises StorageUnavailable."""
    for payout_id in _all(store.payouts_made, since=since, until=until):
        payout = store.unit_of_work().payouts.get(payout_id)
        if payout is not None:
            yield payout


def _all(ask: Callable[..., Page[str]], *, since: datetime, until: datetime) -> Iterator[str]:
    rest = ""
    while True:
        page = ask(since=since, until=until, rest=rest, limit=PAGE)
        yield from page.items
        rest = page.rest
        if not rest:
            return
