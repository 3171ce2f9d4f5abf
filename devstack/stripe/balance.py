"""The balance: what moves it, what of it is available, and what is sent to the bank."""

from collections import defaultdict
from dataclasses import replace
from typing import Literal

from devstack.stripe.balance_transaction import BalanceTransaction
from devstack.stripe.charge import Charge
from devstack.stripe.payout import Payout
from devstack.stripe.shelves import NotPossible, Shelves
from devstack.stripe.wire import Json


class Balance(Shelves):
    """Every movement is a balance transaction; a payout gathers those that are available and not yet paid out."""

    def balance(self, *, now: int) -> Json:
        """Return the object as the API tells it."""
        with self._lock:
            sums: dict[bool, dict[str, int]] = {True: defaultdict(int), False: defaultdict(int)}
            for each in self._movements.values():
                sums[each.available_on <= now][each.currency] += each.net
        currencies = sorted({*sums[True], *sums[False]}) or ["eur"]
        available, pending = (
            [
                {"amount": sums[ready][name], "currency": name, "source_types": {"card": sums[ready][name]}}
                for name in currencies
            ]
            for ready in (True, False)
        )
        return {"object": "balance", "available": available, "livemode": False, "pending": pending}

    def pay_out(
        self, *, now: int, currency: str | None = None, status: Literal["paid", "failed"] = "paid"
    ) -> list[Payout]:
        """Send all that is available to the bank: one payout per currency."""
        with self._lock:
            gathered: dict[str, list[BalanceTransaction]] = defaultdict(list)
            for each in self._movements.values():
                if each.payout is None and each.available_on <= now and currency in (None, each.currency):
                    gathered[each.currency].append(each)
            payable = {name: lot for name, lot in gathered.items() if sum(each.net for each in lot) > 0}
            if not payable:
                raise NotPossible("Nothing is available to be paid out.")
            return [self._send(lot, currency=name, now=now, status=status) for name, lot in payable.items()]

    def fail_payout(self, payout_id: str, *, now: int) -> Payout:
        """The bank sent a payout back: its money is on the balance again."""
        with self._lock:
            payout = self.payout(payout_id)
            if payout.status == "failed":
                raise NotPossible(f"{payout_id} failed already.")
            before = self.told(payout, now=now)
            back = self._move(
                now=now,
                amount=payout.amount,
                currency=payout.currency,
                kind="payout_failure",
                category="payout_reversal",
                source=payout.id,
            )
            failed = replace(payout, status="failed", failure_balance_transaction=back.id)
            self._payouts[failed.id] = failed
            self._happened("payout.failed", failed, now=now, before=before)
            return failed

    def _send(
        self, lot: list[BalanceTransaction], *, currency: str, now: int, status: Literal["paid", "failed"]
    ) -> Payout:
        amount = sum(each.net for each in lot)
        payout_id = self.ids("po")
        own = self._move(now=now, amount=-amount, currency=currency, kind="payout", category="payout", source=payout_id)
        for each in (*lot, own):
            self._movements[each.id] = replace(each, payout=payout_id)
        payout = Payout(id=payout_id, created=now, amount=amount, currency=currency, balance_transaction=own.id)
        self._payouts[payout_id] = payout
        if status == "failed":
            return self.fail_payout(payout_id, now=now)
        self._happened("payout.paid", payout, now=now)
        return payout

    def _receive(self, charge: Charge, *, now: int) -> Charge:
        """Bring the money of a charge to the balance, less the fee."""
        movement = self._move(
            now=now,
            amount=charge.amount,
            currency=charge.currency,
            kind="charge" if charge.method == "card" else "payment",
            category="charge",
            source=charge.id,
            description=charge.asked.get("description"),
            fee=self.terms.fee(method=charge.method, amount=charge.amount),
            available_on=now + self.terms.available_after,
        )
        return self._keep_charge(replace(charge, balance_transaction=movement.id))

    def _move(
        self,
        *,
        now: int,
        amount: int,
        currency: str,
        kind: str,
        category: str,
        source: str,
        description: str | None = None,
        fee: int = 0,
        fee_description: str = "Stripe processing fees",
        available_on: int | None = None,
    ) -> BalanceTransaction:
        movement = BalanceTransaction(
            id=self.ids("txn"),
            created=now,
            available_on=now if available_on is None else available_on,
            amount=amount,
            currency=currency,
            type=kind,
            category=category,
            source=source,
            description=description,
            fee=fee,
            fee_description=fee_description,
        )
        self._movements[movement.id] = movement
        return movement
