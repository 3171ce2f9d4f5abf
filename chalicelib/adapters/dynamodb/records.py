"""Records: under which key each noun lies in the table, and what else it is found by."""

from collections.abc import Mapping

from chalicelib.adapters.dynamodb import lifts
from chalicelib.adapters.dynamodb.record import Record, due_key
from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry, OrderDeed
from chalicelib.domain.copy import Copy
from chalicelib.domain.difference import Difference
from chalicelib.domain.dispute import Dispute
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import OF_SUBSCRIBER, Email
from chalicelib.domain.error import OrderExists
from chalicelib.domain.hold import KEPT, HoldCount
from chalicelib.domain.issue import Issue, IssueCount, IssueText
from chalicelib.domain.ledger import Entry
from chalicelib.domain.login import Login
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.note import Note
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.organisation import organisation_key
from chalicelib.domain.payment import Payment
from chalicelib.domain.payout import Payout
from chalicelib.domain.reconciliation import Round
from chalicelib.domain.refund import Refund
from chalicelib.domain.retention import RetentionRun
from chalicelib.domain.seat import SeatCount
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import StaffSession
from chalicelib.domain.subscriber import PATIENCE, Standing, Subscriber
from chalicelib.domain.suppression import Suppression

# Well within what a key of an index may hold, whatever signs it is made of; a form lets nobody type as much.
_LONGEST_KEY, _LONGEST_NAME = 254, 150


def _address(email: str) -> str:
    return email.lower()[:_LONGEST_KEY]


def _edition(offer_id: str) -> str:
    return offer_id[:_LONGEST_KEY]


def _place(organisation: str, *, key: str) -> str:
    return f"{organisation_key(organisation)[:_LONGEST_NAME]}#{key}"


def _buyer_found_by(buyer: Buyer) -> Mapping[str, str | int]:
    answers = buyer.answers
    return {
        "edition": _edition(buyer.offer_id),
        "address": _address(answers.email),
        "list": "buyer",
        "place": _place(answers.organisation, key=buyer.order_id),
        "organisation": answers.organisation,
        "name": answers.name,
        "email": answers.email,
    }


def _member_found_by(membership: Membership) -> Mapping[str, str | int]:
    return {
        "address": _address(membership.contact_email),
        "list": "membership",
        "place": _place(membership.organisation, key=membership.id),
    }


def _order_found_by(order: Order) -> Mapping[str, str | int]:
    return {"edition": _edition(order.offer_id), "total_cents": order.total_cents, "reasons": _reasons(order)}


def _reasons(order: Order) -> str:
    """At which of its lines which membership was recognised, and why: as short as a list needs it."""
    return "\n".join(
        f"{line.attendee} {why.rule.value} {why.membership_id} {why.mail_domain} {why.decided_at.isoformat()}"
        for line in order.lines
        if (why := line.reason).membership_id
    )


def _beside_email(key: str) -> str:
    """The partition of what an email is about: its id is <kind>-<order id>, or subscriber-<subscriber id>, and more."""
    kind, _, rest = key.partition("-")
    about = rest.partition("-")[0]
    return f"SUBSCRIBER#{about}" if kind == OF_SUBSCRIBER else f"ORDER#{about}"


def _suppression_found_by(suppression: Suppression) -> Mapping[str, str | int]:
    return {"list": "suppression", "place": f"{due_key(suppression.at)}#{suppression.id}"}


