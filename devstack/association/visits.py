"""Visits: who filled in which form when, how he paid, and what became of it; drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import cycle

from chalicelib.domain.language import Language
from devstack.association.editions import (
    AUTUMN,
    CONGRESS,
    LAST_CONGRESS,
    LAUNCH,
    MEMBERSHIP,
    SPRING,
    STUDY_DAY,
    WORKING_GROUP,
    Edition,
)
from devstack.association.members import Course, Member
from devstack.association.people import Organisation, Person

# How many orders there are of each; with those for the membership 600.
ORDERS = {LAST_CONGRESS: 225, CONGRESS: 50, STUDY_DAY: 35, SPRING: 40, AUTUMN: 30, LAUNCH: 30, WORKING_GROUP: 40}
MEMBERSHIPS = 150
_GROUPS = ("noord-oost", "midden-west", "zuid")


class Way(StrEnum):
    """How somebody pays, or does not."""

    PAYS = "pays"
    WALKS_AWAY = "walks away"
    # by direct debit: days later
    PROMISES = "promises"
    PROMISES_IN_VAIN = "promises in vain"
    STILL_PROMISES = "still promises"
    # still at the payment page
    LINGERS = "lingers"
    TOO_LATE = "too late"
    TOO_LATE_FOR_A_SEAT = "too late for a seat"
    TWICE = "twice"
    OTHER_AMOUNT = "other amount"


class Fate(StrEnum):
    """What becomes of an order after that."""

    STAYS = "stays"
    PART_BACK = "part back"
    PART_BY_DASHBOARD = "part by dashboard"
    CANCELLED = "cancelled"
    CANCELLED_FOR_HALF = "cancelled for half"
    CANCELLED_WITHOUT_REFUND = "cancelled without refund"
    REFUND_FAILED = "refund failed"
    REFUND_MADE_AGAIN = "refund made again"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute won"
    DISPUTE_LOST = "dispute lost"
    ACCEPTED = "accepted"
    RETURNED = "returned"


class Post(StrEnum):
    """What becomes of the confirmation; or of the ticket."""

    ARRIVES = "arrives"
    BOUNCES = "bounces"
    TICKET_BOUNCES = "ticket bounces"
    SENT_AGAIN = "sent again"
    WAIVED = "waived"
    COMPLAINED = "complained"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One form that somebody sends."""

    at: datetime
    offer_id: str
    organisation: Organisation
    buyer: Person
    attends: bool = False
    others: tuple[Person, ...] = ()
    group: str = ""
    language: Language = Language.NL
    newsletter: bool = False
    way: Way = Way.PAYS
    fate: Fate = Fate.STAYS
    post: Post = Post.ARRIVES


def draw_visits(
    members: list[Member],
    outsiders: list[Organisation],
    *,
    editions: dict[str, Edition],
    now: datetime,
    chance: random.Random,
) -> list[Visit]:
    """All visits, the first one first."""
    visits = [
        *_memberships(members, outsiders, now=now, chance=chance),
        *_of_last_congress(_to_event(LAST_CONGRESS, members, outsiders, editions=editions, chance=chance)),
        *_of_congress(_to_event(CONGRESS, members, outsiders, editions=editions, chance=chance), now=now),
        *_of_study_day(_to_event(STUDY_DAY, members, outsiders, editions=editions, chance=chance)),
        *_of_free(_to_event(SPRING, members, outsiders, editions=editions, chance=chance)),
        *_of_free(_to_event(AUTUMN, members, outsiders, editions=editions, chance=chance)),
        *_to_event(LAUNCH, members, outsiders, editions=editions, chance=chance),
        *_of_free(_to_event(WORKING_GROUP, members, [], editions=editions, chance=chance)),
    ]
    return sorted(visits, key=lambda visit: visit.at)


