"""Records: how each noun lies in the table, and under which key.

An item carries the kind of its record and the format it was written in, so that an old one can be read for ever:
a change of shape raises the format and adds the step that lifts records of the format before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib.domain.attendee import Attendance, Attendee
from chalicelib.domain.audit_entry import AuditEntry
from chalicelib.domain.difference import Difference
from chalicelib.domain.dispute import Dispute
from chalicelib.domain.draft import Draft
from chalicelib.domain.email import Email
from chalicelib.domain.error import AlreadyExists, OrderExists
from chalicelib.domain.hold import KEPT, HoldCount
from chalicelib.domain.ledger import Entry
from chalicelib.domain.login import Login
from chalicelib.domain.mail_slot import MailSlot
from chalicelib.domain.membership import MemberDomain, Membership
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import Buyer, Consent, Order
from chalicelib.domain.payment import Payment
from chalicelib.domain.payout import Payout
from chalicelib.domain.reconciliation import Round
from chalicelib.domain.refund import Refund
from chalicelib.domain.seat import SeatCount
from chalicelib.domain.staff import Staff
from chalicelib.domain.staff_session import StaffSession

type Item = dict[str, Any]

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, slots=True, kw_only=True)
class Record[Noun]:
    """How nouns of one kind are stored."""

    kind: str
    noun: type[Noun]
    partition: Callable[[str], str]
    sort: Callable[[str], str]
    key_of: Callable[[Noun], str]
    format: int = 1
    lifts: tuple[Callable[[Item], Item], ...] = ()
    exists: type[AlreadyExists] = AlreadyExists
    # the moment from which DynamoDB may remove it; none: never
    expires: Callable[[Noun], datetime] | None = None
    # the moment by which all of a period are found; none: they are not
    made: Callable[[Noun], datetime] | None = None

    def key(self, key: str) -> Item:
        return {"pk": {"S": self.partition(key)}, "sk": {"S": self.sort(key)}}

    def write(self, noun: Noun) -> Item:
        """The item of a noun, ready for DynamoDB; `due` becomes the key of the sparse index."""
        body = msgspec.to_builtins(noun)
        body |= {"record": self.kind, "format": self.format}
        if (due := body.get("due")) is not None:
            body |= {"due_kind": self.kind, "due": due_key(datetime.fromisoformat(due))}
        else:
            body.pop("due", None)  # a sparse index holds only items that have its key
        if self.made:
            moment = self.made(noun)
            body |= {"made_in": made_in(self.kind, moment), "made": due_key(moment)}
        if self.expires:
            body["expires"] = int(self.expires(noun).timestamp())
        return self.key(self.key_of(noun)) | {name: _serialize(value) for name, value in body.items()}

    def read(self, item: Mapping[str, Any]) -> Noun:
        """The noun of an item, written in this format or any before it."""
        body = {name: _plain(_deserialize(value)) for name, value in item.items()}
        for lift in self.lifts[body["format"] - 1 :]:
            body = lift(body)
        body.setdefault("due", None)
        return msgspec.convert(body, self.noun)


def due_key(moment: datetime) -> str:
    """A moment as the index sorts it: text of one width, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def made_in(kind: str, moment: datetime) -> str:
    """The month in which something was made, as the index keeps it together."""
    return f"{kind} {_month(moment)}"


# Before this nothing was made: a period that begins earlier begins here.
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def months(since: datetime, until: datetime) -> list[str]:
    """The months of a period, as made_in names them."""
    at, last = max(since, FIRST).astimezone(UTC).replace(day=1), _month(until)
    found = []
    while _month(at) <= last:
        found.append(_month(at))
        at = (at + timedelta(days=32)).replace(day=1)
    return found or [last]


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"


def _plain(value: Any) -> Any:
    """Numbers come back as Decimal; the nouns hold whole numbers only."""
    match value:
        case Decimal():
            return int(value)
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case _:
            return value


