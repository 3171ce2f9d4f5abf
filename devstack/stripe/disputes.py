"""Disputes: what the buyer's bank asks, takes and gives back."""

from dataclasses import replace
from typing import Literal

from devstack.stripe.balance import Balance
from devstack.stripe.dispute import CLOSED, Dispute, Opening, Status
from devstack.stripe.shelves import NotPossible
from devstack.stripe.wire import Json

type Closing = Literal["won", "lost", "warning_closed"]

_ANSWERED: dict[Status, Status] = {
    "needs_response": "under_review",
    "warning_needs_response": "warning_under_review",
}


class Disputes(Balance):
    """Disputes that are opened, answered and decided; only a real one moves money, an inquiry does not."""

    def open_dispute(
        self,
        charge_id: str,
        *,
        now: int,
        amount: int | None = None,
        reason: str = "fraudulent",
        status: Opening = "needs_response",
    ) -> Dispute:
        """The buyer disputes a charge, all of what is left of it or a part."""
        with self._lock:
            charge = self.charge(charge_id)
            most = charge.refundable
            if charge.status != "succeeded" or not 1 <= (most if amount is None else amount) <= most:
                raise NotPossible(f"{charge_id} is {charge.status} and has {most} cents to dispute.")
            if any(each.status not in ("won", "warning_closed") for each in self.disputes_of(charge_id)):
                raise NotPossible(f"{charge_id} is disputed already.")
            dispute = Dispute(
                id=self.ids("du"),
                created=now,
                charge=charge.id,
                payment_intent=charge.payment_intent,
                method=charge.method,
                amount=most if amount is None else amount,
                currency=charge.currency,
                reason=reason,
                status=status,
            )
            self._disputes[dispute.id] = dispute
            self._of_charge.setdefault(charge.id, []).append(dispute.id)
            self._keep_charge(replace(charge, disputed=True))
            if status == "warning_needs_response":
                return self._kept(dispute, "charge.dispute.created", now=now)
            withdrawn = self._withdraw(dispute, now=now)
            self._kept(withdrawn, "charge.dispute.created", now=now)
            return self._kept(withdrawn, "charge.dispute.funds_withdrawn", now=now)

    def answer_dispute(self, dispute_id: str, *, now: int) -> Dispute:
        """Evidence was sent in; now the bank looks at it."""
        with self._lock:
            dispute = self._undecided(dispute_id)
            if dispute.status not in _ANSWERED:
                raise NotPossible(f"{dispute_id} is {dispute.status}.")
            before = self.told(dispute, now=now)
            answered = replace(dispute, status=_ANSWERED[dispute.status])
            return self._kept(answered, "charge.dispute.updated", now=now, before=before)

    def escalate_dispute(self, dispute_id: str, *, now: int) -> Dispute:
        """An inquiry became a real dispute, and the money is withdrawn."""
        with self._lock:
            dispute = self._undecided(dispute_id)
            if not dispute.status.startswith("warning"):
                raise NotPossible(f"{dispute_id} is {dispute.status}.")
            before = self.told(dispute, now=now)
            amount = min(dispute.amount, self.charge(dispute.charge).refundable)
            if amount == 0:
                raise NotPossible(f"{dispute.charge} was given back in full.")
            withdrawn = self._withdraw(replace(dispute, status="needs_response", amount=amount), now=now)
            self._kept(withdrawn, "charge.dispute.updated", now=now, before=before)
            return self._kept(withdrawn, "charge.dispute.funds_withdrawn", now=now)

    def close_dispute(self, dispute_id: str, *, now: int, status: Closing) -> Dispute:
        """The bank decided; what was won comes back to the balance."""
        with self._lock:
            dispute = self._undecided(dispute_id)
            if dispute.status.startswith("warning") is not (status == "warning_closed"):
                raise NotPossible(f"{dispute_id} is {dispute.status}, it cannot become {status}.")
            before = self.told(dispute, now=now)
            closed = replace(dispute, status=status)
            if status != "won":
                return self._kept(closed, "charge.dispute.closed", now=now, before=before)
            won = self._reinstate(closed, now=now)
            self._kept(won, "charge.dispute.closed", now=now, before=before)
            return self._kept(won, "charge.dispute.funds_reinstated", now=now)

    def _withdraw(self, dispute: Dispute, *, now: int) -> Dispute:
        movement = self._move(
            now=now,
            amount=-dispute.amount,
            currency=dispute.currency,
            kind="adjustment",
            category="dispute",
            source=dispute.id,
            description=f"Chargeback withdrawal for {dispute.charge}",
            fee=self.terms.dispute_fee,
            fee_description="Dispute fee",
        )
        return replace(dispute, balance_transactions=(*dispute.balance_transactions, movement.id))

    def _reinstate(self, dispute: Dispute, *, now: int) -> Dispute:
        movement = self._move(
            now=now,
            amount=dispute.amount,
            currency=dispute.currency,
            kind="adjustment",
            category="dispute_reversal",
            source=dispute.id,
            description=f"Chargeback reversal for {dispute.charge}",
            fee=-self.terms.dispute_fee if self.terms.dispute_fee_returned else 0,
            fee_description="Dispute fee refund",
        )
        return replace(dispute, balance_transactions=(*dispute.balance_transactions, movement.id))

    def _undecided(self, dispute_id: str) -> Dispute:
        dispute = self.dispute(dispute_id)
        if dispute.status in CLOSED:
            raise NotPossible(f"{dispute_id} is closed: {dispute.status}.")
        return dispute

    def _kept(self, dispute: Dispute, event: str, *, now: int, before: Json | None = None) -> Dispute:
        self._disputes[dispute.id] = dispute
        self._happened(event, dispute, now=now, before=before)
        return dispute
