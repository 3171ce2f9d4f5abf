"""One noun of each kind that the money of an order leaves, and of the payment service's books beside it."""

from dataclasses import replace
from datetime import date, timedelta

from chalicelib.domain.difference import Difference, DifferenceKind
from chalicelib.domain.dispute import Dispute
from chalicelib.domain.email import Email, EmailKind
from chalicelib.domain.ledger import Entry, EntryKind
from chalicelib.domain.payout import Payout
from chalicelib.domain.reconciliation import Phase, Round, Window
from chalicelib.domain.refund import Refund, RefundReason, RefundState
from tests.adapters.samples import EMAIL, ID, NOW, PAYMENT

REFUND = Refund(
    id=f"a-form-key-{PAYMENT.id}",
    order_id=ID,
    payment_id=PAYMENT.id,
    amount_cents=12_500,
    currency="EUR",
    reason=RefundReason.STAFF,
    state=RefundState.REQUESTED,
    service_id="",
    attempt=2,
    tries=1,
    due=NOW + timedelta(days=2, minutes=3),
    requested_at=NOW + timedelta(days=2),
    by="tessa",
    trouble="PaymentUnknown",
)
REFUND_ELSEWHERE = replace(
    REFUND,
    id="re_3QabcDEF",
    reason=RefundReason.ELSEWHERE,
    state=RefundState.FAILED,
    service_id="re_3QabcDEF",
    attempt=1,
    tries=0,
    due=None,
    by="",
    trouble="declined",
)
DISPUTE = Dispute(
    id="dp_1QabcDEF",
    order_id=ID,
    payment_id=PAYMENT.id,
    amount_cents=50_000,
    currency="EUR",
    reason="fraudulent",
    status="needs_response",
    closed=False,
    created_at=NOW + timedelta(days=20),
)
ENTRY = Entry(
    id=f"payment-{PAYMENT.charge_id}",
    order_id=ID,
    payment_id=PAYMENT.id,
    kind=EntryKind.PAYMENT,
    source_id=PAYMENT.charge_id,
    amount_cents=50_000,
    currency="EUR",
    at=NOW + timedelta(minutes=3, microseconds=250_000),
    booked_at=NOW + timedelta(minutes=4),
)
# The same row once the service's books have told of it.
ENTRY_PAID_OUT = replace(ENTRY, transaction_id="txn_3QabcDEF", fee_cents=29, payout_id="po_1QabcDEF")
ENTRY_BACK = replace(
    ENTRY,
    id=f"refund-{REFUND_ELSEWHERE.service_id}",
    kind=EntryKind.REFUND,
    source_id=REFUND_ELSEWHERE.service_id,
    amount_cents=-12_500,
    at=NOW + timedelta(days=2),
)
PAYOUT = Payout(
    id="po_1QabcDEF",
    amount_cents=49_971,
    currency="EUR",
    status="paid",
    arrives_on=date(2026, 12, 2),
    made_at=NOW + timedelta(days=5),
    payments_cents=50_000,
    refunds_cents=0,
    disputes_cents=0,
    fees_cents=29,
    others_cents=0,
)
DIFFERENCE = Difference(
    kind=DifferenceKind.PAYMENT_AMOUNT,
    subject=ID,
    code="L26-7KQM",
    facts={"here": "50000", "there": "49900"},
    found_at=NOW + timedelta(hours=1),
)
ROUND = Round(
    window=Window.TWO_DAYS,
    since=NOW - timedelta(hours=48),
    until=NOW - timedelta(minutes=2),
    phase=Phase.TRANSACTIONS,
    cursor='["2026-11", null]',
    looked_at={"sessions": 12, "orders": 9},
    sums={"charges": 50_000},
    repaired=1,
    started_at=NOW,
    finished_at=None,
    version=1,
)
ROUND_DONE = replace(ROUND, phase=None, cursor="", sums={}, finished_at=NOW + timedelta(minutes=4), version=9)
REFUND_EMAIL: Email = replace(
    EMAIL, id=f"refund-{ID}-{REFUND.id}", kind=EmailKind.REFUND, refund_id=REFUND.id, due=NOW + timedelta(days=2)
)
