"""Decide: who comes, at which price and why, or why this cannot be registered; nothing is written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.answers import Answers
from chalicelib.domain.attendee import Attendee, number_attendees
from chalicelib.domain.hold import Holder
from chalicelib.domain.identity import Identity
from chalicelib.domain.language import Language
from chalicelib.domain.mail_domain import mail_domain, organisation_domain
from chalicelib.domain.membership import MemberDomain
from chalicelib.domain.offer import Offer
from chalicelib.domain.order import OrderLine
from chalicelib.domain.place import attendee_lines, membership_lines
from chalicelib.domain.price import Price, price_of
from chalicelib.domain.refusal import AlreadyRegistered, MembersOnly, NoMember, PriceChanged, Stranger
from chalicelib.flows.recognise_members import recognise_members
from chalicelib.ports import Store

CLAIMS_MEMBERSHIP = "ja"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A form that was sent: its key, what it was for, the answers, and the text beside the newsletter's tick.

    `prices_shown` is the fingerprint of the prices that the form showed, empty when it is not known;
    `agreed_cents` the total that the visitor agreed to after he was told that it is not what he may expect.
    `holders` are those whose unpaid orders are counted; `host_page` the page of another website that the form was in.
    """

    form_key: str
    offer: Offer
    answers: Answers
    language: Language
    source: str
    consent_text: str
    prices_shown: str = ""
    agreed_cents: int | None = None
    draft_id: str = ""
    holders: tuple[Holder, ...] = ()
    host_page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who comes and what it costs."""

    attendees: tuple[Attendee, ...]
    lines: tuple[OrderLine, ...]


def decide(
    submission: Submission, *, offer: Offer, order_id: str, store: Store, identity: Identity, now: datetime
) -> Decision:
    """Apply the rules of the offer to what was sent.

    Raises PriceChanged, NoMember or StorageUnavailable. Whether it is on sale, for how many, and who comes already
    are other questions.
    """
    if submission.prices_shown not in ("", offer.prices_at(now).fingerprint()):
        raise PriceChanged
    if offer.event is None:
        return Decision(attendees=(), lines=membership_lines(offer, price=_price(offer, member=None, now=now)))
    answers = submission.answers
    attendees = number_attendees(
        answers.people(),
        order_id=order_id,
        offer_id=offer.id,
        buyer_attends=answers.attending,
        identity=identity,
    )
    prices = quote([each.email for each in attendees], offer=offer, store=store, now=now)
    lines = attendee_lines(offer, attendees=attendees, prices=prices)
    _refuse_strangers(submission, offer=offer, attendees=attendees, lines=lines)
    return Decision(attendees=attendees, lines=lines)


def seats_wanted(submission: Submission, *, offer: Offer) -> Counter[str]:
    """How many seats are asked for, by counter, whatever they cost."""
    people = submission.answers.people() if offer.event else ()
    return Counter(counter for person in people for counter in offer.counters(person.group))


def refuse_known(attendees: Sequence[Attendee], *, store: Store) -> None:
    """Raise AlreadyRegistered: whoever has a confirmed seat is not sold a second one."""
    known = tuple(each.number for each in attendees if store.attendances(each.attendance))
    if known:
        raise AlreadyRegistered(known)


def quote(emails: Sequence[str], *, offer: Offer, store: Store, now: datetime) -> tuple[Price, ...]:
    """What each of these addresses pays, an empty one the price for whoever is not recognised."""
    members = recognise_members([email for email in emails if email], store=store, now=now) if offer.event else {}
    return tuple(_price(offer, member=members.get(email), now=now) for email in emails)


def _price(offer: Offer, *, member: MemberDomain | None, now: datetime) -> Price:
    return price_of(
        offer,
        membership_id=member.membership_id if member else "",
        mail_domain=member.domain if member else "",
        now=now,
    )


def _refuse_strangers(
    submission: Submission, *, offer: Offer, attendees: Sequence[Attendee], lines: Sequence[OrderLine]
) -> None:
    """Members are recognised by their address alone; who claims to be one and is not recognised is told once."""
    strangers = tuple(
        Stranger(
            number=attendee.number,
            name=attendee.name,
            mail_domain=mail_domain(attendee.email),
            public_provider=not organisation_domain(attendee.email),
        )
        for attendee, line in zip(attendees, lines, strict=True)
        if not line.reason.membership_id
    )
    total_cents = sum(line.total_cents for line in lines)
    if strangers and offer.event and offer.event.members_only:
        raise MembersOnly(strangers, total_cents=total_cents)
    claims = offer.asks_membership and submission.answers.member == CLAIMS_MEMBERSHIP
    if strangers and claims and submission.agreed_cents != total_cents:
        raise NoMember(strangers, total_cents=total_cents)
