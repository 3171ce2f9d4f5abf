"""Members: which organisations are a member since when, and which are no more; drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.calendar import local_date
from chalicelib.domain.membership import Membership
from devstack.association.people import Organisation

_YEAR = timedelta(days=365)


class Course(StrEnum):
    """How the membership of an organisation went."""

    RUNNING = "running"
    ENDING = "ending"
    RENEWED = "renewed"
    ENDED = "ended"
    CANCELLED = "cancelled"
    # a member before there was a desk
    IMPORTED = "imported"


# With the members that the demo has in any case: 120.
MEMBERS = {
    Course.RUNNING: 60,
    Course.ENDING: 15,
    Course.RENEWED: 20,
    Course.ENDED: 9,
    Course.CANCELLED: 3,
    Course.IMPORTED: 10,
}
# How many days ago each of them joined.
_JOINED = {
    Course.RUNNING: (15, 290),
    Course.ENDING: (315, 358),
    Course.RENEWED: (400, 690),
    Course.ENDED: (395, 725),
    Course.CANCELLED: (90, 200),
    Course.IMPORTED: (30, 280),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An organisation that is a member, or was; `joined` are the moments of its orders, or of its import."""

    organisation: Organisation
    course: Course
    joined: tuple[datetime, ...]

    def is_at(self, moment: datetime) -> bool:
        """Whether it is surely a member, some days after it joined and before its term is over."""
        if self.course is Course.CANCELLED:
            return False
        return any(joined + timedelta(days=8) < moment < joined + timedelta(days=355) for joined in self.joined)

    def imported(self) -> Membership:
        """The membership of somebody who has no order."""
        starts_on, organisation = local_date(self.joined[0]), self.organisation
        return Membership(
            id=f"demo-{organisation.domain.partition('.')[0]}",
            organisation=organisation.name,
            registration_number=organisation.registration_number,
            # a second domain, as of a merger
            domains=(organisation.domain, f"oud-{organisation.domain}"),
            contact_name=organisation.contact.name,
            contact_email=organisation.contact.email,
            starts_on=starts_on,
            ends_on=starts_on + _YEAR - timedelta(days=1),
            version=1,
        )


def draw_members(organisations: list[Organisation], *, now: datetime, chance: random.Random) -> list[Member]:
    """A member of each of these organisations."""
    courses = [course for course, count in MEMBERS.items() for _ in range(count)]
    chance.shuffle(courses)
    return [
        Member(organisation=organisation, course=course, joined=_joined(course, now=now, chance=chance))
        for organisation, course in zip(organisations, courses, strict=True)
    ]


def _joined(course: Course, *, now: datetime, chance: random.Random) -> tuple[datetime, ...]:
    first = now - timedelta(days=chance.uniform(*_JOINED[course]))
    again = first + timedelta(days=chance.uniform(345, 380))
    return (first, again) if course is Course.RENEWED else (first,)