def _to_event(
    offer_id: str,
    members: list[Member],
    outsiders: list[Organisation],
    *,
    editions: dict[str, Edition],
    chance: random.Random,
) -> list[Visit]:
    """The visits for one event, spread over the time in which people registered for it; by day."""
    edition = editions[offer_id]
    offer, span = edition.offer, edition.ends - edition.begins
    inside, outside = _taking_turns(members, chance), _taking_turns(outsiders, chance)
    free, found = not offer.prices.list_cents, list[Visit]()
    for number in range(ORDERS[offer_id]):
        at = _by_day(edition.begins + span * ((number + chance.random()) / ORDERS[offer_id]), last=edition.ends)
        if outsiders and chance.random() < 0.35:
            organisation = next(outside)
        else:
            organisation = next(each.organisation for each in inside if offer_id != WORKING_GROUP or each.is_at(at))
        attends, besides = chance.random() < 0.85, chance.choices((0, 1, 2, 3), (60, 24, 10, 0 if free else 6))[0]
        others = tuple(next(organisation.turns) for _ in range(besides if attends else max(1, besides)))
        found.append(
            Visit(
                at=at,
                offer_id=offer_id,
                organisation=organisation,
                buyer=next(organisation.turns),
                attends=attends,
                others=others[:1] if free else others,
                group=_GROUPS[number % 3] if offer_id == WORKING_GROUP else "",
                language=Language.EN if chance.random() < 0.04 else Language.NL,
                newsletter=chance.random() < 0.4,
            )
        )
    return found


def _memberships(
    members: list[Member], outsiders: list[Organisation], *, now: datetime, chance: random.Random
) -> list[Visit]:
    """Those of the members, and of some who would have become one."""

    def visit(organisation: Organisation, at: datetime, **how: Fate | Way | Post) -> Visit:
        return Visit(
            at=at,
            offer_id=MEMBERSHIP,
            organisation=organisation,
            buyer=organisation.contact,
            newsletter=chance.random() < 0.6,
            **how,  # type: ignore[arg-type]  # each by its own name
        )

    fates = {Course.CANCELLED: Fate.CANCELLED_WITHOUT_REFUND}
    joined = [
        visit(member.organisation, at, fate=fates.get(member.course, Fate.STAYS))
        for member in members
        if member.course is not Course.IMPORTED
        for at in member.joined
    ]
    staying = [place for place, each in enumerate(joined) if each.fate is Fate.STAYS and each.at < now - timedelta(60)]
    chance.shuffle(staying)
    told = iter(staying)
    _alter(joined, told, 6, way=Way.PROMISES)
    _alter(joined, told, 2, fate=Fate.PART_BACK)
    _alter(joined, told, 1, way=Way.TWICE)
    _alter(joined, told, 1, post=Post.COMPLAINED)
    _alter(joined, told, 1, post=Post.WAIVED)
    _alter(joined, told, 2, way=Way.TOO_LATE)
    ways = [Way.WALKS_AWAY] * (MEMBERSHIPS - len(joined) - 5) + [Way.PROMISES_IN_VAIN] * 2
    inside = _taking_turns(outsiders, chance)
    others = [visit(next(inside), now - timedelta(days=chance.uniform(10, 700)), way=way) for way in ways]
    recent = [
        visit(next(inside), now - timedelta(minutes=9), way=Way.LINGERS),
        visit(next(inside), now - timedelta(hours=31), way=Way.STILL_PROMISES),
        visit(next(inside), now - timedelta(days=6), way=Way.OTHER_AMOUNT),
    ]
    return [*joined, *others, *recent]


