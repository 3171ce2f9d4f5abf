"""The payment service's books in memory: the other side of the fake gateway."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain.checkout import CheckoutSession
from chalicelib.domain.page import Page
from chalicelib.domain.payout import PaidOut, Transaction, TransactionKind
from tests.fakes.gateway import FakeGateway


@dataclass(kw_only=True)
class FakeBooks:
    """Tells in small pages what the gateway did; `failures` are raised by the next calls."""

    gateway: FakeGateway
    page: int = 100
    paid_out: list[PaidOut] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)

    def sessions(self, *, since: datetime, until: datetime, rest: str) -> Page[CheckoutSession]:
        self._fail()
        found = [each.session for each in self.gateway.newest() if since <= each.created_at <= until]
        return self._page([(each.id, each) for each in found], rest)

    def refunded(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        self._fail()
        found = [
            (refund.created_at, refund.id, each.session.payment_id)
            for each in self.gateway.newest()
            for refund in each.session.refunds
        ]
        return self._moved(found, since=since, until=until, rest=rest)

    def disputed(self, *, since: datetime, until: datetime, rest: str) -> Page[str]:
        self._fail()
        found = [
            (dispute.created_at, dispute.id, each.session.payment_id)
            for each in self.gateway.newest()
            for dispute in each.session.disputes
        ]
        return self._moved(found, since=since, until=until, rest=rest)

    def transactions(self, *, since: datetime, until: datetime, rest: str) -> Page[Transaction]:
        self._fail()
        found = [each for each in reversed(self.gateway.transactions) if since <= each.at <= until]
        return self._page([(each.id, each) for each in found], rest)

    def payouts(self, *, since: datetime, until: datetime, rest: str) -> Page[PaidOut]:
        self._fail()
        found = [each for each in reversed(self.paid_out) if since <= each.made_at <= until]
        return self._page([(each.id, each) for each in found], rest)

    def transactions_of(self, payout_id: str, *, rest: str) -> Page[Transaction]:
        self._fail()
        parts = self.parts[payout_id]
        found = [each for each in reversed(self.gateway.transactions) if each.id in parts]
        return self._page([(each.id, each) for each in found], rest)

    # What the service does by itself.

    def pay_out(self) -> PaidOut:
        """Send all that came in since the last time to the bank."""
        gone = {part for parts in self.parts.values() for part in parts}
        transactions = self.gateway.transactions
        due = [each for each in transactions if each.kind is not TransactionKind.PAYOUT and each.id not in gone]
        assert due, "nothing to pay out"
        now = self.gateway.clock()
        payout = PaidOut(
            id=f"po_{len(self.paid_out) + 1}",
            amount_cents=sum(each.net_cents for each in due),
            currency=due[0].currency,
            status="paid",
            arrives_on=now.date(),
            made_at=now,
        )
        self.paid_out.append(payout)
        self.parts[payout.id] = [each.id for each in due]
        self._of_no_order(TransactionKind.PAYOUT, payout.id, cents=-payout.amount_cents)
        return payout

    def move(self, cents: int, *, fee_cents: int = 0) -> Transaction:
        """Something of the account that has to do with no order."""
        return self._of_no_order(TransactionKind.OTHER, "", cents=cents, fee_cents=fee_cents)

    def change(self, transaction_id: str, **changes: object) -> Transaction:
        """Let the books say something else of a transaction than what happened."""
        [place] = [at for at, each in enumerate(self.gateway.transactions) if each.id == transaction_id]
        changed = replace(self.gateway.transactions[place], **changes)  # type: ignore[arg-type]  # checked by replace
        self.gateway.transactions[place] = changed
        return changed

    def _of_no_order(self, kind: TransactionKind, source_id: str, *, cents: int, fee_cents: int = 0) -> Transaction:
        moved = Transaction(
            id=f"txn_{len(self.gateway.transactions) + 1}",
            kind=kind,
            order_id="",
            payment_id="",
            source_id=source_id,
            amount_cents=cents,
            fee_cents=fee_cents,
            currency="EUR",
            at=self.gateway.clock(),
        )
        self.gateway.transactions.append(moved)
        return moved

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    def _moved(
        self, found: Iterable[tuple[datetime, str, str]], *, since: datetime, until: datetime, rest: str
    ) -> Page[str]:
        newest = sorted((each for each in found if since <= each[0] <= until), key=lambda each: each[0], reverse=True)
        page = self._page([(moved_id, payment_id) for _, moved_id, payment_id in newest], rest)
        return Page(list(dict.fromkeys(page.items)), page.rest)

    def _page[Item](self, found: Sequence[tuple[str, Item]], rest: str) -> Page[Item]:
        ids = [each_id for each_id, _ in found]
        begin = ids.index(rest) + 1 if rest else 0
        page = found[begin : begin + self.page]
        more = begin + len(page) < len(found)
        return Page([item for _, item in page], page[-1][0] if more else "")
