"""Lists: what the pages behind the desk ask of the table, each in as few questions as there can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.dynamodb import records
from chalicelib.adapters.dynamodb.ledger import read_ledger
from chalicelib.adapters.dynamodb.query import Table, under
from chalicelib.adapters.dynamodb.record import Record
from chalicelib.domain.attendee import Attendee
from chalicelib.domain.copy import OF_COPY, Copy, copy_id
from chalicelib.domain.dossier import Dossier
from chalicelib.domain.email import Email
from chalicelib.domain.issue import Issue
from chalicelib.domain.member_price import MemberPrice
from chalicelib.domain.membership import Membership
from chalicelib.domain.order import Buyer
from chalicelib.domain.organisation import organisation_key
from chalicelib.domain.page import Page
from chalicelib.domain.price import PriceReason, PriceRule
from chalicelib.domain.registration import Registration
from chalicelib.domain.state import State
from chalicelib.domain.subscriber import Subscriber
from chalicelib.domain.suppression import Suppression

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

EDITION_INDEX, ADDRESS_INDEX, LIST_INDEX = "edition", "address", "list"
# All kinds that lie with an order, beside its ledger.
WITH_ORDER: tuple[Record[Any], ...] = (
    *(records.ORDER, records.BUYER, records.CONSENT, records.ATTENDEE, records.EMAIL, records.NOTE, records.DEED),
)
BY_KIND = {record.kind: record for record in WITH_ORDER}
_CENTS = ("total_cents", "paid_cents", "refunded_cents", "disputed_cents")

type Row = Mapping[str, Any]


class TableLists:
    """Reads lists from the table and its indexes, which may lag behind by a second (the port Lists)."""

    def __init__(self, client: DynamoDBClient, *, table: str) -> None:
        self._table = Table(client, name=table)

    def order_of_code(self, code: str) -> str:
        found = self._table.items([{"pk": {"S": f"CODE#{code}"}, "sk": {"S": "CODE"}}])
        return str(found[0]["order_id"]["S"]) if found else ""

    def dossier(self, order_id: str) -> Dossier | None:
        nouns: dict[str, list[Any]] = defaultdict(list)
        items = self._table.partition(records.ORDER.partition(order_id), consistent=True)
        for item in items:
            if record := BY_KIND.get(item["record"]["S"]):
                nouns[record.kind].append(record.read(item))
        if not nouns["order"]:
            return None
        return Dossier(
            order=nouns["order"][0],
            buyer=next(iter(nouns["buyer"]), None),
            consents=tuple(nouns["consent"]),
            attendees=tuple(nouns["attendee"]),
            ledger=read_ledger(items),
            emails=tuple(sorted(nouns["email"], key=lambda email: email.created_at)),
            notes=tuple(sorted(nouns["note"], key=lambda note: note.at)),
            deeds=tuple(nouns["deed"]),
        )

    def edition(self, offer_id: str) -> Sequence[Registration]:
        question = under(offer_id, names=(EDITION_INDEX,), index=EDITION_INDEX)
        return _registrations(self._table.all(**question), offer_id=offer_id)

    def registrations(self, order_ids: Iterable[str]) -> Sequence[Registration]:
        keys = [record.key(order_id) for order_id in order_ids for record in (records.ORDER, records.BUYER)]
        return _registrations(self._table.items(keys))

    def orders_of(self, email: str) -> Sequence[str]:
        return sorted({pk.partition("#")[2] for pk in self._bearing(email) if pk.startswith("ORDER#")})

    def memberships_of(self, email: str) -> Sequence[str]:
        return sorted({pk.partition("#")[2] for pk in self._bearing(email) if pk.startswith("MEMBERSHIP#")})

    def member_prices(self, offer_id: str) -> Sequence[MemberPrice]:
        items = self._table.all(**under(offer_id, names=(EDITION_INDEX,), index=EDITION_INDEX))
        buyers: dict[str, Row] = {}
        names: dict[tuple[str, str], str] = {}
        for item in items:
            if item["record"]["S"] == "buyer":
                buyers[item["pk"]["S"]] = item
            elif item["record"]["S"] == "attendee":
                names[item["pk"]["S"], item["number"]["N"]] = _text(item, "name")
        return [
            _member_price(item, reason.split(" "), buyer=buyers.get(item["pk"]["S"], {}), names=names)
            for item in items
            for reason in _text(item, "reasons").splitlines()
        ]

    def buyers(self, organisation: str, *, limit: int, whole: bool = False) -> Sequence[str]:
        prefix = organisation_key(organisation) + ("#" if whole else "")
        question = under("buyer", prefix=prefix, names=("list", "place"), index=LIST_INDEX)
        page = self._table.page(**question, Limit=limit)
        return [item["order_id"]["S"] for item in page["Items"]]

    def memberships(self) -> Sequence[Membership]:
        question = under("membership", names=("list", "place"), index=LIST_INDEX)
        return [records.MEMBERSHIP.read(item) for item in self._table.all(**question)]

    def suppressions(self, *, rest: str, limit: int) -> Page[Suppression]:
        question = under("suppression", names=("list", "place"), index=LIST_INDEX)
        start = {"ExclusiveStartKey": _place_of_suppression(rest)} if rest else {}
        page = self._table.page(**question, ScanIndexForward=False, Limit=limit, **start)
        found = [records.SUPPRESSION.read(item) for item in page["Items"]]
        last = page.get("LastEvaluatedKey")
        return Page(found, last["place"]["S"] if last else "")

    def questions(self, subscriber_id: str) -> Sequence[Email]:
        items = self._table.partition(f"SUBSCRIBER#{subscriber_id}", prefix="EMAIL#", consistent=True)
        return sorted(map(records.EMAIL.read, items), key=lambda email: email.created_at)

    def addressees(self, email_ids: Iterable[str]) -> Mapping[str, str]:
        wanted = list(email_ids)
        people: dict[str, tuple[Record[Any], str]] = {}
        for each in wanted:
            if each.startswith(f"{OF_COPY}-"):
                people[each] = records.SUBSCRIBER, each.rpartition("-")[2]
        for item in self._table.items(records.EMAIL.key(each) for each in wanted if each not in people):
            email = records.EMAIL.read(item)
            people[email.id] = _addressee(email)
        keys = {(record.kind, key): record.key(key) for record, key in people.values()}
        kinds = {record.kind: record for record, _ in people.values()}
        found: dict[tuple[str, str], str] = {}
        for item in self._table.items(keys.values()):
            record = kinds[item["record"]["S"]]
            noun = record.read(item)
            found[record.kind, record.key_of(noun)] = _address_of(noun)
        addresses = {each: found.get((record.kind, key), "") for each, (record, key) in people.items()}
        return {each: address for each, address in addresses.items() if address}

    def received(self, subscriber_id: str) -> Sequence[tuple[Issue, Copy]]:
        issues = {each.id: each for each in map(records.ISSUE.read, self._table.partition(records.ISSUE.partition("")))}
        keys = [records.COPY.key(copy_id(issue_id=each, subscriber_id=subscriber_id)) for each in issues]
        copies = [records.COPY.read(item) for item in self._table.items(keys, consistent=True)]
        return sorted(((issues[each.issue_id], each) for each in copies), key=_made, reverse=True)

    def _bearing(self, email: str) -> list[str]:
        """The partition keys of all that bears an address."""
        question = under(email.lower(), names=(ADDRESS_INDEX,), index=ADDRESS_INDEX)
        return [item["pk"]["S"] for item in self._table.all(**question)]


def _addressee(email: Email) -> tuple[Record[Any], str]:
    """Where whoever an email is for lies."""
    if email.subscriber_id:
        return records.SUBSCRIBER, email.subscriber_id
    if email.attendee:
        return records.ATTENDEE, f"{email.order_id}#{email.attendee:02}"
    return records.BUYER, email.order_id


def _address_of(noun: Buyer | Attendee | Subscriber) -> str:
    return noun.answers.email if isinstance(noun, Buyer) else noun.email


def _made(received: tuple[Issue, Copy]) -> datetime:
    return received[1].created_at


def _place_of_suppression(place: str) -> Any:
    """Where a page of the list of suppressions ended, as the index says it."""
    return records.SUPPRESSION.key(place.partition("#")[2]) | {"list": {"S": "suppression"}, "place": {"S": place}}


def _registrations(items: Iterable[Row], *, offer_id: str = "") -> list[Registration]:
    """The orders among these items, each with its buyer and those of its attendees that are among them."""
    orders: dict[str, Row] = {}
    buyers: dict[str, Row] = {}
    people: dict[str, list[Row]] = defaultdict(list)
    for item in items:
        order_id = item["pk"]["S"].partition("#")[2]
        match item["record"]["S"]:
            case "order":
                orders[order_id] = item
            case "buyer":
                buyers[order_id] = item
            case "attendee":
                people[order_id].append(item)
    return [
        _registration(order_id, item, buyer=buyers.get(order_id, {}), people=people[order_id], offer_id=offer_id)
        for order_id, item in orders.items()
    ]


def _registration(order_id: str, item: Row, *, buyer: Row, people: list[Row], offer_id: str) -> Registration:
    people.sort(key=lambda each: int(each["number"]["N"]))
    # what an item of an older format lacks is nothing yet; its totals come with its next change
    cents = {name: int(item[name]["N"]) if name in item else 0 for name in _CENTS}
    return Registration(
        order_id=order_id,
        code=item["code"]["S"],
        offer_id=offer_id or item["offer_id"]["S"],
        state=State(item["state"]["S"]),
        created_at=datetime.fromisoformat(item["created_at"]["S"]),
        currency=item["currency"]["S"],
        organisation=_text(buyer, "organisation"),
        name=_text(buyer, "name"),
        email=_text(buyer, "email"),
        people=tuple((_text(each, "name"), _text(each, "email")) for each in people),
        **cents,
    )


def _member_price(item: Row, reason: list[str], *, buyer: Row, names: Mapping[tuple[str, str], str]) -> MemberPrice:
    number, rule, membership_id, mail_domain, decided_at = reason
    return MemberPrice(
        order_id=item["pk"]["S"].partition("#")[2],
        code=item["code"]["S"],
        state=State(item["state"]["S"]),
        organisation=_text(buyer, "organisation"),
        attendee=int(number),
        name=names.get((item["pk"]["S"], number), ""),
        reason=PriceReason(
            rule=PriceRule(rule),
            membership_id=membership_id,
            mail_domain=mail_domain,
            decided_at=datetime.fromisoformat(decided_at),
        ),
    )


def _text(row: Row, name: str) -> str:
    return str(row[name]["S"]) if name in row else ""