def _of_last_congress(visits: list[Visit]) -> list[Visit]:
    told = _somewhere(visits, before=0.85)
    _alter(visits, told, 14, way=Way.WALKS_AWAY)
    _alter(visits, told, 8, way=Way.PROMISES)
    _alter(visits, told, 3, way=Way.PROMISES_IN_VAIN)
    _alter(visits, told, 3, way=Way.TOO_LATE)
    _alter(visits, told, 2, way=Way.TWICE)
    _alter(visits, told, 1, way=Way.OTHER_AMOUNT, fate=Fate.ACCEPTED)
    _alter(visits, told, 2, way=Way.OTHER_AMOUNT, fate=Fate.RETURNED)
    _alter(visits, told, 7, fate=Fate.CANCELLED)
    _alter(visits, told, 6, fate=Fate.CANCELLED_FOR_HALF)
    _alter(visits, told, 3, fate=Fate.CANCELLED_WITHOUT_REFUND)
    _alter(visits, told, 5, fate=Fate.PART_BACK)
    _alter(visits, told, 2, fate=Fate.PART_BY_DASHBOARD)
    _alter(visits, told, 1, fate=Fate.REFUND_MADE_AGAIN)
    _alter(visits, told, 1, fate=Fate.DISPUTE_WON)
    _alter(visits, told, 1, fate=Fate.DISPUTE_LOST)
    _alter(visits, told, 3, post=Post.SENT_AGAIN)
    _alter(visits, told, 1, post=Post.COMPLAINED)
    return visits


def _of_congress(visits: list[Visit], *, now: datetime) -> list[Visit]:
    """What a person still has to see to is here, so that it is not long ago."""
    lately = ((Way.LINGERS, timedelta(minutes=4)), (Way.LINGERS, timedelta(minutes=13)))
    for place, (way, ago) in enumerate((*lately, (Way.STILL_PROMISES, timedelta(hours=50))), start=1):
        visits[-place] = replace(visits[-place], way=way, at=now - ago)
    told = _somewhere(visits, before=0.5)
    _alter(visits, told, 1, fate=Fate.REFUND_FAILED)
    _alter(visits, told, 1, fate=Fate.CANCELLED)
    _alter(visits, told, 1, fate=Fate.CANCELLED_FOR_HALF)
    _alter(visits, told, 1, fate=Fate.PART_BACK)
    _alter(visits, told, 1, fate=Fate.DISPUTED)
    _alter(visits, told, 2, way=Way.OTHER_AMOUNT)
    _alter(visits, told, 2, way=Way.WALKS_AWAY)
    _alter(visits, told, 3, post=Post.BOUNCES)
    _alter(visits, told, 1, post=Post.TICKET_BOUNCES)
    _alter(visits, told, 1, post=Post.REJECTED)
    _alter(visits, told, 1, post=Post.COMPLAINED)
    return visits


def _of_study_day(visits: list[Visit]) -> list[Visit]:
    told = _somewhere(visits, before=0.6)
    _alter(visits, told, 1, way=Way.TOO_LATE_FOR_A_SEAT)
    _alter(visits, told, 3, way=Way.WALKS_AWAY)
    _alter(visits, told, 2, fate=Fate.CANCELLED)
    return visits


def _of_free(visits: list[Visit]) -> list[Visit]:
    told = _somewhere(visits, before=0.5)
    _alter(visits, told, 2, fate=Fate.CANCELLED_WITHOUT_REFUND)
    _alter(visits, told, 1, post=Post.SENT_AGAIN)
    return visits


def _somewhere(visits: list[Visit], *, before: float) -> Iterator[int]:
    """Places in the first part of a list, each once, here and there."""
    last = int(len(visits) * before)
    # 7 and the length have nothing in common, or else one less has
    last -= last % 7 == 0
    return (7 * number % last for number in range(last))


def _alter(visits: list[Visit], places: Iterator[int], count: int, **how: Way | Fate | Post) -> None:
    for _, place in zip(range(count), places, strict=False):
        visits[place] = replace(visits[place], **how)  # type: ignore[arg-type]  # each by its own name


def _taking_turns[Each](every: Iterable[Each], chance: random.Random) -> Iterator[Each]:
    """One after the other in an order of their own, and again."""
    order = list(every)
    chance.shuffle(order)
    return cycle(order)


def _by_day(moment: datetime, *, last: datetime) -> datetime:
    """Within working hours, mostly."""
    early = moment.replace(hour=7 + moment.hour // 2)
    return early if early < last else moment