def _offer_with_prices(item: Item) -> Item:
    """Format 2: prices for members and for the early, dates, and events with their seats."""
    dates = {"opens_at": None, "closes_at": None}
    prices = {"prices": {"list_cents": item["price_cents"], "member_cents": None}, "early": None, "price_note": None}
    return item | dates | prices | {"event": None, "version": 1}


def _order_with_seats(item: Item) -> Item:
    """Format 2: lines for attendees in both languages, each price with its whole reason, and seats."""
    return item | {
        "seating": "none",
        "draft_id": "",
        "lines": [
            line
            | {name: {"nl": line[name], "en": line[name]} for name in ("label", "description")}
            | {"attendee": 0, "counters": []}
            | {
                "reason": {
                    "rule": line["price_reason"],
                    "membership_id": "",
                    "mail_domain": "",
                    "decided_at": item["created_at"],
                }
            }
            for line in item["lines"]
        ],
    }


def _order_with_holders(item: Item) -> Item:
    """Format 3: whose unpaid orders it counts among, and the website that its form stood in."""
    return item | {"holders": [], "host_page": ""}


def _order_with_totals(item: Item) -> Item:
    """Format 4: what its ledger comes to; before that, what was booked had come and stayed."""
    paid_cents = sum(line["quantity"] * line["unit_cents"] for line in item["lines"]) if item["payment_id"] else 0
    return item | {"paid_cents": paid_cents, "refunded_cents": 0, "disputed_cents": 0, "disputed": False}


def _buyer_who_may_attend(item: Item) -> Item:
    """Format 2: what the buyer says of his membership, and whether he comes himself."""
    return item | {
        "answers": item["answers"] | {"member": "", "attending": False, "group": "", "attendees": []},
    }


def _email_of_refund(item: Item) -> Item:
    """Format 3: emails that tell of a refund."""
    return item | {"refund_id": ""}


def _payment_with_charge(item: Item) -> Item:
    """Format 2: how the payment service's books name it."""
    return item | {"charge_id": ""}


def _email_to_attendee(item: Item) -> Item:
    """Format 2: emails that go to an attendee."""
    return item | {"attendee": 0}


OFFER = Record(
    kind="offer",
    noun=Offer,
    partition=lambda _: "OFFERS",
    sort=lambda key: f"OFFER#{key}",
    key_of=lambda offer: offer.id,
    format=2,
    lifts=(_offer_with_prices,),
)
ORDER = Record(
    kind="order",
    noun=Order,
    partition=lambda key: f"ORDER#{key}",
    sort=lambda _: "ORDER",
    key_of=lambda order: order.id,
    format=4,
    lifts=(_order_with_seats, _order_with_holders, _order_with_totals),
    exists=OrderExists,
    made=lambda order: order.created_at,
)
BUYER = Record(
    kind="buyer",
    noun=Buyer,
    partition=lambda key: f"ORDER#{key}",
    sort=lambda _: "BUYER",
    key_of=lambda buyer: buyer.order_id,
    format=2,
    lifts=(_buyer_who_may_attend,),
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
    lifts=(_payment_with_charge,),
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
MEMBERSHIP = Record(
    kind="membership",
    noun=Membership,
    partition=lambda key: f"MEMBERSHIP#{key}",
    sort=lambda _: "MEMBERSHIP",
    key_of=lambda membership: membership.id,
)
EMAIL = Record(
    kind="email",
    noun=Email,
    partition=lambda key: f"EMAIL#{key}",
    sort=lambda _: "EMAIL",
    key_of=lambda email: email.id,
    format=3,
    lifts=(_email_to_attendee, _email_of_refund),
)
# Beside its order: the key is <order id>#<number>.
ATTENDEE = Record(
    kind="attendee",
    noun=Attendee,
    partition=lambda key: f"ORDER#{key.partition('#')[0]}",
    sort=lambda key: f"ATTENDEE#{key.partition('#')[2]}",
    key_of=lambda attendee: attendee.id,
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
# Few, and always asked for together: who works here, and with which browsers.
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
    partition=lambda _: "STAFF_SESSIONS",
    sort=lambda key: f"STAFF_SESSION#{key}",
    key_of=lambda session: session.id,
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
