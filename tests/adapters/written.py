"""What lies in the table: the items of each kind as they were written, file by file, and the nouns they are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.record import Item, Record
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.email import Delivery
from chalicelib.domain.language import Text
from chalicelib.domain.order import Buyer, Order
from chalicelib.domain.state import State
from tests.adapters import money_samples as money
from tests.adapters import samples
from tests.adapters import staff_samples as behind
from tests.adapters import subscriber_samples as subscribed
from tests.adapters.samples import (
    ATTENDEE,
    BUYER,
    COLLEAGUE,
    CONGRESS,
    CONSENT,
    DRAFT,
    EMAIL,
    ID,
    MEMBER_DOMAIN,
    MEMBERSHIP,
    NOW,
    OFFER,
    ORDER,
    SEATS,
)

GOLDEN = Path(__file__).parent / "golden"
PAID = replace(
    ORDER,
    state=State.PAID,
    session_id="cs_test_a1b2",
    due=None,
    paid_at=NOW + timedelta(minutes=3),
    payment_id="pi_3QabcDEF",
    holders=(),
    paid_cents=50_000,
    version=3,
)
GIVEN_BACK = replace(PAID, refunded_cents=12_500, disputed_cents=37_500, disputed=True, version=6)
SENT = replace(EMAIL, delivery=Delivery.SENT, attempt=1, due=None, message_id="0102019f-1-000000", version=3)


def _of_format_2(order: Order) -> Order:
    """As an order of format 2 is read: it counted among nobody's, and knew of no other website."""
    return replace(order, holders=(), host_page="")


def _of_format_1(order: Order) -> Order:
    """As an order of format 1 is read: its texts were in one language, and it knew of no draft."""
    order, line = _of_format_2(order), order.lines[0]
    label, description = (Text(nl=text.nl, en=text.nl) for text in (line.label, line.description))
    return replace(order, lines=(replace(line, label=label, description=description),), draft_id="")


def _of_no_offer[Person: (Buyer, Attendee)](person: Person) -> Person:
    """As somebody was written before it was said which offer it was about."""
    return replace(person, offer_id="")


