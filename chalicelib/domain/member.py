"""A member: an organisation with all its memberships; and which of them are asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chalicelib.domain.membership import Membership
from chalicelib.domain.organisation import organisation_key

# How long before its end a membership is about to end.
SOON = timedelta(days=60)


class MemberStand(StrEnum):
    """By what a list of members can be narrowed, in the words of the interface."""

    ALL = "alle"
    RUNNING = "lopend"
    ENDING = "eindigt"
    OVER = "verlopen"


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation; `memberships` are its terms, the one that ends last first."""

    memberships: tuple[Membership, ...]

    @property
    def current(self) -> Membership:
        """The term that counts: the newest."""
        return self.memberships[0]

    @property
    def place(self) -> str:
        """Where it stands among others: by its name."""
        return f"{organisation_key(self.current.organisation)}#{self.current.id}"

    def stands(self, stand: MemberStand, *, today: date) -> bool:
        """What has yet to begin counts as running: it is not over."""
        ends_on = self.current.ends_on
        match stand:
            case MemberStand.ALL:
                return True
            case MemberStand.RUNNING:
                return ends_on >= today
            case MemberStand.ENDING:
                return today <= ends_on <= today + SOON
            case MemberStand.OVER:
                return ends_on < today

    def says(self, words: Iterable[str]) -> bool:
        """Whether each of these words is in a name, a number, a domain or a contact of any of its terms."""
        text = organisation_key(
            " ".join(
                part
                for each in self.memberships
                for part in (
                    each.organisation,
                    each.registration_number,
                    *each.domains,
                    each.contact_name,
                    each.contact_email,
                )
            )
        )
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedMembers:
    """Which members are asked for: what is typed, and how they stand."""

    words: str = ""
    stand: MemberStand = MemberStand.ALL

    def among(self, members: Iterable[Member], *, today: date) -> list[Member]:
        """Those that are asked for, by name."""
        return [each for each in self.said_by(members) if each.stands(self.stand, today=today)]

    def said_by(self, members: Iterable[Member]) -> list[Member]:
        """Those that say what is typed, however they stand, by name."""
        # a domain is typed as it stands in an address as well
        words = [word.removeprefix("@") for word in organisation_key(self.words).split()]
        return sorted((each for each in members if each.says(words)), key=lambda each: each.place)


def members_of(memberships: Iterable[Membership]) -> list[Member]:
    """The organisations that these are memberships of: one by its number when that is known, else by its name.

    A term without a number belongs to the one organisation of its name; when there are two (there are two
    municipalities called Bergen), nobody can tell, and it stands by itself.
    """
    numbered: dict[str, list[Membership]] = defaultdict(list)
    nameless: dict[str, list[Membership]] = defaultdict(list)
    for each in memberships:
        if each.registration_number:
            numbered[each.registration_number].append(each)
        else:
            nameless[organisation_key(each.organisation)].append(each)
    numbers_of: dict[str, set[str]] = defaultdict(set)
    for number, terms in numbered.items():
        for each in terms:
            numbers_of[organisation_key(each.organisation)].add(number)
    alone: list[list[Membership]] = []
    for name, terms in nameless.items():
        if len(numbers_of[name]) == 1:
            numbered[next(iter(numbers_of[name]))] += terms
        else:
            alone.append(terms)
    return [Member(_newest_first(terms)) for terms in (*numbered.values(), *alone)]


def _newest_first(terms: list[Membership]) -> tuple[Membership, ...]:
    return tuple(sorted(terms, key=lambda each: (each.ends_on, each.starts_on, each.id), reverse=True))
