"""Refunds: money given back through the API or the dashboard, and what becomes of it."""

from dataclasses import replace
from typing import Literal

from devstack.stripe.balance import Balance
from devstack.stripe.charge import Charge
from devstack.stripe.dispute import CHARGED_BACK
from devstack.stripe.refund import Refund, Status
from devstack.stripe.shelves import NotPossible
from devstack.stripe.wire import Json, Refused

type Fate = Literal["refund_fails_later", "refund_waits_for_balance"]


class Refunds(Balance):
    """Refunds that are made, arrive, fail or are called off; a charge knows how much of it is given back."""

    def give_back(
        self, charge: Charge, asked: Json, *, now: int, fate: Fate | None = None, fails_in: float = 0
    ) -> Refund:
        """Make a refund of what was asked, or of all that is left; refuse it as Stripe would."""
        with self._lock:
            charge = self.charge(charge.id)
            amount = self._refundable(charge, asked)
            waits = charge.method in self.terms.refunds_wait or fate == "refund_waits_for_balance"
            refund = Refund(
                id=self.ids("re" if charge.method == "card" else "pyr"),
                created=now,
                charge=charge.id,
                payment_intent=charge.payment_intent,
                method=charge.method,
                amount=amount,
                currency=charge.currency,
                status="pending" if waits else "succeeded",
                asked=asked,
            )
            self._of_charge.setdefault(charge.id, []).append(refund.id)
            if fate != "refund_waits_for_balance":
                refund = self._leave(refund, now=now)
            self._refunds[refund.id] = refund
            if fate == "refund_fails_later":
                self._plan("fail", refund.id, at=now + int(fails_in))
            self._happened("refund.created", refund, now=now)
            before = self.told(charge, now=now)
            given = self._keep_charge(replace(charge, refunded_cents=charge.refunded_cents + amount))
            self._happened("charge.refunded", given, now=now, before=before)
            return refund

    def settle_refund(self, refund_id: str, *, now: int) -> Refund:
        """The money arrived at the buyer's bank."""
        with self._lock:
            refund = self._in(refund_id, "pending")
            moved = refund if refund.balance_transaction else self._leave(refund, now=now)
            return self._turned(refund, replace(moved, status="succeeded"), now=now)

    def fail_refund(self, refund_id: str, *, now: int, reason: str = "unknown") -> Refund:
        """The buyer's bank sent the money back, perhaps days after it seemed to have arrived."""
        with self._lock:
            return self._undone(self._in(refund_id, "pending", "succeeded"), status="failed", reason=reason, now=now)

    def cancel_refund(self, refund_id: str, *, now: int) -> Refund:
        """A refund that was under way is called off."""
        with self._lock:
            return self._undone(self._in(refund_id, "pending"), status="canceled", reason="merchant_request", now=now)

    def _refundable(self, charge: Charge, asked: Json) -> int:
        if charge.status != "succeeded":
            raise Refused(
                f"Charge {charge.id} cannot be refunded: it is {charge.status}.", code="charge_not_refundable"
            )
        if any(dispute.status in CHARGED_BACK for dispute in self.disputes_of(charge.id)):
            message = f"Charge {charge.id} has been charged back; cannot issue a refund."
            raise Refused(message, code="charge_disputed")
        if charge.refundable == 0:
            raise Refused(f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
        amount: int = asked.get("amount", charge.refundable)
        if amount > charge.refundable:
            what = "charge amount" if charge.refunded_cents == 0 else "unrefunded amount on charge"
            told, left = (_money(cents, charge.currency) for cents in (amount, charge.refundable))
            raise Refused(f"Refund amount ({told}) is greater than {what} ({left})", param="amount")
        return amount

    def _leave(self, refund: Refund, *, now: int) -> Refund:
        """Take the money off the balance."""
        movement = self._move(
            now=now,
            amount=-refund.amount,
            currency=refund.currency,
            kind="refund" if refund.method == "card" else "payment_refund",
            category="refund",
            source=refund.id,
            description="REFUND FOR PAYMENT",
        )
        return replace(refund, balance_transaction=movement.id)

    def _undone(self, refund: Refund, *, status: Literal["failed", "canceled"], reason: str, now: int) -> Refund:
        """Bring back what had left, and let the charge have less given back."""
        back = None
        if refund.balance_transaction is not None:
            movement = self._move(
                now=now,
                amount=refund.amount,
                currency=refund.currency,
                kind="refund_failure",
                category="refund_failure",
                source=refund.id,
                description="REFUND FAILURE",
            )
            back = movement.id
        charge = self.charge(refund.charge)
        self._keep_charge(replace(charge, refunded_cents=charge.refunded_cents - refund.amount))
        return self._turned(refund, refund.ended(status=status, returned_by=back, reason=reason), now=now)

    def _turned(self, refund: Refund, changed: Refund, *, now: int) -> Refund:
        self._refunds[changed.id] = changed
        before = self.told(refund, now=now)
        kinds = ("refund.updated", "charge.refund.updated") + (("refund.failed",) if changed.status == "failed" else ())
        for kind in kinds:
            self._happened(kind, changed, now=now, before=before)
        return changed

    def _in(self, refund_id: str, *statuses: Status) -> Refund:
        refund = self.refund(refund_id)
        if refund.status not in statuses:
            raise NotPossible(f"{refund_id} is {refund.status}.")
        return refund


def _money(cents: int, currency: str) -> str:
    signs = {"eur": "€", "gbp": "£", "usd": "$"}
    return f"{signs.get(currency, currency.upper() + ' ')}{cents / 100:,.2f}"