# The items of each kind as they were written, file by file: a new format adds files and takes none away.
WRITTEN: dict[str, tuple[Record[Any], Any]] = {
    "offer-1": (records.OFFER, OFFER),
    "offer-2-membership": (records.OFFER, OFFER),
    "offer-2-event": (records.OFFER, CONGRESS),
    "offer-3-membership": (records.OFFER, OFFER),
    "offer-3-event": (records.OFFER, CONGRESS),
    "offer-3-moved": (records.OFFER, samples.MOVED_CONGRESS),
    "order-1-pending": (records.ORDER, _of_format_1(ORDER)),
    "order-1-paid": (records.ORDER, _of_format_1(PAID)),
    "order-2-pending": (records.ORDER, _of_format_2(ORDER)),
    "order-2-paid": (records.ORDER, _of_format_2(PAID)),
    "order-2-event": (records.ORDER, _of_format_2(samples.EVENT_ORDER)),
    "order-3-pending": (records.ORDER, ORDER),
    "order-3-paid": (records.ORDER, PAID),
    "order-3-event": (records.ORDER, samples.EVENT_ORDER),
    "order-4-pending": (records.ORDER, ORDER),
    "order-4-paid": (records.ORDER, PAID),
    "order-4-given-back": (records.ORDER, GIVEN_BACK),
    "order-4-event": (records.ORDER, samples.EVENT_ORDER),
    "order-5-pending": (records.ORDER, ORDER),
    "order-5-paid": (records.ORDER, PAID),
    "order-5-given-back": (records.ORDER, GIVEN_BACK),
    "order-5-event": (records.ORDER, samples.EVENT_ORDER),
    "order-6-pending": (records.ORDER, ORDER),
    "order-6-paid": (records.ORDER, PAID),
    "order-6-given-back": (records.ORDER, GIVEN_BACK),
    "order-6-event": (records.ORDER, samples.EVENT_ORDER),
    "buyer-1": (records.BUYER, _of_no_offer(BUYER)),
    "buyer-2": (records.BUYER, _of_no_offer(BUYER)),
    "buyer-2-attending": (records.BUYER, _of_no_offer(samples.EVENT_BUYER)),
    "buyer-3": (records.BUYER, BUYER),
    "buyer-3-attending": (records.BUYER, samples.EVENT_BUYER),
    "consent-1": (records.CONSENT, CONSENT),
    "payment-1": (records.PAYMENT, replace(samples.PAYMENT, charge_id="")),
    "payment-2": (records.PAYMENT, samples.PAYMENT),
    "refund-1": (records.REFUND, money.REFUND),
    "refund-1-elsewhere": (records.REFUND, money.REFUND_ELSEWHERE),
    "dispute-1": (records.DISPUTE, money.DISPUTE),
    "entry-1": (records.ENTRY, money.ENTRY),
    "entry-1-paid-out": (records.ENTRY, money.ENTRY_PAID_OUT),
    "payout-1": (records.PAYOUT, money.PAYOUT),
    "difference-1": (records.DIFFERENCE, money.DIFFERENCE),
    "round-1": (records.ROUND, money.ROUND),
    "round-1-done": (records.ROUND, money.ROUND_DONE),
    "membership-1": (records.MEMBERSHIP, MEMBERSHIP),
    "membership-2": (records.MEMBERSHIP, MEMBERSHIP),
    "domain-1": (records.DOMAIN, MEMBER_DOMAIN),
    "domain-2": (records.DOMAIN, MEMBER_DOMAIN),
    "email-1-queued": (records.EMAIL, EMAIL),
    "email-1-sent": (records.EMAIL, SENT),
    "email-2-queued": (records.EMAIL, EMAIL),
    "email-2-sent": (records.EMAIL, SENT),
    "email-2-ticket": (records.EMAIL, samples.TICKET),
    "email-3-queued": (records.EMAIL, EMAIL),
    "email-3-sent": (records.EMAIL, SENT),
    "email-3-ticket": (records.EMAIL, samples.TICKET),
    "email-3-refund": (records.EMAIL, money.REFUND_EMAIL),
    "email-4-queued": (records.EMAIL, EMAIL),
    "email-4-sent": (records.EMAIL, SENT),
    "email-4-ticket": (records.EMAIL, samples.TICKET),
    "email-4-again": (records.EMAIL, behind.AGAIN),
    "email-5-queued": (records.EMAIL, EMAIL),
    "email-5-sent": (records.EMAIL, SENT),
    "email-5-ticket": (records.EMAIL, samples.TICKET),
    "email-5-again": (records.EMAIL, behind.AGAIN),
    "email-5-question": (records.EMAIL, subscribed.QUESTION),
    "subscriber-1": (records.SUBSCRIBER, subscribed.SUBSCRIBER),
    "subscriber-1-asked": (records.SUBSCRIBER, subscribed.ASKED),
    "subscriber-1-left": (records.SUBSCRIBER, subscribed.LEFT),
    "subscriber-2": (records.SUBSCRIBER, subscribed.SUBSCRIBER),
    "subscriber-2-asked": (records.SUBSCRIBER, subscribed.ASKED),
    "subscriber-2-left": (records.SUBSCRIBER, subscribed.LEFT),
    "suppression-1": (records.SUPPRESSION, subscribed.SUPPRESSION),
    "suppression-2": (records.SUPPRESSION, subscribed.SUPPRESSION),
    "issue-1": (records.ISSUE, subscribed.ISSUE),
    "issue-1-under-way": (records.ISSUE, subscribed.ISSUE_UNDER_WAY),
    "issue_text-1": (records.ISSUE_TEXT, subscribed.ISSUE_TEXT),
    "issue_count-1": (records.ISSUE_COUNT, subscribed.ISSUE_COUNT),
    "copy-1": (records.COPY, subscribed.COPY),
    "copy-1-sent": (records.COPY, subscribed.COPY_SENT),
    "attendee-1": (records.ATTENDEE, _of_no_offer(ATTENDEE)),
    "attendee-1-colleague": (records.ATTENDEE, _of_no_offer(COLLEAGUE)),
    "attendee-2": (records.ATTENDEE, ATTENDEE),
    "attendee-2-colleague": (records.ATTENDEE, COLLEAGUE),
    "attendance-1": (records.ATTENDANCE, samples.ATTENDANCE),
    "attendance-2": (records.ATTENDANCE, samples.ATTENDANCE),
    "attendance-2-free": (records.ATTENDANCE, replace(samples.ATTENDANCE, free=True)),
    "draft-1": (records.DRAFT, DRAFT),
    "seats-1": (records.SEATS, SEATS),
    "holds-1": (records.HOLDS, samples.HOLDS),
    "slot-1": (records.SLOT, samples.SLOT),
    "staff-1": (records.STAFF, behind.STAFF),
    "staff_session-1": (records.STAFF_SESSION, behind.STAFF_SESSION),
    "staff_session-2": (records.STAFF_SESSION, behind.STAFF_SESSION),
    "login-1": (records.LOGIN, behind.LOGIN),
    "audit_entry-1": (records.AUDIT_ENTRY, behind.AUDIT_ENTRY),
    "deed-1": (records.DEED, behind.DEED),
    "note-1": (records.NOTE, behind.NOTE),
    "retention-1": (records.RETENTION, behind.RETENTION),
}
# Where it was written, and where it lies now. Payments and emails moved beside their order, and sessions beside those
# who work here: nothing had been deployed by then, so that no table holds one that would have to be moved along.
_PERSON = f"ATTENDANCE#{samples.ATTENDANCE.id}"
MOVED: dict[str, tuple[tuple[str, str], ...]] = {
    "payment-1": (("PAYMENT#pi_3QabcDEF", "PAYMENT"), (f"ORDER#{ID}", "LEDGER#PAYMENT#pi_3QabcDEF")),
    "staff_session-1": tuple(
        (each, f"STAFF_SESSION#{behind.STAFF_SESSION.id}") for each in ("STAFF_SESSIONS", "STAFF")
    ),
    "attendance-1": ((_PERSON, "ATTENDANCE"), (_PERSON, f"ATTENDANCE#{samples.ATTENDANCE.order_id}")),
}
MOVED |= {
    name: ((f"EMAIL#{email.id}", "EMAIL"), (f"ORDER#{email.order_id}", f"EMAIL#{email.id}"))
    for name, (_, email) in WRITTEN.items()
    if name.startswith(("email-1", "email-2", "email-3"))
}
# A counter is added to and never put: its shape is that of the shelf.
ADDED_TO = {"seats-1", "holds-1"}
# Rows that are no nouns: one is in the way of another, one counts.
BESIDE = ("code-1", "limit-1", "clicks-1")
EVERY = [record for record in vars(records).values() if isinstance(record, Record)]


def golden(name: str) -> Item:
    item: Item = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return item