OFFER = Record(
    kind="offer",
    noun=Offer,
    partition=lambda _: "OFFERS",
    sort=lambda key: f"OFFER#{key}",
    key_of=lambda offer: offer.id,
    format=3,
    lifts=(lifts.offer_with_prices, lifts.offer_with_moves),
)
ORDER = Record(
    kind="order",
    noun=Order,
    partition=lambda key: f"ORDER#{key}",
    sort=lambda _: "ORDER",
    key_of=lambda order: order.id,
    format=6,
    lifts=(
        *(lifts.order_with_seats, lifts.order_with_holders, lifts.order_with_totals),
        *(lifts.found_otherwise, lifts.found_otherwise),
    ),
    exists=OrderExists,
    made=lambda order: order.created_at,
    found_by=_order_found_by,
)
BUYER = Record(
    kind="buyer",
    noun=Buyer,
    partition=lambda key: f"ORDER#{key}",
    sort=lambda _: "BUYER",
    key_of=lambda buyer: buyer.order_id,
    format=3,
    lifts=(lifts.buyer_who_may_attend, lifts.of_no_offer),
    found_by=_buyer_found_by,
)
CONSENT = Record(
    kind="consent",
    noun=Consent,
    partition=lambda key: f"ORDER#{key}",
    sort=lambda _: "CONSENT",
    key_of=lambda consent: consent.order_id,
)
# The ledger lies beside its order, so that one question finds all of it: the keys are <order id>#<id>.
LEDGER = "LEDGER#"
PAYMENT = Record(
    kind="payment",
    noun=Payment,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"{LEDGER}PAYMENT#{key.partition('#')[2]}",
    key_of=lambda payment: payment.key,
    format=2,
    lifts=(lifts.payment_with_charge,),
)
REFUND = Record(
    kind="refund",
    noun=Refund,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"{LEDGER}REFUND#{key.partition('#')[2]}",
    key_of=lambda refund: refund.key,
)
DISPUTE = Record(
    kind="dispute",
    noun=Dispute,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"{LEDGER}DISPUTE#{key.partition('#')[2]}",
    key_of=lambda dispute: dispute.key,
)
ENTRY = Record(
    kind="entry",
    noun=Entry,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"{LEDGER}ENTRY#{key.partition('#')[2]}",
    key_of=lambda entry: entry.key,
    made=lambda entry: entry.at,
)
PAYOUT = Record(
    kind="payout",
    noun=Payout,
    partition=lambda key: f"PAYOUT#{key}",
    sort=lambda _: "PAYOUT",
    key_of=lambda payout: payout.id,
    made=lambda payout: payout.made_at,
)
# Few, and always asked for together.
DIFFERENCE = Record(
    kind="difference",
    noun=Difference,
    partition=lambda _: "DIFFERENCES",
    sort=lambda key: f"DIFFERENCE#{key}",
    key_of=lambda difference: difference.id,
)
ROUND = Record(
    kind="round",
    noun=Round,
    partition=lambda key: f"ROUND#{key}",
    sort=lambda _: "ROUND",
    key_of=lambda each: each.window,
)
RETENTION = Record(
    kind="retention",
    noun=RetentionRun,
    partition=lambda _: "RETENTION",
    sort=lambda key: f"RETENTION#{key}",
    key_of=lambda run: run.id,
)
MEMBERSHIP = Record(
    kind="membership",
    noun=Membership,
    partition=lambda key: f"MEMBERSHIP#{key}",
    sort=lambda _: "MEMBERSHIP",
    key_of=lambda membership: membership.id,
    format=2,
    lifts=(lifts.found_otherwise,),
    found_by=_member_found_by,
)
# Beside what it is about, so that one question finds all of them.
EMAIL = Record(
    kind="email",
    noun=Email,
    partition=_beside_email,
    sort=lambda key: f"EMAIL#{key}",
    key_of=lambda email: email.id,
    format=5,
    lifts=(lifts.email_to_attendee, lifts.email_of_refund, lifts.email_again, lifts.email_to_subscriber),
)
# Beside its order: the key is <order id>#<number>.
ATTENDEE = Record(
    kind="attendee",
    noun=Attendee,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"ATTENDEE#{key.partition('#')[2]}",
    key_of=lambda attendee: attendee.id,
    format=2,
    lifts=(lifts.of_no_offer,),
    found_by=lambda attendee: {"edition": _edition(attendee.offer_id), "address": _address(attendee.email)},
)
# Under the person at the event, so that one question finds all orders that give him a seat.
ATTENDANCE = Record(
    kind="attendance",
    noun=Attendance,
    partition=lambda key: f"ATTENDANCE#{key.partition('#')[0]}",
    sort=lambda key: f"ATTENDANCE#{key.partition('#')[2]}",
    key_of=lambda attendance: attendance.key,
    format=2,
    lifts=(lambda item: item | {"free": False},),
)
DRAFT = Record(
    kind="draft",
    noun=Draft,
    partition=lambda key: f"DRAFT#{key}",
    sort=lambda _: "DRAFT",
    key_of=lambda draft: draft.id,
    expires=lambda draft: draft.expires_at,
)
# Beside each other: the counter of an event and those of its groups, whose names are <event>/<group>.
SEATS = Record(
    kind="seats",
    noun=SeatCount,
    partition=lambda key: f"SEATS#{key.partition('/')[0]}",
    sort=lambda key: f"SEATS#{key}",
    key_of=lambda count: count.counter,
)
HOLDS = Record(
    kind="holds",
    noun=HoldCount,
    partition=lambda key: f"HOLDS#{key}",
    sort=lambda _: "HOLDS",
    key_of=lambda count: count.holder,
    expires=lambda count: count.held_until + KEPT,
)
SLOT = Record(
    kind="slot",
    noun=MailSlot,
    partition=lambda key: f"SLOT#{key}",
    sort=lambda _: "SLOT",
    key_of=lambda slot: slot.id,
    expires=lambda slot: slot.until,
)
# Under the domain, so that one question finds all memberships that it belongs to: the key is <domain>#<membership id>.
DOMAIN = Record(
    kind="domain",
    noun=MemberDomain,
    partition=lambda key: f"DOMAIN#{key.partition('#')[0]}",
    sort=lambda key: f"MEMBERSHIP#{key.partition('#')[2]}",
    key_of=lambda domain: f"{domain.domain}#{domain.membership_id}",
    format=2,
    lifts=(lambda item: item | {"domain": item["pk"].partition("#")[2]},),
)
# Few, and always asked for together: who works here, and in which browsers he is logged in.
STAFF = Record(
    kind="staff",
    noun=Staff,
    partition=lambda _: "STAFF",
    sort=lambda key: f"STAFF#{key}",
    key_of=lambda staff: staff.email,
)
STAFF_SESSION = Record(
    kind="staff_session",
    noun=StaffSession,
    partition=lambda _: "STAFF",
    sort=lambda key: f"STAFF_SESSION#{key}",
    key_of=lambda session: session.id,
    format=2,
    lifts=(lifts.found_otherwise,),
    expires=lambda session: session.expires_at,
)
LOGIN = Record(
    kind="login",
    noun=Login,
    partition=lambda key: f"LOGIN#{key}",
    sort=lambda _: "LOGIN",
    key_of=lambda login: login.id,
    expires=lambda login: login.expires_at,
)
# A month together, in its order: the key is <moment>#<id>.
AUDIT_ENTRY = Record(
    kind="audit_entry",
    noun=AuditEntry,
    partition=lambda key: f"AUDIT#{key[:7]}",
    sort=lambda key: f"AUDIT#{key}",
    key_of=lambda entry: entry.key,
)
# Beside the order, in the order of time: the key is <order id>#<moment>#<id>.
DEED = Record(
    kind="deed",
    noun=OrderDeed,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"DEED#{key.partition('#')[2]}",
    key_of=lambda deed: deed.key,
)
NOTE = Record(
    kind="note",
    noun=Note,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"NOTE#{key.partition('#')[2]}",
    key_of=lambda note: note.key,
)
# Who has not confirmed in time is forgotten by himself.
SUBSCRIBER = Record(
    kind="subscriber",
    noun=Subscriber,
    partition=lambda _: "SUBSCRIBERS",
    sort=lambda key: f"SUBSCRIBER#{key}",
    key_of=lambda subscriber: subscriber.id,
    format=2,
    lifts=(lifts.subscriber_who_left,),
    expires=lambda each: each.asked.at + PATIENCE if each.standing is Standing.UNCONFIRMED else None,
)
SUPPRESSION = Record(
    kind="suppression",
    noun=Suppression,
    partition=lambda key: f"SUPPRESSION#{key}",
    sort=lambda _: "SUPPRESSION",
    key_of=lambda suppression: suppression.id,
    format=2,
    lifts=(lifts.suppression_without_address,),
    found_by=_suppression_found_by,
)
# Few, and listed together; what was written lies beside them, since it is long.
ISSUE = Record(
    kind="issue",
    noun=Issue,
    partition=lambda _: "ISSUES",
    sort=lambda key: f"ISSUE#{key}",
    key_of=lambda issue: issue.id,
)
ISSUE_TEXT = Record(
    kind="issue_text",
    noun=IssueText,
    partition=lambda key: f"ISSUE#{key}",
    sort=lambda _: "TEXT",
    key_of=lambda text: text.issue_id,
)
ISSUE_COUNT = Record(
    kind="issue_count",
    noun=IssueCount,
    partition=lambda key: f"ISSUE#{key}",
    sort=lambda _: "COUNT",
    key_of=lambda count: count.issue_id,
)
# Thousands of an issue, written within minutes: spread over partitions by the last sign of the subscriber's id, and
# not among all that is due, since whoever sends an issue goes through all of them.
COPY = Record(
    kind="copy",
    noun=Copy,
    partition=lambda key: copies_partition(key.partition("-")[2].partition("-")[0], sign=key[-1:]),
    sort=lambda key: f"COPY#{key.rpartition('-')[2]}",
    key_of=lambda copy: copy.id,
    awaited=False,
)
# The signs that the id of a subscriber is made of.
SIGNS = "abcdefghijklmnopqrstuvwxyz234567"


def copies_partition(issue_id: str, *, sign: str) -> str:
    return f"COPIES#{issue_id}#{sign}"
